"""What a program may say, as the schema has it: the one source of everything generated.

Policies and marks come from `fields_of`, what a field is from the docstring below it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TypeVar

from schema_types import Either, Type, Undescribed, model_in, objects_in, type_of

from databricks_serving_schema import (
    RESOURCES,
    Field,
    OnChange,
    Resource,
    Value,
    WorkspaceChoice,
    fields_of,
)
from databricks_serving_schema.limits import (
    AlsoAs,
    Deprecated,
    NamedAfterResource,
    OneOf,
    OnlyWayIn,
    Selects,
    When,
)

M = TypeVar("M")


@dataclass(frozen=True)
class Entry:
    """One name that a program may say in an object. An older form has no `field`."""

    name: str
    takes: Type
    doc: str
    field: Field | None = None
    setting: bool = False

    @property
    def required(self) -> bool:
        """Whether a program must say it."""
        if self.field is None or self.mark(NamedAfterResource) is not None:
            return False
        return self.field.policy.required

    @property
    def deprecated(self) -> str:
        """What to write instead; empty where it is not deprecated."""
        mark = self.mark(Deprecated)
        return "" if mark is None else mark.instead

    def mark(self, kind: type[M]) -> M | None:
        """The mark of that kind at the field, if there is one."""
        return None if self.field is None else self.field.mark(kind)


@dataclass(frozen=True)
class Thing:
    """One object: what it is, what may be said in it, and in which resources it stands."""

    name: str
    doc: str
    entries: tuple[Entry, ...]
    within: tuple[str, ...]

    @property
    def is_resource(self) -> bool:
        """Whether it is what a resource takes, and not an object inside."""
        return self.within == (self.name,)

    @property
    def noun(self) -> str:
        """What is replaced where a change replaces: `the serving endpoint`."""
        return f"the {_words(self.within[0])}" if len(self.within) == 1 else "the resource"

    def costs(self, entry: Entry) -> str:
        """What a change costs, where it is more than an update; else nothing."""
        if entry.field is None:
            return ""
        policy = entry.field.policy
        on = f" while `{policy.while_on}` is on" if policy.while_on else ""
        match policy.on_change:
            case OnChange.REPLACE:
                return f"A change{on} replaces {self.noun}: {policy.because}."
            case OnChange.REFUSE:
                return f"A change is refused: {policy.because}."
        return ""

    def one_of(self) -> Iterator[tuple[tuple[str, ...], bool]]:
        """Fields of which at most one is said, or (`True`) exactly one."""
        groups: dict[OneOf, tuple[str, ...]] = {}
        for entry in self.entries:
            mark = entry.mark(OneOf)
            if mark is not None:
                groups[mark] = (*groups.get(mark, ()), entry.name)
        yield from ((names, mark.needed) for mark, names in groups.items())
        said = {entry.name for entry in self.entries}
        for entry in self.entries:
            plaintext = f"{entry.name}_plaintext"
            if plaintext in said:
                yield (entry.name, plaintext), entry.mark(OnlyWayIn) is not None

    def selected(self) -> Iterator[tuple[str, str, str]]:
        """Which object goes with what is selected: `provider`, `openai`, `openai_config`."""
        for selects in (entry.name for entry in self.entries if entry.mark(Selects) is not None):
            for entry in self.entries:
                mark = entry.mark(When)
                if mark is not None:
                    yield selects, mark.value, entry.name


@dataclass(frozen=True)
class Description:
    """All of it: the resources, and the objects inside them, inner ones first."""

    resources: tuple[Thing, ...]
    nested: tuple[Thing, ...]

    def inside(self, thing: Thing) -> tuple[Thing, ...]:
        """Every object that `thing` holds, at any depth, each once."""
        by_name = {each.name: each for each in self.nested}
        found: dict[Thing, None] = {}
        for entry in thing.entries:
            for name in objects_in(entry.takes):
                inner = by_name[name]
                found.update(dict.fromkeys((*self.inside(inner), inner)))
        return tuple(found)

    def holders(self, thing: Thing) -> tuple[Thing, ...]:
        """Every object and resource that says `thing` directly."""
        return tuple(
            each
            for each in (*self.resources, *self.nested)
            if any(thing.name in objects_in(entry.takes) for entry in each.entries)
        )


@cache
def described() -> Description:
    """The whole description. Raises `Undescribed` where the schema says too little."""
    within: dict[type[Value], list[Resource]] = {}
    for resource in RESOURCES:
        for model in _models_inside(resource.model, resource.settings):
            within.setdefault(model, []).append(resource)
    names = {model: _name(model, where) for model, where in within.items()}
    return Description(
        resources=tuple(_resource(each, names) for each in RESOURCES),
        nested=tuple(
            Thing(
                names[model],
                inspect.getdoc(model) or "",
                (*entries_of(model, names), *_older_forms(model, names)),
                tuple(each.name for each in where),
            )
            for model, where in within.items()
        ),
    )


def _name(model: type[Value], within: list[Resource]) -> str:
    if model is WorkspaceChoice:
        return "Workspace"
    # Called like a resource, it would be taken for what that resource takes.
    taken = model.__name__ in {resource.name for resource in RESOURCES}
    return f"{within[0].name}{model.__name__}" if taken else model.__name__


def _words(name: str) -> str:
    """`ServingEndpoint` -> `serving endpoint`."""
    words = "".join(f" {each.lower()}" if each.isupper() else each for each in name).split()
    return " ".join({"ai": "AI", "acl": "ACL"}.get(word, word) for word in words)


def _resource(resource: Resource, names: Mapping[type[Value], str]) -> Thing:
    entries = (
        *entries_of(resource.model, names),
        *_older_forms(resource.model, names),
        *entries_of(resource.settings, names, setting=True),
    )
    doc = inspect.getdoc(resource.model) or ""
    return Thing(resource.name, doc, entries, (resource.name,))


def entries_of(
    model: type[Value], names: Mapping[type[Value], str], *, setting: bool = False
) -> Iterator[Entry]:
    """The model's own fields, then those that it inherits."""
    docs: dict[str, str] = {}
    for cls in model.__mro__:
        docs = {**docs, **{name: doc for name, doc in _docs(cls).items() if name not in docs}}
    fields = fields_of(model)
    for name in fields.keys() - docs.keys():
        raise Undescribed(f"{model.__name__}.{name}: say in a docstring below it what it is")
    for name, doc in docs.items():
        field = fields[name]
        kind = type_of(model.model_fields[name].annotation, names, field.choices)
        also = field.mark(AlsoAs)
        if also is not None:
            kind = Either((kind, type_of(also.kind, names)))
        yield Entry(name, kind, doc, field, setting)


def _older_forms(model: type[Value], names: Mapping[type[Value], str]) -> Iterator[Entry]:
    for name, form in model.OLDER_FORMS.items():
        yield Entry(name, type_of(form.kind, names), form.says)


@cache
def _docs(cls: type) -> Mapping[str, str]:
    """What stands below each field, in the source of this very class."""
    if not issubclass(cls, Value) or cls is Value:
        return {}
    (definition,) = ast.parse(inspect.getsource(cls)).body
    if not isinstance(definition, ast.ClassDef):
        raise Undescribed(f"{cls.__name__} is no class of a module")
    docs = {}
    for said, below in pairwise(definition.body):
        match said, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                docs[name] = inspect.cleandoc(text)
    return docs


def _models_inside(*models: type[Value]) -> Iterator[type[Value]]:
    """The models below these, inner ones first, each once."""
    found: dict[type[Value], None] = {}

    def gather(model: type[Value]) -> None:
        said = [info.annotation for info in model.model_fields.values()]
        older = [form.kind for form in model.OLDER_FORMS.values()]
        also = [mark.kind for f in fields_of(model).values() for mark in f.marks_of(AlsoAs)]
        for inner in filter(None, map(model_in, (*said, *older, *also))):
            if inner not in found:
                gather(inner)
                found[inner] = None

    for model in models:
        gather(model)
    return iter(found)
