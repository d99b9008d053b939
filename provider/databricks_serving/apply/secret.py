"""A secret, from check to delete.

Its value is compared by fingerprint, and never read for drift.
"""

from __future__ import annotations

import base64
import secrets as random_source
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from databricks_serving.errors import Refused, TakenAlready
from databricks_serving.plan.canonical import Canonical, Fingerprint, Sealing, canonical, revived
from databricks_serving.plan.operations import DeleteSecret
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.secrets import TIMESTAMP
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import Bag, plain_json, text
from databricks_serving.state.keys import APPLIED, FORMAT, FORMAT_NUMBER, KEY
from databricks_serving.state.secret import reference, secret_inputs
from databricks_serving_schema import InvalidResource, Secret

from .context import Checked, Context, Created, Reading, Stack, Verdict
from .executor import perform
from .verdict import verdict

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Tree

RECORDED_SETTINGS = ("workspace",)
#: Shown as they were said; the value itself is in no output.
_SHOWN = ("scope", "key", "version", "value_from_env")


def check(_recorded: Bag, said: Bag, stack: Stack) -> Checked:
    """The inputs, with the reference that a configuration uses, or what is wrong with them."""
    try:
        secret = secret_inputs(said, stack.settings.allowances)
    except InvalidResource as invalid:
        return Checked(said, invalid.problems)
    return Checked({**said, "reference": reference(secret.scope, secret.key)})


def diff(
    recorded: Bag, said: Bag, stack: Stack, environment: Mapping[str, str] | None = None
) -> Verdict:
    """Whether anything differs.

    While the variable of `value_from_env` is unset, only `version` counts.
    """
    sealing = _sealing(recorded)
    applied = _applied(recorded)
    desired = _desired(said, stack, sealing, environment or {})
    if applied is not None:
        desired = _comparable(desired, applied)
    listed = recorded.get(TIMESTAMP)
    tree: dict[str, Tree] = {"scope": recorded.get("scope"), "key": recorded.get("key")}
    if isinstance(listed, (int, float)):
        tree[TIMESTAMP] = int(listed)
    plan = make_plan(applied=applied, desired=desired, actual=Actual(Secret, tree))
    return verdict(plan, recorded, said, settings=RECORDED_SETTINGS, identity=("scope", "key"))


def _comparable(desired: Canonical, applied: Canonical) -> Canonical:
    """An adopted secret has no fingerprint, an unset variable no value: `version` decides."""
    tree = {k: v for k, v in desired.tree.items() if not k.startswith("value") or k in applied.tree}
    if not any(form in desired.tree for form in ("value", "value_base64")):
        tree |= {k: v for k, v in applied.tree.items() if k.startswith("value")}
    return Canonical(Secret, tree)


def create(said: Bag, context: Context) -> Created:
    """Put the secret. Raises `TakenAlready` where one is there and cannot be recognised as ours."""
    key = random_source.token_hex(32)
    sealing = Sealing(bytes.fromhex(key))
    desired = _desired(said, context.stack, sealing, context.environment)
    scope, name = str(desired.tree["scope"]), str(desired.tree["key"])
    listed = context.api.list_secrets(scope) or {}
    adopted = said.get("adopt") in (True, "true")
    if name in listed and not adopted and not _is_ours(desired, context):
        raise TakenAlready(
            f"The secret {scope}/{name} exists already, and nothing shows that this stack made it. "
            f"Nothing was touched. Choose another key, or say adopt=True to take it over: its "
            f"value is then overwritten with the program's."
        )
    return Created(f"{scope}/{name}", _put(desired, said, context, key=key))


def _is_ours(desired: Canonical, context: Context) -> bool:
    """Whether the workspace has the very value that the program wants: nothing is lost then."""
    found = context.api.get_secret(str(desired.tree["scope"]), str(desired.tree["key"]))
    return found is not None and found == _bytes(desired)


def _bytes(desired: Canonical) -> bytes:
    for form in ("value", "value_base64"):
        value = desired.tree.get(form)
        if isinstance(value, Fingerprint) and value.sealed is not None:
            said = str(value.sealed.get_secret_value())
            return said.encode() if form == "value" else base64.b64decode(said)
    return b""


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
    sealing = _sealing(recorded)
    desired = _desired(said, context.stack, sealing, context.environment)
    applied = _applied(recorded)
    listed = (context.api.list_secrets(str(desired.tree["scope"])) or {}).get(
        str(desired.tree["key"])
    )
    actual = None
    if listed is not None:
        actual = Actual(Secret, {**_address(desired), TIMESTAMP: listed})
    wanted = desired if applied is None else _comparable(desired, applied)
    plan = make_plan(applied=applied, desired=wanted, actual=actual)
    if not plan.operations:
        return _outputs(wanted, said, context, key=sealing.key.hex(), timestamp=listed)
    return _put(desired, said, context, key=sealing.key.hex())


def delete(_id: str, recorded: Bag, context: Context) -> None:
    """Delete the secret; one that is gone is deleted."""
    context.same_workspace(recorded)
    perform(DeleteSecret(str(recorded["scope"]), str(recorded["key"])), context.api)


def _put(desired: Canonical, said: Bag, context: Context, *, key: str) -> Bag:
    """Put the value, then list, so that a later put by somebody else shows in the timestamp."""
    if not any(form in desired.tree for form in ("value", "value_base64")):
        raise Refused(
            f"The secret {desired.tree['scope']}/{desired.tree['key']} takes its value from the "
            f"environment variable {said.get('value_from_env')}, which is not set. Nothing was "
            f"sent. Set it for this run."
        )
    plan = make_plan(applied=None, desired=desired, actual=None)
    for operation in plan.operations:
        perform(operation, context.api)
    scope, name = str(desired.tree["scope"]), str(desired.tree["key"])
    timestamp = (context.api.list_secrets(scope) or {}).get(name)
    return _outputs(desired, said, context, key=key, timestamp=timestamp)


def _outputs(
    desired: Canonical, said: Bag, context: Context, *, key: str, timestamp: int | None
) -> Bag:
    fingerprint = next(
        (
            str.__str__(v)
            for k, v in desired.tree.items()
            if k in ("value", "value_base64") and isinstance(v, Fingerprint)
        ),
        None,
    )
    applied = {**desired.tree, TIMESTAMP: timestamp}
    return {
        **{name: said[name] for name in (*_SHOWN, *RECORDED_SETTINGS) if name in said},
        "reference": reference(desired.tree["scope"], desired.tree["key"]),
        TIMESTAMP: timestamp,
        "value_fingerprint": fingerprint,
        **context.recorded(),
        APPLIED: plain_json(applied),
        KEY: key,
        FORMAT: FORMAT_NUMBER,
    }


def _address(desired: Canonical) -> dict[str, Tree]:
    return {name: desired.tree[name] for name in ("scope", "key")}


def _sealing(recorded: Mapping[str, Any]) -> Sealing:
    return Sealing(bytes.fromhex(text(recorded, KEY) or random_source.token_hex(32)))


def _applied(recorded: Mapping[str, Any]) -> Canonical | None:
    stored = recorded.get(APPLIED)
    return revived(Secret, stored) if isinstance(stored, Mapping) else None


def _desired(
    said: Bag, stack: Stack, sealing: Sealing, environment: Mapping[str, str]
) -> Canonical:
    """The secret that the program says; a value from the environment stands under `value`."""
    secret = secret_inputs(said, stack.settings.allowances)
    tree = dict(canonical(secret, sealing).tree)
    variable = tree.pop("value_from_env", None)
    if isinstance(variable, str) and variable in environment:
        tree["value"] = sealing.seal(SecretStr(environment[variable]))
    return Canonical(Secret, tree)
