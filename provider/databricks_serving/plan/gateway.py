"""The gateway of an endpoint: as a resource of its own, and the calls that any gateway takes.

One PUT replaces the whole gateway, so its body has what others declare too, as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import AiGateway, fields_of

from .answered import ANSWERED
from .bodies import wire
from .carry import with_undeclared
from .change import Action, Change, Reason
from .compare import ABSENT, same
from .endpoint import ENDPOINT_ID, recreated
from .operations import PutAiGateway
from .parts import part_changes, part_paths
from .places import switched_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from databricks_serving_schema import Policy

    from .canonical import Canonical, Tree
    from .states import Actual, Orders

#: The input that says whose gateway it is.
ENDPOINT_NAME = "endpoint_name"
#: The sections that this release knows.
SECTIONS = tuple(fields_of(AiGateway))


def sections_of(tree: Mapping[str, Tree]) -> dict[str, Tree]:
    """The sections that a gateway's tree has, newer ones included, without what is beside them."""
    beside = (ENDPOINT_NAME, ENDPOINT_ID, ANSWERED)
    return {name: value for name, value in tree.items() if name not in beside}


def undeclared(tree: Mapping[str, Tree]) -> frozenset[str]:
    """The sections that a program leaves unsaid: the authoritative mode removes them."""
    return frozenset(name for name in SECTIONS if name not in tree)


def with_removed(tree: Mapping[str, Tree], removed: frozenset[str]) -> dict[str, Tree]:
    """What a program says, with the sections that go although it says nothing of them as empty."""
    nothing: dict[str, Tree] = {section: {} for section in SECTIONS if section in removed}
    return {**tree, **nothing}


def either_applied(applied: Mapping[str, Tree], written: Mapping[str, Tree]) -> dict[str, Tree]:
    """What counts as applied where a write may have had its effect: every leaf of either state.

    A leaf that is known to be ours is removed when the program takes it out, and that holds for
    what stood there before the write and for what the write may have set. Where both say a leaf,
    what stood there stays: the program's change of it is not taken for one made outside.
    """
    both: dict[str, Tree] = {**written, **applied}
    for name, value in applied.items():
        new = written.get(name)
        if isinstance(value, dict) and isinstance(new, dict):
            both[name] = either_applied(value, new)
    return both


def gateway_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual | None, orders: Orders
) -> tuple[Change, ...]:
    """Every difference of a gateway, or of rate limits; `actual` has all sections there are."""
    if actual is None:
        return (Change((), ABSENT, ABSENT, ABSENT, Action.CREATE, Reason.MISSING),)
    was = applied.tree if applied is not None else {}
    before, wanted = _compared(was), _compared(with_removed(desired.tree, orders.removed))
    found = list(recreated(was, actual.tree))
    for part in part_paths(desired.kind, before, wanted):
        found += part_changes(
            desired.kind, part, applied=before, desired=wanted, actual=actual.tree
        )
    return tuple(found)


def _compared(tree: Mapping[str, Tree]) -> dict[str, Tree]:
    return {name: value for name, value in tree.items() if name not in (ENDPOINT_ID, ANSWERED)}


def gateway_operations(
    changes: tuple[Change, ...],
    *,
    applied: Canonical | None,
    desired: Canonical,
    actual: Actual | None,
    orders: Orders,
) -> tuple[PutAiGateway, ...]:
    """The PUT that the changes take, if any; two where what is on has to be switched off first."""
    actions = {change.action for change in changes}
    if actual is None or Action.REPLACE in actions or Action.UPDATE not in actions:
        return ()
    return tuple(
        put_gateway(
            str(desired.tree[ENDPOINT_NAME]),
            applied=sections_of(applied.tree) if applied is not None else {},
            desired=sections_of(desired.tree),
            actual=sections_of(actual.tree),
            removed=orders.removed,
        )
    )


def put_gateway(
    name: str,
    *,
    applied: dict[str, Tree],
    desired: dict[str, Tree],
    actual: dict[str, Tree],
    removed: frozenset[str] = frozenset(),
) -> Iterator[PutAiGateway]:
    """The calls that bring a gateway to `desired`, without what is `removed`.

    Other sections of `actual` stay as they are. What is on and has to be off for a moment is
    switched off alone: a run that ends between the two calls has changed nothing else.
    """
    declared = with_undeclared(
        AiGateway,
        applied=applied,
        desired=desired,
        actual={section: value for section, value in actual.items() if section in desired},
    )
    others = {k: value for k, value in actual.items() if k not in desired and k not in removed}
    wanted = {**others, **declared}
    off: dict[str, Tree] = {
        section: {**before, policy.while_on: False}
        for section, policy, before in _moving(wanted, actual)
        if policy.while_on is not None and not switched_off(policy, before)
    }
    if off:
        yield PutAiGateway(name, wire(AiGateway, {**actual, **off}))
    yield PutAiGateway(name, wire(AiGateway, wanted))


def maybe_half_way(desired: Mapping[str, Tree], actual: Mapping[str, Tree]) -> frozenset[str]:
    """The sections that are off, in another place than they are to be on in.

    So does the first of two calls of `put_gateway` leave them: whether somebody had switched them
    off, or a run of ours did and ended there, cannot be told.
    """
    return frozenset(
        section
        for section, policy, before in _moving(desired, actual)
        if switched_off(policy, before) and not switched_off(policy, desired[section])
    )


def _moving(
    wanted: Mapping[str, Tree], actual: Mapping[str, Tree]
) -> Iterator[tuple[str, Policy, dict[str, Tree]]]:
    """Sections that get what cannot change while they are on: the policy, and what stands there."""
    for section, its in fields_of(AiGateway).items():
        before, after = actual.get(section), wanted.get(section)
        if its.model is None or not isinstance(before, dict) or not isinstance(after, dict):
            continue
        for name, field in fields_of(its.model).items():
            if field.policy.while_on is None or name not in after:
                continue
            if not same(after[name], before.get(name, ABSENT)):
                yield section, field.policy, before
                break
