"""What a program declares, before it is spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag


@dataclass(frozen=True)
class Link:
    """An output of another resource of the same program: `openai.reference`."""

    kind: str
    name: str
    output: str


@dataclass(frozen=True)
class FromConfig:
    """A secret of the stack's configuration: `config.require_secret("llmOpenai")`."""

    key: str


#: An argument of a resource: JSON, and what only a program has.
Argument: TypeAlias = (
    "dict[str, Argument] | list[Argument] | str | int | float | bool | Link | FromConfig | None"
)


@dataclass(frozen=True)
class Declared:
    """One resource of a program.

    name: Pulumi's. group: resources of one group stand together, without a blank line between.
    """

    kind: str
    name: str
    arguments: Mapping[str, Argument]
    group: str


@dataclass(frozen=True)
class Imported:
    """One resource of an import file, as the provider would have recorded it."""

    kind: str
    name: str
    id: str
    inputs: Bag
    outputs: Bag


def leaves(argument: Argument | Mapping[str, Argument]) -> Iterator[Argument]:
    """Every leaf of an argument."""
    if isinstance(argument, Mapping):
        for inner in argument.values():
            yield from leaves(inner)
    elif isinstance(argument, list):
        for inner in argument:
            yield from leaves(inner)
    else:
        yield argument


def linked(said: object, links: Mapping[str, Link]) -> Argument:
    """The same value, with a link wherever a text is one of `links`.

    So `{{secrets/scope/key}}` becomes the secret of the program that stands for it.
    """
    if isinstance(said, Mapping):
        return {str(name): linked(inner, links) for name, inner in said.items()}
    if isinstance(said, (list, tuple)):
        return [linked(inner, links) for inner in said]
    if isinstance(said, str):
        return links.get(said, said)
    if said is None or isinstance(said, (int, float, Link, FromConfig)):
        return said
    raise TypeError(f"{type(said).__name__} has no place in a program")
