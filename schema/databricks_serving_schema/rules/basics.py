"""Rules of the endpoint itself: what is required, its name, its texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..endpoint import Endpoint
from ..fields import fields_of
from ..problems import Path
from ..values import Value
from .rule import Allowances, known, rule

#: The tag that tells people in the UI, and us after a crash, whose endpoint it is.
OWNERSHIP_TAG = "managed-by-pulumi"

NAME = re.compile(r"^[A-Za-z0-9_-]{1,63}$")
NAME_RULE = "1 to 63 letters, digits, - and _ are allowed"


@rule("required", source="the field's own policy")
def required(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Every field that its policy calls required is said, and not as an empty text."""
    yield from _missing(endpoint, ())


def _missing(value: Value, path: Path) -> Iterator[tuple[Path, str]]:
    for name, field in fields_of(type(value)).items():
        said = getattr(value, name)
        if said is None and field.policy.required:
            yield (*path, name), "required"
        elif said == "" and field.policy.required:
            yield (*path, name), "required, and here it is empty"
        elif isinstance(said, Value):
            yield from _missing(said, (*path, name))
        elif isinstance(said, tuple):
            for index, element in enumerate(said):
                if isinstance(element, Value):
                    yield from _missing(element, (*path, name, index))


@rule(
    "endpoint-name", source="REST reference, serving-endpoint; Databricks page on custom endpoints"
)
def endpoint_name(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Letters, digits, `-` and `_`, at most 63; `databricks-` is taken."""
    name = known(endpoint.name)
    if not name:
        return
    if not NAME.fullmatch(name):
        yield ("name",), NAME_RULE
    elif name.startswith("databricks-"):
        yield ("name",), "names that begin with databricks- are reserved for Databricks' own"


@rule("description-length", source="REST reference, servingendpoints/create")
def description_length(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """A description has at most 1000 characters."""
    text = known(endpoint.description)
    if text is not None and len(text) > 1000:
        yield ("description",), f"{len(text)} characters; 1000 are allowed"


@rule("tag-key", source="REST reference, servingendpoints/create, EndpointTag")
def tag_key(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """A tag has a key, whether or not it has a value."""
    if "" in (known(endpoint.tags) or {}):
        yield ("tags", ""), "a tag's key cannot be empty"


@rule("reserved-tag", source="this project's design: the ownership mark")
def reserved_tag(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """The ownership mark is written by the provider alone."""
    if OWNERSHIP_TAG in (known(endpoint.tags) or {}):
        yield (
            ("tags", OWNERSHIP_TAG),
            (
                "this tag is the provider's own mark; leave it out (stack configuration "
                "databricks-serving:ownershipTag: false switches the mark off)"
            ),
        )
