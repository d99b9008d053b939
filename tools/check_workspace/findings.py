"""What a run has found: every difference once, with how often it was met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .conversations import Step
from .differing import Difference, Kind

#: Whose route says what is refused; of any other difference, the field or the code does.
_BY_ROUTE = (Kind.STATUS, Kind.WORDS)


@dataclass
class Met:
    """Where a difference was met.

    routes: with how often; examples: the tests, each with the number of the request in it
    """

    routes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def times(self) -> int:
        """How often it was met."""
        return sum(self.routes.values())


@dataclass
class Findings:
    """Differences of one run, in the order in which they were met.

    asked: conversations that were played; left_out: the others, by reason
    ended: why the run ended before its end; empty: it did not
    left: how many things could not be removed; None: nobody could look
    """

    asked: int = 0
    requests: int = 0
    cut_short: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    met: dict[Difference, Met] = field(default_factory=dict)
    ended: str = ""
    left: int | None = 0

    def add(self, case: str, number: int, step: Step, found: Iterable[Difference]) -> None:
        """Take differences of the step with that number, from 1, of that test."""
        for difference in found:
            met = self.met.setdefault(_key(difference), Met())
            met.routes[difference.route] += 1
            met.examples.append(f"{case}, request {number} ({step.method})")

    def knows(self, difference: Difference) -> bool:
        """Whether it was met before."""
        return _key(difference) in self.met

    def of(self, *kinds: Kind) -> list[tuple[Difference, Met]]:
        """Those of these kinds, in the order in which they were met."""
        return [(one, met) for kind in kinds for one, met in self.met.items() if one.kind is kind]

    @property
    def differs(self) -> bool:
        """Whether anything was met that counts."""
        return any(difference.kind.counts for difference in self.met)


def _key(difference: Difference) -> Difference:
    return difference if difference.kind in _BY_ROUTE else replace(difference, route="")
