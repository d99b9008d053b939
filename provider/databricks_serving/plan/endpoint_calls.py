"""The calls that an endpoint's changes take, bodies as they will be sent.

Order: tags, notifications, configuration (and waiting for it), gateway, telemetry. Tags and
notifications go through during somebody else's update; a gateway may need the task of the new
configuration; telemetry is refused during an update, and before there is a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    Config,
    EmailNotifications,
    Endpoint,
    TelemetryConfig,
    Value,
)

from .bodies import wire
from .canonical import Canonical, Tree
from .carry import Fits, keeping_its_rules, with_undeclared
from .change import Action, Change
from .compare import ABSENT, at, same
from .endpoint import REDEPLOY_ON, own_fields
from .gateway import put_gateway
from .operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    Operation,
    PatchNotifications,
    PatchTags,
    PatchTelemetry,
    PutAiGateway,
    PutConfig,
    PutProvisionedThroughput,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .states import Actual, Orders


class _Trees(NamedTuple):
    applied: dict[str, Tree]
    desired: dict[str, Tree]
    actual: dict[str, Tree]


def endpoint_operations(
    changes: tuple[Change, ...],
    *,
    applied: Canonical | None,
    desired: Canonical,
    actual: Actual | None,
    orders: Orders,
) -> tuple[Operation, ...]:
    """The calls that the changes take; none where something must be replaced or is refused."""
    name = str(desired.tree["name"])
    if actual is None:
        body = _create_body(desired.tree, orders.mark)
        return (CreateEndpoint(name, body, by_model_units=by_model_units(desired.tree)),)
    if any(change.action in (Action.REPLACE, Action.REFUSE) for change in changes):
        return ()
    touched = {change.path[0] for change in changes if change.action is Action.UPDATE}
    trees = _Trees(applied.tree if applied is not None else {}, desired.tree, actual.tree)
    return tuple(_calls(name, touched, trees, actual, orders))


def _calls(
    name: str, touched: set[str], trees: _Trees, actual: Actual, orders: Orders
) -> Iterator[Operation]:
    if "tags" in touched:
        yield _patch_tags(name, trees.desired, trees.actual)
    if "email_notifications" in touched:
        yield PatchNotifications(name, _notifications_body(trees))
    if touched & {"config", REDEPLOY_ON}:
        if actual.updating:
            yield CancelUpdate(name, _strategy(actual, orders))
        yield _put_config(name, trees)
    if "ai_gateway" in touched:
        yield from _put_gateway(name, trees)
    if "telemetry_config" in touched:
        yield PatchTelemetry(name, _telemetry_body(trees))


def _strategy(actual: Actual, orders: Orders) -> CancelStrategy:
    """The strategy that the program wants; what has ever served is never abandoned."""
    wanted = orders.on_update_in_progress
    if wanted is CancelStrategy.ABANDON and actual.ever_ready:
        return CancelStrategy.SUPERSEDE
    return wanted


def _create_body(desired: dict[str, Tree], mark: str | None) -> dict[str, object]:
    body = wire(Endpoint, own_fields(desired))
    if by_model_units(desired):
        # Off, it is what the service makes anyway (SDK, CreatePtEndpointRequest: it has no such).
        body.pop("route_optimized", None)
    tags = dict(_tags(desired))
    if mark is not None:
        tags[OWNERSHIP_TAG] = mark
    if tags:
        body["tags"] = [{"key": key, "value": value} for key, value in tags.items()]
    else:
        body.pop("tags", None)
    return body


def _tags(tree: dict[str, Tree]) -> dict[str, str]:
    tags = wire(Endpoint, {"tags": tree.get("tags") or {}})["tags"]
    if not isinstance(tags, dict):
        return {}
    # A fingerprint prints as something else than it is, and the sender has to recognise it.
    return {key: tag if isinstance(tag, str) else str(tag) for key, tag in tags.items()}


def _patch_tags(name: str, desired: dict[str, Tree], actual: dict[str, Tree]) -> PatchTags:
    wanted, there = _tags(desired), _tags(actual)
    return PatchTags(
        name,
        # In order: neither Pulumi's maps nor the service's lists of tags keep one.
        add=tuple(sorted((k, value) for k, value in wanted.items() if there.get(k) != value)),
        delete=tuple(sorted(k for k in there if k not in wanted and k != OWNERSHIP_TAG)),
    )


def _section(tree: dict[str, Tree], name: str) -> dict[str, Tree]:
    section = tree.get(name)
    return section if isinstance(section, dict) else {}


def _whole(
    kind: type[Value], name: str, trees: _Trees, fits: Fits | None = None
) -> dict[str, Tree]:
    """The part as desired, with what of actual nobody declared."""
    applied, desired, actual = (_section(tree, name) for tree in trees)
    return with_undeclared(kind, applied=applied, desired=desired, actual=actual, fits=fits)


def _notifications_body(trees: _Trees) -> dict[str, object]:
    # A list that is left out may stay as it is or go: both are sent (servingendpoints reference).
    nobody: dict[str, object] = {"on_update_failure": [], "on_update_success": []}
    said = _section(trees.desired, "email_notifications")
    whole = _whole(EmailNotifications, "email_notifications", trees) if said else {}
    return {"email_notifications": {**nobody, **wire(EmailNotifications, whole)}}


def _telemetry_body(trees: _Trees) -> dict[str, object]:
    if not _section(trees.desired, "telemetry_config"):
        return {}  # left out, it is removed
    whole = _whole(TelemetryConfig, "telemetry_config", trees)
    tables = ("telemetry_config", "table_names")
    profile = at(trees.actual, ("telemetry_config", "telemetry_profile_id"))
    if profile is not ABSENT and same(at(trees.applied, tables), at(trees.desired, tables)):
        # Sent again, the tables would become another profile; of neither, nothing would be taken.
        whole.pop("table_names", None)
        whole.setdefault("telemetry_profile_id", profile)
    return {"telemetry_config": wire(TelemetryConfig, whole)}


def by_model_units(tree: dict[str, Tree]) -> bool:
    """Whether the endpoint is one of those that have routes of their own."""
    entities = at(tree, ("config", "served_entities"))
    return isinstance(entities, dict) and any(
        isinstance(entity, dict) and "provisioned_model_units" in entity
        for entity in entities.values()
    )


def _put_config(name: str, trees: _Trees) -> Operation:
    fits = keeping_its_rules(own_fields(trees.desired))
    body = wire(Config, _whole(Config, "config", trees, fits))
    # Only what has units already has that call, and only units fit into its body.
    if by_model_units(trees.desired) and by_model_units(trees.actual):
        return PutProvisionedThroughput(name, body)
    return PutConfig(name, body)


def _put_gateway(name: str, trees: _Trees) -> Iterator[PutAiGateway]:
    applied, desired, actual = (_section(tree, "ai_gateway") for tree in trees)
    if not desired:
        yield PutAiGateway(name, {})  # `ai_gateway={}` clears it, whatever it has
        return
    yield from put_gateway(name, applied=applied, desired=desired, actual=actual)
