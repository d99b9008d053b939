"""Whose an endpoint is, by the mark that the create of this provider leaves among its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import OWNERSHIP_TAG

if TYPE_CHECKING:
    from databricks_serving_schema import EndpointAnswer


def is_marked(answer: EndpointAnswer, mark: str | None) -> bool:
    """Whether the endpoint carries this resource's own mark."""
    return mark is not None and owner_of(answer) == mark


def owner_of(answer: EndpointAnswer | None) -> str | None:
    """The mark of the resource that made the endpoint, None where it carries none."""
    tags = None if answer is None else answer.settings.tags
    owner = tags.get(OWNERSHIP_TAG) if isinstance(tags, dict) else None
    return owner if isinstance(owner, str) else None
