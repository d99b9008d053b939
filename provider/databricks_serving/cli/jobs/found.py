"""What a review has found by now: what its report is made of, however the run ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.plan.comparison import Coverage
from databricks_serving.report.assemble import address_of, is_in_sync

if TYPE_CHECKING:
    from databricks_serving.report.model import ErrorEntry, Finding


@dataclass
class Found:
    """What a review has found so far.

    `whole` False: there is more than it was told to look at. `total`: how many resources there are
    to look at, None until that is known. `in_sync`: the addresses of those of which there is no
    more to say; of thousands, that is all that is kept. `failures`: what could not be looked at,
    for the exit code; `errors`: what the report says beside its findings.
    """

    project: str = ""
    stack: str = ""
    whole: bool = True
    total: int | None = None
    others: int = 0
    coverage: Coverage = field(default_factory=Coverage)
    findings: list[Finding] = field(default_factory=list)
    in_sync: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    errors: list[ErrorEntry] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """What was found of one resource."""
        if is_in_sync(finding):
            self.in_sync.append(address_of(finding))
        else:
            self.findings.append(finding)
