"""What the engine remembers of a stack: its resources, in the order of their dependencies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .values import Json, hidden, secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(eq=False)
class Resource:
    """One resource in the state.

    `doomed`: its replacement is there, and it is still to be deleted. `emptied`: it is deleted, and
    its replacement still to be created. (The engine's `delete` and `pendingReplacement`.)
    """

    urn: str
    id: str
    inputs: Json
    outputs: Json
    dependencies: tuple[str, ...] = ()
    by_property: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secret_outputs: tuple[str, ...] = ()
    init_errors: list[str] = field(default_factory=list)
    protect: bool = False
    retain: bool = False
    delete_timeout: float = 0.0
    doomed: bool = False
    emptied: bool = False

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def kind(self) -> str:
        """The class: `ServingEndpoint`, …"""
        return self.urn.split("::")[2].rsplit(":", 1)[-1]

    def mark_secret_outputs(self) -> None:
        """Mark what the program says is secret, and what is a secret input of the same name."""
        for name in self.outputs:
            marked = name in self.secret_outputs or is_marked(self.inputs.get(name))
            if marked and not is_marked(self.outputs[name]):
                self.outputs[name] = secret(self.outputs[name])

    def shown(self) -> Json:
        """The resource as `pulumi stack export` tells it, `[secret]` for each ciphertext."""
        return {
            "urn": self.urn,
            "id": self.id,
            "inputs": hidden(self.inputs),
            "outputs": hidden(self.outputs),
            **({"initErrors": self.init_errors} if self.init_errors else {}),
            **({"delete": True} if self.doomed else {}),
            **({"pendingReplacement": True} if self.emptied else {}),
        }


def is_marked(value: object) -> bool:
    """Whether a value of a bag, or none, is secret as a whole."""
    return value is not None and hidden(value) == "[secret]" and value != "[secret]"


def in_clear(state: Iterable[Resource]) -> str:
    """All that a reader of the state file sees, as text."""
    return json.dumps([resource.shown() for resource in state])


def dependents(state: list[Resource], urn: str) -> list[Resource]:
    """What depends on a resource, directly or not, in the order of the state."""
    found = {urn}
    for resource in state:
        if resource.urn != urn and found.intersection(resource.dependencies):
            found.add(resource.urn)
    return [resource for resource in state if resource.urn in found - {urn}]


def dependents_first(resources: list[Resource]) -> list[Resource]:
    """The order of deletions: nothing before what depends on it, among equals the last first."""
    left, ordered = list(resources), []
    while left:
        needed = {urn for each in left for urn in each.dependencies}
        free = [each for each in left if each.urn not in needed] or left
        ordered.append(free[-1])
        left.remove(free[-1])
    return ordered
