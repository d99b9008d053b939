"""Whose an endpoint is, by the mark that the create of this provider leaves among its tags."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from databricks_serving_schema import OWNERSHIP_TAG

if TYPE_CHECKING:
    from databricks_serving_schema import EndpointAnswer

#: A mark is a tag's value; longer ones are cut so that the hash at the end stays whole.
_LONGEST = 128


def ownership_mark(urn: str | None) -> str | None:
    """`<project>.<stack>.<first 8 hex digits of sha256(urn)>`, within 128 characters."""
    parts = (urn or "").split("::")
    if urn is None or len(parts) < 4:
        return None
    digest = hashlib.sha256(urn.encode()).hexdigest()[:8]
    owner = f"{parts[1]}.{parts[0].removeprefix('urn:pulumi:')}"
    return f"{owner[: _LONGEST - len(digest) - 1]}.{digest}"


def is_marked(answer: EndpointAnswer, mark: str | None) -> bool:
    """Whether the endpoint carries this resource's own mark."""
    return mark is not None and owner_of(answer) == mark


def owner_of(answer: EndpointAnswer | None) -> str | None:
    """The mark of the resource that made the endpoint, None where it carries none."""
    tags = None if answer is None else answer.settings.tags
    owner = tags.get(OWNERSHIP_TAG) if isinstance(tags, dict) else None
    return owner if isinstance(owner, str) else None
