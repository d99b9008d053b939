"""What a difference is: its kind, where it is, and what either side says there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

from databricks_serving_emulator.routing import find_route

from .conversations import Step
from .naming import PREFIX


class Kind(Enum):
    """What sort of difference; the text is what the report says of it."""

    STATUS = "another status"
    CODE = "another error code"
    STRANGE = "an answer that nobody can use"
    MISSING = "the workspace does not say it"
    MORE = "the workspace says more"
    TYPE = "another type"
    VALUE = "another value"
    ORDER = "another order"
    SECRET = "a secret is repeated"  # noqa: S105 - no secret, but a sentence
    WORDS = "other words"
    LATE = "shown late"

    @property
    def counts(self) -> bool:
        """Whether it is a difference, and not only worth telling."""
        return self not in (Kind.WORDS, Kind.LATE)


@dataclass(frozen=True)
class Difference:
    """One difference, fit to be shown.

    route: `METHOD pattern`
    path: of the field, `[]` for any element of a list; empty for the whole answer
    """

    kind: Kind
    route: str
    path: str
    emulator: str
    workspace: str


def route_of(step: Step) -> str:
    """The route of a step, `METHOD pattern`; of one that there is not, its last part."""
    found = find_route(step.method, step.path)
    if found:
        return f"{step.method} {found[0].pattern}"
    head, _, last = PREFIX.sub("", unquote(step.path)).rpartition("/")
    return f"{step.method} …/{last}" if head else step.path


def strange(step: Step, why: str) -> Difference:
    """That the answer to the step cannot be used; why: a sentence of this check."""
    return Difference(Kind.STRANGE, route_of(step), "", "an answer", why)
