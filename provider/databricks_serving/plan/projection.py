"""What of actual is shown under the inputs' names: the managed parts, in the program's shape.

It serves the outputs and the inputs that `read` answers, so that a refresh shows drift and nothing
else: leaves that the program never said are left out, lists keep the program's order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    Endpoint,
    Field,
    Readback,
    Shape,
    Value,
    fields_of,
)

from .bodies import unsealed
from .canonical import Fingerprint
from .compare import ABSENT, Absent, MaybeTree, is_empty
from .parts import without_off
from .places import is_uncompared_in

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
        if is_uncompared_in(kind, field, dict(shape)):
            bag[name] = plain(shape[name])
            continue
        shown = _field(field, shape[name], actual.get(name, ABSENT))
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


def _field(field: Field, shape: Tree, actual: MaybeTree) -> object | Absent:
    how, model = field.shape, field.model
    nothing: object | Absent = ABSENT
    if how in (Shape.LIST, Shape.KEYED_LIST):
        nothing = []
    elif how is Shape.MAP or is_empty(shape):
        nothing = {}
    if isinstance(actual, Absent) or is_empty(actual):
        if how is Shape.MODEL and isinstance(shape, dict) and model is not None:
            return _object_that_is_not_answered(model, shape, part=field.part)
        return nothing
    before = shape if isinstance(shape, dict) else {}
    if isinstance(actual, dict) and how is Shape.KEYED_LIST:
        return _elements(model, before, actual)
    if isinstance(actual, dict) and model is not None:
        if not before and (field.part or _has_parts(model)):
            # Declared empty: whatever stands there is a difference.
            return projected(model, shape=(left := without_off(model, actual)), actual=left)
        return projected(model, shape=before, actual=actual)
    return plain(_ordered(before, actual) if isinstance(actual, dict) else actual)


def _object_that_is_not_answered(
    model: type[Value], shape: dict[str, Tree], *, part: bool
) -> dict[str, object] | Absent:
    """What is left of an object of which GET answers nothing."""
    nothing = all(_shows_nothing(model, name, shape[name], part=part) for name in shape)
    return projected(model, shape=shape, actual={}) if _has_parts(model) or nothing else ABSENT


def _has_parts(model: type[Value]) -> bool:
    return any(field.part for field in fields_of(model).values())


def _shows_nothing(model: type[Value], name: str, written: Tree, *, part: bool) -> bool:
    """Whether GET answers nothing of a field as it was written: a default, an empty list.

    A credential is never answered either; but of a part with one, GET answers something.
    """
    field = fields_of(model).get(name)
    if field is None or is_empty(written):
        return is_empty(written)
    if field.policy.default is not None and written == field.policy.default:
        return True
    if isinstance(written, dict) and field.model is not None and field.shape is Shape.MODEL:
        inner = field.model
        return all(_shows_nothing(inner, key, written[key], part=part) for key in written)
    return field.policy.readback is Readback.NEVER and not part


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


def in_order_of(tree: dict[str, Tree], template: dict[str, Tree]) -> dict[str, Tree]:
    """`tree` with its keys in the order of `template`, at every depth.

    What comes back from a state has lost the order of its keys (a protobuf map keeps none); the
    visible lists have kept theirs.
    """
    ordered: dict[str, Tree] = {}
    for key, value in _ordered(template, tree).items():
        like = template.get(key)
        if isinstance(value, dict) and isinstance(like, dict):
            ordered[key] = in_order_of(value, like)
        else:
            ordered[key] = value
    return ordered


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
