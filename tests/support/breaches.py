"""Valid programs with exactly one planted breach, and where it is to be reported.

As the programs themselves, breaches are made of what the schema says of its fields.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from pydantic import SecretStr

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    RESOURCES,
    Allowances,
    Endpoint,
    EndpointAiGateway,
    EndpointRateLimits,
    Field,
    Kind,
    Path,
    RateLimit,
    Route,
    ServedEntity,
    Shape,
    Value,
    config_of,
    fields_of,
)
from databricks_serving_schema.limits import NOT_EMPTY, AtMost, Bounds, OneOf, Selects, Spelled

from . import strategies
from .strategies import ALLOWED, Around, Drawn, Json, kind_of, name_of, unfit, values


@dataclass(frozen=True)
class Broken:
    """A program that breaks one rule, and the path at which that is to be reported."""

    what: str
    model: type[Value]
    said: Json
    path: Path
    allowances: Allowances = field(default=ALLOWED)


@dataclass(frozen=True)
class Place:
    """A field of an object of a program: what it is, the object that has it, its path."""

    owner_model: type[Value]
    its: Field
    owner: Json
    at: Path

    @property
    def path(self) -> Path:
        return (*self.at, self.its.name)

    @property
    def said(self) -> Any:
        return self.owner.get(self.its.name)


def broken_programs(*whats: str) -> Drawn:
    """A `Broken` of any kind of breach, or of those in `whats` (keys of `BREACHES`)."""
    return st.sampled_from(whats or tuple(BREACHES)).flatmap(_broken)


def _broken(what: str) -> Drawn:
    programs = _programs(*_ONLY_IN.get(what, (Endpoint, *_OTHERS)))
    return programs.flatmap(lambda each: _planted(what, *each)).filter(lambda b: b is not None)


def _programs(*among: type[Value] | Kind) -> Drawn:
    drawn = [
        st.tuples(st.just(Endpoint), strategies.endpoint_programs(one))
        if isinstance(one, Kind)
        else st.tuples(st.just(one), _OTHERS.get(one, strategies.endpoint_programs()))
        for one in among
    ]
    return st.one_of(drawn)


#: Programs of every model but the endpoint, settings too.
_OTHERS: dict[type[Value], Drawn] = {
    model: strategies.objects(model)
    for resource in RESOURCES
    for model in (resource.model, resource.settings)
    if model is not Endpoint
}
_REGISTERED = (Kind.MODEL, Kind.FEATURE_SPEC, Kind.THROUGHPUT)


@st.composite
def _planted(draw, what: str, model: type[Value], said: Json) -> Broken | None:
    program = copy.deepcopy(said)
    planted = list(BREACHES[what](Program(model, program)))
    if not planted:
        return None
    path, plant = draw(st.sampled_from(planted))
    plant(draw)
    return Broken(what, model, program, path)


@dataclass(frozen=True)
class Program:
    """A program that a breach is planted into."""

    model: type[Value]
    said: Json

    def places(self) -> Iterator[Place]:
        """Every field of every object, said or not."""
        return _places(self.model, self.said, ())

    def said_places(self) -> Iterator[Place]:
        """Every field that is said."""
        return (place for place in self.places() if place.said is not None)

    def objects(self) -> Iterator[tuple[type[Value], Json, Path]]:
        """Every object: its model, itself, its path."""
        yield self.model, self.said, ()
        for place in self.said_places():
            if place.its.model is not None:
                for inner, at in _inner(place):
                    yield place.its.model, inner, at

    @property
    def kind(self) -> Kind | None:
        return kind_of(self.said) if self.model is Endpoint else None

    @property
    def entities(self) -> list[Json]:
        return self.said.get("config", {}).get("served_entities", [])

    @property
    def routes(self) -> list[Json]:
        return self.said.get("config", {}).get("traffic_config", {}).get("routes", [])


#: A place where a breach is reported, and what plants it there.
Plant = tuple[Path, Callable[[Any], None]]


def _places(model: type[Value], said: Json, at: Path) -> Iterator[Place]:
    for its in fields_of(model).values():
        place = Place(model, its, said, at)
        yield place
        if its.model is not None and place.said is not None:
            for inner, here in _inner(place):
                yield from _places(its.model, inner, here)


def _inner(place: Place) -> Iterator[tuple[Json, Path]]:
    if isinstance(place.said, dict):
        yield place.said, place.path
    else:
        for index, inner in enumerate(place.said):
            yield inner, (*place.path, index)


def _put(place: Place, value: Any) -> Callable[[Any], None]:
    return lambda _: place.owner.__setitem__(place.its.name, value)


def _drop(owner: Json, name: str) -> Callable[[Any], None]:
    return lambda _: owner.pop(name)


# One function for each kind of breach: wherever it can be planted.


def _misspelt(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        name = place.its.name
        wrong = name + name[-1]
        yield (
            (*place.at, wrong),
            lambda _, o=place.owner, n=name, w=wrong: o.__setitem__(w, o.pop(n)),
        )


def _unheard_of(program: Program) -> Iterator[Plant]:
    for _, owner, at in program.objects():
        name = "nothing_that_was_ever_heard_of"
        yield (*at, name), lambda _, o=owner, n=name: o.__setitem__(n, {"a": [1]})


def _answer_only(program: Program) -> Iterator[Plant]:
    for model, owner, at in program.objects():
        for name in sorted(model.ANSWER_ONLY):
            yield (*at, name), lambda _, o=owner, n=name: o.__setitem__(n, "x")


def _wrong_type(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.kind is Any:
            continue
        for wrong in _WRONG[place.its.kind if place.its.shape is Shape.LEAF else place.its.shape]:
            yield place.path, _put(place, wrong)


_TEXTS = ({"not": "this"}, ["x"], True, 0.5)
_WRONG: dict[Any, tuple[Any, ...]] = {
    bool: (1, 0.0, "yes", [], {}),
    int: (10.5, "many", True, [], {}),
    float: ("much", False, [], {}),
    str: _TEXTS,
    SecretStr: _TEXTS,
    Shape.MODEL: ("x", 1.0, [], False),
    Shape.MAP: ("x", 1.0, False),
    Shape.LIST: ("x", 1.0, False, {}),
    Shape.KEYED_LIST: ("x", 1.0, False, {}),
}


def _wrong_element(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.keyed_by is not None and place.its.model is None:
            path = (*place.path, len(place.said))
            yield path, lambda _, said=place.said: said.append({"not": "this"})
        elif isinstance(place.said, dict) and place.its.shape is Shape.MAP:
            yield (*place.path, "k"), lambda _, said=place.said: said.__setitem__("k", ["x"])


def _out_of_bounds(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        mark, name = place.its.mark(Bounds), place.its.name
        if mark is None or place.owner_model is Route:
            continue  # a share outside of its bounds breaks the sum as well
        if not name.startswith("max_"):
            yield place.path, _put(place, mark.least - 1)
        if mark.most is not None:
            yield place.path, _put(place, mark.most + 1)
        if mark.step is not None and not name.startswith("min_"):
            yield place.path, _put(place, int(float(place.said)) + 1)


def _unknown_choice(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if not place.its.choices or (place.its.name == "task" and len(program.entities) > 1):
            continue  # external models of one endpoint have the same task
        if isinstance(place.said, list):
            path = (*place.path, len(place.said))
            yield path, lambda _, said=place.said: said.append("NEVER HEARD OF")
        else:
            yield place.path, _put(place, "NEVER HEARD OF")


def _missing(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.policy.required:
            yield place.path, _drop(place.owner, place.its.name)


def _empty(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.policy.required and place.its.kind is str:
            yield place.path, _put(place, "")


def _two_credentials(program: Program) -> Iterator[Plant]:
    for place in program.places():
        name = place.its.name
        forms = (name, f"{name}_plaintext")
        if forms[1] not in fields_of(place.owner_model):
            continue
        said = [form for form in forms if form in place.owner]
        if len(said) == 1:
            other = forms[1 - forms.index(said[0])]
            yield place.path, _add(place.owner_model, place.owner, other)


def _add(model: type[Value], owner: Json, name: str) -> Callable[[Any], None]:
    return lambda draw: owner.__setitem__(name, draw(values(model, name)))


def _one_of(program: Program) -> Iterator[Plant]:
    for place in program.places():
        mark = place.its.mark(OneOf)
        if mark is None:
            continue
        fields = fields_of(place.owner_model)
        group = [name for name, other in fields.items() if other.mark(OneOf) == mark]
        # The resource itself has no path; there the first of them stands for all.
        path = place.at or (group[0],)
        if place.said is None and any(name in place.owner for name in group):
            yield path, _add(place.owner_model, place.owner, place.its.name)
        if mark.needed and place.said is not None:
            yield path, _drop(place.owner, place.its.name)


def _wrong_object(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.mark(Selects) is None:
            continue
        for name in config_of(place.owner_model).values():
            path = (*place.at, name)
            if name in place.owner:
                yield path, _drop(place.owner, name)
            else:
                yield path, _add(place.owner_model, place.owner, name)


def _misspelt_value(program: Program) -> Iterator[Plant]:
    routed = {strategies.normal(Route, route).get("served_entity_name") for route in program.routes}
    for place in program.said_places():
        mark = place.its.mark(Spelled)
        if mark is None:
            continue
        if place.owner_model is not ServedEntity or place.said not in routed:
            yield place.path, _put(place, "" if mark is NOT_EMPTY else "no spaces, please")


def _too_long(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        mark = place.its.mark(AtMost)
        if mark is None:
            continue
        if place.its.shape is Shape.LEAF:
            yield place.path, _put(place, "x" * (mark.count + 1))
        elif place.its.model is RateLimit:
            yield place.path, _put(place, [_limit_of(n) for n in range(mark.count + 1)])
        else:
            yield place.path, _put(place, [f"word {n}" for n in range(mark.count + 1)])
        if mark.of_each is not None:
            yield (*place.path, 0), _put(place, ["x" * (mark.of_each + 1)])


def _limit_of(number: int) -> Json:
    return {"calls": 1, "key": "user", "principal": f"u{number}", "renewal_period": "minute"}


def _too_many_groups(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.model is RateLimit:
            six = [{**_limit_of(number), "key": "user_group"} for number in range(6)]
            yield place.path, _put(place, six)


def _twice(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        said = place.said
        if place.its.keyed_by is None or not said or place.its.model is Route:
            continue  # a route that stands twice breaks the sum as well
        if place.its.model is ServedEntity and not program.routes:
            continue  # several entities need a split
        path = (*place.path, len(said))
        yield path, lambda _, said=said: said.append(copy.deepcopy(said[0]))


def _unfit(program: Program) -> Iterator[Plant]:
    for place in program.places():
        if program.kind is not None and unfit(place.its, program.kind) and place.said is None:
            yield place.path, _switch_on(place, Around(program.kind))


def _switch_on(place: Place, around: Around) -> Callable[[Any], None]:
    drawn = values(place.owner_model, place.its.name, around)
    return lambda draw: place.owner.__setitem__(
        place.its.name, _switched_on(place.its, draw(drawn))
    )


def _switched_on(its: Field, value: Any) -> Any:
    # To switch off what a kind does not have is no breach.
    if its.model is None:
        return True if value is False or value == "false" else value
    switch = fields_of(its.model).get("enabled")
    rest = {name: inner for name, inner in value.items() if name != "enabled"}
    return {**rest, "enabled": True} if switch is not None and switch.policy.required else rest


def _no_key(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        if place.its.shape is Shape.MAP and isinstance(place.said, dict):
            yield (*place.path, ""), lambda _, said=place.said: said.__setitem__("", "x")


def _upside_down(program: Program) -> Iterator[Plant]:
    for place in program.said_places():
        upper = place.its.name.replace("min_", "max_", 1)
        if place.its.name.startswith("min_") and upper in place.owner:
            yield place.path, _put(place, int(float(place.owner[upper])) + 4)


def _bad_sum(program: Program) -> Iterator[Plant]:
    for route in program.routes:
        share = int(float(route["traffic_percentage"]))
        other = share - 1 if share else share + 1
        path = ("config", "traffic_config", "routes")
        yield path, lambda _, r=route, o=other: r.__setitem__("traffic_percentage", o)


def _route_to_nobody(program: Program) -> Iterator[Plant]:
    names = [name_of(entity) for entity in program.entities]
    for index, route in enumerate(program.routes):
        said = {"traffic_percentage": route["traffic_percentage"]}
        lost = {**said, "served_entity_name": "x".join(["nobody", *names])}
        path = ("config", "traffic_config", "routes", index, "served_entity_name")
        yield path, lambda _, r=route, o=lost: (r.clear(), r.update(o))


def _no_split(program: Program) -> Iterator[Plant]:
    if len(program.entities) > 1:
        path = ("config", "traffic_config", "routes")
        yield path, lambda _: program.said["config"].pop("traffic_config")


def _nothing_served(program: Program) -> Iterator[Plant]:
    if program.entities:
        yield ("config", "served_entities"), lambda _: program.said.update(config={})


def _reserved(program: Program) -> Iterator[Plant]:
    if program.model is Endpoint:
        yield ("name",), lambda _: program.said.update(name="databricks-llama")
        mark = {OWNERSHIP_TAG: "x"}
        yield ("tags", OWNERSHIP_TAG), lambda _: program.said.update(tags=mark)


BREACHES: dict[str, Callable[[Program], Iterator[Plant]]] = {
    "a misspelt field": _misspelt,
    "an unknown field": _unheard_of,
    "a field that only answers have": _answer_only,
    "a wrong type": _wrong_type,
    "an element of a wrong type": _wrong_element,
    "a number out of bounds": _out_of_bounds,
    "an unknown choice": _unknown_choice,
    "a required field left out": _missing,
    "a required text that is empty": _empty,
    "a credential in two forms": _two_credentials,
    "two or none of which one is said": _one_of,
    "another provider's object": _wrong_object,
    "a value that is spelled in a wrong way": _misspelt_value,
    "too much": _too_long,
    "too many limits for groups": _too_many_groups,
    "an element that stands twice": _twice,
    "a field that the kind does not have": _unfit,
    "an empty key": _no_key,
    "a lower bound above the upper one": _upside_down,
    "shares that do not sum to 100": _bad_sum,
    "a route to nobody": _route_to_nobody,
    "several entities without a split": _no_split,
    "nothing served": _nothing_served,
    "a reserved name": _reserved,
}

#: Where to look for a place, for breaches that have one in few programs only.
_ONLY_IN: dict[str, tuple[type[Value] | Kind, ...]] = {
    "a credential in two forms": (Kind.EXTERNAL,),
    "another provider's object": (Kind.EXTERNAL,),
    "a number out of bounds": (*_REGISTERED, Kind.MODEL_UNITS, EndpointRateLimits),
    "too much": (Endpoint, EndpointAiGateway, EndpointRateLimits),
    "too many limits for groups": (EndpointAiGateway, EndpointRateLimits),
    "a field that the kind does not have": tuple(Kind),
    "an empty key": (*_REGISTERED, Endpoint),
    "a lower bound above the upper one": _REGISTERED,
    "shares that do not sum to 100": tuple(Kind),
    "a route to nobody": tuple(Kind),
    "several entities without a split": tuple(Kind),
    "nothing served": tuple(Kind),
    "a reserved name": (Endpoint,),
}


@st.composite
def several_where_one_is_allowed(draw) -> Broken:
    """An endpoint with several external models, in a workspace that allows one."""
    programs = strategies.endpoint_programs(Kind.EXTERNAL)
    said = draw(programs.filter(lambda said: len(said["config"]["served_entities"]) > 1))
    path = ("config", "served_entities")
    broken = Broken("several external models", Endpoint, said, path)
    return replace(broken, allowances=Allowances())
