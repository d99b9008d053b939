"""What `dbserving notify` does: reads reports, renders them as one text, has it posted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from databricks_serving.api.github import GitHub
from databricks_serving.api.github_answers import Forbidden, GitHubError, until_sure
from databricks_serving.cli.configuration import NotifySettings, settings_of
from databricks_serving.cli.exits import UsageMistake, complain
from databricks_serving.cli.net import Net, mask, net_of
from databricks_serving.clock import CalledOff, Clock
from databricks_serving.errors import Interrupted
from databricks_serving.report import sticky
from databricks_serving.report.formats import render
from databricks_serving.report.model import ExitCode, Report

from .absent import and_absent
from .covering import covered
from .github_run import Place, number_of, place_of
from .output import show
from .posting import Mode, Post, post_comment, post_issue
from .report import read_report
from .watch import Watch

_PULL_REQUEST, _ISSUE = "github-pr", "github-issue"
#: Above 1 MiB the whole summary of a step is lost.
SUMMARY_BYTES = 1_000_000
_LEAST_ROOM = 5_000
_LONGEST_TITLE = 200
#: What may stand in a Markdown link without ending it.
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`\\]+")


@dataclass(frozen=True)
class Order:
    """What the command line says; None where it does not."""

    files: tuple[Path, ...]
    to: str
    key: str | None = None
    mode: str = Mode.UPDATE.value
    always: bool = False
    dry_run: bool = False
    repository: str | None = None
    number: int | None = None
    token_from: str | None = None
    api_url: str | None = None
    expect: int | None = None


def run_notify(
    files: tuple[Path, ...],
    given: Mapping[str, object],
    *,
    dry_run: bool = False,
    expect: int | None = None,
) -> int:
    """Post reports as the options, the environment and the configuration file say.

    expect: how many reports there should be; fewer are posted with an error. The exit code; raises
    `UsageMistake`.
    """
    settings = settings_of(NotifySettings, given)
    if settings.to is None:
        raise UsageMistake(
            f"Say where to: --to {_PULL_REQUEST} or --to {_ISSUE}.", id="no-destination"
        )
    order = Order(
        files=files,
        to=settings.to,
        key=settings.key,
        mode=settings.mode,
        always=settings.always,
        dry_run=dry_run,
        repository=settings.repo,
        number=settings.pr,
        token_from=settings.token_env,
        api_url=settings.api_url,
        expect=expect,
    )
    return run(order)


def run(
    order: Order, environment: Mapping[str, str] | None = None, clock: Clock | None = None
) -> int:
    """Post the reports: the exit code. Raises `UsageMistake` for what a person has to mend."""
    environment = os.environ if environment is None else environment
    net = net_of(environment)
    mask(net, environment)
    mode = _checked(order)
    reports = [covered(read_report(path), net) for path in order.files]
    wanted = "drift" if order.to == _ISSUE else "plan"
    reports = and_absent(reports, order.expect, wanted, environment)
    post = _post(order, reports, net)
    if order.dry_run:
        show(post.body, net)
        complain(f"Not posted (--dry-run): {order.to}, key {post.marker.key}.")
        return ExitCode.NOTHING_TO_REPORT
    place = place_of(
        environment,
        repository=order.repository,
        token_from=order.token_from,
        api_url=order.api_url,
    )
    with Watch() as watch:
        try:
            told = watch.call(
                lambda: _posted(order, place, post, mode, environment, clock or watch.clock)
            )
        except (CalledOff, Interrupted):
            complain(
                "The run was ended before GitHub answered: nobody knows whether it posted.",
                "ended-before-answer",
            )
            return watch.leave(watch.interrupted or ExitCode.INTERRUPTED)
        except GitHubError as failed:
            return _not_posted(order, place, failed, reports, post, environment, net)
    complain(told)
    return ExitCode.NOTHING_TO_REPORT


def _not_posted(
    order: Order,
    place: Place,
    failed: GitHubError,
    reports: list[Report],
    post: Post,
    environment: Mapping[str, str],
    net: Net,
) -> int:
    if not isinstance(failed, Forbidden):
        return _failed(place, failed)
    if order.to == _ISSUE:
        return _failed(place, failed, "The job needs `permissions: issues: write`.")
    _fall_back(failed, reports, post, environment, net)
    return ExitCode.NOTHING_TO_REPORT


def _checked(order: Order) -> Mode:
    if order.to not in (_PULL_REQUEST, _ISSUE):
        raise UsageMistake(
            f"--to {order.to}: it is {_PULL_REQUEST} or {_ISSUE}.", id="unknown-destination"
        )
    if not order.files and order.expect is None:
        raise UsageMistake(
            "There is no report to post: name at least one, or say with --expect-shards how many "
            "there should be.",
            id="nothing-to-post",
        )
    if order.expect is not None and order.key is None:
        raise UsageMistake(
            "--expect-shards goes with --key: without one the post is found by what its reports "
            "are about, which those that are missing do not tell.",
            id="shards-without-key",
        )
    modes = [mode.value for mode in Mode]
    if order.mode not in modes:
        raise UsageMistake(
            f"--mode {order.mode}: it is one of {', '.join(modes)}.", id="unknown-mode"
        )
    return Mode(order.mode)


def _post(order: Order, reports: list[Report], net: Net) -> Post:
    if order.to == _ISSUE and any(report.run.mode != "drift" for report in reports):
        raise UsageMistake(
            "--to github-issue tells of drift: give it reports of `dbserving drift`.",
            id="no-drift-report",
        )
    key = sticky.key_of(reports) if order.key is None else order.key
    if not 0 < len(key) <= sticky.LONGEST_KEY:
        raise UsageMistake(
            f"A key has 1 to {sticky.LONGEST_KEY} characters, and this one {len(key)}: say --key.",
            id="key-length",
        )
    try:
        marker = sticky.marker_of(key, reports)
    except ValueError as wrong:
        raise UsageMistake(
            f"A report's run.started is no time: {wrong}. Give the report as it was written.",
            id="bad-start-time",
        ) from None
    about = ", ".join(sticky.names_of(reports)) if order.key is None else order.key
    words = " ".join(about.encode("utf-8", "replace").decode().split())
    urls = (report.run.url for report in reports)
    return Post(
        marker=marker,
        body=_body(marker, reports, net, sticky.LIMIT_BYTES),
        title=f"Drift: {words}"[:_LONGEST_TITLE],
        verdict=sticky.verdict(reports),
        quiet=sticky.quiet(reports) and not order.always,
        run_url=next((url for url in urls if _ADDRESS.fullmatch(url)), ""),
    )


def _body(marker: sticky.Marker, reports: list[Report], net: Net, limit: int) -> str:
    head = f"{marker.line}\n"
    text = render(reports, "markdown", limit=limit - len(head.encode())).text
    return head + net.over(text)  # what the net covers only gets shorter


def _posted(
    order: Order,
    place: Place,
    post: Post,
    mode: Mode,
    environment: Mapping[str, str],
    clock: Clock,
) -> str:
    github = GitHub(place.repository, place.token, clock, api_url=place.api_url, waiting=complain)
    try:
        if order.to == _ISSUE:
            return until_sure(lambda: post_issue(github, post), clock)
        number = number_of(environment, github, order.number)
        if number is None:
            return "The pull request is closed or has got another commit since: nothing was posted."
        return until_sure(lambda: post_comment(github, number, post, mode), clock)
    finally:
        github.close()


def _fall_back(
    forbidden: Forbidden,
    reports: list[Report],
    post: Post,
    environment: Mapping[str, str],
    net: Net,
) -> None:
    """Keep the report where posting is forbidden: in the summary, else on the standard output."""
    kept = _in_summary(environment.get("GITHUB_STEP_SUMMARY"), reports, post, net)
    complain(
        f"{forbidden} Where this is a pull request from a fork, its token may only read: post from "
        "a `workflow_run` workflow (docs/notify.md). Else the job needs "
        "`permissions: pull-requests: write`. The report "
        f"{'goes to the summary of the step' if kept else 'follows'} instead.",
        forbidden.id,
    )
    if not kept:
        show(post.body, net)  # else it would be lost


def _in_summary(path: str | None, reports: list[Report], post: Post, net: Net) -> bool:
    """Whether the report stands in the step's summary now: it may be full, or not be there."""
    if not path:
        return False
    summary = Path(path)
    try:
        room = SUMMARY_BYTES - (summary.stat().st_size if summary.exists() else 0) - 2
        if room < _LEAST_ROOM:
            return False
        with summary.open("a", encoding="utf-8") as file:
            file.write(f"\n{_body(post.marker, reports, net, room)}\n")
    except OSError:
        return False
    return True


def _failed(place: Place, failed: GitHubError, remedy: str = "") -> int:
    complain(
        f"Error: the report was not posted to {place.repository}: {failed} {remedy}".rstrip(),
        failed.id,
    )
    return ExitCode.ERROR
