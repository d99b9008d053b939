"""The reference of the command line, for people: every command, option, default and variable.

What an option is called and does is read from the commands themselves, its default and its variable
from the settings that it is checked by, and the exit codes from docs/exit-codes.md.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from databricks_serving.cli import configuration
from databricks_serving.cli.app import app
from databricks_serving.cli.configuration import CommandSettings, CommonSettings, ReviewSettings

INTRODUCTION = """\
<!-- Generated from the commands by `make generate`: do not edit. -->

# The command line

`dbserving` goes with `pulumi up`: `pip install 'databricks-serving[cli,emulator]'`.

An option's value is what the command line says, else its variable in the environment, else
`dbserving.toml` or `[tool.dbserving]` of pyproject.toml (`dbserving schema config` prints what
these may say), else the default. `DBSERVING_FORMAT` is for all commands that have `--format`,
`DBSERVING_DRIFT_FORMAT` for `drift` alone, and wins. Several values stand between commas there.

`DBSERVING_TRACEBACK=1` shows where an error was raised. Credentials are found by Databricks unified
authentication (`DATABRICKS_HOST`, `DATABRICKS_TOKEN`, `DATABRICKS_CONFIG_PROFILE`, …); no option
takes one but the emulator's.

Every command has `--help`.
"""

HEAD = "| Option, and its variable | Default | What it is |\n|---|---|---|"

#: Pages that say more of a command; one that is not named here has none.
PAGES = {
    "drift": "drift.md",
    "plan": "plan.md",
    "notify": "notify.md",
    "usage": "usage.md",
    "cancel": "cancel-and-doctor.md",
    "doctor": "cancel-and-doctor.md#dbserving-doctor",
    "emulator": "emulator.md",
    "import": "import.md",
    "explain": "errors.md",
}
#: One line that can be typed, for each command whose help has none.
EXAMPLES = {
    "usage": "dbserving usage --since 7d --by endpoint,team",
    "cancel": "dbserving cancel openai_endpoint --stack prod",
    "doctor": "dbserving doctor --stack prod",
    "emulator": "dbserving emulator --port 0",
    "demo": "dbserving demo",
    "import": "dbserving import --workspace prod --select 'chat-*' --out imported",
    "schema": "dbserving schema config",
    "report render": "dbserving report render drift.json -f markdown",
    "report merge": "dbserving report merge eu.json us.json -f text -f json=all.json",
    "explain": "dbserving explain unknown-field",
}
#: Names of types, where an option does not say what it takes.
_TYPES = {str: "TEXT", int: "N", float: "N", Path: "PATH", bool: ""}
_ROW_OF_CODES = re.compile(r"^\| (\d+) \|.*\| ([^|]+) \|$", re.MULTILINE)
#: "all", "all that talk to a workspace but doctor": by an option that those have.
_ALL = re.compile(r"all(?: that (?P<do>.*?))?(?: but (?P<name>[\w ]+))?")
_DO = {"talk to a workspace": "workspace", "read a stack": "stack"}


class Parameter(typing.Protocol):
    """What is asked of an option or argument of typer's, which has no types of its own for it."""

    name: str
    opts: list[str]
    secondary_opts: list[str]
    metavar: str | None
    default: object
    show_default: bool | str
    required: bool
    hidden: bool
    help: str | None
    param_type_name: str


class Command(typing.Protocol):
    """What is asked of a command of typer's."""

    help: str | None
    params: list[Parameter]


@dataclass(frozen=True)
class Named:
    """A command by all its names: `report render`."""

    name: str
    command: Command

    @property
    def options(self) -> list[Parameter]:
        """Its options, without arguments."""
        shown = (param for param in self.command.params if not param.hidden)
        return [param for param in shown if param.param_type_name == "option"]

    @property
    def arguments(self) -> list[Parameter]:
        """Its arguments."""
        return [param for param in self.command.params if param.param_type_name == "argument"]

    @property
    def settings(self) -> type[CommandSettings] | None:
        """What its options are checked by; None where they are its own alone."""
        for kind in configuration.COMMANDS:
            if self.name == kind.COMMAND:
                return kind
        names = {option.name for option in self.options}
        if self.name.startswith("report "):
            return ReviewSettings
        return CommonSettings if "workspace" in names else None


def commands() -> Iterator[Named]:
    """Every command, in the order of the help."""
    yield from _inside(typer.main.get_command(app), "")


def text(exit_codes: str) -> str:
    """The whole page; `exit_codes`: the page about them."""
    named = list(commands())
    parts = [INTRODUCTION, "| command | what it does |", "|---|---|"]
    for each in named:
        first = _paragraphs(each)[0].replace("|", "\\|")
        parts.append(f"| [`dbserving {each.name}`](#{_anchor(each)}) | {first} |")
    for each in named:
        parts += ["", *_section(each, exit_codes)]
    return "\n".join(parts) + "\n"


def _inside(command: typing.Any, name: str) -> Iterator[Named]:  # noqa: ANN401 - typer's, untyped
    inner: Mapping[str, object] | None = getattr(command, "commands", None)
    if inner is None:
        yield Named(name, command)
        return
    for part, each in inner.items():
        yield from _inside(each, f"{name} {part}".strip())


def _anchor(each: Named) -> str:
    return f"dbserving {each.name}".replace(" ", "-")


def _paragraphs(each: Named) -> list[str]:
    """The help's paragraphs, each on one line."""
    help_ = each.command.help or ""
    return [" ".join(paragraph.split()) for paragraph in help_.split("\n\n") if paragraph.strip()]


def _is_example(paragraph: str) -> bool:
    return paragraph.strip("`").startswith("dbserving ")


def _section(each: Named, exit_codes: str) -> Iterator[str]:
    yield f"## `dbserving {each.name}`"
    said = _paragraphs(each)
    for paragraph in said:
        if not _is_example(paragraph):
            yield from ("", paragraph)
    examples = [paragraph.strip("`") for paragraph in said if _is_example(paragraph)]
    if not examples and each.name in EXAMPLES:
        examples = [EXAMPLES[each.name]]
    if examples:
        yield from ("", "```sh", *examples, "```")
    if each.arguments:
        yield from ("", "| Argument | What it is |", "|---|---|")
        yield from map(_argument, each.arguments)
    if each.options:
        yield from ("", HEAD)
        yield from (_row(each, option) for option in each.options)
    codes = ", ".join(_codes(each, exit_codes))
    yield from ("", f"[Exit codes](../exit-codes.md): {codes}.")
    if each.name in PAGES:
        page = PAGES[each.name]
        yield from ("", f"More: [{page.partition('#')[0]}](../{page}).")


def _argument(argument: Parameter) -> str:
    name = argument.metavar or argument.name.upper()
    return f"| `{name}` | {_cell(argument.help)} |"


def _row(each: Named, option: Parameter) -> str:
    field = option.name.rstrip("_")
    settings = each.settings
    known = settings is not None and field in settings.model_fields
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    takes = _takes(option)
    said = f"{names} `{takes}`" if takes else names
    if settings is not None and known:
        own = f"{settings.COMMAND}_" if settings.COMMAND else ""
        shared = field in ReviewSettings.model_fields
        said += f"<br>`DBSERVING_{(field if shared else own + field).upper()}`"
    default = _default(option, settings if known else None)
    return f"| {said} | {default} | {_cell(option.help)} |"


def _takes(option: Parameter) -> str:
    if option.metavar is not None:
        return option.metavar.replace("|", "\\|")
    kind = getattr(option, "type_descriptor").annotation  # noqa: B009 - typer's own, untyped
    inner = typing.get_args(kind)
    return _TYPES.get(inner[0] if inner else kind, "TEXT")


def _default(option: Parameter, settings: type[CommandSettings] | None) -> str:
    if option.required:
        return "**required**"
    if isinstance(option.show_default, str):
        return option.show_default
    value = option.default
    if settings is not None and value is None:
        value = settings.model_fields[option.name.rstrip("_")].default
    return _value(value) if value else ""


def _value(value: object) -> str:
    if value is True:
        return "on"
    if isinstance(value, (tuple, list)):
        return f"`{','.join(map(str, value))}`"
    return f"`{value:g}s`" if isinstance(value, float) else f"`{value}`"


def _cell(said: str | None) -> str:
    return " ".join((said or "").split()).replace("|", "\\|")


def _codes(each: Named, exit_codes: str) -> Iterator[str]:
    """The exit codes that the page about them gives this command."""
    options = {option.name for option in each.options}
    for code, whose in _ROW_OF_CODES.findall(exit_codes):
        every = _ALL.fullmatch(whose)
        if every is None:
            has_it = each.name in whose.split(", ")
        else:
            has_it = each.name != every["name"]
            has_it = has_it and (every["do"] is None or _DO[every["do"]] in options)
        if has_it:
            yield code
