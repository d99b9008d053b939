"""Every place of the schema where a difference can be, with values that may stand there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pydantic import SecretStr

from databricks_serving.plan.change import shown
from databricks_serving_schema import (
    RESOURCES,
    Endpoint,
    Field,
    OnChange,
    Readback,
    Shape,
    fields_of,
)
from databricks_serving_schema.limits import Bounds

NOTHING = object()


@dataclass(frozen=True)
class Element:
    """A step into a list: the element, what it is told by, and another that is always there."""

    said: Any
    key: str
    other: Any


#: Elements of keyed lists, by the fields that tell them apart.
ELEMENTS = {
    ("name",): Element({"name": "one"}, "one", {"name": "other"}),
    ("served_entity_name",): Element(
        {"served_entity_name": "one"}, "one", {"served_entity_name": "other"}
    ),
    ("key", "principal", "renewal_period"): Element(
        {"key": "user", "principal": "ada", "renewal_period": "minute"},
        "user/ada",
        {"key": "user", "principal": "other", "renewal_period": "minute"},
    ),
    ("user_name", "group_name", "service_principal_name"): Element(
        {"user_name": "ada"}, "user_name:ada", {"group_name": "other"}
    ),
}


@dataclass(frozen=True)
class Place:
    """Where a difference can be: `steps` lead to it, and on to the leaf that it is told by."""

    level: str
    kind: type
    fields: tuple[tuple[type, str], ...]
    field: Field
    steps: tuple[str | Element, ...]
    on: tuple[str | Element, ...] = ()
    pairs: tuple[tuple[Any, Any], ...] = ()

    def path(self, steps):
        return tuple(step.key if isinstance(step, Element) else step for step in steps)

    @property
    def leaf(self):
        return self.path((*self.steps, *self.on))

    def __str__(self):
        return f"{self.kind.__name__}, {self.level} {shown(self.path(self.steps))}"


def places(kind, owner=None, steps=(), names=(), *, inside=False):
    """Every place of a kind; `inside`: of a part. `names`: the fields that tell an element."""
    for name, field in fields_but(owner or kind, names):
        here, its = (*steps, name), ((owner or kind, name),)
        part = not inside and (field.part or field.shape is not Shape.MODEL)
        if field.shape is Shape.LEAF:
            level = "leaf" if inside else "part of one value"
            level = "refused" if field.policy.on_change is OnChange.REFUSE else level
            yield Place(level, kind, its, field, here, pairs=pairs(field))
            continue
        within = list(_below(kind, field, here, inside=inside or part))
        if part or inside:
            yield _told_by_a_leaf(
                Place("part" if part else "object", kind, its, field, here), within
            )
        yield from within


def fields_but(model, names):
    return [(name, field) for name, field in fields_of(model).items() if name not in names]


def _below(kind, field, steps, *, inside):
    if field.shape is Shape.MODEL:
        yield from places(kind, field.model, steps, inside=inside)
    elif field.shape is Shape.MAP:
        texts = (("", "one"), ("one", "two"))
        yield Place("map key", kind, (), field, (*steps, "one"), pairs=texts)
    elif field.keyed_by.fields:
        element, names = ELEMENTS[field.keyed_by.fields], field.keyed_by.fields
        within = list(places(kind, field.model, (*steps, element), names, inside=True))
        its = tuple((field.model, name) for name in names)
        yield _told_by_a_leaf(Place("element", kind, its, field, (*steps, element)), within)
        yield from within
    else:
        one, other, *_ = field.choices or ("one", "other")
        element = Element(one, one, other)
        yield Place("element", kind, (), field, (*steps, element), pairs=((one, NOTHING),))


def _told_by_a_leaf(place, within):
    """The same place, with a leaf below by which it is told: rather one whose policy is its own."""
    fit = [one for one in within if one.pairs and not one.on]
    never = place.field.policy.readback is Readback.NEVER

    def rank(leaf):
        policy = leaf.field.policy
        return (
            policy.on_change is not place.field.policy.on_change,
            (policy.readback is Readback.NEVER) is not never,
            leaf.pairs[0][1] is NOTHING or leaf.field.kind is bool,
            policy.readback is not Readback.ECHOED,
        )

    leaf = min(fit, key=rank)
    default = leaf.field.policy.default
    pair = next((two for two in leaf.pairs if default not in two), leaf.pairs[-1])
    if leaf.field.kind is bool and leaf.field.policy.readback is Readback.DEFAULTED:
        pair = (True, NOTHING)  # off is what the service may fill in
    return replace(place, on=leaf.steps[len(place.steps) :], pairs=(pair,))


def pairs(field):
    """Values that a leaf may have, two by two; each default comes first once, and second once."""
    default = field.policy.default
    plain = [value for value in samples(field) if value != default]
    said = [(v, w) for v, w in pairwise(plain) if v != w]
    if default is not None:
        said += [(default, plain[-1]), (plain[-1], default)]
    return tuple(said)


def samples(field):
    if field.choices:
        return (*field.choices, "NEWER")[:3]
    if field.kind is bool:
        return (True, False, True)
    if field.kind in (str, SecretStr):
        return ("", "one", "two")
    bounds = field.mark(Bounds)
    step = bounds.most or bounds.step or 1
    return (bounds.least, bounds.least + step, bounds.least)


def mark_of_a_create():
    (tags,) = (field for name, field in fields_but(Endpoint, ()) if name == "tags")
    return Place("mark", Endpoint, (), tags, ("tags", "managed-by-pulumi"), pairs=(("one", "two"),))


PLACES = [
    *(place for resource in RESOURCES for place in places(resource.model)),
    mark_of_a_create(),
]
