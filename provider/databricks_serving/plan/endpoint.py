"""The plan of a serving endpoint.

Order of the calls: tags, configuration (and waiting for it), gateway. Tags go through during
somebody else's update; a gateway may need the task of the new configuration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    AiGateway,
    Config,
    Endpoint,
    Severity,
    Unknown,
)

from .canonical import Canonical, Tree, wire
from .carry import with_undeclared
from .change import Action, Change, Reason
from .compare import ABSENT, MaybeTree, at, is_empty, same
from .operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    Operation,
    PatchTags,
    PutAiGateway,
    PutConfig,
)
from .parts import part_changes, part_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .states import Actual, Orders

#: Not the endpoint's own: values whose change sends the same configuration again.
REDEPLOY_ON = "redeploy_on"
#: Not the endpoint's own: another id under the same name means that somebody recreated it.
ENDPOINT_ID = "endpoint_id"

_HAS_A_CALL = ("config", "ai_gateway", "tags")


def endpoint_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual | None, orders: Orders
) -> tuple[Change, ...]:
    """Every difference of an endpoint; one that is not there has just that."""
    if actual is None:
        return (Change((), ABSENT, ABSENT, ABSENT, Action.CREATE, Reason.MISSING),)
    was = applied.tree if applied is not None else {}
    found = [
        *_recreated(was, actual.tree),
        *_kind_change(was, desired.tree, actual.tree),
        *_redeploy(was, desired.tree),
    ]
    parts = part_paths(Endpoint, own_fields(was), own_fields(desired.tree))
    for part in parts:
        if desired.tree.get(part[0]) == {} and len(part) > 1:
            continue  # `ai_gateway={}`: its sections are cleared together
        found += part_changes(
            Endpoint,
            part,
            applied=was,
            desired=desired.tree,
            actual=actual.tree,
            replace_on=orders.replace_on,
        )
    found += _gateway_cleared(was, desired.tree, actual.tree)
    return tuple(_refused_without_a_call(change) for change in found)


def own_fields(tree: dict[str, Tree]) -> dict[str, Tree]:
    """What of a tree the endpoint itself has, and can be sent."""
    beside = (REDEPLOY_ON, ENDPOINT_ID)
    return {name: value for name, value in tree.items() if name not in beside}


def _recreated(applied: dict[str, Tree], actual: dict[str, Tree]) -> Iterator[Change]:
    was, there = at(applied, (ENDPOINT_ID,)), at(actual, (ENDPOINT_ID,))
    if was is not ABSENT and there is not ABSENT and was != there:
        yield Change(
            (ENDPOINT_ID,),
            was,
            was,
            there,
            Action.NOTE,
            Reason.RECREATED,
            severity=Severity.HIGH,
        )


def _refused_without_a_call(change: Change) -> Change:
    if change.reason is Reason.NOT_YET_KNOWN:
        return change
    if change.action is Action.UPDATE and change.path[0] not in (*_HAS_A_CALL, REDEPLOY_ON):
        edited = not same(change.applied, change.desired)
        action = Action.REFUSE if edited else Action.SKIP
        return replace(change, action=action, reason=Reason.NO_CALL_CHANGES_IT)
    return change


def _is_external(tree: dict[str, Tree]) -> bool | None:
    """Whether others host the models; None where nothing is served, or that is not yet known."""
    entities = at(tree, ("config", "served_entities"))
    if not isinstance(entities, dict) or not entities:
        return None
    if any(isinstance(entity, dict) and "external_model" in entity for entity in entities.values()):
        return True
    return None if any(isinstance(entity, Unknown) for entity in entities.values()) else False


def _kind_change(
    applied: dict[str, Tree], desired: dict[str, Tree], actual: dict[str, Tree]
) -> Iterator[Change]:
    was, wanted, there = (_is_external(tree) for tree in (applied, desired, actual))
    before = was if there is None else there
    if before is None or wanted is None or before is wanted:
        return
    words: dict[bool | None, MaybeTree] = {
        True: "external model",
        False: "registered model",
        None: ABSENT,
    }
    yield Change(
        ("config", "served_entities"),
        words[was],
        words[wanted],
        words[there],
        Action.REPLACE,
        Reason.KIND_CHANGED,
        because="the service refuses it in place",
        severity=Severity.HIGH,
    )


def _redeploy(applied: dict[str, Tree], desired: dict[str, Tree]) -> Iterator[Change]:
    was, wanted = at(applied, (REDEPLOY_ON,)), at(desired, (REDEPLOY_ON,))
    if "config" in applied and wanted is not ABSENT and was != wanted:
        yield Change((REDEPLOY_ON,), was, wanted, was, Action.UPDATE, Reason.REDEPLOY)


def _gateway_cleared(
    applied: dict[str, Tree], desired: dict[str, Tree], actual: dict[str, Tree]
) -> Iterator[Change]:
    """`ai_gateway={}` declares every section empty."""
    path = ("ai_gateway",)
    was, wanted, there = at(applied, path), at(desired, path), at(actual, path)
    if wanted != {} or (is_empty(there) and is_empty(was)):
        return
    action = Action.UPDATE
    reason = Reason.EDITED_AND_DRIFTED if was is not ABSENT else Reason.EDITED
    if is_empty(there):
        action, reason = Action.NOTE, Reason.ALREADY_THERE
    elif was == {}:
        reason = Reason.DRIFTED
    elif same(was, there):
        reason = Reason.EDITED
    yield Change(path, was, wanted, there, action, reason, severity=Severity.CRITICAL)


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
        return (CreateEndpoint(name, _create_body(desired.tree, orders.mark)),)
    if any(change.action in (Action.REPLACE, Action.REFUSE) for change in changes):
        return ()
    touched = {change.path[0] for change in changes if change.action is Action.UPDATE}
    was = applied.tree if applied is not None else {}
    operations: list[Operation] = []
    if "tags" in touched:
        operations.append(_patch_tags(name, desired.tree, actual.tree))
    if touched & {"config", REDEPLOY_ON}:
        if actual.updating:
            operations.append(CancelUpdate(name, _strategy(actual, orders)))
        operations.append(PutConfig(name, _config_body(was, desired.tree, actual.tree)))
    if "ai_gateway" in touched:
        operations.append(PutAiGateway(name, _gateway_body(was, desired.tree, actual.tree)))
    return tuple(operations)


def _strategy(actual: Actual, orders: Orders) -> CancelStrategy:
    """The strategy that the program wants; what has ever served is never abandoned."""
    wanted = orders.on_update_in_progress
    if wanted is CancelStrategy.ABANDON and actual.ever_ready:
        return CancelStrategy.SUPERSEDE
    return wanted


def _create_body(desired: dict[str, Tree], mark: str | None) -> dict[str, object]:
    body = wire(Endpoint, own_fields(desired))
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
        add=tuple((key, value) for key, value in wanted.items() if there.get(key) != value),
        delete=tuple(key for key in there if key not in wanted and key != OWNERSHIP_TAG),
    )


def _section(tree: dict[str, Tree], name: str) -> dict[str, Tree]:
    section = tree.get(name)
    return section if isinstance(section, dict) else {}


def _config_body(
    applied: dict[str, Tree], desired: dict[str, Tree], actual: dict[str, Tree]
) -> dict[str, object]:
    config = with_undeclared(
        Config,
        applied=_section(applied, "config"),
        desired=_section(desired, "config"),
        actual=_section(actual, "config"),
    )
    return wire(Config, config)


def _gateway_body(
    applied: dict[str, Tree], desired: dict[str, Tree], actual: dict[str, Tree]
) -> dict[str, object]:
    wanted, there = _section(desired, "ai_gateway"), _section(actual, "ai_gateway")
    if not wanted:
        return {}
    # A section that nobody declares, or no longer, stays as it is: a PUT replaces all of them.
    undeclared = {section: value for section, value in there.items() if section not in wanted}
    declared = with_undeclared(
        AiGateway,
        applied=_section(applied, "ai_gateway"),
        desired=wanted,
        actual={section: value for section, value in there.items() if section in wanted},
    )
    return wire(AiGateway, {**undeclared, **declared})
