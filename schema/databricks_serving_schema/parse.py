"""From what a program says to models: every problem at once, never with a secret in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .endpoint import Endpoint
from .fields import fields_of
from .names import with_default_names
from .problems import InvalidResource, Path, Problem, dotted
from .rules import Allowances, judge
from .suggest import among
from .tags import TagList, map_of
from .values import FORGIVING, TOLERANT, UNKNOWN, Value

V = TypeVar("V", bound=Value)

#: What the types say by themselves, in words that do not depend on pydantic's.
_TAKES = {
    "string_type": "takes text, in quotes",
    "int_type": "takes a whole number",
    "int_parsing": "takes a whole number",
    "int_from_float": "takes a whole number",
    "int_parsing_size": "takes a whole number of fewer digits",
    "finite_number": "takes a whole number",
    "float_type": "takes a number",
    "float_parsing": "takes a number",
    "model_type": "takes an object",
    "model_attributes_type": "takes an object",
    "dict_type": "takes a map",
    "tuple_type": "takes a list",
}
#: The models' own checks of one value, which are rules with an id of their own.
_OWN = ("secret_reference", "two_names")
#: The types' own checks of one value, in words of ours.
_WORDED = (*_OWN, "whole_number", "number", "truth")


def parse_endpoint(
    said: Mapping[str, Any], allowances: Allowances, beside: tuple[str, ...] = ()
) -> Endpoint:
    """The endpoint that a program says, entities named as the service would name them.

    `beside`: names that a program may say beside the endpoint, and misspell. Raises
    `InvalidResource` with every problem: misspelt fields, wrong types, broken rules.
    """
    endpoint, problems = read_program(Endpoint, said, allowances, beside=beside)
    endpoint = with_default_names(endpoint)
    problems = (*problems, *judge(endpoint, allowances))
    if problems:
        raise InvalidResource(problems)
    return endpoint


def parse_program(
    model: type[V],
    said: Mapping[str, Any],
    allowances: Allowances,
    beside: tuple[str, ...] = (),
) -> V:
    """A resource without names of its own to fill in, as a program says it.

    `beside`: names that a program may say beside it, and misspell. Raises `InvalidResource` with
    every problem.
    """
    value, problems = read_program(model, said, allowances, beside=beside)
    problems = (*problems, *judge(value, allowances))
    if problems:
        raise InvalidResource(problems)
    return value


def parse_answer(model: type[V], answered: Mapping[str, Any]) -> V:
    """What the service answered, as a fact: what is unknown is kept, nothing is an error."""
    return model.model_validate(answered, extra="allow", context=TOLERANT)


def read_program(
    model: type[V],
    said: Mapping[str, Any],
    allowances: Allowances,
    beside: tuple[str, ...] = (),
) -> tuple[V, tuple[Problem, ...]]:
    """The model as far as it can be told, and what is wrong; what is wrong counts as unknown."""
    if not isinstance(said, Mapping):
        return model(), (Problem((), "type", _TAKES["model_type"]),)
    said, of_tags = _with_tag_map(model, said)
    try:
        return model.model_validate(said, extra="forbid"), of_tags
    except ValidationError as invalid:
        problems = (*_problems(model, invalid, allowances, beside), *of_tags)
    meant = said
    for path in (problem.meant for problem in problems if problem.meant):
        meant = _with_unknown(meant, path)
    return model.model_validate(meant, extra="allow", context=FORGIVING), problems


def _with_tag_map(
    model: type[Value], said: Mapping[str, Any]
) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """The bag with tags that are a list as a map, and what is wrong with the list."""
    listed = said.get("tags")
    if model is TagList or "tags" not in fields_of(model) or not isinstance(listed, (list, tuple)):
        return said, ()
    # Nothing is lenient here: the map would not show what is unknown.
    tags, problems = read_program(TagList, {"tags": listed}, Allowances())
    problems = (*problems, *judge(tags, Allowances()))
    return {**said, "tags": UNKNOWN if problems else map_of(tags)}, problems


def _with_unknown(said: Any, path: Path) -> Any:  # noqa: ANN401 - a program's bag is JSON
    """The bag with what was misspelt standing, not yet known, where it was meant to be."""
    if not path:
        return UNKNOWN
    step, rest = path[0], path[1:]
    if isinstance(said, Mapping):
        if not rest and step in said:
            return said
        return {**said, step: _with_unknown(said.get(str(step)), rest)}
    if isinstance(said, (list, tuple)):
        return [_with_unknown(e, rest) if i == step else e for i, e in enumerate(said)]
    return said


def _problems(
    model: type[Value],
    invalid: ValidationError,
    allowances: Allowances,
    beside: tuple[str, ...],
) -> Iterator[Problem]:
    # Neither the input nor a link to pydantic's pages belongs in a message.
    for error in invalid.errors(include_url=False, include_input=False):
        problem = _problem(model, error, allowances, beside)
        if problem is not None:
            yield problem


def _problem(
    model: type[Value], error: ErrorDetails, allowances: Allowances, beside: tuple[str, ...]
) -> Problem | None:
    path = tuple(error["loc"])
    if error["type"] != "extra_forbidden":
        rule = error["type"].replace("_", "-") if error["type"] in _OWN else "type"
        worded = error["msg"] if error["type"] in _WORDED else "takes another kind of value"
        return Problem(path, rule, _TAKES.get(error["type"], worded))
    owner = _model_at(model, error["loc"][:-1])
    return _no_field_to_write(owner, path) or _unknown_field(owner, path, allowances, beside)


def _no_field_to_write(owner: type[Value], path: Path) -> Problem | None:
    """The problem of a name that is known, and yet is no field of a program."""
    name = str(path[-1])
    if name in owner.INSTEAD:
        instead, text = owner.INSTEAD[name]
        return Problem(path, "answer-only", text, meant=(*path[:-1], instead))
    if name in owner.ANSWER_ONLY:
        return Problem(path, "answer-only", "only answers have this field; leave it out")
    if name in owner.OLDER_FORMS:
        says = owner.OLDER_FORMS[name].says.rstrip(".")
        return Problem(path, "older-form", f"not taken here: {says[:1].lower()}{says[1:]}")
    return None


def _unknown_field(
    owner: type[Value], path: Path, allowances: Allowances, beside: tuple[str, ...]
) -> Problem | None:
    known = (*owner.model_fields, *(beside if len(path) == 1 else ()))
    near = among(str(path[-1]), (*known, *owner.OLDER_FORMS))
    if near is not None:
        text = f"no such field; did you mean {near!r}?"
        own = near in owner.model_fields or near in owner.OLDER_FORMS
        return Problem(path, "unknown-field", text, meant=(*path[:-1], near) if own else None)
    if allowances.unknown_fields:
        return None
    whose = dotted(path[:-1]) or "this resource"
    return Problem(path, "unknown-field", f"no such field; {whose} has {', '.join(known)}")


def _model_at(model: type[Value], loc: tuple[int | str, ...]) -> type[Value]:
    for step in loc:
        field = fields_of(model).get(str(step))
        if field is not None and field.model is not None:
            model = field.model
    return model
