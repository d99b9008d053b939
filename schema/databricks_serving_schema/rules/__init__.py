"""Rules that span fields: one function each, with an id and a source.

They judge programs, never answers.

What is not yet known counts as present, and its value is not judged. Messages say where and what to
do, and never repeat what stands there: a credential may have been put into the wrong field.
"""

from __future__ import annotations

from ..endpoint import Endpoint
from ..problems import Problem
from . import basics, entities, external, gateway, traffic, vendors
from .rule import Allowances, Rule

RULES: tuple[Rule, ...] = tuple(
    member
    for module in (basics, entities, external, vendors, traffic, gateway)
    for member in vars(module).values()
    if isinstance(member, Rule)
)


def judge(endpoint: Endpoint, allowances: Allowances) -> tuple[Problem, ...]:
    """Every breach of every rule, in the order of the rules."""
    return tuple(problem for rule in RULES for problem in rule.problems(endpoint, allowances))


__all__ = ["RULES", "Allowances", "Rule", "judge"]
