"""What `dbserving cancel` does: facts on the standard output, progress on the standard error."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import typer

from databricks_serving.apply import cancel, put_again
from databricks_serving.apply.context import Context, Stack
from databricks_serving.apply.patience import DELETE, patience_for
from databricks_serving.apply.wait import Deadline, duration
from databricks_serving.cli.configuration import CommonSettings, settings_of
from databricks_serving.cli.connections import Connections, where_said
from databricks_serving.cli.exits import USAGE, UsageMistake, complain
from databricks_serving.cli.net import net_of
from databricks_serving.errors import Interrupted, Refused
from databricks_serving.report.model import ExitCode
from databricks_serving.state.settings import StackSettings
from databricks_serving_schema import among, seconds

from .stack import recorded_state
from .watch import Watch

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.clock import Clock
    from databricks_serving.state.deployment import Recorded
    from databricks_serving_schema import EndpointAnswer

#: After how long a line of progress that says nothing new is said again.
_AGAIN_SECONDS = 30.0


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; `timeout` as it was typed."""

    name: str
    supersede: bool = False
    abandon: bool = False
    timeout: str | None = None
    yes: bool = False


class Progress:
    """Lines of progress: each state of things once, then again only now and then."""

    def __init__(self, clock: Clock, write: Callable[[str], None]) -> None:
        self._clock = clock
        self._write = write
        self._last: tuple[str, float] | None = None

    def __call__(self, line: str) -> None:
        """Say it, unless it was just said; the time in brackets at its end is nothing new."""
        news, now = line.rpartition(" (")[0] or line, self._clock.now()
        if self._last is not None:
            told, at = self._last
            if told == news and now - at < _AGAIN_SECONDS:
                return
        self._last = (news, now)
        self._write(line)


def run_cancel(asked: Asked, given: Mapping[str, object]) -> int:
    """Carry out what was asked; the exit code. Raises `ServingError` and `UsageMistake`."""
    if asked.supersede and asked.abandon:
        raise UsageMistake(
            "--supersede and --abandon exclude each other: say one of them.", id="two-strategies"
        )
    settings = settings_of(CommonSettings, given)
    limit = _seconds(asked.timeout)
    said = any(given.get(name) is not None for name in ("stack", "state"))
    recorded, stack = _recorded(asked.name, settings, said=said)
    with Watch() as watch:
        connections = Connections(
            watch.clock,
            chosen=where_said(settings.workspace),
            read_only=not (asked.supersede or asked.abandon),
            waiting=complain,
        )
        try:
            api = connections.of(recorded.inputs if recorded is not None else {}, stack)
            context = _context(api, watch.clock, stack)
            return _Cancelling(asked, recorded, context, limit, watch).run()
        except Interrupted as stopped:
            complain(str(stopped), stopped.id)
            return watch.leave(watch.interrupted or ExitCode.INTERRUPTED)
        finally:
            if not watch.left_behind:
                connections.close()


@dataclass(frozen=True)
class _Cancelling:
    asked: Asked
    recorded: Recorded | None
    context: Context
    limit: float | None
    watch: Watch

    def run(self) -> int:
        answer, running = self.watch.call(self._found)
        if running is None:
            _tell(_nothing(answer))
            return ExitCode.NOTHING_TO_REPORT
        if self.asked.supersede:
            return self._supersede(answer, running)
        if self.asked.abandon:
            return self._abandon(answer, running)
        _tell(_told(running, datetime.now(timezone.utc)))
        _tell(_strategies(running))
        complain("Nothing was done. Say which strategy: --supersede or --abandon.", "no-strategy")
        return USAGE

    def _found(self) -> tuple[EndpointAnswer, cancel.UnderWay | None]:
        if self.recorded is not None:
            self.context.same_workspace(self.recorded.outputs)
        answer = cancel.found(self.asked.name, self.context)
        return answer, cancel.under_way(answer, self.context)

    def _supersede(self, answer: EndpointAnswer, running: cancel.UnderWay) -> int:
        name = self.asked.name
        if self.recorded is not None:
            put_again.refuse_another(name, self.recorded.outputs, answer)
            left, what = put_again.as_applied(name, self.recorded.outputs), "the stack applied"
        else:
            left, what = put_again.as_serving(name, answer), "served before"
        complain(
            f"Waiting until the update of endpoint {name} has ended; then the configuration that "
            f"{what} is sent. Ctrl-C stops waiting. The button that cancels the update at once: "
            f"{running.page}"
        )
        limit = self.limit if self.limit is not None else patience_for(answer.settings)
        deadline = Deadline.after(self.context.clock, limit)
        if self.watch.call(lambda: cancel.supersede(name, left, self.context, deadline)):
            _tell(f"Endpoint {name} is ready: it serves the configuration that {what}.")
        else:
            _tell(
                f"The update of endpoint {name} has ended, and it serves what is wanted: nothing "
                f"had to be sent."
            )
        return ExitCode.NOTHING_TO_REPORT

    def _abandon(self, answer: EndpointAnswer, running: cancel.UnderWay) -> int:
        name = self.asked.name
        outputs = self.recorded.outputs if self.recorded is not None else None
        cancel.refuse_to_abandon(answer)
        if not self.asked.yes and not self._is_confirmed(running):
            complain("Nothing was deleted.")
            return ExitCode.ERROR
        limit = self.limit if self.limit is not None else DELETE
        deadline = Deadline.after(self.context.clock, limit)
        self.watch.call(lambda: cancel.abandon(name, outputs, self.context, deadline))
        _tell(
            f"Endpoint {name} is deleted. Where a stack declares it, `pulumi up --refresh` creates "
            f"it again."
        )
        return ExitCode.NOTHING_TO_REPORT

    def _is_confirmed(self, running: cancel.UnderWay) -> bool:
        if not sys.stdin.isatty():
            raise UsageMistake(
                f"--abandon deletes endpoint {self.asked.name}, and nobody can be asked here. Say "
                f"--yes where that is wanted. Nothing was deleted.",
                id="nobody-to-ask",
            )
        _tell(_told(running, datetime.now(timezone.utc)))
        # Whoever is asked has Ctrl-C as an answer; the watch would only note it.
        watched = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return typer.confirm(f"Delete endpoint {self.asked.name}?", err=True)
        finally:
            signal.signal(signal.SIGINT, watched)


def _recorded(
    name: str, settings: CommonSettings, *, said: bool
) -> tuple[Recorded | None, StackSettings]:
    """The endpoint as the stack recorded it, where a stack or a state is named.

    said: it is named on the command line; what is named elsewhere is for other endpoints too
    """
    if settings.stack is None and settings.state is None:
        return None, StackSettings()
    deployment, stack = recorded_state(settings.stack, settings.state)
    endpoints = {r.id: r for r in deployment.resources if r.kind == "ServingEndpoint"}
    if name not in endpoints and not said:
        where = deployment.stack or settings.state
        complain(f"Stack {where} records no ServingEndpoint called {name}: what serves now counts.")
        return None, stack
    if name not in endpoints:
        near = among(name, tuple(endpoints))
        hint = f"Did you mean {near}? " if near is not None else ""
        raise Refused(
            f"Stack {deployment.stack or settings.state} records no ServingEndpoint called {name}. "
            f"{hint}Without --stack and --state, what serves now is sent. Nothing was sent.",
            id="not-in-state",
        )
    return endpoints[name], stack


def _seconds(said: str | None) -> float | None:
    if said is None:
        return None
    try:
        return float(seconds(said))
    except ValueError as wrong:
        raise UsageMistake(f"--timeout: {wrong}.", id="bad-duration") from None


def _context(api: WorkspaceApi, clock: Clock, stack: StackSettings) -> Context:
    return Context(
        api=api,
        clock=clock,
        say=Progress(clock, complain),
        note=complain,
        environment=os.environ,
        stack=Stack(stack),
    )


def _tell(text: str) -> None:
    typer.echo(net_of(os.environ).over(text))


def _nothing(answer: EndpointAnswer) -> str:
    name, update = answer.stamps.name, answer.stamps.state.config_update
    said = f"Nothing is under way at endpoint {name}: there is nothing to cancel, and nothing sent."
    ends = {"UPDATE_FAILED": "failed", "UPDATE_CANCELED": "was cancelled"}
    if update in ends:
        serves = "what served before keeps serving" if answer.serving else "it has never served"
        said += f" Its last update {ends[update]}; {serves}. `pulumi up` sends it again."
    return said


def _told(running: cancel.UnderWay, now: datetime) -> str:
    since = "now"
    if running.since is not None:
        begun = datetime.fromtimestamp(running.since / 1000, timezone.utc)
        ago = duration(max(0.0, (now - begun).total_seconds()))
        since = f"since {begun:%Y-%m-%d %H:%M}Z ({ago})"
    lines = [f"Endpoint {running.name}: an update is under way {since}."]
    for entity, deployment, said in running.entities:
        lines.append("  " + "  ".join(filter(None, (entity, deployment, " ".join(said.split())))))
    lines.append(
        "It has never served: this is its first deployment."
        if running.first
        else "What served before keeps serving meanwhile."
    )
    if running.owner is not None:
        lines.append(f"It was made by {running.owner} (<project>.<stack>.<mark>).")
    return "\n".join(line if line.isprintable() else ascii(line) for line in lines)


def _strategies(running: cancel.UnderWay) -> str:
    abandon = (
        "delete this first deployment"
        if running.first
        else "not here: it deletes a first deployment that never served"
    )
    return (
        "\nNo call of Databricks' API cancels an update. What can be done:\n"
        "  the button   cancels it at once: Cancel update, on\n"
        f"               {running.page}\n"
        "  --supersede  wait until it has ended, then send what is wanted\n"
        f"  --abandon    {abandon}\n"
        "  waiting      `pulumi up` does it by itself; Ctrl-C there stops waiting only"
    )
