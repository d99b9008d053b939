"""Rules of the endpoint itself: its name, its tags."""

from __future__ import annotations

from ..endpoint import Endpoint
from .rule import Allowances, Found, known, rule

#: The tag that tells people in the UI, and us after a crash, whose endpoint it is.
OWNERSHIP_TAG = "managed-by-pulumi"


@rule("reserved-name", source="Databricks page on custom model endpoints", of=Endpoint)
def reserved_name(endpoint: Endpoint, _: Allowances) -> Found:
    """`databricks-` is taken."""
    if (known(endpoint.name) or "").startswith("databricks-"):
        yield ("name",), "names that begin with databricks- are reserved for Databricks' own"


@rule("reserved-tag", source="this project's design: the ownership mark", of=Endpoint)
def reserved_tag(endpoint: Endpoint, _: Allowances) -> Found:
    """The ownership mark is written by the provider alone."""
    if OWNERSHIP_TAG in (known(endpoint.tags) or {}):
        yield (
            ("tags", OWNERSHIP_TAG),
            (
                "this tag is the provider's own mark; leave it out (stack configuration "
                "databricks-serving:ownershipTag: false switches the mark off)"
            ),
        )
