"""What of actual is shown under the inputs' names: the managed parts, in the program's shape.

It serves the outputs and the inputs that `read` answers, so that a refresh shows drift and nothing
else: leaves that the program never said are left out, lists keep the program's order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    Endpoint,
    Readback,
    Shape,
    Value,
    fields_of,
)

from .canonical import Fingerprint, unsealed
from .compare import ABSENT, Absent, MaybeTree, is_empty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .canonical import Tree


def projected(
    kind: type[Value], *, shape: Mapping[str, Tree], actual: Mapping[str, Tree]
) -> dict[str, object]:
    """`actual` as a property bag of `kind`, limited to what `shape` says (desired, or applied)."""
    bag: dict[str, object] = {}
    for name, field in fields_of(kind).items():
        if name not in shape:
            continue
        shown = _field(field.shape, field.model, shape[name], actual.get(name, ABSENT))
        if shown is ABSENT and field.policy.readback is not Readback.ECHOED:
            # Never shown, or the service's own default: what was written stands.
            shown = _never_shown(shape[name], field.policy.default, field.policy.readback)
        if shown is not ABSENT:
            bag[name] = shown
    for name in shape:
        if name not in fields_of(kind) and name in actual:
            bag[name] = plain(actual[name])
    if kind is Endpoint and isinstance(tags := bag.get("tags"), dict):
        tags.pop(OWNERSHIP_TAG, None)
    return bag


def _never_shown(written: Tree, default: object, readback: Readback) -> object:
    if readback is Readback.NEVER and not isinstance(written, Fingerprint):
        return plain(written)
    return plain(written) if default is not None and written == default else ABSENT


def _field(
    how: Shape, model: type[Value] | None, shape: Tree, actual: MaybeTree
) -> object | Absent:
    nothing: object | Absent = ABSENT
    if how in (Shape.LIST, Shape.KEYED_LIST):
        nothing = []
    elif how is Shape.MAP or is_empty(shape):
        nothing = {}
    if isinstance(actual, Absent) or is_empty(actual):
        if model is not None and isinstance(shape, dict) and _is_never_shown(model, shape):
            # A plaintext credential alone in its object: GET answers it empty, or not at all.
            return projected(model, shape=shape, actual={})
        return nothing
    before = shape if isinstance(shape, dict) else {}
    if isinstance(actual, dict) and how is Shape.KEYED_LIST:
        return _elements(model, before, actual)
    if isinstance(actual, dict) and model is not None:
        if not before and any(inner.part for inner in fields_of(model).values()):
            return _foreign(model, actual)  # `ai_gateway={}`: whatever stands there is a difference
        return projected(model, shape=before, actual=actual)
    return plain(_ordered(before, actual) if isinstance(actual, dict) else actual)


def _is_never_shown(model: type[Value], shape: dict[str, Tree]) -> bool:
    fields = [fields_of(model).get(name) for name in shape]
    return bool(fields) and all(
        field is not None and field.policy.readback is Readback.NEVER for field in fields
    )


def _elements(
    model: type[Value] | None, shape: dict[str, Tree], actual: dict[str, Tree]
) -> list[object]:
    elements: list[object] = []
    for key, element in _ordered(shape, actual).items():
        if model is None or not isinstance(element, dict):
            elements.append(plain(element))
            continue
        own = shape.get(key)
        if isinstance(own, dict):
            elements.append(projected(model, shape=own, actual=element))
        else:
            elements.append(_foreign(model, element))
    return elements


def _foreign(model: type[Value], element: dict[str, Tree]) -> dict[str, object]:
    """An element that somebody else added: all of it that the service did not fill in."""
    known = fields_of(model)
    shape = {
        name: value
        for name, value in element.items()
        if name in ("name", "key")
        or name not in known
        or known[name].policy.readback is not Readback.DEFAULTED
    }
    return projected(model, shape=shape, actual=element)


def _ordered(shape: dict[str, Tree], actual: dict[str, Tree]) -> dict[str, Tree]:
    first = {key: actual[key] for key in shape if key in actual}
    return {**first, **actual}


def plain(tree: Tree) -> object:
    """A canonical tree as JSON; secrets that the workspace shows stay in clear for the engine."""
    if isinstance(tree, Fingerprint):
        return unsealed(tree)
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, tuple):
        return [plain(value) for value in tree]
    return tree
