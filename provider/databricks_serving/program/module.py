"""A whole program: imports, the stack's configuration where it is used, one call a resource."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from databricks_serving.state.keys import MODULE

from .declared import Declared, FromConfig, Link, leaves
from .names import Taken, identifier
from .source import WIDTH, call

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHAT = '"""Serving endpoints and secrets, as `dbserving import` found them."""'


def module(declared: Sequence[Declared]) -> str:
    """The source of `__main__.py`; a resource that is linked to stands before those that link."""
    variables = _variables(declared)
    uses_config = any(isinstance(leaf, FromConfig) for leaf in _leaves(declared))
    blocks = [
        _WHAT,
        *(["import pulumi"] if uses_config else []),
        _import(sorted({one.kind for one in declared})),
        *(["config = pulumi.Config()"] if uses_config else []),
        *_groups(declared, variables),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _leaves(declared: Sequence[Declared]) -> Iterator[object]:
    for one in declared:
        yield from leaves(one.arguments)


def _variables(declared: Sequence[Declared]) -> dict[tuple[str, str], str]:
    """The variable of each resource that another one links to, by kind and name."""
    wanted = {(leaf.kind, leaf.name) for leaf in _leaves(declared) if isinstance(leaf, Link)}
    taken = Taken()
    named = {}
    for one in declared:
        if (one.kind, one.name) in wanted:
            named[one.kind, one.name] = taken.unique(identifier(one.name))
    return named


def _import(kinds: Sequence[str]) -> str:
    if not kinds:
        return ""
    flat = f"from {MODULE} import {', '.join(kinds)}"
    if len(flat) <= WIDTH:
        return flat
    lines = "".join(f"    {kind},\n" for kind in kinds)
    return f"from {MODULE} import (\n{lines})"


def _groups(
    declared: Sequence[Declared], variables: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    spelled = {
        leaf: f"{variables[leaf.kind, leaf.name]}.{leaf.output}"
        for leaf in _leaves(declared)
        if isinstance(leaf, Link)
    }
    for _, group in groupby(declared, key=lambda one: one.group):
        yield "\n".join(_statement(one, variables, spelled) for one in group)


def _statement(
    one: Declared, variables: Mapping[tuple[str, str], str], spelled: Mapping[Link, str]
) -> str:
    variable = variables.get((one.kind, one.name))
    callee = one.kind if variable is None else f"{variable} = {one.kind}"
    return call(callee, one.name, one.arguments, spelled)
