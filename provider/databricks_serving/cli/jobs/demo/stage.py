"""Where the demo's story is told: the engine, the workspace, the program, and what is shown."""

from __future__ import annotations

import difflib
import json
import re
import textwrap
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from databricks_serving.cli.jobs import pulumi
from databricks_serving.errors import ServingError

WIDTH = 80
#: What the story makes, by name.
ENDPOINT = "openai_endpoint"
SCOPE = "llm-keys"
ENDPOINTS = "/api/2.0/serving-endpoints"


class StoryBroken(ServingError):
    """A step of the demo did not go as told; the message says how."""


@dataclass
class Stage:
    """An engine on a project, the workspace that it talks to, and what has been shown of both.

    engine: where `pulumi` is; emulator: the workspace's URL; program: the project's `__main__.py`
    """

    engine: str
    environment: Mapping[str, str]
    emulator: str
    token: str = field(repr=False)
    program: Path
    seen: int = 0
    number: int = 0
    begun: float = field(default_factory=time.monotonic)

    def heading(self, title: str, what: str) -> None:
        """A step begins."""
        self.number += 1
        line = f"{self.number}. {title}"
        typer.echo()
        typer.secho(line, bold=True)
        typer.echo("-" * len(line))
        typer.echo(textwrap.fill(what, WIDTH))

    def run(self, *arguments: str, shown: str, expect: int = 0) -> None:
        """Run `pulumi`, show what matters of its output. Raises `StoryBroken` on another exit."""
        printed = self._ran(*arguments, shown=shown, expect=expect)
        for line in essential(printed):
            typer.echo(f"    {line}")
        if expect:
            typer.echo(f"    exit code {expect}")
        self._requests()

    def prepare(self, *arguments: str, shown: str) -> None:
        """Run `pulumi` where its output tells nothing. Raises `StoryBroken` where it fails."""
        self._ran(*arguments, shown=shown, expect=0)

    def _ran(self, *arguments: str, shown: str, expect: int) -> str:
        typer.echo(f"\n  $ pulumi {shown}")
        ended = pulumi.ended(
            self.engine,
            (*arguments, "--non-interactive"),
            directory=self.program.parent,
            environment=self.environment,
            look=lambda: None,
        )
        printed = f"{ended.printed}{ended.complaint}"
        if ended.code != expect:
            typer.echo(textwrap.indent(printed, "    "))
            raise StoryBroken(
                f"`pulumi {shown}` ended with exit code {ended.code}, not {expect}; what it "
                "printed stands above. `dbserving doctor` looks for what is wrong "
                "with this installation, of `pip` too, which the engine runs.",
                id="demo-broken",
            )
        return printed

    def arrive(self) -> None:
        """Ask whether an emulator is there. What it got before is no part of the story.

        Raises `StoryBroken` where none answers.
        """
        self.seen = len(self._writes())

    def _writes(self) -> list[dict[str, str]]:
        writes: list[dict[str, str]] = self.control("GET", "calls?writes=true")["calls"]
        return writes

    def _requests(self) -> None:
        """Show the writes that reached the workspace since the last time."""
        writes = self._writes()
        typer.echo()
        for call in writes[self.seen :]:
            path = call["path"].removeprefix("/api/2.0/")
            typer.echo(f"    the workspace got {call['method']} {path}")
        if len(writes) == self.seen:
            typer.echo("    the workspace got no write")
        self.seen = len(writes)

    def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call the control routes: what a person, or the world, does to the workspace."""
        request = urllib.request.Request(  # noqa: S310 - the emulator's own URL
            f"{self.emulator}/_emulator/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        # No proxy stands before a workspace on this machine, whatever the environment names.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError) as wrong:  # not there, or no JSON
            raise StoryBroken(
                f"{self.emulator} does not answer as an emulator does: {wrong}. Start one with "
                "`dbserving emulator`, or leave out --emulator.",
                id="no-emulator",
            ) from None

    def edit(self, changes: tuple[tuple[str, str], ...]) -> None:
        """Change the program, and show how. Raises `StoryBroken` where it has no such line."""
        before = self.program.read_text(encoding="utf-8")
        after = before
        for line, instead in changes:
            if line not in after:
                raise StoryBroken(
                    f"The quickstart has no longer the line {line!r}.", id="demo-broken"
                )
            after = after.replace(line, instead)
        self.program.write_text(after, encoding="utf-8")
        typer.echo("\n  in __main__.py:")
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""):
            if line[:1] in "+-" and line[:3] not in ("+++", "---"):
                text = textwrap.shorten(line[1:], WIDTH - 6, placeholder=" …")
                typer.echo(f"    {line[0]} {text}")


_BESIDE_THE_STORY = (
    "[urn=",
    "[id=",
    "pulumi:pulumi:Stack",
    "--outputs:--",
    "last_updated_timestamp",
    "Duration",
    "Previewing",
    "Updating (",
    "Destroying (",
    "The resources in the stack",
    "If you want to remove",
    "updating....",
    "destroying....",
    "(refresh)",
)
#: Of the lines that come and go while `up` works, those that say what became of a resource.
_WORKING = re.compile(r"(creating|refreshing|refresh|updating|deleting|running) (\(|$)")


def essential(printed: str) -> Iterator[str]:
    """The lines of Pulumi's output that tell the story, once each, within 80 columns."""
    shown = set()
    for line in printed.splitlines():
        text = line.rstrip().replace("pulumi-python:dynamic/databricks_serving:", "")
        if not text.strip() or any(part in text for part in _BESIDE_THE_STORY):
            continue
        if _WORKING.search(text) and "DEPLOYMENT" not in text:
            continue
        if text.startswith(" ") and ("(" in text and text in shown):
            continue
        shown.add(text)
        indent = " " * (len(text) - len(text.lstrip()))
        yield from textwrap.wrap(
            text.strip(),
            WIDTH - 4,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
