"""What a program wants of a resource, as a preview tells it: secrets blinded, some not yet known.

The inputs are parsed as the provider itself does it. Nobody here can read a secret, so of each the
engine's own comparison counts: where the preview names its place, it changes; else it is what was
applied there.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from databricks_serving.plan.canonical import Canonical, Fingerprint, Sealing, Tree, canonical
from databricks_serving.plan.compare import ABSENT, MaybeTree, at
from databricks_serving.plan.comparison import Wanted
from databricks_serving.plan.gateway import undeclared
from databricks_serving.plan.grants import by_principal
from databricks_serving.plan.places import steps
from databricks_serving.plan.secrets import TIMESTAMP, VALUES, comparable
from databricks_serving.plan.states import Orders
from databricks_serving.state.access import acl_inputs, permissions_inputs
from databricks_serving.state.deployment import SEALED, Sealed
from databricks_serving.state.endpoint import endpoint_inputs, marked_paths
from databricks_serving.state.gateway import GatewayHow, GatewayModel, gateway_inputs
from databricks_serving.state.keys import CREDENTIALS
from databricks_serving.state.property_paths import property_path, touches
from databricks_serving.state.secret import scope_inputs, secret_inputs
from databricks_serving_schema import (
    EndpointAiGateway,
    EndpointPermissions,
    EndpointRateLimits,
    GatewaySettings,
    RateLimitsSettings,
    Secret,
    SecretAcl,
    SecretScope,
    Shape,
)

from .endpoint import desired_of, orders_of
from .recorded import applied_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from databricks_serving.plan.canonical import TreePath
    from databricks_serving.state.bag import Bag
    from databricks_serving.state.deployment import Recorded, Step
    from databricks_serving.state.settings import StackSettings
    from databricks_serving_schema import Allowances, Path, Value

    Reader: TypeAlias = Callable[[Bag, Allowances], Wanted]

#: What stands for a secret between the inputs and the canonical tree, where its place is known.
_KEPT: Final = Sealed()
_CHANGES: Final = Sealed()
#: There is nothing left to seal: what is secret stands as one of the two.
_UNSEALED = Sealing(b"")


def wanted_of(step: Step, recorded: Recorded | None, settings: StackSettings) -> Wanted:
    """What the program wants of the resource of a step that has inputs.

    recorded: the resource in the state, None where there is none. A secret that changes is a
    fingerprint that equals no other; of a list or object that is secret as a whole, `SEALED`.
    Raises `InvalidResource` with every problem where the program breaks a rule.
    """
    wanted = _READERS[step.kind](_marked(step), settings.allowances)
    model = wanted.desired.kind
    applied = applied_of(model, recorded.outputs) if recorded is not None else None
    was = applied.tree if applied is not None else {}
    tree = {
        name: _resolved(model, value, at(was, (name,)), (name,))
        for name, value in wanted.desired.tree.items()
    }
    desired = Canonical(model, tree)
    if model is Secret:
        desired = _with_variable(desired, step, recorded)
        # The engine knows what the program said before, so it can tell of an imported one, too.
        if not {path[0] for path in map(property_path, step.changed)} & {*VALUES}:
            desired = comparable(desired, applied)
    return Wanted(desired, wanted.orders)


def _marked(step: Step) -> Bag:
    """A step's inputs with every secret marked: whether it changes. No secret is left in clear."""
    changed = tuple(map(property_path, step.changed))
    bag = step.inputs or {}
    # A preview made with --show-secrets has them in clear.
    secret: tuple[Path, ...] = (*marked_paths(bag), (CREDENTIALS,))
    if step.kind == "Secret":
        secret += tuple((name,) for name in VALUES)

    def mark(value: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
        below = isinstance(value, (Mapping, list))
        own = any(path[: len(one)] == one for one in secret)
        if isinstance(value, Sealed) or (own and not below and value is not None):
            return _CHANGES if any(touches(one, path) for one in changed) else _KEPT
        if isinstance(value, Mapping):
            return {name: mark(inner, (*path, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [mark(inner, (*path, position)) for position, inner in enumerate(value)]
        return value

    return {name: mark(value, (name,)) for name, value in bag.items()}


def _resolved(model: type[Value], value: Tree, was: MaybeTree, path: TreePath) -> Tree:
    """A tree with what was applied in place of kept secrets, and of none where they change."""
    if isinstance(value, dict):
        return {
            name: _resolved(model, inner, at(was, (name,)), (*path, name))
            for name, inner in value.items()
        }
    if isinstance(value, tuple):
        before = (
            was if isinstance(was, tuple) and len(was) == len(value) else (ABSENT,) * len(value)
        )
        return tuple(
            _resolved(model, inner, its, path) for inner, its in zip(value, before, strict=True)
        )
    if value is _KEPT and was is not ABSENT:
        return was
    if value is not _KEPT and value is not _CHANGES:
        return value
    return SEALED if _holds_more(model, was, path) else _unlike_any_other()


def _holds_more(model: type[Value], was: MaybeTree, path: TreePath) -> bool:
    """Whether a list or object stands there, not a leaf."""
    *_, last = steps(model, path)
    field = None if last.element else last.field
    return isinstance(was, (dict, tuple)) or (field is not None and field.shape is not Shape.LEAF)


def _unlike_any_other() -> Fingerprint:
    return Fingerprint(f"hmac-sha256:{secrets.token_hex(32)}")


def _with_variable(desired: Canonical, step: Step, recorded: Recorded | None) -> Canonical:
    """A secret with the value of its environment variable, where that is to be put.

    The value is in no input: the engine's update without a change of any is all that tells of it,
    unless a refresh has recorded that somebody else put the secret.
    """
    tree = dict(desired.tree)
    if tree.pop("value_from_env", None) is None:
        return desired
    rotated = recorded is not None and recorded.outputs.get(TIMESTAMP) != at(
        _applied_secret(recorded), (TIMESTAMP,)
    )
    if recorded is None or (step.op == "update" and not step.changed and not rotated):
        tree["value"] = _unlike_any_other()
    return Canonical(desired.kind, tree)


def _applied_secret(recorded: Recorded) -> dict[str, Tree]:
    applied = applied_of(Secret, recorded.outputs)
    return applied.tree if applied is not None else {}


def _endpoint(bag: Bag, allowances: Allowances) -> Wanted:
    inputs = endpoint_inputs(bag, allowances)
    return Wanted(desired_of(inputs, _UNSEALED), orders_of(inputs, None))


def _gateway(model: type[GatewayModel], settings: type[GatewayHow]) -> Reader:
    def read(bag: Bag, allowances: Allowances) -> Wanted:
        value, authoritative = gateway_inputs(model, settings, bag, allowances)
        desired = canonical(value, _UNSEALED)
        removed = undeclared(desired.tree) if authoritative else frozenset()
        return Wanted(desired, Orders(removed=removed))

    return read


def _permissions(bag: Bag, allowances: Allowances) -> Wanted:
    permissions, how = permissions_inputs(bag, allowances)
    tree = by_principal(canonical(permissions, _UNSEALED).tree)
    return Wanted(
        Canonical(EndpointPermissions, tree), Orders(authoritative=how.mode == "authoritative")
    )


def _alone(read: Callable[[Bag, Allowances], SecretScope | Secret | SecretAcl]) -> Reader:
    def wanted(bag: Bag, allowances: Allowances) -> Wanted:
        return Wanted(canonical(read(bag, allowances), _UNSEALED), Orders())

    return wanted


_READERS: dict[str, Reader] = {
    "ServingEndpoint": _endpoint,
    "AiGateway": _gateway(EndpointAiGateway, GatewaySettings),
    "RateLimits": _gateway(EndpointRateLimits, RateLimitsSettings),
    "EndpointPermissions": _permissions,
    "SecretScope": _alone(scope_inputs),
    "Secret": _alone(secret_inputs),
    "SecretAcl": _alone(acl_inputs),
}
