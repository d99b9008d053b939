"""`pulumi up`, `preview`, `refresh` and `destroy`, as the real engine does them.

What is modelled is what a provider can tell: which calls it gets, with what in them, in which
order, and what stands in the state afterwards. Source: the engine's step_generator.go, step.go and
snapshot.go; resources are taken one after the other (`--parallel 1`). Not modelled: targets, plans,
policies, providers declared by the program, imports, pending operations (a create that is under way
when the engine itself is killed leaves nothing in the state but a warning for the next run).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .calls import CallFailedError, Calls
from .deployment import Deployment, StoppedError
from .programs import Monitor, Program, run

if TYPE_CHECKING:
    from .processes import Plugin
    from .state import Resource
    from .values import Json


@dataclass
class Report:
    """What a run did: steps as (operation, resource name); paths of inputs that differ by name.

    `calls`: what the provider was asked, with its answers. `error`: what stopped the run, if
    anything did; `printed`: stdout and stderr of the provider; `lines`: what the program logged.
    """

    steps: list[tuple[str, str]] = field(default_factory=list)
    paths: dict[str, set[str]] = field(default_factory=dict)
    calls: list[Json] = field(default_factory=list)
    error: str | None = None
    printed: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def changes(self) -> list[tuple[str, str]]:
        """The steps that `--expect-no-changes` counts."""
        return [step for step in self.steps if step[0] != "same"]


@dataclass
class MiniEngine:
    """One stack; `start` gives the plugin process of one run."""

    start: Callable[[], Plugin]
    config: dict[str, str] = field(default_factory=dict)
    secret_keys: tuple[str, ...] = ()
    project: str = "shop"
    stack: str = "dev"
    state: list[Resource] = field(default_factory=list)
    plugin: Plugin | None = None

    def up(self, program: Program, *, refresh: bool = False) -> Report:
        """`pulumi up --skip-preview`; `refresh`: as with `options: {refresh: always}`."""
        return self._deploy(program, refresh=refresh, dry=False)

    def preview(self, program: Program, *, refresh: bool = False) -> Report:
        """`pulumi preview`."""
        return self._deploy(program, refresh=refresh, dry=True)

    def refresh(self, *, preview_only: bool = False) -> Report:
        """`pulumi refresh`."""
        with self._deployment(dry=preview_only) as deployment:
            deployment.refresh()
        return deployment.report

    def destroy(self, *, refresh: bool = False) -> Report:
        """`pulumi destroy`."""
        with self._deployment(dry=False) as deployment:
            if refresh:
                deployment.refresh()
                deployment.report.steps.clear()
            deployment.delete_the_rest()
        return deployment.report

    def resource(self, name: str) -> Resource:
        """The resource of that name."""
        return next(each for each in self.state if each.name == name)

    def _deploy(self, program: Program, *, refresh: bool, dry: bool) -> Report:
        with self._deployment(dry=dry) as deployment:
            if refresh:
                deployment.refresh()
                deployment.report.steps.clear()
            lines = deployment.report.lines
            monitor = Monitor(self.project, self.stack, deployment.register, lines)
            run(program, monitor, self.config, self.secret_keys, dry=dry)
            deployment.delete_the_rest()
        return deployment.report

    @contextmanager
    def _deployment(self, *, dry: bool) -> Iterator[Deployment]:
        report = Report()
        self.plugin = self.start()
        channel, stub = self.plugin.connect()
        calls = Calls(stub)
        state = copy.deepcopy(self.state) if dry else self.state
        deployment = Deployment(state, calls, report, dry=dry)
        try:
            calls.configure(self.config, self.secret_keys)
            yield deployment
        except (StoppedError, CallFailedError) as stopped:
            report.error = deployment.failure or str(stopped)
        finally:
            calls.cancel()
            channel.close()
            self.plugin.kill()
            report.calls = calls.made
            report.printed = self.plugin.printed + self.plugin.errors
            self.plugin.close()
