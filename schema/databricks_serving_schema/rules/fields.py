"""Rules that every field's own marks carry: what is required, known, in bounds, told apart."""

from __future__ import annotations

import re
from functools import cache

from pydantic import SecretStr

from ..endpoint import Endpoint
from ..fields import Field, config_of, fields_of, marked_fields
from ..limits import (
    AtMost,
    Bounds,
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
    Objects,
    advice_of_objects,
    each_with,
    entities,
    entity_count,
    listed,
    rule_of_objects,
    said_with,
)

_AT_THE_FIELD = "the mark at the field"


@rule_of_objects("required", source="the field's own policy", remedy="Say the field.")
def required(found: Objects, _: Allowances) -> Found:
    """Every field that its policy calls required is said, and not as an empty text."""
    for path, owner in found:
        for name in _required_in(type(owner)):
            said = getattr(owner, name)
            if said is None:
                yield (*path, name), "required"
            elif said == "":
                yield (*path, name), "required, and here it is empty"


@cache
def _required_in(model: type[Value]) -> tuple[str, ...]:
    return tuple(name for name, field in fields_of(model).items() if field.policy.required)


@rule_of_objects(
    "known-value",
    source=_AT_THE_FIELD,
    remedy="Say one that the message lists; allowUnknownFields lets a newer one pass.",
)
def known_value(found: Objects, allowances: Allowances) -> Found:
    """A field whose values are known says one of them."""
    for path, said, choices in unknown_values(found):
        near = among(said, choices)
        if allowances.unknown_fields and not near:
            continue  # sent as it is, which is told
        hint = f"did you mean {near!r}?" if near else f"known are {', '.join(choices)}"
        yield path, f"not known here; {hint}"


@rule_of_objects(
    "bounds", source=_AT_THE_FIELD, remedy="Say a number within the bounds that the message names."
)
def bounds(found: Objects, _: Allowances) -> Found:
    """A number lies within its bounds, and on a step."""
    for path, _field, mark, said in each_with(found, Bounds):
        if isinstance(said, bool) or not isinstance(said, (int, float)):
            continue
        if mark.most is not None and not mark.least <= said <= mark.most:
            yield path, f"{said} is not between {mark.least} and {mark.most}"
        elif said < mark.least:
            yield path, f"{said} is less than {mark.least}"
        elif mark.step is not None and said % mark.step:
            such = f"{mark.step} or {2 * mark.step}"
            yield path, f"{said} is no multiple of {mark.step}, such as {such}"


@rule_of_objects("length", source=_AT_THE_FIELD, remedy="Make it shorter.")
def length(found: Objects, _: Allowances) -> Found:
    """A text has not too many characters, a list not too many elements."""
    for path, _field, mark, said in said_with(found, AtMost):
        if not isinstance(said, (str, tuple)):
            continue
        what = "characters" if isinstance(said, str) else "elements"
        if len(said) > mark.count:
            yield path, f"{len(said)} {what}; {mark.count} are allowed"
        for index, element in enumerate(said if mark.of_each is not None else ()):
            if isinstance(element, str) and len(element) > (mark.of_each or 0):
                yield (*path, index), f"{len(element)} characters; {mark.of_each} are allowed"


@rule_of_objects("spelling", source=_AT_THE_FIELD, remedy="Spell it as the message says.")
def spelling(found: Objects, _: Allowances) -> Found:
    """A name has the form that names of its kind have."""
    for path, field, mark, said in each_with(found, Spelled):
        if not isinstance(said, str) or (said == "" and field.policy.required):
            continue
        if not re.fullmatch(mark.pattern, said, re.ASCII):
            yield path, mark.says


@rule_of_objects("stands-once", source="the list's own key", remedy="Leave one of the two.")
def stands_once(found: Objects, _: Allowances) -> Found:
    """No two elements of a list are the same one."""
    for path, _field, by, said in said_with(found, KeyedBy):
        if not isinstance(said, tuple):
            continue
        seen: set[str] = set()
        for index, element in enumerate(said):
            key = _key(by, element)
            if key is None:
                continue
            if key in seen:
                yield (*path, index), _twice(by)
            seen.add(key)


def _twice(by: KeyedBy) -> str:
    if not by.fields:
        return "stands here already"
    its = "principal" if by.one_of else listed(by.fields)
    return f"another one with this {its} stands here already"


def _key(by: KeyedBy, element: object) -> str | None:
    """What tells an element apart; None where it has nothing of the kind, or not yet."""
    if isinstance(element, str):
        return element
    if not isinstance(element, Value):
        return None
    said = tuple(getattr(element, name) for name in by.fields)
    if any(isinstance(part, Unknown) for part in said):
        return None
    return by.key(said) or None


@rule_of_objects(
    "one-of", source=_AT_THE_FIELD, remedy="Keep one of the fields that the message names."
)
def one_of(found: Objects, _: Allowances) -> Found:
    """Of fields that take each other's place, one is said."""
    for path, owner in found:
        for mark, names in _groups_in(type(owner)):
            said = tuple(name for name in names if getattr(owner, name) is not None)
            for name in said:
                if getattr(owner, name) == "":
                    yield (*path, name), "cannot be empty"
            if len(said) > 1 or (mark.needed and not said):
                few = "exactly" if mark.needed else "at most"
                here = f"here are {listed(said)}" if said else "here is none"
                where = path or (names[0],)
                yield where, f"say {few} one of {listed(names)}; {here}"


@cache
def _groups_in(model: type[Value]) -> tuple[tuple[OneOf, tuple[str, ...]], ...]:
    groups: dict[OneOf, list[str]] = {}
    for field, mark in marked_fields(model, OneOf):
        groups.setdefault(mark, []).append(field.name)
    return tuple((mark, tuple(names)) for mark, names in groups.items())


@rule_of_objects(
    "selected-object",
    source="REST reference, ExternalModel",
    remedy="Say exactly the object that belongs to the selected value.",
)
def selected_object(found: Objects, _: Allowances) -> Found:
    """Exactly the object that goes with what is selected beside it."""
    for path, owner in found:
        goes_with = config_of(type(owner))
        for field, _mark in marked_fields(type(owner), Selects):
            name, selected = field.name, getattr(owner, field.name)
            if selected not in goes_with:
                continue
            wanted = goes_with[selected]
            if getattr(owner, wanted) is None:
                yield (*path, wanted), f"required for {name} {selected!r}"
            for other in goes_with.values():
                if other != wanted and getattr(owner, other) is not None:
                    yield (*path, other), f"belongs to another {name} than {selected!r}"


@rule_of_objects(
    "one-credential",
    source="SDK, fields of the provider configs",
    remedy="Keep one of the two forms: a reference to a secret, or the plaintext.",
)
def one_credential(found: Objects, _: Allowances) -> Found:
    """Of `x` and `x_plaintext` at most one; exactly one where there is no other way in."""
    for path, owner in found:
        for field in _credentials_in(type(owner)):
            name, plaintext = field.name, f"{field.name}_plaintext"
            said = [getattr(owner, form) is not None for form in (name, plaintext)]
            if _is_empty(getattr(owner, plaintext)):
                yield (*path, plaintext), "cannot be empty"
            if all(said):
                yield (*path, name), f"give either {name} or {plaintext}, not both"
            elif not any(said) and field.mark(OnlyWayIn) is not None:
                yield (*path, name), f"required: a secret reference here, or {plaintext}"


@cache
def _credentials_in(model: type[Value]) -> tuple[Field, ...]:
    """The fields of a model that can also be said as plaintext, by another field."""
    known = fields_of(model)
    return tuple(field for name, field in known.items() if f"{name}_plaintext" in known)


def _is_empty(said: object) -> bool:
    return isinstance(said, SecretStr) and not said.get_secret_value()


@rule_of_objects(
    "not-for-kind",
    source=_AT_THE_FIELD,
    remedy="Leave the field out, or serve an entity of a kind that has it.",
    of=Endpoint,
)
def not_for_kind(found: Objects, _: Allowances) -> Found:
    """No field that what is served does not have."""
    yield from _unfit(found, NotFor)


@advice_of_objects(
    "doubtful-for-kind",
    source=_AT_THE_FIELD,
    remedy="Leave the field out where the service refuses it; else nothing has to be done.",
    of=Endpoint,
)
def doubtful_for_kind(found: Objects, _: Allowances) -> Found:
    """Fields that by one source what is served does not have."""
    yield from _unfit(found, Doubtful)


def _unfit(found: Objects, mark: type[NotFor | Doubtful]) -> Found:
    endpoint = found.resource
    if not isinstance(endpoint, Endpoint):
        return
    for path, entity in entities(endpoint):
        for name, its in _unfit_of(entity.kind):
            if isinstance(its, mark) and getattr(entity, name) is not None:
                yield from _unfit_for((*path, name), its, {entity.kind})
    served = {entity.kind for _, entity in entities(endpoint)}
    if entity_count(endpoint) is None:
        return
    for path, field, its, said in said_with(found, mark):
        if path[:2] == ("config", "served_entities"):
            continue
        # What PUT config would carry is refused even where it is off.
        if (mark is NotFor and path[0] == "config") or not _may_be_off(field, said):
            yield from _unfit_for(path, its, served)


@cache
def _unfit_of(kind: Kind | None) -> tuple[tuple[str, NotFor | Doubtful], ...]:
    """The fields that an entity of that kind does not have, or by one source only, with why."""
    marked: list[tuple[Field, NotFor | Doubtful]] = [
        *marked_fields(ServedEntity, NotFor),
        *marked_fields(ServedEntity, Doubtful),
    ]
    return tuple((field.name, its) for field, its in marked if kind in its.kinds)


def _may_be_off(field: Field, said: object) -> bool:
    # To switch off what a kind does not have asks for nothing.
    if isinstance(said, Unknown):
        switched = field.model is not None and "enabled" in fields_of(field.model)
        return switched or field.kind is bool
    if said == "" or (isinstance(said, Value) and not said.model_fields_set):
        return True
    off = getattr(said, "enabled", None) if isinstance(said, Value) else said
    return off is False or isinstance(off, Unknown)


def _unfit_for(path: Path, mark: NotFor | Doubtful, kinds: set[Kind | None]) -> Found:
    for kind in mark.kinds:
        if kind in kinds:
            yield path, f"does not go with {kind.value}: {mark.why}"
