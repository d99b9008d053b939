"""Runs of `dbserving notify` against a fake GitHub: the reports to post, and what a run says."""

from __future__ import annotations

import contextlib
from pathlib import Path

from databricks_serving.cli.jobs.notify import Order, run
from databricks_serving.plan.comparison import Origin
from databricks_serving.report.model import (
    Classification,
    Effect,
    ErrorEntry,
    FieldChange,
    Finding,
    Report,
    Run,
    Summary,
    Tool,
    Val,
)
from databricks_serving_schema import Severity

from .clock import FakeClock
from .fake_github import REPOSITORY, TOKEN, FakeGitHub, running

PULL = 7


def finding(name="chat", *, actual=500, classification=Classification.DRIFTED):
    """An endpoint whose rate limit somebody raised."""
    change = FieldChange(
        path="ai_gateway.rate_limits[key=user].calls",
        pointer="/ai_gateway/rate_limits/user/calls",
        origin=Origin.OUTSIDE,
        severity=Severity.HIGH,
        applied=Val(kind="plain", value=100),
        desired=Val(kind="plain", value=100),
        actual=Val(kind="plain", value=actual),
        effect=Effect.UPDATE,
    )
    return Finding(
        kind="ServingEndpoint",
        name=name,
        workspace="prod-weu",
        classification=classification,
        resource=name,
        stack="prod",
        severity=Severity.HIGH,
        effect=Effect.UPDATE,
        changes=(change,),
    )


def report(
    at="10:00",
    *,
    mode="drift",
    stack="prod",
    findings=(),
    outcome=None,
    errors=(),
    complete=True,
    commit="abc1234",
):
    """A report of a run that began at that time of a day."""
    return Report(
        tool=Tool(version="0.1.0"),
        run=Run(
            id=f"run-{at}",
            mode=mode,
            started=f"2026-11-22T{at}:00Z",
            duration_ms=len(at),
            complete=complete,
            stack=stack,
            project="shop",
            commit=commit,
            url=f"https://github.com/{REPOSITORY}/actions/runs/{at.replace(':', '')}",
        ),
        summary=Summary(
            exit_code=2 if findings else 0,
            outcome=outcome or ("drift" if findings else "clean"),
            by_class={"drifted": len(findings)} if findings else {},
        ),
        findings=tuple(findings),
        errors=tuple(ErrorEntry(message=text) for text in errors),
    )


def drifted(at="10:00", *, actual=500, **more):
    """A report of one endpoint with a limit that somebody raised to `actual`."""
    return report(at, findings=(finding(actual=actual),), **more)


class Posting:
    """A GitHub, and runs of `dbserving notify` against it."""

    def __init__(self, directory: Path, github: FakeGitHub, url: str) -> None:
        self.directory = directory
        self.github = github
        self.clock = FakeClock()
        self.summary = directory / "summary.md"
        self.environment = {
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": url,
            "GITHUB_REF": f"refs/pull/{PULL}/merge",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def saved(self, *reports):
        """Files of reports, as `-f json=FILE` writes them."""
        files = []
        for number, one in enumerate(reports):
            file = self.directory / f"report-{number}.json"
            file.write_text(one.model_dump_json(), encoding="utf-8")
            files.append(file)
        return tuple(files)

    def comment(self, *reports, **said):
        """The exit code of posting reports on the pull request."""
        return self._run(reports, "github-pr", said)

    def issue(self, *reports, **said):
        """The exit code of posting reports as an issue."""
        return self._run(reports, "github-issue", said)

    def _run(self, reports, to, said):
        order = Order(files=self.saved(*reports), to=to, **said)
        return run(order, self.environment, self.clock)

    @property
    def bodies(self):
        """What the comments of the pull request say, the first lines left out."""
        return [one["body"].split("\n", 1)[1] for one in self.github.of(PULL)]


@contextlib.contextmanager
def posting(directory, **github):
    """A fake GitHub that runs for as long as the block lasts."""
    fake = FakeGitHub(**github)
    with running(fake) as url:
        yield Posting(directory, fake, url)
