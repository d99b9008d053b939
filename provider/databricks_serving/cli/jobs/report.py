"""What `dbserving report` does: reads saved reports, and writes them anew."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from databricks_serving.cli.configuration import ReviewSettings, settings_of
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.net import mask
from databricks_serving.report.model import FORMAT_VERSION, Report, Tool
from databricks_serving.report.values import Stated

from .output import Output, emit, refuse_inputs, targets_of


def run_render(file: Path, given: Mapping[str, object], *, quiet: int = 0) -> int:
    """Write a saved report in other formats; 0. Raises `UsageMistake` and `NotWritten`."""
    output = _output(given, quiet)
    refuse_inputs(output.targets, {"FILE": file})
    emit(read_report(file), output)
    return 0


def run_merge(
    files: Sequence[Path],
    given: Mapping[str, object],
    *,
    quiet: int = 0,
    expect: int | None = None,
    allow_mixed: bool = False,
) -> int:
    """Make one report of several and write it; its exit code."""
    from databricks_serving.report.merging import merged  # noqa: PLC0415 - for merging alone

    output = _output(given, quiet)
    for file in files:
        refuse_inputs(output.targets, {"FILE": file})
    report = merged([read_report(file) for file in files], expect=expect, allow_mixed=allow_mixed)
    emit(report, output)
    return report.summary.exit_code


def read_report(file: Path) -> Report:
    """A saved report. Raises `UsageMistake` where it is none, or of a newer format than ours."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageMistake(f"{file} cannot be read: {wrong}.", id="report-unreadable") from None
    _check_format(file, text)
    try:
        return Report.model_validate_json(text)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageMistake(
            f"{file} is no report of `dbserving … -f json`: {place + ': ' if place else ''}"
            f"{first['msg']}.",
            id="no-report",
        ) from None


def _check_format(file: Path, text: str) -> None:
    """Raise `UsageMistake` for a newer format, of which nothing else need be as ours is."""
    try:
        said = _Head.model_validate_json(text)
    except ValidationError:
        return  # no report; what it lacks is told by the whole
    if said.format_version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
        wrote = f" ({said.tool.name} {said.tool.version})" if said.tool else ""
        raise UsageMistake(
            f"{file} has format {said.format_version}, and this release reads {FORMAT_VERSION}: "
            f"use the release that wrote it{wrote}.",
            id="report-version",
        )


class _Head(Stated):
    """What every format of a report has."""

    format_version: str
    tool: Tool | None = None


def _output(given: Mapping[str, object], quiet: int) -> Output:
    settings = settings_of(_RenderSettings, given)
    output = Output(
        targets_of(settings.format, settings.output_dir), os.environ, settings.color, quiet
    )
    mask(output.net, os.environ)
    return output


class _RenderSettings(ReviewSettings):
    """What is asked of a saved report."""
