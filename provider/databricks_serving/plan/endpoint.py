"""Every difference of a serving endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from databricks_serving_schema import AiGateway, Endpoint, Severity, Unknown, fields_of

from .answered import ANSWERED
from .change import Action, Change, Reason
from .compare import ABSENT, MaybeTree, at, is_empty, same
from .parts import part_changes, part_paths, without_off

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .canonical import Canonical, Tree
    from .states import Actual, Orders

#: Not the endpoint's own: values whose change sends the same configuration again.
REDEPLOY_ON = "redeploy_on"
#: Not the endpoint's own: another id under the same name means that somebody recreated it.
ENDPOINT_ID = "endpoint_id"


def endpoint_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual | None, orders: Orders
) -> tuple[Change, ...]:
    """Every difference of an endpoint; one that is not there has just that."""
    if actual is None:
        return (Change((), ABSENT, ABSENT, ABSENT, Action.CREATE, Reason.MISSING),)
    was = applied.tree if applied is not None else {}
    found = [
        *recreated(was, actual.tree),
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
    beside = (REDEPLOY_ON, ENDPOINT_ID, ANSWERED)
    return {name: value for name, value in tree.items() if name not in beside}


def recreated(applied: dict[str, Tree], actual: dict[str, Tree]) -> Iterator[Change]:
    """That the endpoint of this name is another one than was written to."""
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
    """What the schema knows has a call where it says update; of a newer field none is known."""
    known = change.path[0] in fields_of(Endpoint) or change.path == (REDEPLOY_ON,)
    if known or change.action is not Action.UPDATE or change.reason is Reason.NOT_YET_KNOWN:
        return change
    edited = not same(change.applied, change.desired)
    action = Action.REFUSE if edited else Action.SKIP
    return replace(change, action=action, reason=Reason.NO_CALL_CHANGES_IT)


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
    if wanted != {}:
        return
    there = without_off(AiGateway, there) if isinstance(there, dict) else there
    # Newly declared empty, it is recorded: of what was not managed no state shows what is there.
    recorded = was == {} or not applied
    if is_empty(there) and recorded:
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
