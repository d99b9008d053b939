"""Rules that every field's own marks carry: what is required, known, in bounds, told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import SecretStr

from ..endpoint import Endpoint
from ..fields import Field, Shape, config_of, fields_of
from ..limits import (
    AtMost,
    Bounds,
    Deprecated,
    Doubtful,
    Kind,
    NotFor,
    OneOf,
    OnlyWayIn,
    Selects,
    Spelled,
)
from ..policy import KeyedBy
from ..problems import Path
from ..served import ServedEntity
from ..suggest import among
from ..values import Unknown, Value
from .newer import unknown_values
from .rule import (
    Allowances,
    Found,
    advice,
    each_said,
    entities,
    entity_count,
    listed,
    objects,
    rule,
    said_fields,
)

_AT_THE_FIELD = "the mark at the field"


@rule("required", source="the field's own policy", of=Value)
def required(value: Value, _: Allowances) -> Found:
    """Every field that its policy calls required is said, and not as an empty text."""
    for path, owner in objects(value):
        for name, field in fields_of(type(owner)).items():
            said = getattr(owner, name)
            if said is None and field.policy.required:
                yield (*path, name), "required"
            elif said == "" and field.policy.required:
                yield (*path, name), "required, and here it is empty"


@rule("known-value", source=_AT_THE_FIELD, of=Value)
def known_value(value: Value, allowances: Allowances) -> Found:
    """A field whose values are known says one of them."""
    for path, said, choices in unknown_values(value):
        near = among(said, choices)
        if allowances.unknown_fields and not near:
            continue  # sent as it is, which is told
        hint = f"did you mean {near!r}?" if near else f"known are {', '.join(choices)}"
        yield path, f"not known here; {hint}"


@rule("bounds", source=_AT_THE_FIELD, of=Value)
def bounds(value: Value, _: Allowances) -> Found:
    """A number lies within its bounds, and on a step."""
    for path, field, said in each_said(value):
        mark = field.mark(Bounds)
        if mark is None or isinstance(said, bool) or not isinstance(said, (int, float)):
            continue
        if mark.most is not None and not mark.least <= said <= mark.most:
            yield path, f"{said} is not between {mark.least} and {mark.most}"
        elif said < mark.least:
            yield path, f"{said} is less than {mark.least}"
        elif mark.step is not None and said % mark.step:
            such = f"{mark.step} or {2 * mark.step}"
            yield path, f"{said} is no multiple of {mark.step}, such as {such}"


@rule("length", source=_AT_THE_FIELD, of=Value)
def length(value: Value, _: Allowances) -> Found:
    """A text has not too many characters, a list not too many elements."""
    for path, field, said in said_fields(value):
        mark = field.mark(AtMost)
        if mark is None or not isinstance(said, (str, tuple)):
            continue
        what = "characters" if isinstance(said, str) else "elements"
        if len(said) > mark.count:
            yield path, f"{len(said)} {what}; {mark.count} are allowed"
        for index, element in enumerate(said if mark.of_each is not None else ()):
            if isinstance(element, str) and len(element) > (mark.of_each or 0):
                yield (*path, index), f"{len(element)} characters; {mark.of_each} are allowed"


@rule("spelling", source=_AT_THE_FIELD, of=Value)
def spelling(value: Value, _: Allowances) -> Found:
    """A name has the form that names of its kind have."""
    for path, field, said in each_said(value):
        mark = field.mark(Spelled)
        if mark is None or not isinstance(said, str) or (said == "" and field.policy.required):
            continue
        if not re.fullmatch(mark.pattern, said, re.ASCII):
            yield path, mark.says


@rule("stands-once", source="the list's own key", of=Value)
def stands_once(value: Value, _: Allowances) -> Found:
    """No two elements of a list are the same one."""
    for path, field, said in said_fields(value):
        if field.keyed_by is None or not isinstance(said, tuple):
            continue
        seen: set[str] = set()
        for index, element in enumerate(said):
            key = _key(field, element)
            if key is None:
                continue
            if key in seen:
                yield (*path, index), _twice(field.keyed_by)
            seen.add(key)


def _twice(by: KeyedBy) -> str:
    if not by.fields:
        return "stands here already"
    its = "principal" if by.one_of else listed(by.fields)
    return f"another one with this {its} stands here already"


def _key(field: Field, element: object) -> str | None:
    """What tells an element apart; None where it has nothing of the kind, or not yet."""
    if field.keyed_by is None:
        return None
    if isinstance(element, str):
        return element
    if not isinstance(element, Value):
        return None
    said = tuple(getattr(element, name) for name in field.keyed_by.fields)
    if any(isinstance(part, Unknown) for part in said):
        return None
    return field.keyed_by.key(said) or None


@rule("one-of", source=_AT_THE_FIELD, of=Value)
def one_of(value: Value, _: Allowances) -> Found:
    """Of fields that take each other's place, one is said."""
    for path, owner in objects(value):
        groups: dict[OneOf, list[str]] = {}
        for name, field in fields_of(type(owner)).items():
            for mark in field.marks_of(OneOf):
                groups.setdefault(mark, []).append(name)
        for mark, names in groups.items():
            said = tuple(name for name in names if getattr(owner, name) is not None)
            for name in said:
                if getattr(owner, name) == "":
                    yield (*path, name), "cannot be empty"
            if len(said) > 1 or (mark.needed and not said):
                few = "exactly" if mark.needed else "at most"
                here = f"here are {listed(said)}" if said else "here is none"
                where = path or (names[0],)
                yield where, f"say {few} one of {listed(tuple(names))}; {here}"


@rule("selected-object", source="REST reference, ExternalModel", of=Value)
def selected_object(value: Value, _: Allowances) -> Found:
    """Exactly the object that goes with what is selected beside it."""
    for path, owner in objects(value):
        for name, field in fields_of(type(owner)).items():
            selected = getattr(owner, name)
            goes_with = config_of(type(owner))
            if field.mark(Selects) is None or selected not in goes_with:
                continue
            wanted = goes_with[selected]
            if getattr(owner, wanted) is None:
                yield (*path, wanted), f"required for {name} {selected!r}"
            for other in goes_with.values():
                if other != wanted and getattr(owner, other) is not None:
                    yield (*path, other), f"belongs to another {name} than {selected!r}"


@rule("one-credential", source="SDK, fields of the provider configs", of=Value)
def one_credential(value: Value, _: Allowances) -> Found:
    """Of `x` and `x_plaintext` at most one; exactly one where there is no other way in."""
    for path, owner in objects(value):
        known_fields = fields_of(type(owner))
        for name, field in known_fields.items():
            plaintext = f"{name}_plaintext"
            if plaintext not in known_fields:
                continue
            said = [getattr(owner, form) is not None for form in (name, plaintext)]
            if _is_empty(getattr(owner, plaintext)):
                yield (*path, plaintext), "cannot be empty"
            if all(said):
                yield (*path, name), f"give either {name} or {plaintext}, not both"
            elif not any(said) and field.mark(OnlyWayIn) is not None:
                yield (*path, name), f"required: a secret reference here, or {plaintext}"


def _is_empty(said: object) -> bool:
    return isinstance(said, SecretStr) and not said.get_secret_value()


@rule("not-for-kind", source=_AT_THE_FIELD, of=Endpoint)
def not_for_kind(endpoint: Endpoint, _: Allowances) -> Found:
    """No field that what is served does not have."""
    yield from _unfit(endpoint, NotFor)


@advice("doubtful-for-kind", source=_AT_THE_FIELD, of=Endpoint)
def doubtful_for_kind(endpoint: Endpoint, _: Allowances) -> Found:
    """Fields that by one source what is served does not have."""
    yield from _unfit(endpoint, Doubtful)


def _unfit(endpoint: Endpoint, mark: type[NotFor | Doubtful]) -> Found:
    for path, entity in entities(endpoint):
        for name, field in fields_of(ServedEntity).items():
            if getattr(entity, name) is not None:
                kinds = {entity.kind}
                yield from _unfit_for((*path, name), field, mark, kinds)
    served = {entity.kind for _, entity in entities(endpoint)}
    if entity_count(endpoint) is None:
        return
    for path, field, said in said_fields(endpoint):
        if path[:2] == ("config", "served_entities"):
            continue
        # What PUT config would carry is refused even where it is off.
        if (mark is NotFor and path[0] == "config") or not _may_be_off(field, said):
            yield from _unfit_for(path, field, mark, served)


def _may_be_off(field: Field, said: object) -> bool:
    # To switch off what a kind does not have asks for nothing.
    if isinstance(said, Unknown):
        switched = field.model is not None and "enabled" in fields_of(field.model)
        return switched or field.kind is bool
    if said == "" or (isinstance(said, Value) and not said.model_fields_set):
        return True
    off = getattr(said, "enabled", None) if isinstance(said, Value) else said
    return off is False or isinstance(off, Unknown)


def _unfit_for(
    path: Path, field: Field, mark: type[NotFor | Doubtful], kinds: set[Kind | None]
) -> Found:
    for found in field.marks_of(mark):
        for kind in found.kinds:
            if kind in kinds:
                yield path, f"does not go with {kind.value}: {found.why}"


@advice("deprecated", source=_AT_THE_FIELD, of=Value)
def deprecated(value: Value, _: Allowances) -> Found:
    """Fields that the service still takes, and that have a successor."""
    for path, field, said in said_fields(value):
        mark = field.mark(Deprecated)
        if mark is not None and said != ():
            yield path, f"deprecated: {mark.instead}"


@rule("map-key", source="REST reference, servingendpoints/create, EndpointTag", of=Value)
def map_key(value: Value, _: Allowances) -> Found:
    """A key of a map is not empty, whether or not its value is."""
    for path, field, said in said_fields(value):
        if field.shape is Shape.MAP and isinstance(said, Mapping) and "" in said:
            yield (*path, ""), "a key cannot be empty"
