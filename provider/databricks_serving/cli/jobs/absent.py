"""Reports that somebody waits for and that are not there, as a report of their own.

A stack whose job died before it looked would else be left out of the post, as if it were fine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from databricks_serving.report.assemble import assemble
from databricks_serving.report.gate import Gate
from databricks_serving.report.ignore_file import day_of
from databricks_serving.report.merging import missing_reports
from databricks_serving.report.model import Report, Run

from . import ci


def and_absent(
    reports: Sequence[Report], expect: int | None, mode: str, environment: Mapping[str, str]
) -> list[Report]:
    """The reports, and where there are fewer than expected one that says how many are missing.

    mode: `drift` or `plan`, where there is no report to take it from
    """
    missing = missing_reports(len(reports), expect)
    if not missing:
        return list(reports)
    now = datetime.now(timezone.utc)
    run = Run.model_validate(
        {
            "id": ci.run_id(environment, now),
            "mode": reports[0].run.mode if reports else mode,
            # Now, and not when the others began: what stands there may be of the whole run.
            "started": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "complete": False,
            "commit": ci.commit(environment),
            "url": ci.page(environment),
        }
    )
    return [*reports, assemble(run, (), gate=Gate(), today=day_of(now), errors=missing)]
