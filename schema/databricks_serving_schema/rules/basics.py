"""Rules of the endpoint itself: its name, its tags."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..problems import Path
from ..tags import TagList
from ..values import Unknown, Value
from .rule import Allowances, Found, known, rule

#: The tag that tells people in the UI, and us after a crash, whose endpoint it is.
OWNERSHIP_TAG = "managed-by-pulumi"


@rule(
    "reserved-name",
    source="Databricks page on custom model endpoints",
    remedy="Choose another name; Databricks' own endpoints are governed with AiGateway.",
    of=Endpoint,
)
def reserved_name(endpoint: Endpoint, _: Allowances) -> Found:
    """`databricks-` is taken."""
    if (known(endpoint.name) or "").startswith("databricks-"):
        yield ("name",), "names that begin with databricks- are reserved for Databricks' own"


@rule(
    "reserved-tag",
    source="this project's design: the ownership mark",
    remedy="Leave the tag out, or switch the mark off (databricks-serving:ownershipTag).",
    of=Value,
)
def reserved_tag(resource: Value, _: Allowances) -> Found:
    """The ownership mark is written by the provider alone."""
    for path in _marked(resource):
        yield (
            path,
            (
                "this tag is the provider's own mark; leave it out (stack configuration "
                "databricks-serving:ownershipTag: false switches the mark off)"
            ),
        )


def _marked(value: Value) -> Iterator[Path]:
    if isinstance(value, Endpoint) and OWNERSHIP_TAG in (known(value.tags) or {}):
        yield "tags", OWNERSHIP_TAG
    elif isinstance(value, TagList):
        for index, tag in enumerate(known(value.tags) or ()):
            if not isinstance(tag, Unknown) and tag.key == OWNERSHIP_TAG:
                yield "tags", index, "key"
