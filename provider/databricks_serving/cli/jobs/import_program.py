"""The program and the import file for what `dbserving import` found: links, and secrets' values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from databricks_serving.program.declared import Declared, FromConfig, Imported, Link, linked
from databricks_serving.program.idiom import with_at
from databricks_serving.program.names import Taken, config_key
from databricks_serving.state.secret import reference

from .import_recorded import ADOPTED, Outcome

if TYPE_CHECKING:
    from databricks_serving.program.declared import Argument
    from databricks_serving.state.bag import Bag

#: Where a program says the name of another resource, and of which kind.
_NAMES = {"scope": "SecretScope", "endpoint_name": "ServingEndpoint"}
_FROM_ENVIRONMENT = "value_from_env"


@dataclass(frozen=True)
class Assembled:
    """A program, its import file, and the secrets that it takes from outside.

    config: keys of the stack's configuration, with what each is; variables: the same for the
    environment
    """

    declared: tuple[Declared, ...]
    imported: tuple[Imported, ...]
    config: Mapping[str, str]
    variables: Mapping[str, str]


def assembled(
    outcomes: Sequence[Outcome], *, from_environment: bool = False, adopt: bool = False
) -> Assembled:
    """The program for these outcomes.

    from_environment: secrets' values come from environment variables, not from the configuration
    adopt: nothing is imported; the program takes over what is there
    """
    return _Assembly(outcomes, from_environment=from_environment, adopt=adopt).whole()


class _Assembly:
    def __init__(self, outcomes: Sequence[Outcome], *, from_environment: bool, adopt: bool) -> None:
        self._outcomes = [one for one in outcomes if one.said is not None]
        self._from_environment = from_environment
        self._adopt = adopt
        self._keys = Taken("")
        self._config: dict[str, str] = {}
        self._variables: dict[str, str] = {}
        self._there = {(one.found.kind, one.found.name) for one in self._outcomes}
        self._references = {
            str(reference(one.found.said["scope"], one.found.said["key"])): Link(
                "Secret", one.found.name, "reference"
            )
            for one in self._outcomes
            if one.found.kind == "Secret"
        }

    def whole(self) -> Assembled:
        declared = tuple(self._declared(one, one.said or {}) for one in self._outcomes)
        imported = tuple(
            self._as_imported(one.imported) for one in self._outcomes if one.imported is not None
        )
        return Assembled(declared, () if self._adopt else imported, self._config, self._variables)

    def _as_imported(self, one: Imported) -> Imported:
        """The outputs name no variable that the program does not name.

        The inputs have to: without any value they would not be valid.
        """
        if one.kind != "Secret" or self._from_environment:
            return one
        shown = {name: v for name, v in one.outputs.items() if name != _FROM_ENVIRONMENT}
        return replace(one, outputs=shown)

    def _declared(self, one: Outcome, said: Bag) -> Declared:
        kind = one.found.kind
        if self._adopt and kind in ADOPTED:
            said = {**said, "adopt": True}
        if kind == "Secret":
            said = self._with_value(one.found.name, said)
        if kind == "ServingEndpoint":
            said = with_at(said, {path: self._credential(one, path) for path in one.hidden})
        links = self._references if kind == "ServingEndpoint" else {}
        arguments: dict[str, Argument] = {
            name: self._link(name, value) or linked(value, links) for name, value in said.items()
        }
        return Declared(kind, one.found.name, arguments, one.found.group)

    def _link(self, argument: str, value: object) -> Link | None:
        kind = _NAMES.get(argument)
        is_there = kind is not None and (kind, value) in self._there
        return Link(kind, str(value), "name") if kind is not None and is_there else None

    def _with_value(self, name: str, said: Bag) -> Bag:
        if self._from_environment:
            self._variables[said[_FROM_ENVIRONMENT]] = f"secret {name}"
            return said
        key = self._key(name, f"secret {name}")
        where = {field: v for field, v in said.items() if field not in (_FROM_ENVIRONMENT, "adopt")}
        adopt = {"adopt": True} if "adopt" in said else {}
        return {**where, "value": FromConfig(key), **adopt}

    def _credential(self, one: Outcome, path: tuple[str | int, ...]) -> FromConfig:
        entity = one.found.said["config"]["served_entities"][path[2]].get("name", "")
        field = str(path[-1]).removesuffix("_plaintext")
        what = f"{field} of {entity} in endpoint {one.found.name}, sent by the next `pulumi up`"
        return FromConfig(self._key(f"{one.found.name} {entity} {field}", what))

    def _key(self, name: str, what: str) -> str:
        key = self._keys.unique(config_key(name))
        self._config[key] = what
        return key
