"""What differs between two answers to the same request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from . import refusing
from .conversations import Json, Step
from .differing import Difference, Kind, route_of
from .public import REFUSAL, Shape, answer_of
from .redaction import Known, spelled
from .sides import Answer

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Sight:
    """How a conversation is looked at.

    head: what its names begin with, which is nothing that differs
    caller: whoever asks
    """

    head: str
    caller: str
    known: Known

    def plain(self, answer: Answer) -> Answer:
        """The answer as if the tests' own names had been used."""
        return replace(answer, content=self._plain(answer.content))

    def _plain(self, value: Json) -> Json:
        if isinstance(value, str):
            without = re.sub(re.escape(self.head), "", value, flags=re.IGNORECASE)
            return without.replace(self.caller, "<caller>")
        if isinstance(value, list):
            return [self._plain(inner) for inner in value]
        if isinstance(value, dict):
            return {self._plain(name): self._plain(inner) for name, inner in value.items()}
        return value


#: Told by each side in its own way; only their form is compared. `creator_*` and `*_timestamp` too.
_OWN = {
    "id", "object_id", "creator", "display_name", "start_time", "endpoint_url", "statement_id",
    "request_id", "telemetry_profile_id",
}  # fmt: skip
#: Whose texts, and whether they are there, follow whoever asks and where.
_NOT_COMPARED = {"details"}
#: By which elements of lists are told apart.
_KEYS = (
    "name", "key", "user_name", "group_name", "service_principal_name", "principal",
    "served_entity_name", "served_model_name", "renewal_period", "permission_level",
)  # fmt: skip
#: Lists whose order says something: fallback goes by it (AI Gateway documentation).
_ORDERED = re.compile(r"(.*\.)?served_entities")
_NO_CONTENT = re.compile(r".*/(metrics|openapi|logs|build-logs)")


def differences(
    step: Step, emulator: Answer, workspace: Answer, sight: Sight
) -> Iterator[Difference]:
    """All differences of two answers to one step, each once."""
    route = route_of(step)
    one, other = (sight.plain(_ours(step, said, sight)) for said in (emulator, workspace))
    if not (one.is_accepted and other.is_accepted):
        yield from _refusals(route, one, other, sight.known)
        return
    if one.status != other.status:
        yield Difference(Kind.STATUS, route, "", str(one.status), str(other.status))
    if _NO_CONTENT.fullmatch(step.path):
        return
    walk = _Comparing(route, sight.known)
    yield from dict.fromkeys(walk.of("", one.content, other.content, answer_of(route)))


def _ours(step: Step, answer: Answer, sight: Sight) -> Answer:
    """A list of all that a workspace holds, without what others made there."""
    lists = {"/api/2.0/serving-endpoints": "endpoints", "/api/2.0/secrets/scopes/list": "scopes"}
    name = lists.get(step.path)
    if name is None or not step.is_read or not isinstance(answer.content, dict):
        return answer
    found = answer.content.get(name, [])
    if not isinstance(found, list):
        return answer
    # What is no object is nobody's, and a difference.
    ours = [
        one
        for one in found
        if not isinstance(one, dict) or str(one.get("name")).startswith(sight.head)
    ]
    rest = {other: value for other, value in answer.content.items() if other != name}
    return replace(answer, content={**rest, name: ours} if ours else rest)


def _refusals(route: str, one: Answer, other: Answer, known: Known) -> Iterator[Difference]:
    found = list(refusing.judged(route, one, other, known))
    yield from found
    if any(difference.kind in (Kind.STATUS, Kind.CODE) for difference in found):
        return
    if isinstance(one.content, dict) and isinstance(other.content, dict):
        judged = ("error_code", "message")
        ours, theirs = _without(one.content, judged), _without(other.content, judged)
        yield from _Comparing(route, known).of("", ours, theirs, REFUSAL)


def _without(content: dict[str, _Value], names: tuple[str, ...]) -> dict[str, _Value]:
    return {name: value for name, value in content.items() if name not in names}


@dataclass(frozen=True)
class _Comparing:
    """Walks two values side by side."""

    route: str
    known: Known

    def of(self, path: str, one: Json, other: Json, shape: Shape) -> Iterator[Difference]:
        """All differences at the path and below it; shape: what is described there."""
        if _type(one) != _type(other):
            shown = [f"{_type(value)} {self.known.shown(value)}" for value in (one, other)]
            secret = self._repeats(other)
            yield self._at(Kind.SECRET if secret else Kind.TYPE, path, *shown)
        elif isinstance(one, dict):
            yield from self._members(path, one, other, shape)
        elif isinstance(one, list):
            yield from self._elements(path, one, other, shape.element())
        elif _is_own(path):
            if spelled(one) != spelled(other):
                yield self._at(Kind.VALUE, path, spelled(one), spelled(other))
        elif one != other:
            is_secret = self._repeats(other)
            kind = Kind.SECRET if is_secret else Kind.VALUE
            shown_other = "<a secret>" if is_secret else self.known.shown(other)
            yield self._at(kind, path, self.known.shown(one), shown_other)

    def _at(self, kind: Kind, path: str, one: str, other: str) -> Difference:
        return Difference(kind, self.route, path, one, other)

    def _members(
        self, path: str, one: dict[str, Json], other: dict[str, Json], shape: Shape
    ) -> Iterator[Difference]:
        for name in [*one, *(name for name in other if name not in one)]:
            if name in _NOT_COMPARED:
                continue
            below = ".".join(filter(None, [path, self.known.named(name, shape)]))
            if name not in other:
                yield self._at(Kind.MISSING, below, self._brief(below, one[name]), "absent")
            elif name not in one:
                yield from self._more(below, other[name], shape.member(name))
            else:
                yield from self.of(below, one[name], other[name], shape.member(name))

    def _more(self, path: str, value: Json, shape: Shape) -> Iterator[Difference]:
        secret = self._repeats(value)
        # A number says as much as a name where nobody has heard of the field.
        is_number = _type(value) == "number" and not shape.schemas
        brief = spelled(value) if is_number else self._brief(path, value)
        shown = "<a secret>" if secret else brief
        yield self._at(Kind.SECRET if secret else Kind.MORE, path, "absent", shown)

    def _brief(self, path: str, value: Json) -> str:
        if isinstance(value, (dict, list)):
            return spelled(value)
        return spelled(value) if _is_own(path) else self.known.shown(value)

    def _repeats(self, value: Json) -> bool:
        """Whether a secret that was sent stands anywhere in it."""
        if isinstance(value, str):
            return any(secret in value for secret in self.known.secrets)
        inner = value.values() if isinstance(value, dict) else value
        return isinstance(value, (dict, list)) and any(self._repeats(one) for one in inner)

    def _elements(
        self, path: str, one: list[Json], other: list[Json], shape: Shape
    ) -> Iterator[Difference]:
        ours, theirs = _keyed(one), _keyed(other)
        below = f"{path}[]"
        for key, element in ours.items():
            if key in theirs:
                yield from self.of(below, element, theirs[key], shape)
            else:
                yield self._at(Kind.MISSING, below, self._element(element), "absent")
        for key, element in theirs.items():
            if key not in ours:
                secret = self._repeats(element)
                shown = "<a secret>" if secret else self._element(element)
                yield self._at(Kind.SECRET if secret else Kind.MORE, below, "absent", shown)
        same = ours.keys() == theirs.keys()
        if same and list(ours) != list(theirs) and _ORDERED.fullmatch(path):
            yield self._at(Kind.ORDER, path, "as it was sent", "another one")

    def _element(self, element: Json) -> str:
        if not isinstance(element, dict):
            return self.known.shown(element)
        keys = [f"{key}: {self.known.shown(element[key])}" for key in _KEYS if key in element]
        return f"{{{', '.join(keys)}}}" if keys else spelled(element)


def _keyed(elements: list[Json]) -> dict[object, Json]:
    """Elements by what tells them apart; those alike are counted."""
    keyed: dict[object, Json] = {}
    for element in elements:
        said: object = element
        if isinstance(element, dict):
            said = tuple((key, str(element[key])) for key in _KEYS if key in element)
        number = 0
        while (key := (str(said), number)) in keyed:
            number += 1
        keyed[key] = element
    return keyed


def _is_own(path: str) -> bool:
    name = path.rpartition(".")[2].removesuffix("[]")
    return name in _OWN or name.endswith("_timestamp") or name.startswith("creator_")


def _type(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    names = {str: "string", list: "list", dict: "object", type(None): "null"}
    return names[type(value)]
