"""A secret scope, from check to delete."""

from __future__ import annotations

import secrets as random_source
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from databricks_serving.errors import AlreadyExists, Refused, TakenAlready
from databricks_serving.plan.canonical import Canonical, Sealing, canonical, revived
from databricks_serving.plan.change import Action
from databricks_serving.plan.operations import DeleteScope
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import projected
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import Bag, plain_json, text
from databricks_serving.state.keys import APPLIED, FORMAT, FORMAT_NUMBER, KEY
from databricks_serving.state.secret import scope_inputs
from databricks_serving_schema import InvalidResource, SecretScope, fields_of, parse_answer

from .context import Checked, Context, Created, Reading, Stack, Verdict
from .executor import perform
from .naming import with_name
from .observed import read_tree
from .verdict import verdict

if TYPE_CHECKING:
    from databricks_serving.api.transport import Json

RECORDED_SETTINGS = ("force_destroy", "workspace")
_UNSEALED = Sealing(b"")


def check(recorded: Bag, said: Bag, stack: Stack) -> Checked:
    """The inputs, or what is wrong with them."""
    said = with_name(recorded, said, stack)
    try:
        scope_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, invalid.problems)
    return Checked(said)


def diff(recorded: Bag, said: Bag, stack: Stack) -> Verdict:
    """Whether anything differs."""
    plan = make_plan(
        applied=_applied(recorded),
        desired=_desired(said, stack),
        actual=Actual(SecretScope, read_tree(parse_answer(SecretScope, _own(recorded)), _UNSEALED)),
    )
    return verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=("name",))


def create(said: Bag, context: Context) -> Created:
    """Create the scope, or take over one that is there. Raises `TakenAlready`."""
    desired = _desired(said, context.stack)
    name = str(desired.tree["name"])
    listed = context.api.get_scope(name)
    if listed is not None and not _is_adopted(said) and not _is_pristine(name, context):
        raise TakenAlready(
            f"A secret scope called {name} exists already, and nothing shows that this stack made "
            f"it. Nothing was touched. Choose another name, or say adopt=True to take it over."
        )
    plan = make_plan(applied=None, desired=desired, actual=_actual(listed))
    if plan.of(Action.REPLACE):
        raise Refused(
            f"The secret scope {name} has another backend than the program says, and no call "
            f"changes that. Nothing was touched."
        )
    for operation in plan.operations:
        try:
            perform(operation, context.api)
        except AlreadyExists:
            # The first of two attempts may have had its effect before its answer was lost.
            if not _is_pristine(name, context):
                raise
    return Created(name, _outputs(desired, said, context, key=random_source.token_hex(32)))


def read(id_: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
    """The scope as it is, or None where it is gone."""
    context.same_workspace(recorded)
    listed = context.api.get_scope(id_)
    if listed is None:
        return None
    applied = _applied(recorded) or Canonical(SecretScope, {"name": id_})
    actual = _actual(listed)
    seen = projected(SecretScope, shape=applied.tree, actual=actual.tree if actual else {})
    kept = {name: value for name, value in recorded.items() if name not in fields_of(SecretScope)}
    inputs = {name: value for name, value in said.items() if name not in fields_of(SecretScope)}
    return Reading({**kept, **seen, "backend_type": listed.get("backend_type")}, {**inputs, **seen})


def update(_id: str, recorded: Bag, said: Bag, context: Context) -> Bag:
    """Nothing of a scope can be changed; settings are recorded."""
    context.same_workspace(recorded)
    key = text(recorded, KEY) or random_source.token_hex(32)
    return _outputs(_desired(said, context.stack), said, context, key=key)


def delete(id_: str, recorded: Bag, context: Context) -> None:
    """Delete the scope. Raises `Refused` where it still holds secrets, unless `force_destroy`."""
    context.same_workspace(recorded)
    held = context.api.list_secrets(id_)
    if held is None:
        return
    if held and recorded.get("force_destroy") not in (True, "true"):
        raise Refused(
            f"The secret scope {id_} still holds {len(held)} secret(s) that this stack did not "
            f"make: {', '.join(sorted(held))}. Deleting the scope would delete them. It was not "
            f"touched. Delete them first, or say force_destroy=True and run `pulumi up` before "
            f"`pulumi destroy`."
        )
    perform(DeleteScope(id_), context.api)


def _is_adopted(said: Mapping[str, Any]) -> bool:
    return said.get("adopt") in (True, "true")


def _is_pristine(name: str, context: Context) -> bool:
    """A scope as our own create leaves it: no secret, and nobody but the caller in its ACL."""
    return not context.api.list_secrets(name) and set(context.api.list_acls(name)) <= {
        context.api.caller()
    }


def _desired(said: Bag, stack: Stack) -> Canonical:
    return canonical(scope_inputs(said, stack.settings.allowances), _UNSEALED)


def _applied(recorded: Mapping[str, Any]) -> Canonical | None:
    stored = recorded.get(APPLIED)
    return revived(SecretScope, stored) if isinstance(stored, Mapping) else None


def _own(recorded: Mapping[str, Any]) -> dict[str, Any]:
    return {name: recorded[name] for name in fields_of(SecretScope) if name in recorded}


def _actual(listed: Json | None) -> Actual | None:
    if listed is None:
        return None
    tree = {"name": str(listed.get("name"))}
    if listed.get("backend_type") is not None:
        tree["scope_backend_type"] = str(listed["backend_type"])
    return Actual(SecretScope, {**tree})


def _outputs(desired: Canonical, said: Bag, context: Context, *, key: str) -> Bag:
    settings = {name: said[name] for name in RECORDED_SETTINGS if name in said}
    return {
        **settings,
        **projected(SecretScope, shape=desired.tree, actual=desired.tree),
        "backend_type": desired.tree.get("scope_backend_type", "DATABRICKS"),
        **context.recorded(),
        APPLIED: plain_json(desired.tree),
        KEY: key,
        FORMAT: FORMAT_NUMBER,
    }
