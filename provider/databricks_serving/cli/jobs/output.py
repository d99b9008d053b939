"""Where reports go: data to the standard output or into files, everything else to the errors.

Whatever leaves passes the last net first (`cli/net.py`). Files appear whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.net import Net, net_of
from databricks_serving.cli.terminal import PLAIN, Looks, emptied, looks
from databricks_serving.errors import ServingError
from databricks_serving.report import shown
from databricks_serving.report.formats import EXTENSIONS, FORMATS, render
from databricks_serving_schema.suggest import among

from .covering import covered

if TYPE_CHECKING:
    from databricks_serving.report.formats import Rendered
    from databricks_serving.report.model import Report

TEXT, JSON, GITHUB = "text", "json", "github"
#: The others have words that programs read, and nothing that is not of the covered report.
_FOR_PEOPLE = (TEXT, "markdown")


class WouldOverwrite(UsageMistake):
    """A report was asked for where the run reads: none is written."""


class NotWritten(ServingError):
    """A report could not be written where it was asked for."""


@dataclass(frozen=True)
class Target:
    """One `-f FORMAT[=PATH]`; `path` None: the standard output."""

    format: str
    path: Path | None = None


@dataclass(frozen=True)
class Output:
    """Where one run's report goes, and how.

    quiet: 1: of a text on the standard output only the verdict; 2: not even that where there is
    nothing to report
    """

    targets: tuple[Target, ...]
    environment: Mapping[str, str]
    color: str = "auto"
    quiet: int = 0

    @property
    def net(self) -> Net:
        """The last net of this run."""
        return net_of(self.environment)


def targets_of(
    formats: Sequence[str], directory: Path | None = None, known: Sequence[str] = FORMATS
) -> tuple[Target, ...]:
    """What `-f` asks for. Raises `UsageMistake`: an unknown format, two on the standard output.

    directory: where relative paths begin; with one, a format without a path gets a file there,
    but for text and github, which are for the log
    known: the formats that there are
    """
    targets = tuple(_target(said, directory, known) for said in formats) or (Target(TEXT),)
    printed = [t.format for t in targets if t.path is None and t.format != GITHUB]
    if len(printed) > 1:
        raise UsageMistake(
            f"The standard output takes one format, not {' and '.join(printed)}: give the others a "
            f"path, -f {printed[1]}=PATH.",
            id="one-format-on-stdout",
        )
    _refuse_the_same(targets)
    return targets


def refuse_inputs(targets: Sequence[Target], read: Mapping[str, Path | None]) -> None:
    """Raise `WouldOverwrite` where a report would replace what the run reads; `read`: by option."""
    for option, path in read.items():
        for target in targets:
            if path is not None and target.path is not None and _is_same(path, target.path):
                raise WouldOverwrite(
                    f"-f {target.format}={target.path} would overwrite what {option} names: choose "
                    f"another path.",
                    id="would-overwrite-input",
                )


def _refuse_the_same(targets: Sequence[Target]) -> None:
    paths = [target.path for target in targets if target.path is not None]
    for number, path in enumerate(paths):
        if any(_is_same(path, other) for other in paths[:number]):
            raise UsageMistake(
                f"{path} is given to two formats, and would hold the last alone.",
                id="two-formats-one-path",
            )


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are one file; a device or a pipe may be written to twice."""
    if one.resolve() != other.resolve():
        return False
    return one.is_file() or not one.exists()


def _target(said: str, directory: Path | None, known: Sequence[str]) -> Target:
    name, has_path, path = said.partition("=")
    if name not in known:
        near = among(name, tuple(known))
        hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}."
        raise UsageMistake(f"-f {said}: there is no format {name!r}; {hint}", id="unknown-format")
    if has_path and not path:
        raise UsageMistake(f"-f {said}: a path follows the equals sign.", id="no-path-for-format")
    if has_path:
        return Target(name, Path(path) if directory is None else directory / path)
    if directory is None or name in (TEXT, GITHUB):
        return Target(name)
    return Target(name, directory / f"report.{EXTENSIONS[name]}")


def emit(report: Report, output: Output) -> None:
    """Write the report in every format that was asked for.

    Raises what went wrong with one, `NotWritten` for a path, after all others are written.
    """
    net = output.net
    safe = covered(report, net)
    failed: list[Exception] = []
    taken = any(t.path is None and t.format != GITHUB for t in output.targets)
    for target in output.targets:
        try:
            if target.format == GITHUB:
                _tell_github(safe, target, output, net, sys.stderr if taken else sys.stdout)
            elif target.path is None:
                _print(safe, target.format, output, net)
            else:
                write_file(target.path, _text(_rendered(safe, target.format, PLAIN), target, net))
        except Exception as wrong:  # noqa: BLE001 - raised below
            failed.append(wrong)
    if failed:
        raise failed[0]


def show(rendered: str, net: Net, stream: TextIO | None = None) -> None:
    """Print a text as it is, through the net; a reader who has gone away is no error."""
    stream = stream or sys.stdout
    text = net.over(rendered)
    with _written_to(stream):
        # The encoding of a log may lack a sign that a name has.
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


@contextlib.contextmanager
def _written_to(stream: TextIO) -> Iterator[None]:
    """Writing to a stream: a reader who has gone away is no error, a full disk is one."""
    try:
        yield
    except BrokenPipeError:
        emptied(stream)
    except OSError as wrong:
        emptied(stream)
        raise NotWritten(
            f"The standard output cannot be written: {wrong.strerror or wrong}.",
            id="stdout-not-written",
        ) from None


def _rendered(report: Report, name: str, how: Looks, *, brief: bool = False) -> Rendered:
    return render(report, name, width=how.width, color=how.color, ascii=how.ascii, brief=brief)


def _text(rendered: Rendered, target: Target, net: Net) -> str:
    text = net.over(rendered.text) if target.format in _FOR_PEOPLE else rendered.text
    return text if text.endswith("\n") or not text else f"{text}\n"


def _print(report: Report, name: str, output: Output, net: Net) -> None:
    if name == TEXT:
        if output.quiet > 1 and not report.summary.exit_code:
            return
        how = looks(sys.stdout, output.environment, output.color)
        show(_rendered(report, name, how, brief=bool(output.quiet)).text, net)
        return
    print_exactly(_text(_rendered(report, name, PLAIN), Target(name), net))


def print_exactly(text: str) -> None:
    """Print what programs read, which has passed the net; a reader who has gone is no error."""
    with _written_to(sys.stdout):
        sys.stdout.flush()
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:
            sys.stdout.write(text)
        else:
            # What programs read is UTF-8, whatever the terminal's encoding.
            binary.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()


def _tell_github(report: Report, target: Target, output: Output, net: Net, stream: TextIO) -> None:
    """Annotations to the log, the summary and the outputs into the files that GitHub names."""
    rendered = _rendered(report, GITHUB, PLAIN)
    if target.path is not None:
        write_file(target.path, _text(rendered, target, net))
    else:
        show(_text(rendered, target, net), Net(()), stream)
    _append(output.environment.get("GITHUB_STEP_SUMMARY"), net.over(rendered.summary))
    paths = {t.format: str(t.path) for t in output.targets if t.path is not None}
    outputs = {**rendered.outputs}
    for name, key in ((JSON, "report_path"), ("markdown", "markdown_path")):
        if name in paths:
            outputs[key] = net.over(paths[name])
    lines = "".join(f"{key}={_on_one_line(key, value)}\n" for key, value in outputs.items())
    _append(output.environment.get("GITHUB_OUTPUT"), lines)


def _on_one_line(key: str, value: str) -> str:
    # A second line would be an output of its own, of whatever name.
    if not value.isprintable():
        raise NotWritten(
            f"The step's output {key} cannot be written: {shown.printable(value)!r} has a line "
            "break or the like in it. Choose another path.",
            id="path-with-line-break",
        )
    return value


def _append(path: str | None, text: str) -> None:
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") or not text else f"{text}\n")
    except OSError as wrong:
        raise _not_written(Path(path), wrong) from None


def write_file(path: Path, text: str) -> None:
    """Write a file whole, or leave what was there. A device or a pipe is written to as it is."""
    temporary: Path | None = None
    try:
        # A pipe (`/dev/stdout`, `>(command)`) has no path but this one.
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        path = path.resolve()  # what a link leads to is replaced, not the link
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        # Such a file is its owner's alone; a report is for whoever may read the directory.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as wrong:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise _not_written(path, wrong) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _not_written(path: Path, wrong: OSError) -> NotWritten:
    return NotWritten(
        f"{path} cannot be written: {wrong.strerror or wrong}. Choose another path, or make the "
        f"directory writable.",
        id="not-written",
    )
