"""The TypedDicts of a program's dicts, and their names in the package's `__init__`.

Every value is a `pulumi.Input`, at every depth, except the switches among the settings: what they
decide is decided before any output is known.
"""

from __future__ import annotations

import re
import textwrap

from schema_facts import Description, Entry, Thing
from schema_types import Either, Leaf, ListOf, MapOf, ObjectOf, Type
from typing_extensions import assert_never

from databricks_serving_schema.limits import NamedAfterResource

HEADER = '''\
"""What a program may say in its dicts.

Generated from the schema by `make generate`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from typing_extensions import Required, TypedDict
'''
WIDTH = 93


def module(description: Description) -> str:
    """The module of TypedDicts, inner ones first; not formatted yet."""
    things = (*description.nested, *description.resources)
    return "\n\n".join((HEADER, *map(_typed_dict, things)))


def exports(description: Description, package: str) -> str:
    """The source of the package with the name of every resource and every TypedDict in it.

    Raises `ValueError` where it has no place for them.
    """
    names = [each.name for each in description.resources]
    dicts = [f"{each.name}Args" for each in (*description.nested, *description.resources)]
    listed = ", ".join(f'"{name}"' for name in sorted((*dicts, *names)))
    for place, text in (
        (r"from \.dynamic\.inputs import \([^)]*\)", _imports("inputs", dicts)),
        (r"from \.dynamic\.resources import \([^)]*\)", _imports("resources", names)),
        (r"__all__ = \[[^\]]*\]", f"__all__ = [{listed},]"),
    ):
        package, count = re.subn(place, text, package)
        if count != 1:
            raise ValueError("databricks_serving/__init__.py no longer imports as it did")
    return package


def _imports(module: str, names: list[str]) -> str:
    return f"from .dynamic.{module} import ({', '.join(sorted(names))},)"


def hover(thing: Thing, entry: Entry) -> str:
    """What an editor shows of a field: what it is, then what to know before changing it."""
    sentences = [entry.doc]
    if entry.mark(NamedAfterResource):
        sentences.append(f"Left out, {thing.noun} is named after the resource.")
    sentences.append(thing.costs(entry))
    if entry.field is not None:
        policy = entry.field.policy
        if policy.default is not None:
            sentences.append(f"Default: `{policy.default!r}`.".replace("'", '"'))
        elif policy.filled_with:
            sentences.append(f"Filled in where left out: {policy.filled_with}.")
    if entry.deprecated:
        sentences.append(f"Deprecated: {entry.deprecated}.")
    return " ".join(filter(None, sentences))


def _typed_dict(thing: Thing) -> str:
    takes = f"\n\nWhat `{thing.name}` takes, as a dict to be unpacked there."
    # Open, it might hold more than the constructor takes, and pyright would not let it be unpacked.
    closed = ", closed=True" if thing.is_resource else ""
    parts = [
        f"class {thing.name}Args(TypedDict, total=False{closed}):",
        _docstring(thing.doc + (takes if thing.is_resource else "")),
        "",
    ]
    for entry in thing.entries:
        parts += [f"    {entry.name}: {_annotation(entry)}", _docstring(hover(thing, entry))]
    return "\n".join(parts)


def _annotation(entry: Entry) -> str:
    plain = entry.setting and entry.takes == Leaf(bool)
    kind = "bool" if plain else f"pulumi.Input[{_written(entry.takes)}]"
    return f"Required[{kind}]" if entry.required else kind


def _written(kind: Type) -> str:
    match kind:
        case Leaf(choices=(_, *_) as choices):
            return f"Literal[{', '.join(map(repr, choices))}]"
        case Leaf(own):
            return getattr(own, "__name__", "Any")
        case ListOf(element):
            return f"Sequence[pulumi.Input[{_written(element)}]]"
        case MapOf(value):
            return f"Mapping[str, pulumi.Input[{_written(value)}]]"
        case ObjectOf(name):
            return f"{name}Args"
        case Either(kinds):
            return " | ".join(map(_written, kinds))
    assert_never(kind)


def _docstring(text: str) -> str:
    if "\n" not in text and len(text) <= WIDTH - len('"""'):
        return f'    """{text}"""'
    body = text if "\n" in text else "\n".join(textwrap.wrap(text, WIDTH))
    return textwrap.indent(f'"""{body}\n"""', "    ")
