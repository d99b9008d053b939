"""The project's files: Pulumi.yaml, the ignore file, the configuration of the command."""

from __future__ import annotations

from pathlib import Path

from databricks_serving.cli.configuration import (
    COMMANDS,
    DriftSettings,
    ReviewSettings,
    found_file,
    settings_of,
)
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.asked import gate_of, ignoring_of
from databricks_serving.cli.jobs.project import project_file, refreshes_always
from databricks_serving.report.ignore_file import FILE_NAME, day_of
from databricks_serving.report.mistakes import ReportMistake

from .check import Check, Finding, Skip, Surroundings, failed, ok, skipped, some, warning

_GROUP = "Project"


def refresh(around: Surroundings) -> Finding:
    """Whether previews look at the workspace."""
    file = _project_file(around.directory)
    if refreshes_always(file):
        return ok(f"{file.name} has options.refresh: always")
    return warning(
        f"{file.name} has no options.refresh: previews compare with the state alone, and an `up` "
        f"undoes what was changed outside without showing it",
        f"Add to {file.name}: `options: {{refresh: always}}`",
    )


def ignore_file(around: Surroundings) -> Finding:
    """Whether the ignore file can be read, and no rule of it has expired."""
    try:
        found = ignoring_of(settings_of(DriftSettings, {}), around.directory)
    except UsageMistake:
        raise Skip("the configuration cannot be used") from None
    except ReportMistake as wrong:
        return failed(f"{FILE_NAME} cannot be used", str(wrong))
    if found is None:
        return skipped(f"there is no {FILE_NAME}")
    rules = found.rules
    today = day_of(around.now())
    expired = [f"{rule.id} ({rule.owner})" for rule in rules if (rule.days_left(today) or 0) < 0]
    if expired:
        return warning(
            f"{FILE_NAME}: expired, and of no effect any more: {some(expired)}",
            "Renew it with a later `until`, or take it out.",
        )
    return ok(f"{FILE_NAME}: {len(rules)} rule{'' if len(rules) == 1 else 's'}")


def configuration(around: Surroundings) -> Finding:
    """Which configuration file counts, and which variables."""
    try:
        file = found_file(around.directory)
        for kind in COMMANDS:
            settings = settings_of(kind, {})
            if isinstance(settings, ReviewSettings):
                gate_of(settings)
    except (UsageMistake, ReportMistake) as wrong:
        return failed("the configuration cannot be used", str(wrong))
    variables = sorted(name for name in around.environment if name.startswith("DBSERVING_"))
    told = [f"{file.path.name}: {some(sorted(file.said))}"] if file is not None else []
    told += [f"in the environment: {some(variables)}"] if variables else []
    return ok("; ".join(told) or "options of the command line and defaults alone")


def _project_file(directory: Path) -> Path:
    if (found := project_file(directory)) is None:
        raise Skip("there is no Pulumi.yaml here: run it in the project's directory")
    return found


CHECKS = (
    Check("refresh-always", _GROUP, "Pulumi.yaml", refresh, here=True),
    Check("ignore-file", _GROUP, "Ignore file", ignore_file, here=True),
    Check("configuration", _GROUP, "Configuration", configuration, here=True),
)
