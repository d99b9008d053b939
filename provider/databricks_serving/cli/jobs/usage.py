"""What `dbserving usage` does: asks the system tables once, and tells what they say."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from databricks_serving.api import WorkspaceApi, resolve_credentials
from databricks_serving.api.statements import Statements
from databricks_serving.apply.recorded import recorded_in
from databricks_serving.cli.configuration import UsageSettings, settings_of
from databricks_serving.cli.exits import complain
from databricks_serving.cli.net import mask, net_of
from databricks_serving.cli.terminal import looks
from databricks_serving.clock import SystemClock
from databricks_serving.report.model import ExitCode
from databricks_serving.report.shown import counted
from databricks_serving.report.usage import Usage, figures_of, rows_of, unpriced
from databricks_serving.report.usage_formats import USAGE_FORMATS, render_usage

from .covering import covered
from .output import JSON, TEXT, Target, print_exactly, show, targets_of, write_file
from .usage_asked import (
    Scope,
    dimensions_of,
    keys_of,
    prices_of,
    scope_of,
    times_of,
    warehouse_of,
)
from .usage_tables import REMEDY, STATEMENT, Asked, instant

if TYPE_CHECKING:
    from typing_extensions import Self

    from databricks_serving.api import WorkspaceIdentity
    from databricks_serving.clock import Clock
    from databricks_serving.report.usage import Figures, Measured

_NO_ID = (
    "This workspace does not tell its id, and the tables are of a whole region: calls of its other "
    "workspaces are counted too."
)
_NOTHING = "Only endpoints with usage tracking have rows, some minutes after a call."


def run_usage(
    given: Mapping[str, object],
    *,
    clock: Clock | None = None,
    now: datetime | None = None,
) -> int:
    """Ask and tell; the exit code. Raises `UsageMistake`, `ServingError`.

    now: what durations count from, with a zone
    """
    mask(net_of(os.environ), os.environ)
    settings = settings_of(UsageSettings, given)
    targets = targets_of(settings.format, known=USAGE_FORMATS)
    by = dimensions_of(settings)
    since, until = times_of(settings, now or datetime.now(timezone.utc))
    prices = prices_of(settings.prices)
    warehouse = warehouse_of(settings, os.environ)
    scope = scope_of(settings)
    with _Tables(scope, clock or SystemClock()) as tables:
        here = tables.identity()
        asked = Asked(since, until, here.workspace_id, scope.endpoints, keys_of(by))
        found = tables.measured(asked, warehouse, settings.timeout)
    # Of a stack: what is known of no endpoint may be another's.
    left_out = tuple(one for one in found if scope.endpoints is not None and one.endpoint is None)
    measured = found if not left_out else tuple(one for one in found if one.endpoint is not None)
    usage = Usage(
        workspace=here.host,
        workspace_id=here.workspace_id,
        since=instant(since),
        until=None if until is None else instant(until),
        by=by,
        endpoints=scope.endpoints,
        currency=None if prices is None else prices.currency,
        rows=rows_of(measured, by, prices),
        total=figures_of(measured, prices),
        unpriced=unpriced(measured, prices),
        notices=_notices(here, measured, figures_of(left_out)),
    )
    for target in targets:
        _tell(usage, target, settings.color)
    return ExitCode.NOTHING_TO_REPORT


class _Tables:
    """The tables of one workspace, and which workspace that is."""

    def __init__(self, scope: Scope, clock: Clock) -> None:
        credentials = resolve_credentials(scope.where, os.environ)
        self._scope = scope
        self._api = WorkspaceApi(credentials, clock, waiting=complain, read_only=True)
        self._statements = Statements(
            credentials, clock, STATEMENT, remedy=REMEDY, waiting=complain
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self._statements.close()

    def identity(self) -> WorkspaceIdentity:
        """Which workspace. Raises `WrongWorkspace` where the stack is recorded in another."""
        here = self._api.identity()
        for one in self._scope.recorded:
            recorded_in(one.outputs, here)
        return here

    def measured(self, asked: Asked, warehouse: str, timeout: float) -> tuple[Measured, ...]:
        """What the tables say; nothing is asked of a stack without endpoints."""
        if asked.endpoints == ():
            return ()
        rows = self._statements.rows(warehouse, asked.parameters(), timeout)
        return asked.measured(rows)


def _notices(
    here: WorkspaceIdentity, measured: tuple[Measured, ...], left_out: Figures
) -> tuple[str, ...]:
    return (
        *(() if here.workspace_id else (_NO_ID,)),
        *(() if measured else (_NOTHING,)),
        *((_left_out(left_out),) if left_out.calls else ()),
    )


def _left_out(figures: Figures) -> str:
    return (
        f"Not counted here: {counted(figures.calls, 'call')} of this workspace "
        f"({counted(figures.errors, 'error')}) of which the tables know no endpoint. What a rate "
        "limit or a guardrail refuses reaches no entity, and has none. Without a stack they are "
        "told, too."
    )


def _tell(usage: Usage, target: Target, color: str) -> None:
    net = net_of(os.environ)
    usage = covered(usage, net)
    if target.format == TEXT and target.path is None:
        how = looks(sys.stdout, os.environ, color)
        show(render_usage(usage, TEXT, width=how.width, color=how.color, ascii_only=how.ascii), net)
        return
    text = render_usage(usage, target.format, logged=target.path is None)
    text = text if target.format == JSON else net.over(text)
    if target.path is None:
        print_exactly(text)
    else:
        write_file(target.path, text)
