"""What Databricks and the emulator have published: the words of the API, and its objects' form.

Closed lists: a word that stands in none of them may be somebody's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from databricks.sdk.errors import platform
from databricks.sdk.service import iam, serving, workspace

from databricks_serving_emulator.description.answers import SCHEMAS
from databricks_serving_emulator.description.document import document
from databricks_serving_emulator.description.operations import FAMILIES

from .conversations import Json

#: A route by `METHOD pattern`, with the names of the schemas that it answers.
_ANSWERS = {
    key: operation.answers for family in FAMILIES.values() for key, operation in family.items()
}
#: Codes of refusals for which the SDK has neither a class nor a mapping (contract §2).
_CODES = frozenset({"MALFORMED_REQUEST", "ENDPOINT_NOT_FOUND", "FEATURE_DISABLED"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Shape:
    """What is described at one place of an answer; no schema: nothing is."""

    schemas: tuple[dict[str, Any], ...] = ()

    @property
    def is_object(self) -> bool:
        """Whether an object with members is described there: the keys of a map are names."""
        return any("properties" in schema for schema in self.schemas)

    def member(self, name: str) -> Shape:
        """What is described of that member."""
        members = (schema.get("properties", {}) for schema in self.schemas)
        return _resolved(described[name] for described in members if name in described)

    def element(self) -> Shape:
        """What is described of an element of the list."""
        return _resolved(schema["items"] for schema in self.schemas if "items" in schema)


def answer_of(route: str) -> Shape:
    """The shape of what that route answers, `METHOD pattern`."""
    return Shape(tuple(SCHEMAS[name] for name in _ANSWERS.get(route, ())))


#: The shape of every refusal.
REFUSAL = Shape((SCHEMAS["Error"],))


def _resolved(schemas: Iterator[dict[str, Any]]) -> Shape:
    named = ((schema, schema.get("$ref", "").rpartition("/")[2]) for schema in schemas)
    return Shape(tuple(SCHEMAS[name] if name else schema for schema, name in named))


@cache
def words() -> frozenset[str]:
    """Names of fields, values of enums and codes of refusals."""
    kinds = [kind for module in (iam, serving, workspace) for kind in vars(module).values()]
    enums = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Enum)]
    published = {str(member.value) for kind in enums for member in kind}
    classes = (name for name, kind in vars(platform).items() if isinstance(kind, type))
    codes = {_HUMP.sub("_", name).upper() for name in classes}
    described = set(_described(document()))
    return frozenset({*published, *codes, *platform.ERROR_CODE_MAPPING, *_CODES, *described})


def _described(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _described(inner)
    elif isinstance(value, dict):
        properties, values = value.get("properties"), value.get("enum")
        yield from properties if isinstance(properties, dict) else ()
        yield from (one for one in values or () if isinstance(one, str))
        for inner in value.values():
            yield from _described(inner)
