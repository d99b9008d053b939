"""A report without the secrets of this run's environment: texts are covered, its own words stay.

A secret may look like a word of the format (`CACHE_KEY=workspace`); covered there, the report would
be none any more.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeVar, get_origin

from pydantic import BaseModel

from databricks_serving.report.values import Val

if TYPE_CHECKING:
    from databricks_serving.cli.net import Net

Stated = TypeVar("Stated", bound=BaseModel)
#: What no user, no program and no workspace has a say in.
_OURS = frozenset(
    {
        "json_schema",
        "format_version",
        "tool",
        "kind",
        "started",
        "fingerprint",
        "digest",
        "fail_on",
        "by",
    }
)


def covered(stated: Stated, net: Net) -> Stated:
    """A report, or a part of one, with `***` for each secret, before a renderer can fold one."""
    return stated.model_copy(
        update={
            name: _over(getattr(stated, name), net)
            for name, field in type(stated).model_fields.items()
            if name not in _OURS and get_origin(field.annotation) is not Literal
        }
        | ({"value": net.over_tree(stated.value)} if isinstance(stated, Val) else {})
    )


def _over(said: object, net: Net) -> object:
    """Keys, which are words of ours or of the command line, and numbers stay as they are."""
    if isinstance(said, BaseModel):
        return covered(said, net)
    if isinstance(said, tuple):
        return tuple(_over(each, net) for each in said)
    if isinstance(said, dict):
        return {key: _over(each, net) for key, each in said.items()}
    return net.over(said) if isinstance(said, str) and not isinstance(said, Enum) else said
