"""Rules: one function each, with an id and a source.

They judge programs, never answers. What is not yet known counts as present, and its value is not
judged. Messages say where and what to do, and never repeat what stands there: a credential may have
been put into the wrong field.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from ..problems import Problem
from ..values import Value
from . import basics, entities, fields, gateway, newer, others, secrets, traffic, vendors
from .rule import Advice, Allowances, Objects, Rule

_ALL: tuple[Rule[Any], ...] = tuple(
    member
    for module in (fields, others, newer, basics, entities, vendors, traffic, gateway, secrets)
    for member in vars(module).values()
    if isinstance(member, Rule)
)
#: What a program must keep.
RULES = tuple(rule for rule in _ALL if not isinstance(rule, Advice))
#: What a program is told, and may keep as it is.
ADVICE = tuple(rule for rule in _ALL if isinstance(rule, Advice))


def judge(value: Value, allowances: Allowances) -> tuple[Problem, ...]:
    """Every breach of every rule, in the order of the rules."""
    return _told(_rules_of(type(value)), value, allowances)


def advise(value: Value) -> tuple[Problem, ...]:
    """Everything that is doubtful, in the order of the rules."""
    return _told(_advice_of(type(value)), value, Allowances())


def _told(
    rules: tuple[Rule[Any], ...], value: Value, allowances: Allowances
) -> tuple[Problem, ...]:
    found = Objects(value)
    return tuple(
        Problem(path, rule.id, text)
        for rule in rules
        for path, text in rule.check(rule.given(found), allowances)
    )


@cache
def _rules_of(model: type[Value]) -> tuple[Rule[Any], ...]:
    """The rules of this model, and those of any."""
    return tuple(rule for rule in RULES if issubclass(model, rule.of))


@cache
def _advice_of(model: type[Value]) -> tuple[Rule[Any], ...]:
    return tuple(advice for advice in ADVICE if issubclass(model, advice.of))


__all__ = ["ADVICE", "RULES", "Advice", "Allowances", "Rule", "advise", "judge"]
