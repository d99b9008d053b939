"""A secret scope, from check to delete."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from databricks_serving.errors import ApiError, Refused
from databricks_serving.plan.canonical import Canonical, canonical
from databricks_serving.plan.change import Action, shown
from databricks_serving.plan.compare import ABSENT
from databricks_serving.plan.operations import CreateScope, DeleteScope
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import projected
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import Bag
from databricks_serving.state.secret import scope_inputs
from databricks_serving_schema import (
    InvalidResource,
    ScopeSettings,
    SecretScope,
    advise,
    fields_of,
    parse_answer,
)

from .context import Checked, Context, Created, Reading, Stack, Verdict
from .declarations import claims_of
from .naming import with_name
from .observed import AZURE_KEYVAULT, UNSEALED, backend_of, read_tree, scope_of
from .perform import perform, perform_create
from .recorded import applied_of, hidden, is_said, key_of, new_key, picked, recorded_settings
from .refusals import (
    managed_by_users_only,
    no_vault_with_these_credentials,
    scope_not_empty,
    scope_taken,
)
from .verdict import verdict

if TYPE_CHECKING:
    from databricks_serving.api.transport import Json
    from databricks_serving.plan.canonical import Tree

RECORDED_SETTINGS = recorded_settings(ScopeSettings)


def check(recorded: Bag, said: Bag, stack: Stack) -> Checked:
    """The inputs, or what is wrong with them."""
    said = with_name(recorded, said, stack)
    try:
        scope = scope_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, invalid.problems)
    return Checked(said, warnings=advise(scope))


def diff(recorded: Bag, said: Bag, stack: Stack) -> Verdict:
    """Whether anything differs."""
    applied = applied_of(SecretScope, recorded)
    shown_now = parse_answer(SecretScope, picked(recorded, tuple(fields_of(SecretScope))))
    # What this release does not know is in no list either.
    unseen = {} if applied is None else _newer(applied)
    plan = make_plan(
        applied=applied,
        desired=_desired(said, stack),
        actual=Actual(SecretScope, {**unseen, **read_tree(shown_now, UNSEALED)}),
    )
    found = verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=("name",))
    # No call changes a scope, whatever the field.
    others = dict.fromkeys(change.path[0] for change in plan.of(Action.UPDATE))
    if not others:
        return found
    delete_first = found.delete_first or not found.replaces
    return replace(found, replaces=(*found.replaces, *others), delete_first=delete_first)


def _newer(applied: Canonical) -> dict[str, Tree]:
    known = fields_of(SecretScope)
    return {name: value for name, value in applied.tree.items() if name not in known}


def create(said: Bag, context: Context) -> Created:
    """Create the scope, or take over one that is there. Raises `TakenAlready`."""
    desired = _desired(said, context.stack)
    name = str(desired.tree["name"])
    context.recorded()
    listed = context.api.get_scope(name)
    if listed is not None and not is_said(said, "adopt") and not _is_pristine(desired, context):
        raise scope_taken(name)
    _bring(desired, listed, context)
    return Created(name, _outputs(desired, listed, said, context, key=new_key()))


def _bring(desired: Canonical, listed: Json | None, context: Context) -> None:
    """Create the scope where it is missing. Raises `Refused` where it is there and differs."""
    plan = make_plan(applied=None, desired=desired, actual=scope_of(listed))
    # What no list shows cannot be held against a scope that is there.
    other = [c for c in plan.of(Action.REPLACE) if c.actual is not ABSENT]
    if other:
        raise Refused(
            f"The secret scope {desired.tree['name']} is there and has another "
            f"{', '.join(shown(change.path) for change in other)} than the program says, and no "
            f"call changes that. Nothing was touched. Say what it has, or choose another name.",
            id="scope-differs",
        )
    for operation in plan.operations:
        if isinstance(operation, CreateScope):
            _create(operation, desired, context)


def _create(operation: CreateScope, desired: Canonical, context: Context) -> None:
    try:
        perform_create(operation, context.api, lambda: _is_pristine(desired, context))
    except ApiError as refused:
        name, said = str(desired.tree["name"]), refused.answer.message
        # Both have no code of their own.
        if "userAADToken" in said:
            raise no_vault_with_these_credentials(name, refused) from None
        if "initial_manage_principal" in said and "initial_manage_principal" not in desired.tree:
            raise managed_by_users_only(name, refused) from None
        raise


def read(id_: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
    """The scope as it is, or None where it is gone."""
    context.same_workspace(recorded)
    listed = context.api.get_scope(id_)
    actual = scope_of(listed)
    if listed is None or actual is None:
        # No list shows what the caller may not read: this answers 404 of a scope that is gone, and
        # 403 of such a one (REST reference, secrets/listsecrets).
        context.api.list_secrets(id_)
        return None
    applied = applied_of(SecretScope, recorded) or Canonical(SecretScope, {"name": id_})
    seen = projected(SecretScope, shape=applied.tree, actual=actual.tree)
    kept = {name: value for name, value in recorded.items() if name not in fields_of(SecretScope)}
    inputs = {name: value for name, value in said.items() if name not in fields_of(SecretScope)}
    return Reading({**kept, **seen, "backend_type": backend_of(listed)}, {**inputs, **seen})


def update(id_: str, recorded: Bag, said: Bag, context: Context) -> Bag:
    """Record settings; of a scope nothing can be changed, but one that is gone is created again."""
    context.same_workspace(recorded)
    desired = _desired(said, context.stack)
    listed = context.api.get_scope(id_)
    if listed is None:
        _bring(desired, None, context)
    return _outputs(desired, listed, said, context, key=key_of(recorded))


def delete(id_: str, recorded: Bag, context: Context) -> None:
    """Delete the scope, unless another resource declares it now.

    Raises `Refused` where it still holds secrets, unless `force_destroy`.
    """
    context.same_workspace(recorded)
    held = context.api.list_secrets(id_)
    if held is None or context.left_to_another(*claims_of("SecretScope", {"name": id_})):
        return
    # The secrets of a vault stay in the vault.
    ours_to_lose = recorded.get("backend_type") != AZURE_KEYVAULT
    if held and ours_to_lose and not is_said(recorded, "force_destroy"):
        raise scope_not_empty(id_, held)
    perform(DeleteScope(id_), context.api)


def _is_pristine(desired: Canonical, context: Context) -> bool:
    """Whether a scope is as our own create leaves it: no secret, one manager, and that ours."""
    name = str(desired.tree["name"])
    if context.api.get_scope(name) is None or context.api.list_secrets(name):
        return False
    manager = desired.tree.get("initial_manage_principal") or context.api.caller()
    return set(context.api.list_acls(name) or ()) <= {manager}


def _desired(said: Bag, stack: Stack) -> Canonical:
    return canonical(scope_inputs(said, stack.settings.allowances), UNSEALED)


def _outputs(
    desired: Canonical, listed: Json | None, said: Bag, context: Context, *, key: str
) -> Bag:
    made = {"backend_type": desired.tree.get("scope_backend_type")}
    return {
        **picked(said, RECORDED_SETTINGS),
        **projected(SecretScope, shape=desired.tree, actual=desired.tree),
        "backend_type": backend_of(listed or made),
        **context.recorded(),
        **hidden(desired.tree, key),
    }
