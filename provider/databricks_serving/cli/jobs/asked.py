"""What a review is asked for: settings, where its report goes, what makes it fail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from databricks_serving.cli.configuration import (
    DriftSettings,
    PlanSettings,
    ReviewSettings,
    settings_of,
)
from databricks_serving.cli.configuration_file import upward
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.report.gate import Gate, Threshold
from databricks_serving.report.ignore_file import FILE_NAME

from .output import Output, refuse_inputs, targets_of

if TYPE_CHECKING:
    from databricks_serving.report.ignoring import IgnoreFile

Settings = TypeVar("Settings", bound=ReviewSettings)


@dataclass(frozen=True)
class Asked(Generic[Settings]):
    """What one run is asked for. `ignoring` None: no rule is in force."""

    settings: Settings
    output: Output
    gate: Gate
    ignoring: IgnoreFile | None


def asked_for(kind: type[Settings], given: Mapping[str, object], quiet: int = 0) -> Asked[Settings]:
    """What the command line, the environment and the file ask for.

    Raises `UsageMistake`, and `ReportMistake` for an ignore file or a threshold.
    """
    settings = settings_of(kind, given)
    targets = targets_of(settings.format, settings.output_dir)
    read = {"--state": settings.state, "--preview": getattr(settings, "preview", None)}
    refuse_inputs(targets, {**read, "the ignore file": ignore_file_of(settings)})
    output = Output(targets, os.environ, settings.color, quiet)
    return Asked(settings, output, gate_of(settings), ignoring_of(settings))


def output_alone(given: Mapping[str, object], quiet: int = 0) -> Output:
    """Where the report of a run goes that nobody understands: what the command line says of it."""
    said = given.get("format")
    formats = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    try:
        targets = targets_of(formats)
    except UsageMistake:
        targets = targets_of(())
    return Output(targets, os.environ, quiet=quiet)


def gate_of(settings: ReviewSettings) -> Gate:
    """What the settings ask of the report. Raises `ReportMistake`."""
    gate = Gate(min_severity=settings.min_severity, strict=settings.strict)
    if isinstance(settings, (DriftSettings, PlanSettings)) and settings.fail_on is not None:
        gate = replace(gate, fail_on=frozenset(settings.fail_on))
    if isinstance(settings, DriftSettings):
        return replace(gate, drift_exit_code=settings.drift_exit_code)
    if isinstance(settings, PlanSettings):
        changes, deletes = settings.max_changes, settings.max_deletes
        return replace(
            gate,
            expect_digest=settings.expect_digest,
            max_changes=None if changes is None else Threshold.parse(changes),
            max_deletes=None if deletes is None else Threshold.parse(deletes),
        )
    return gate


def ignoring_of(settings: ReviewSettings, start: Path | None = None) -> IgnoreFile | None:
    """The rules of the ignore file: the one that is named, else the nearest, if there is one.

    Raises `ReportMistake` for one that cannot be used.
    """
    file = ignore_file_of(settings, start)
    if file is None:
        return None
    from databricks_serving.report.ignoring import IgnoreFile  # noqa: PLC0415 - most have no rules

    return IgnoreFile.read(file)


def ignore_file_of(settings: ReviewSettings, start: Path | None = None) -> Path | None:
    """Where these rules stand."""
    if settings.no_ignore or settings.ignore_file is not None:
        return None if settings.no_ignore else settings.ignore_file
    places = (one / FILE_NAME for one in upward(start or Path.cwd()))
    return next((place for place in places if place.is_file()), None)
