"""What the engine knows: a stack's state, its configuration, what a preview says of it.

`pulumi` is run in the project's directory, without a shell. What it prints on its standard error is
quoted in the error.
"""

from __future__ import annotations

import codecs
import gzip
import json
import os
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from databricks_serving.errors import ServingError
from databricks_serving.state.deployment import (
    Complaint,
    Deployment,
    NoState,
    Preview,
    deployment_of,
    preview_of,
)
from databricks_serving.state.settings import StackSettings, stack_settings

from .pulumi import EngineFailed, ended, on_path

if TYPE_CHECKING:
    from databricks_serving.clock import Clock

_GZIP = b"\x1f\x8b"
_LONGEST_QUOTE = 800
#: What pulumi 3.259 says where there is no such stack; its exit code is 6 for the first alone.
_NO_STACK = (
    "no stack named",
    "no stack selected",
    "no Pulumi.yaml",
    # Outside of a project a bare name says nothing.
    "pass the fully qualified name",
)


class Engine:
    """The engine on PATH, in a project's directory.

    clock: called off, it ends a `pulumi` that runs, and `CalledOff` is raised
    say: told each command before it runs
    """

    def __init__(
        self,
        *,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._directory = directory or Path.cwd()
        self._environment = os.environ if environment is None else environment
        self._clock = clock
        self._say = say

    def export(self, stack: str | None = None) -> Deployment:
        """The stack's state; None: of the one selected. Raises `NoState` or `EngineFailed`."""
        return deployment_of(_parsed(self._run("stack", "export", *_of(stack)), "pulumi stack"))

    def settings(self, stack: str | None = None) -> StackSettings:
        """What the stack's configuration says to us. Raises as `export`, and `InvalidResource`."""
        document = _parsed(self._run("config", "--json", *_of(stack)), "pulumi config")
        said = document if isinstance(document, dict) else {}
        return stack_settings(
            {
                key: entry["value"]
                for key, entry in said.items()
                if isinstance(entry, dict) and "value" in entry
            }
        )

    def preview(self, stack: str | None = None) -> Preview:
        """What `pulumi up` would do by the program and the state alone, failed or not.

        Raises `NoState`, or `EngineFailed` where nothing that can be read was printed.
        """
        arguments = ("preview", "--json", "--refresh=false", "--show-sames", *_of(stack))
        code, printed, complaint = self._ran(*arguments)
        if code and not printed.lstrip().startswith("{"):
            raise _failure(arguments, complaint)
        found = preview_of(_parsed(printed, "pulumi preview"))
        if code and not found.errors:
            said = Complaint(_quoted(complaint) or f"exit code {code}")
            return Preview(found.steps, found.others, (said,))
        return found

    def _run(self, *arguments: str) -> str:
        code, printed, complaint = self._ran(*arguments)
        if code:
            raise _failure(arguments, complaint)
        return printed

    def _ran(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of one `pulumi`."""
        if self._say is not None:
            self._say(f"pulumi {' '.join(arguments)}")
        program = on_path(self._environment)
        if program is None:
            raise EngineFailed(
                "There is no `pulumi` on PATH, and the state is read through it. Install it "
                "(https://www.pulumi.com/docs/install/), or give the state itself with --state: "
                "what `pulumi stack export` printed elsewhere.",
                id="no-engine",
            )
        told = ended(
            program,
            (*arguments, "--non-interactive", "--color", "never"),
            directory=self._directory,
            environment=self._environment,
            look=self._look,
        )
        return told.code, told.printed, told.complaint

    def _look(self) -> None:
        if self._clock is not None:
            self._clock.check()


def recorded_state(
    stack: str | None, state_file: Path | None, engine: Engine | None = None
) -> tuple[Deployment, StackSettings]:
    """What is recorded, and the stack's settings; with a state file alone, no engine is needed.

    Raises `NoState` where there is no such stack or file, `EngineFailed`, `InvalidResource`.
    """
    engine = engine or Engine()
    if state_file is None:
        return engine.export(stack), engine.settings(stack)
    deployment = deployment_of(_parsed(_text_of(state_file), str(state_file)))
    return deployment, engine.settings(stack) if stack else StackSettings()


def saved_preview(path: Path) -> Preview:
    """A preview that was saved: what `pulumi preview --json` printed. Raises `NoState`."""
    return preview_of(_parsed(_text_of(path), str(path)))


def _text_of(path: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        return content.decode(_encoding(content))
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError):
        raise NoState(
            f"{path} is damaged, or no text: no Pulumi state is in it.", id="state-unreadable"
        ) from None
    except OSError as wrong:
        raise NoState(
            f"{path} cannot be read: {wrong.strerror or wrong}.", id="state-unreadable"
        ) from None


def _encoding(content: bytes) -> str:
    """UTF-8, or what PowerShell's `>` writes."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if wide else "utf-8-sig"


def _parsed(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise NoState(
            f"What {where} holds is nested too deep for any Pulumi state.", id="state-too-deep"
        ) from None
    except ValueError as wrong:
        raise NoState(f"What {where} holds is no JSON: {wrong}.", id="no-json") from None


def _of(stack: str | None) -> tuple[str, ...]:
    return ("--stack", stack) if stack else ()


def _failure(arguments: tuple[str, ...], complaint: str) -> ServingError:
    said = _quoted(complaint) or "it said nothing"
    command = f"`pulumi {' '.join(arguments)}`"
    if any(sign in complaint for sign in _NO_STACK):
        return NoState(
            f"{command}: {said}. Name a stack of this project with --stack (`pulumi stack ls` "
            f"lists them), run it in the project's directory, or give a state with --state.",
            id="no-stack",
        )
    return EngineFailed(f"{command} failed: {said}.", id="engine-failed")


def _quoted(complaint: str) -> str:
    lines = (line.strip().removeprefix("error: ") for line in complaint.splitlines())
    return " ".join(line for line in lines if line)[:_LONGEST_QUOTE].rstrip(". ")
