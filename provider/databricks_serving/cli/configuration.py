"""What a run is asked to do: flag, then DBSERVING_*, then dbserving.toml, then the default.

What is said to one command alone (`[drift]` in the file, DBSERVING_DRIFT_* in the environment) wins
over what is said there to all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from databricks_serving.report.gate import CAUSES_TO_FAIL
from databricks_serving_schema import Severity
from databricks_serving_schema.settings import seconds
from databricks_serving_schema.suggest import among

from .configuration_file import NAME, PYPROJECT, File, find
from .exits import UsageMistake

_PREFIX = "DBSERVING_"
#: Ten years: what waits longer than that waits for ever, and clocks count no further.
_LONGEST_SECONDS = 315_360_000.0
#: Names in the environment that are no options.
_NO_OPTIONS = ("TRACEBACK", "RUN_ID")


def _listed(said: object) -> object:
    """A list; in the environment, texts between commas."""
    if isinstance(said, str):
        return [part.strip() for part in said.split(",") if part.strip()]
    if isinstance(said, (list, tuple)) and all(isinstance(one, str) for one in said):
        return [part.strip() for one in said for part in one.split(",") if part.strip()]
    return said


def _seconds(said: object) -> object:
    if isinstance(said, str) and not said.replace(".", "", 1).isdigit():
        return seconds(said)
    return said


def _one_of(*choices: str) -> Callable[[str], str]:
    def checked(said: str) -> str:
        if said in choices:
            return said
        near = among(said, choices)
        hint = f"; did you mean {near}?" if near else ""
        raise ValueError(f"{said!r} is none of {', '.join(choices)}{hint}")

    return checked


def _severity(said: object) -> object:
    if isinstance(said, str):
        return _one_of(*(severity.value for severity in Severity))(said.lower())
    return said


_Texts: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
_Duration: TypeAlias = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=_LONGEST_SECONDS)]
_Causes: TypeAlias = Annotated[
    tuple[Annotated[str, AfterValidator(_one_of(*CAUSES_TO_FAIL))], ...],
    NoDecode,
    BeforeValidator(_listed),
]


COLORS = ("auto", "always", "never")


class CommandSettings(BaseSettings):
    """What any command takes from its options, the environment and the file."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore")
    COMMAND: ClassVar[str] = ""
    #: Settings that the CI has a variable of its own for, which goes before any file.
    OF_CI: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - made anew below, twice
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not used here
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, the environment (the command's own names first, then the CI's), the file."""
        own = f"{_PREFIX}{cls.COMMAND.upper()}_"
        prefixes = (own, _PREFIX) if cls.COMMAND else (_PREFIX,)
        files = (
            InitSettingsSource(settings_cls, said)
            for file in (found_file(),)
            if file is not None
            for said in (file.of(cls.COMMAND), file.of(""))
        )
        environment = (EnvSettingsSource(settings_cls, env_prefix=prefix) for prefix in prefixes)
        said_by_ci = {
            name: os.environ[key] for name, key in cls.OF_CI.items() if os.environ.get(key)
        }
        return (init_settings, *environment, InitSettingsSource(settings_cls, said_by_ci), *files)


class CommonSettings(CommandSettings):
    """What commands that look at a stack have in common."""

    stack: str | None = None
    state: Path | None = None
    workspace: str | None = None
    color: Annotated[str, AfterValidator(_one_of(*COLORS))] = "auto"


class ReviewSettings(CommonSettings):
    """What `drift` and `plan` have in common. Durations are in seconds."""

    format: _Texts = ()
    output_dir: Path | None = None
    run_url: str | None = None
    select: _Texts = ()
    exclude: _Texts = ()
    # More would bring nothing: one core reads some 1,000 answers a second, of 50 ms each.
    parallel: Annotated[int, Field(ge=1, le=256)] = 64
    timeout: (
        Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=_LONGEST_SECONDS)] | None
    ) = None
    confirm_delay: _Duration = 20.0
    min_severity: Annotated[Severity | None, BeforeValidator(_severity)] = None
    strict: bool = False
    ignore_file: Path | None = None
    no_ignore: bool = False


class DriftSettings(ReviewSettings):
    """What `drift` is asked to do."""

    COMMAND: ClassVar[str] = "drift"

    fail_on: _Causes | None = None
    drift_exit_code: Annotated[int, Field(ge=0, le=255)] = 2
    include_unmanaged: bool = True


class PlanSettings(ReviewSettings):
    """What `plan` is asked to do. `max_changes`, `max_deletes`: a number, or a part (`30%`)."""

    COMMAND: ClassVar[str] = "plan"

    preview: Path | None = None
    fail_on: _Causes | None = None
    expect_digest: str | None = None
    max_changes: str | None = None
    max_deletes: str | None = None


class UsageSettings(CommonSettings):
    """What `usage` is asked to do. `timeout` is in seconds."""

    COMMAND: ClassVar[str] = "usage"

    format: _Texts = ()
    warehouse: str | None = None
    since: str = "7d"
    until: str | None = None
    by: _Texts = ("endpoint", "requester")
    prices: Path | None = None
    timeout: Annotated[float, BeforeValidator(_seconds), Field(gt=0)] = 600.0


class NotifySettings(CommandSettings):
    """Where `notify` posts, and how."""

    COMMAND: ClassVar[str] = "notify"
    # Where the token goes. A file may have come in an artifact, out of somebody else's run.
    OF_CI: ClassVar[Mapping[str, str]] = {"api_url": "GITHUB_API_URL"}

    to: str | None = None
    key: str | None = None
    mode: str = "update"
    always: bool = False
    repo: str | None = None
    pr: Annotated[int, Field(ge=1)] | None = None
    token_env: str | None = None
    api_url: str | None = None


COMMANDS: tuple[type[CommandSettings], ...] = (
    DriftSettings,
    PlanSettings,
    UsageSettings,
    NotifySettings,
)
Settings = TypeVar("Settings", bound=CommandSettings)


def settings_of(kind: type[Settings], given: Mapping[str, object]) -> Settings:
    """The settings of one run; `given`: the options on the command line, None where not said.

    Raises `UsageMistake`, naming where the wrong one was said.
    """
    # Any: pydantic is what gives these a type.
    said: dict[str, Any] = {k: v for k, v in given.items() if v not in (None, [], ())}
    _no_misspelled_names()
    try:
        return kind(**said)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        name = str(first["loc"][0])
        reason = str(first["msg"]).removeprefix("Value error, ").rstrip(".?")
        end = "?" if "did you mean" in reason else "."
        raise UsageMistake(f"{_place(kind, name, said)}: {reason}{end}", id="bad-setting") from None


def found_file(start: Path | None = None) -> File | None:
    """The configuration file for a directory, the nearest. Raises `UsageMistake` for a bad one."""
    tables = {settings.COMMAND: tuple(settings.model_fields) for settings in COMMANDS}
    return find((start or Path.cwd()).resolve(), tables)


def _no_misspelled_names() -> None:
    """Raise where the environment has what is almost an option: nobody would see it missing."""
    known = {*_NO_OPTIONS}
    for settings in COMMANDS:
        for name in settings.model_fields:
            known |= {name.upper(), f"{settings.COMMAND}_{name}".upper()}
    for name in os.environ:
        own = name.removeprefix(_PREFIX)
        if own == name or own in known:
            continue
        if near := among(own, tuple(sorted(known))):
            raise UsageMistake(
                f"{name} is not known; did you mean {_PREFIX}{near}?", id="unknown-setting"
            )


def _place(kind: type[CommandSettings], name: str, given: Mapping[str, object]) -> str:
    """Where a setting was said, as the person wrote it."""
    if name in given:
        return f"--{name.replace('_', '-')}"
    for variable in (f"{_PREFIX}{kind.COMMAND}_{name}".upper(), f"{_PREFIX}{name}".upper()):
        if os.environ.get(variable):
            return variable
    file = found_file()
    if file is None:
        return name
    is_own = kind.COMMAND and name in file.of(kind.COMMAND)
    return f"{file.path}: {f'{kind.COMMAND}.' if is_own else ''}{name}"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    properties: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    for settings in COMMANDS:
        own = settings.model_json_schema()
        definitions |= own.pop("$defs", {})
        tables[settings.COMMAND] = {
            "type": "object",
            "description": f"For `dbserving {settings.COMMAND}` alone.",
            "properties": own["properties"],
            "additionalProperties": False,
        }
        for name, said in own["properties"].items():
            properties.setdefault(name, said)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{NAME}, or [tool.dbserving] of {PYPROJECT}",
        "type": "object",
        "properties": {**properties, **tables},
        "additionalProperties": False,
        "$defs": definitions,
    }
