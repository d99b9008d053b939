"""What `dbserving import` does: read, write files, and say what to run next."""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from databricks_serving.cli.configuration import CommonSettings, settings_of
from databricks_serving.cli.connections import Connections, where_said
from databricks_serving.cli.exits import UsageMistake, complain
from databricks_serving.cli.net import net_of
from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted
from databricks_serving.program.import_file import OLDEST_ENGINE, import_file
from databricks_serving.program.module import module
from databricks_serving.report.model import ExitCode
from databricks_serving.state.settings import NAMESPACE, StackSettings
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_schema import among

from . import pulumi
from .import_found import Search, Wanted
from .import_program import assembled
from .import_recorded import Ground, outcomes
from .watch import Watch

if TYPE_CHECKING:
    from databricks_serving.api import Where, WorkspaceApi

    from .import_program import Assembled
    from .import_recorded import Outcome

PROGRAM = "__main__.py"
IMPORT_FILE = "import.json"
_PROJECT = "Pulumi.yaml"
_REQUIREMENTS = "requirements.txt"
_PACKAGE = "databricks-serving"
_FROM_CONFIGURATION = (
    "The values of secrets were not read: give the ones that are there. The first `pulumi up` "
    "takes a value to be that, and does not put it. Later it is put when you give another one or "
    "another `version`, or when somebody else has put the secret."
)
_FROM_VARIABLES = (
    "The values of secrets were not read: whatever a variable holds counts as equal. It is put "
    "when `version` changes, or when somebody else has put the secret."
)
_SOURCES = ("config", "environment")


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    workspace: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    include_system: bool = False
    out: Path | None = None
    force: bool = False
    secrets_from: str = "config"
    adopt: bool = False


@dataclass(frozen=True)
class _Work:
    """A run: what was asked, where it writes, and which workspace it reads."""

    asked: Asked
    directory: Path
    where: Where | None
    api: WorkspaceApi


def run_import(asked: Asked) -> int:
    """Write the program and the import file; the exit code. Raises `ServingError`, `UsageMistake`.

    Nothing is written where something is amiss: not to the workspace in any case.
    """
    wanted = _wanted(asked)
    directory = _directory(asked)
    said = settings_of(CommonSettings, {"workspace": asked.workspace}).workspace
    where = where_said(said)
    with Watch() as watch:
        connections = Connections(watch.clock, chosen=where, waiting=complain)

        def read() -> tuple[WorkspaceApi, Search, tuple[Outcome, ...]]:
            api = connections.of({}, StackSettings())
            search = Search(api, wanted)
            found = search.found()
            host = None if where is not None and where.profile else api.host
            return api, search, outcomes(found, Ground(api, watch.clock, StackSettings(), host))

        try:
            api, search, results = watch.call(read)
        except (CalledOff, Interrupted):
            complain(
                "The import was ended before the workspace was read: no file was written.",
                "ended-before-answer",
            )
            return watch.leave(watch.interrupted or ExitCode.INTERRUPTED)
        finally:
            if not watch.left_behind:
                connections.close()
    whole = assembled(
        results, from_environment=asked.secrets_from == "environment", adopt=asked.adopt
    )
    work = _Work(asked, directory, where, api)
    if not whole.declared:
        _say(f"{api.host} has nothing of that: no file was written.", *_noted(search, results))
        return 0
    try:
        written = _write(work, whole)
    except OSError as wrong:
        raise UsageMistake(
            f"{wrong.filename or directory} cannot be written: {wrong.strerror or wrong}. Choose "
            f"another --out.",
            id="out-not-writable",
        ) from None
    _say(
        f"Found in {api.host}: {_counted(whole)}.",
        f"Written: {', '.join(_shown(directory / name) for name in written)}.",
        *_noted(search, results),
        "",
        *_next(work, whole, written),
    )
    return 0


def _wanted(asked: Asked) -> Wanted:
    kinds = [kind for said in asked.kinds for kind in said.split(",")]
    for kind in kinds:
        _one_of("--kinds", kind, tuple(PROVIDER_OF))
    _one_of("--secrets-from", asked.secrets_from, _SOURCES)
    return Wanted(
        frozenset(kinds or PROVIDER_OF), asked.select, asked.exclude, asked.include_system
    )


def _one_of(option: str, said: str, choices: tuple[str, ...]) -> None:
    if said in choices:
        return
    meant = among(said, choices)
    hint = f"did you mean {meant}?" if meant else f"say one of {', '.join(choices)}."
    raise UsageMistake(f"{option} {said}: there is no such; {hint}", id="unknown-choice")


def _directory(asked: Asked) -> Path:
    """Where to write. Raises `UsageMistake` where a person's files stand in the way."""
    directory = asked.out or Path.cwd()
    if directory.exists() and not directory.is_dir():
        raise UsageMistake(f"--out {directory} is a file; name a directory.", id="out-is-a-file")
    if asked.out is None and any(directory.iterdir()):
        raise UsageMistake(
            "The current directory is not empty. Say where to write the program: --out DIR "
            "(--out . for here).",
            id="out-needed",
        )
    there = [name for name in (PROGRAM, IMPORT_FILE) if (directory / name).exists()]
    if there and not asked.force:
        raise UsageMistake(
            f"{' and '.join(there)} in {directory} would be overwritten. Choose another --out, or "
            f"say --force.",
            id="would-overwrite",
        )
    return directory


def _write(work: _Work, whole: Assembled) -> list[str]:
    """Write the files; their names. What belongs to a project is written only where it is not."""
    directory, texts = work.directory, {PROGRAM: module(whole.declared)}
    directory.mkdir(parents=True, exist_ok=True)
    if whole.imported:
        texts[IMPORT_FILE] = import_file(whole.imported)
    if not (directory / _PROJECT).exists():
        name = re.sub(r"[^a-z0-9._-]+", "-", directory.resolve().name.lower()).strip("-.")
        texts[_PROJECT] = _PROJECT_TEXT.format(name=name or "serving")
    if not (directory / _REQUIREMENTS).exists():
        texts[_REQUIREMENTS] = f"{_PACKAGE}\n"
    for name, text in texts.items():
        (directory / name).write_text(text, encoding="utf-8")
    return list(texts)


_PROJECT_TEXT = """\
name: "{name}"
description: Databricks serving endpoints and secrets
runtime: python
options:
  # Every preview and every up looks at the workspace first, so that changes made there are seen.
  refresh: always
"""


def _counted(whole: Assembled) -> str:
    counts = Counter(one.kind for one in whole.declared)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _noted(search: Search, results: tuple[Outcome, ...]) -> list[str]:
    notes = [*sorted(search.notes), *(one.note for one in results if one.note is not None)]
    return ["", "To know:", *(f"- {note}" for note in notes)] if notes else []


def _next(work: _Work, whole: Assembled, written: list[str]) -> list[str]:
    """The commands that bring it all under a stack, and what is to be known of them."""
    lines = ["Next:"]
    if not work.directory.samefile(Path.cwd()):
        lines.append(f"  cd {shlex.quote(str(work.directory))}")
    lines.append("  pulumi stack init dev    # or: pulumi stack select")
    if work.where is not None:
        name, value = (
            ("host", work.where.host) if work.where.host else ("profile", work.where.profile)
        )
        lines.append(f"  pulumi config set {NAMESPACE}:{name} {shlex.quote(str(value))}")
    lines += [
        f"  pulumi config set --secret {key}    # {what}" for key, what in whole.config.items()
    ]
    if whole.imported:
        lines.append(
            f"  pulumi import --file {IMPORT_FILE} --yes --protect=false --generate-code=false"
        )
        lines.append(f"  pulumi preview    # {_expected(whole)}")
        lines.append("  pulumi up    # records how the resources hang together")
    else:
        lines.append("  pulumi up    # takes over what is there; the preview shows it as created")
    return [*lines, *_remarks(whole, written)]


def _expected(whole: Assembled) -> str:
    left = len(whole.declared) - len(whole.imported)
    return f"{left} to create: what is not in the import file" if left else "nothing to do"


def _remarks(whole: Assembled, written: list[str]) -> list[str]:
    remarks = []
    if any(one.kind == "Secret" for one in whole.imported):
        remarks.append(_FROM_VARIABLES if whole.variables else _FROM_CONFIGURATION)
    if whole.variables:
        names = ", ".join(whole.variables)
        remarks.append(f"Set these variables where a secret is to be put: {names}.")
    if _REQUIREMENTS not in written:
        remarks.append(f"{_REQUIREMENTS} was left alone; it has to name {_PACKAGE}.")
    if _PROJECT not in written:
        remarks.append(
            f"{_PROJECT} was left alone; with `options: {{refresh: always}}` in it, every preview "
            f"looks at the workspace."
        )
    if whole.imported and (old := _too_old()) is not None:
        remarks.append(old)
    return [line for remark in remarks for line in ("", remark)]


def _too_old() -> str | None:
    """What to say where the engine cannot import dynamic resources."""
    program = pulumi.on_path(os.environ)
    oldest = ".".join(map(str, OLDEST_ENGINE))
    way_out = (
        f"Importing needs {oldest}. Upgrade (https://www.pulumi.com/docs/install/), or run this "
        f"again with --adopt: the program then says adopt=True, and the first `pulumi up` takes "
        f"over what is there."
    )
    if program is None:
        return f"There is no `pulumi` on PATH. {way_out}"
    try:
        told = pulumi.version(program, os.environ) or ""
    except pulumi.EngineFailed as wrong:
        return f"{wrong} {way_out}"
    version = re.match(r"(\d+)\.(\d+)", told)
    if version is None or tuple(map(int, version.groups())) >= OLDEST_ENGINE:
        return None
    return f"The `pulumi` on PATH is v{told}. {way_out}"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _say(*lines: str) -> None:
    text = net_of(os.environ).over("\n".join(lines))
    print(text)  # noqa: T201 - the terminal is this module's job
