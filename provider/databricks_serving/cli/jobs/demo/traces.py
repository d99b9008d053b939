"""What the story makes in a workspace that is not its own: absent before it, gone after it.

Where the story ends early, its stack is lost with the temporary directory. So what is left is
removed through the emulator's own door, which needs neither the engine nor a state that is whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from .stage import ENDPOINT, ENDPOINTS, SCOPE, Stage, StoryBroken


@dataclass(frozen=True)
class _Trace:
    """One thing that the story makes; `listed`: the path and the key of the list that names it."""

    what: str
    name: str
    listed: tuple[str, str]
    removal: dict[str, object]

    @property
    def told(self) -> str:
        return f"the {self.what} {self.name}"


#: In the order in which they go: the endpoint refers to the secret.
_TRACES = (
    _Trace(
        "endpoint",
        ENDPOINT,
        (ENDPOINTS, "endpoints"),
        {"method": "DELETE", "path": f"{ENDPOINTS}/{ENDPOINT}"},
    ),
    _Trace(
        "scope",
        SCOPE,
        ("/api/2.0/secrets/scopes/list", "scopes"),
        {"method": "POST", "path": "/api/2.0/secrets/scopes/delete", "body": {"scope": SCOPE}},
    ),
)
_REMEDY = "`dbserving emulator` starts an empty one; `POST /_emulator/reset` empties this one."


@contextlib.contextmanager
def no_traces(stage: Stage) -> Iterator[None]:
    """For the time of the story. Raises `StoryBroken` where what it makes is there already."""
    if there := _there(stage):
        raise StoryBroken(
            f"{stage.emulator} has {_all(there)} already, which the demo makes itself. Delete it "
            f"there, or use another emulator: {_REMEDY}",
            id="demo-taken",
        )
    try:
        yield
    except BaseException:  # Ctrl-C, too
        _clear(stage)
        raise


def _clear(stage: Stage) -> None:
    """Remove what is there, in bounded time; where that fails, say what may be left."""
    try:
        there = _there(stage)
        for trace in there:
            stage.control("POST", "ui", trace.removal)
    except (StoryBroken, KeyboardInterrupt):
        left = f"{_all(_TRACES)} may be left in {stage.emulator}. {_REMEDY}"
        typer.echo(f"\n{left[0].upper()}{left[1:]}", err=True)
    else:
        if there:
            typer.echo(f"\nRemoved from {stage.emulator}: {_all(there)}.", err=True)


def _there(stage: Stage) -> tuple[_Trace, ...]:
    return tuple(trace for trace in _TRACES if trace.name in _names(stage, *trace.listed))


def _names(stage: Stage, path: str, key: str) -> set[str]:
    answer = stage.control("POST", "ui", {"method": "GET", "path": path})
    return {one["name"] for one in answer.get(key, ())}


def _all(traces: tuple[_Trace, ...]) -> str:
    return " and ".join(trace.told for trace in traces)
