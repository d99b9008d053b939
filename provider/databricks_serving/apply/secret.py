"""A secret, from check to delete.

Its value is compared by fingerprint, and never read for drift.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import SecretStr

from databricks_serving.errors import InvalidRequest, NotFound, Refused, ServingError
from databricks_serving.plan.bodies import unsealed
from databricks_serving.plan.canonical import Canonical, Fingerprint, Sealing, canonical, located
from databricks_serving.plan.change import Action
from databricks_serving.plan.operations import DeleteSecret
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.secrets import (
    TIMESTAMP,
    VALUES,
    comparable,
    has_value,
    values_in,
    with_given,
)
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import Bag
from databricks_serving.state.derived import said_though_derived
from databricks_serving.state.endpoint import marked_paths
from databricks_serving.state.secret import reference, secret_inputs
from databricks_serving_schema import InvalidResource, Problem, Secret, SecretSettings

from .context import Checked, Context, Created, LeftUnfinished, Reading, Stack, Verdict
from .declarations import claims_of
from .observed import AZURE_KEYVAULT, secret_of
from .perform import perform
from .recorded import (
    applied_of,
    credentials_in,
    hidden,
    is_said,
    key_of,
    new_key,
    picked,
    recorded_settings,
)
from .refusals import no_scope, put_into_vault, secret_taken
from .verdict import verdict

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Tree

RECORDED_SETTINGS = recorded_settings(SecretSettings)
#: Shown as they were said; the value itself is in no output.
_SHOWN = ("scope", "key", "version", "value_from_env")
#: They are the resource's id, which stands in the state in clear anyway.
_NEVER_SEALED = frozenset({("scope",), ("key",)})
#: Said once, by the run that records the inputs of an imported secret.
_TAKEN_FOR_GRANTED = (
    "value: taken to be the one that is there, which nobody read, so it is not put; another one is"
)


def check(
    recorded: Bag, said: Bag, stack: Stack, environment: Mapping[str, str] | None = None
) -> Checked:
    """The inputs, with the reference that a configuration uses, or what is wrong with them.

    A secret that is yet to be put takes the variable of `value_from_env`; unset, it is warned of.
    """
    strays = said_though_derived(Secret, recorded, said)
    try:
        secret = secret_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, (*strays, *invalid.problems))
    named = {**said, "reference": reference(secret.scope, secret.key)}
    return Checked(named, strays, () if recorded else _not_set(said, environment))


def _not_set(said: Bag, environment: Mapping[str, str] | None) -> tuple[Problem, ...]:
    """What to warn of where the value is going to be put, and nobody has it here.

    No error: a preview of a pull request from a fork has no secrets. None: not known what is set.
    """
    variable = said.get("value_from_env")
    if environment is None or not isinstance(variable, str) or variable in environment:
        return ()
    told = (
        f"the environment variable {variable} is not set, and putting the value takes it. "
        f"Run `export {variable}=…` before `pulumi up`; a preview does without it"
    )
    return (Problem(("value_from_env",), "variable-not-set", told),)


def diff(
    recorded: Bag,
    said: Bag,
    stack: Stack,
    environment: Mapping[str, str] | None = None,
    before: Bag | None = None,
) -> Verdict:
    """Whether anything differs. `before`: the recorded inputs.

    While the variable of `value_from_env` is unset, only `version` counts.
    """
    key = key_of(recorded)
    applied = with_given(applied_of(Secret, recorded), before or {}, said, bytes.fromhex(key))
    desired = _desired(said, stack, key, environment or {})
    listed = recorded.get(TIMESTAMP)
    tree: dict[str, Tree] = {"scope": recorded.get("scope"), "key": recorded.get("key")}
    if isinstance(listed, (int, float)):
        tree[TIMESTAMP] = int(listed)
    plan = make_plan(
        applied=applied, desired=comparable(desired, applied), actual=Actual(Secret, tree)
    )
    found = verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=("scope", "key"))
    if plan.operations and not has_value(desired):
        found = replace(found, warnings=_not_set(said, environment))
    elif applied is not None and not has_value(applied) and not found.changed and values_in(said):
        found = replace(found, notices=(*found.notices, _TAKEN_FOR_GRANTED))
    variable = said.get("value_from_env")
    if variable is None or not any(change.path == ("value",) for change in plan.of(Action.UPDATE)):
        return found
    # The value is in no input, so no engine can render this difference.
    told = f"the value of {variable} changed since it was put"
    return replace(found, notices=(*found.notices, told))


@dataclass(frozen=True)
class _Work:
    """One secret on its way to what is desired; `key` is that of its fingerprints."""

    desired: Canonical
    said: Bag
    context: Context
    key: str

    @property
    def scope(self) -> str:
        return str(self.desired.tree["scope"])

    @property
    def name(self) -> str:
        return str(self.desired.tree["key"])

    def listed(self) -> int | None:
        """When the secret was last put; None where there is none."""
        return (self.context.api.list_secrets(self.scope) or {}).get(self.name)


def create(said: Bag, context: Context) -> Created:
    """Put the secret. Raises `TakenAlready` where one is there and cannot be recognised as ours."""
    key = new_key()
    work = _Work(_desired(said, context.stack, key, context.environment), said, context, key)
    id_ = f"{work.scope}/{work.name}"
    context.recorded()
    listed = work.listed()
    if listed is None:
        return Created(id_, _put(work))
    if _has_the_value(work):
        return Created(id_, _outputs(work, work.desired, listed))
    if not is_said(said, "adopt"):
        raise secret_taken(work.scope, work.name)
    if _value(work.desired) is None:
        return Created(id_, _outputs(work, work.desired, listed))
    return Created(id_, _put(work))


def _has_the_value(work: _Work) -> bool:
    """Whether the workspace has the very value that the program wants: nothing is lost then."""
    wanted = _value(work.desired)
    return wanted is not None and work.context.api.get_secret(work.scope, work.name) == wanted


def _value(desired: Canonical) -> bytes | None:
    """The value to be put; None where the environment does not have it."""
    for form in VALUES:
        fingerprint = desired.tree.get(form)
        if isinstance(fingerprint, Fingerprint):
            said = str(unsealed(fingerprint))
            return said.encode() if form == "value" else base64.b64decode(said)
    return None


def read(_id: str, recorded: Bag, said: Bag, context: Context) -> Reading | None:
    """The secret as the list tells it, or None where it or its scope is gone."""
    context.same_workspace(recorded)
    listed = context.api.list_secrets(str(recorded["scope"]))
    if listed is None or recorded["key"] not in listed:
        return None
    timestamp = listed[str(recorded["key"])]
    return Reading({**recorded, TIMESTAMP: timestamp}, dict(said))


def update(_id: str, recorded: Bag, said: Bag, context: Context) -> Bag:
    """Put the value again where it, its version or the workspace's copy changed."""
    context.same_workspace(recorded)
    key, was = key_of(recorded), applied_of(Secret, recorded)
    work = _Work(_desired(said, context.stack, key, context.environment), said, context, key)
    listed = work.listed()
    actual = secret_of(work.scope, work.name, listed)
    applied = with_given(was, context.inputs, said, bytes.fromhex(key))
    wanted = comparable(work.desired, applied)
    if make_plan(applied=applied, desired=wanted, actual=actual).operations:
        outputs = _put(work)
        context.note(
            f"{outputs['reference']} was put again: running endpoints that use it may keep the old "
            f'value until their next configuration update. deploy={{"redeploy_on": '
            f"[secret.value_fingerprint]}} on an endpoint sends it one."
        )
        return outputs
    return _outputs(work, comparable(work.desired, was), listed)


def delete(_id: str, recorded: Bag, context: Context) -> None:
    """Delete the secret, unless another resource declares it now; one that is gone is deleted."""
    context.same_workspace(recorded)
    if context.left_to_another(*claims_of("Secret", recorded)):
        return
    perform(DeleteSecret(str(recorded["scope"]), str(recorded["key"])), context.api)


def _put(work: _Work) -> Bag:
    """Put the value, then list, so that a later put by somebody else shows in the timestamp."""
    if _value(work.desired) is None:
        raise Refused(
            f"The secret {work.scope}/{work.name} takes its value from the environment variable "
            f"{work.said.get('value_from_env')}, which is not set. Nothing was sent. Set it for "
            f"this run.",
            id="variable-not-set",
        )
    put = False
    try:
        for operation in make_plan(applied=None, desired=work.desired, actual=None).operations:
            perform(operation, work.context.api)
        put = True
        return _outputs(work, work.desired, work.listed())
    except ServingError as failed:
        # The service's words may repeat what was sent.
        reason = failed.without(credentials_in(work.desired.tree))
        if not put:
            raise _known(work, failed) or reason from None
        outputs = _outputs(work, work.desired, None)
        raise LeftUnfinished(reason, f"{work.scope}/{work.name}", outputs) from None


def _known(work: _Work, failed: ServingError) -> Refused | None:
    """The error, with a way out, in place of the service's own; None where we know none."""
    if isinstance(failed, NotFound):
        return no_scope(work.scope, "Secret")
    if not isinstance(failed, InvalidRequest):
        return None
    try:
        listed = work.context.api.get_scope(work.scope) or {}
    except ServingError:
        return None  # the error at hand says more than that of this look
    if listed.get("backend_type") != AZURE_KEYVAULT:
        return None
    return put_into_vault(work.scope, work.name)


def _outputs(work: _Work, applied: Canonical, listed: int | None) -> Bag:
    fingerprints = [applied.tree[form] for form in VALUES if form in applied.tree]
    return {
        **picked(work.said, (*_SHOWN, *RECORDED_SETTINGS)),
        "reference": reference(work.scope, work.name),
        TIMESTAMP: listed,
        # `str()` of a fingerprint shows nothing of it.
        "value_fingerprint": str.__str__(fingerprints[0]) if fingerprints else None,
        **work.context.recorded(),
        **hidden({**applied.tree, TIMESTAMP: listed}, work.key),
    }


def _desired(said: Bag, stack: Stack, key: str, environment: Mapping[str, str]) -> Canonical:
    """The secret that the program says; a value from the environment stands under `value`."""
    secret = secret_inputs(said, stack.settings.allowances)
    marked = frozenset(located(secret, path) for path in marked_paths(said)) - _NEVER_SEALED
    sealing = Sealing(bytes.fromhex(key), marked)
    tree = dict(canonical(secret, sealing).tree)
    variable = tree.pop("value_from_env", None)
    if isinstance(variable, str) and variable in environment:
        tree["value"] = sealing.seal(SecretStr(environment[variable]))
    return Canonical(Secret, tree)
