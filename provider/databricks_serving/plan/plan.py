"""What would change, from three states, and exactly the requests that would be sent.

The same function serves Pulumi's diff, create and update, drift detection (desired = applied) and
the review of a pull request.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from databricks_serving_schema import (
    Endpoint,
    EndpointAiGateway,
    EndpointPermissions,
    EndpointRateLimits,
    Secret,
    SecretAcl,
    SecretScope,
)

from .access import access_changes, access_operations
from .answered import as_taken
from .change import Action, Change
from .endpoint import endpoint_changes
from .endpoint_calls import endpoint_operations
from .gateway import gateway_changes, gateway_operations
from .secrets import scope_changes, scope_operations, secret_changes, secret_operations
from .states import Actual, Orders

if TYPE_CHECKING:
    from .canonical import Canonical
    from .operations import Operation


@dataclass(frozen=True)
class Plan:
    """Every difference with its reason, skips included; the operations in the order of sending."""

    changes: tuple[Change, ...]
    operations: tuple[Operation, ...]

    @property
    def action(self) -> Action:
        """The gravest action of all changes."""
        return max((change.action for change in self.changes), default=Action.SKIP)

    def of(self, action: Action) -> tuple[Change, ...]:
        """The changes that take exactly this action."""
        return tuple(change for change in self.changes if change.action is action)


def make_plan(
    *,
    applied: Canonical | None,
    desired: Canonical,
    actual: Actual | None,
    orders: Orders | None = None,
) -> Plan:
    """What it takes to get from `actual` to `desired`, knowing what was last written (`applied`).

    Where desired is what was applied (drift), operations hold fingerprints and cannot be sent.
    """
    orders = orders or Orders()
    if applied is not None and actual is not None:
        taken = as_taken(applied.tree, actual.tree)
        actual = actual if taken is actual.tree else replace(actual, tree=taken)
    if desired.kind is Endpoint:
        changes = endpoint_changes(applied=applied, desired=desired, actual=actual, orders=orders)
        operations = endpoint_operations(
            changes, applied=applied, desired=desired, actual=actual, orders=orders
        )
    elif desired.kind is SecretScope:
        changes = scope_changes(applied=applied, desired=desired, actual=actual)
        operations = scope_operations(changes, desired=desired)
    elif desired.kind is Secret:
        changes = secret_changes(applied=applied, desired=desired, actual=actual)
        operations = secret_operations(changes, desired=desired)
    elif desired.kind in (EndpointAiGateway, EndpointRateLimits):
        changes = gateway_changes(applied=applied, desired=desired, actual=actual, orders=orders)
        operations = gateway_operations(
            changes, applied=applied, desired=desired, actual=actual, orders=orders
        )
    elif desired.kind in (SecretAcl, EndpointPermissions):
        changes = access_changes(applied=applied, desired=desired, actual=actual, orders=orders)
        operations = access_operations(changes, desired=desired, actual=actual, orders=orders)
    else:
        raise TypeError(f"nothing plans a {desired.kind.__name__}")
    return Plan(changes, operations)
