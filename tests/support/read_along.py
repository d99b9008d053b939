"""A page of the docs followed as its reader would: files written and changed, commands run.

Each block says in an invisible comment right above it what the reader does with it:

- `write: PATH`: make this the file; `change: PATH`: the same, as a diff without line numbers;
- `run`, `run, exit code 2`: type it in the terminal, which keeps directory and exported variables.
  In a block of `console` each `$ …` is a command, what stands below it what it printed, and the
  exit code that of the last one;
- `run, after METHOD PATH BODY`: the same, once somebody did that in the UI of the workspace;
- `run in the background`: the same in a second terminal, until the end;
- `prints`: what the command before it printed, where `…` stands for anything, and a line of it for
  any lines;
- `not run: REASON`.
"""

from __future__ import annotations

import json
import re
import select
import subprocess
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docs_markdown import Block, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_RUN = re.compile(
    r"run(?:, exit code (?P<code>\d+))?"
    r"(?:, after (?P<method>[A-Z]+) (?P<path>\S+) (?P<body>\{.*\}))?"
)
#: In a block of `console`: the commands.
TYPED = re.compile(r"^\$ ((?:.*\\\n)*.*\n)", re.MULTILINE)
_ANYTHING = "…"
_EMULATOR = "dbserving emulator"
_PORT = "8765"
#: What shows a preview and asks. Whoever follows a page says yes, and has seen the preview.
_ASKS = re.compile(r"^pulumi (?:up|destroy)$", re.MULTILINE)


@dataclass
class Reader:
    """Who follows a page in an empty directory; `done`: how many blocks were run or written.

    `shown_as`: the address that the page has for the emulator's; `typed`: the answer to a command
    that asks.
    """

    directory: Path
    environment: Mapping[str, str]
    memory: Path
    shown_as: str = ""
    typed: str = ""
    port: str = _PORT
    printed: str = ""
    done: int = 0
    _background: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin_anew(self, directory: Path) -> None:
        """Go on in another directory, in a new terminal, and with an empty workspace."""
        directory.mkdir()
        self.directory = directory
        self.memory.unlink(missing_ok=True)
        with urllib.request.urlopen(f"{self._address}/_emulator/reset", b"{}") as answered:
            assert answered.status == 200, answered.read()

    def follow(self, page: str) -> None:
        """Do what the page says, in order. Raises `AssertionError` that names the line."""
        for block in blocks(page):
            try:
                self._do(block)
            except AssertionError as failed:
                raise AssertionError(f"line {block.line}: {failed}") from None

    def _do(self, block: Block) -> None:
        does, _, path = block.mark.partition(": ")
        if does == "write":
            (self.directory / path).write_text(block.text, encoding="utf-8")
        elif does == "change":
            file = self.directory / path
            file.write_text(changed(file.read_text(encoding="utf-8"), block.text), encoding="utf-8")
        elif does == "run in the background":
            self._begin(block.text)
        elif does == "prints":
            difference = unlike(block.text, self.printed)
            assert difference is None, difference
            return
        elif does == "not run":
            return
        else:
            said = _RUN.fullmatch(block.mark)
            assert said, f"what is to be done with the block? its mark is {block.mark!r}"
            if said["method"]:
                self._in_the_ui(said["method"], said["path"], json.loads(said["body"]))
            if block.language == "console":
                self._converse(block.text, int(said["code"] or 0))
            else:
                self._run(block.text, int(said["code"] or 0))
        self.done += 1

    def _begin(self, command: str) -> None:
        """Start the emulator, on a free port in place of the usual one."""
        assert command.strip() == _EMULATOR, "only the emulator is known to run in the background"
        started = subprocess.Popen(
            [*_EMULATOR.split(), "--port", "0"],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._background.append(started)
        assert started.stdout is not None
        assert select.select([started.stdout], [], [], 60)[0], "the emulator does not start"
        lines = [started.stdout.readline() for _ in range(3)]
        self.port = lines[0].strip().rpartition(":")[2]
        self.printed = "".join(lines).replace(self.port, _PORT)

    def _in_the_ui(self, method: str, path: str, body: object) -> None:
        asked = json.dumps({"method": method, "path": path, "body": body}).encode()
        with urllib.request.urlopen(f"{self._address}/_emulator/ui", asked) as answered:
            assert answered.status == 200, answered.read()

    def _converse(self, console: str, expected: int) -> None:
        _, *said = TYPED.split(console)
        commands, printed = said[::2], said[1::2]
        for number, (command, below) in enumerate(zip(commands, printed, strict=True), start=1):
            self._run(command, expected if number == len(commands) else 0)
            difference = unlike(below, self.printed) if below.strip() else None
            assert difference is None, f"{command}{difference}"

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _run(self, commands: str, expected: int) -> None:
        kept = f'{{ export -p; printf "cd %q\\n" "$PWD"; }} > {self.memory}'
        script = f". {self.memory}\ntrap '{kept}' EXIT\nset -eo pipefail\n"
        typed = _ASKS.sub(r"\g<0> --yes --skip-preview", commands)
        self.memory.touch()
        ran = subprocess.run(
            ["bash", "-c", script + typed.replace(_PORT, self.port)],
            cwd=self.directory,
            env=self.environment,
            input=self.typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        shown = ran.stdout.replace(self._address, self.shown_as) if self.shown_as else ran.stdout
        self.printed = shown.replace(self.port, _PORT)
        assert ran.returncode == expected, f"exit code {ran.returncode}:\n{self.printed}"

    def leave(self) -> None:
        """End what runs in the background."""
        for started in self._background:
            started.terminate()
            started.communicate()


@contextmanager
def reader(directory: Path, environment: Mapping[str, str], *, typed: str = "") -> Iterator[Reader]:
    """A reader in `directory`, which need not exist yet; `typed`: see `Reader`."""
    directory.mkdir(exist_ok=True)
    # pytest-xdist sets the width of a terminal, where what is too wide would be wrapped.
    said = {name: value for name, value in environment.items() if name != "COLUMNS"}
    made = Reader(directory, said, directory.parent / "memory.sh", typed=typed)
    try:
        yield made
    finally:
        made.leave()


def changed(text: str, diff: str) -> str:
    """The text with the change in it. Raises `AssertionError` unless it fits in one place."""
    lines = diff.splitlines()
    odd = [line for line in lines if line and line[0] not in " +-"]
    assert not odd, f"no lines of a diff: {odd}"
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    assert text.count(before) == 1, f"the change fits in {text.count(before)} places, not in one"
    return text.replace(before, after)


def unlike(said: str, printed: str) -> str | None:
    """None where `printed` is what is said; else the line that it lacks, and all that it is."""
    lines = [line.rstrip() for line in said.strip("\n").splitlines()]
    pattern = "".join(map(_line, lines))
    actual = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    if re.fullmatch(pattern, actual):
        return None
    until = max(
        n for n in range(len(lines) + 1) if re.match("".join(map(_line, lines[:n])), actual)
    )
    lacking = lines[until] if until < len(lines) else "nothing more"
    return f"the page says {lacking!r} where this was printed:\n{actual}"


def _line(said: str) -> str:
    if said == _ANYTHING:
        return r"(?:.*\n)*?"
    return ".*".join(map(re.escape, said.split(_ANYTHING))) + r"\n"
