"""How far a run has come: a bar for people, a line now and then for logs."""

from __future__ import annotations

import contextlib
import io
import os
import pty

import pytest

from databricks_serving.cli.jobs.progress import InLog, OnTerminal, Silent, progress


@pytest.fixture
def terminal():
    """A terminal: its stream, and what a person has seen on it, which ends it."""
    parent, child = pty.openpty()
    stream = os.fdopen(child, "w", encoding="utf-8")

    def seen():
        stream.close()
        parts = []
        # One read gives what has come through by then; the end is an error.
        with contextlib.suppress(OSError):
            while part := os.read(parent, 65536):
                parts.append(part)
        return b"".join(parts).decode()

    yield stream, seen
    stream.close()
    os.close(parent)


class Time:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_log_gets_a_line_every_30_seconds():
    log, time = io.StringIO(), Time()
    told = InLog(log, time)
    told.begin(120)
    for _ in range(17):
        told.seen(drifted=False)
    told.seen(drifted=True)

    for time.now in (29.9, 30.0, 59.9, 60.0):
        told.tick()

    assert log.getvalue() == "18/120 checked, 1 drifted\n" * 2


def test_a_run_that_has_not_begun_to_look_says_nothing():
    log, time = io.StringIO(), Time()
    told = InLog(log, time)

    time.now = 60.0
    told.tick()

    assert log.getvalue() == ""


def test_a_person_gets_a_bar_that_goes_away(terminal):
    stream, seen = terminal
    told = progress({"TERM": "xterm"}, stream=stream)

    told.begin(2)
    told.seen(drifted=True)
    told.end()

    assert isinstance(told, OnTerminal)
    assert "1/2 checked, 1 drifted" in seen()


@pytest.mark.parametrize(
    "environment", [{"CI": "true"}, {"GITHUB_ACTIONS": "true"}, {"TERM": "dumb"}]
)
def test_a_machine_gets_lines_even_on_a_terminal(terminal, environment):
    stream, _ = terminal

    assert isinstance(progress(environment, stream=stream), InLog)


def test_a_stream_that_is_no_terminal_gets_lines_and_quiet_nothing():
    assert isinstance(progress({}, stream=io.StringIO()), InLog)
    assert isinstance(progress({}, stream=io.StringIO(), quiet=True), Silent)
