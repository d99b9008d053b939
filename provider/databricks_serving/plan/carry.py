"""What a full replacement must carry along, so as not to undo what nobody here declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import Readback, Shape, Value, fields_of

if TYPE_CHECKING:
    from .canonical import Tree


def with_undeclared(
    kind: type[Value],
    *,
    applied: dict[str, Tree],
    desired: dict[str, Tree],
    actual: dict[str, Tree],
) -> dict[str, Tree]:
    """`desired`, with what of `actual` the program never said and the service did not fill.

    What was applied and is no longer desired is not carried: the program took it out.
    """
    merged = dict(desired)
    known = fields_of(kind)
    for name, answered in actual.items():
        field = known.get(name)
        if field is not None and field.part and desired.get(name) == {}:
            continue  # it is cleared
        if name in desired:
            merged[name] = _inside(
                field.model if field is not None else None,
                keyed=field is not None and field.shape is Shape.KEYED_LIST,
                applied=applied.get(name),
                desired=desired[name],
                actual=answered,
            )
        elif name not in applied and _is_carried(kind, name, desired):
            merged[name] = answered
    return merged


def _inside(
    kind: type[Value] | None, *, keyed: bool, applied: Tree, desired: Tree, actual: Tree
) -> Tree:
    if kind is None or not isinstance(desired, dict) or not isinstance(actual, dict):
        return desired
    before = applied if isinstance(applied, dict) else {}
    if not keyed:
        return with_undeclared(kind, applied=before, desired=desired, actual=actual)
    return {
        key: _inside(
            kind, keyed=False, applied=before.get(key), desired=element, actual=actual.get(key)
        )
        for key, element in desired.items()
    }


def _is_carried(kind: type[Value], name: str, desired: dict[str, Tree]) -> bool:
    field = fields_of(kind).get(name)
    if field is None:
        # Of a newer API than this release: whoever set it in the UI wants to keep it.
        return True
    if f"{name}_plaintext" in desired:
        # The service may answer a reference that it made itself for a plaintext credential.
        return False
    # A provider's config object belongs to its provider, which the program may have changed.
    return field.policy.readback is Readback.ECHOED and not field.alternative
