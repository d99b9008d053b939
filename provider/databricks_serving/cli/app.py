"""`dbserving` and its commands. A command is a function in a module of its own, listed below.

These modules hold options and help, and import typer alone; what a command does stands in
`jobs/`, which is imported when it runs: `--help` and completion stay quick.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from .cancel import cancel
from .completion import PROGRAM, VARIABLE, completion, ready_for_shells
from .demo import demo
from .doctor import doctor
from .drift import drift
from .emulator import emulator
from .exits import ERROR, TRACEBACK, USAGE, code_of, complain, described, id_of
from .explain import explain
from .import_ import import_
from .notify import notify
from .options import ELSEWHERE
from .plan import plan
from .report import report
from .schema import schema
from .terminal import emptied, opened
from .usage import usage


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - 10 ms, for this alone

        typer.echo(f"dbserving {version('databricks-serving')}")
        raise typer.Exit


def root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """Databricks Model Serving as code: the command that goes with `pulumi up`."""
    del version  # its callback has answered


#: What adds each command; shells and `--help` list them in this order.
_COMMANDS: dict[str, Callable[[typer.Typer], object]] = {
    "drift": lambda to: to.command(epilog=ELSEWHERE)(drift),
    "plan": lambda to: to.command(epilog=ELSEWHERE)(plan),
    "report": lambda to: to.add_typer(report, name="report"),
    "notify": lambda to: to.command()(notify),
    "usage": lambda to: to.command(epilog=ELSEWHERE)(usage),
    "cancel": lambda to: to.command()(cancel),
    "doctor": lambda to: to.command()(doctor),
    "explain": lambda to: to.command()(explain),
    "emulator": lambda to: to.command()(emulator),
    "demo": lambda to: to.command()(demo),
    "import": lambda to: to.command("import")(import_),
    "schema": lambda to: to.command()(schema),
    "completion": lambda to: to.command()(completion),
}


def _application(names: Iterable[str]) -> typer.Typer:
    """`dbserving` with these commands."""
    made = typer.Typer(
        help="Databricks Model Serving as code: the command that goes with `pulumi up`.",
        no_args_is_help=True,
        rich_markup_mode="markdown",  # joins the lines of a paragraph
        add_completion=False,
        pretty_exceptions_show_locals=False,  # they may hold secrets
    )
    made.callback()(root)
    for name in names:
        _COMMANDS[name](made)
    return made


app = _application(_COMMANDS)


def run() -> int:
    """Run `dbserving` with this process's arguments: the exit code. 2 is drift, never a typo."""
    opened()
    if VARIABLE in os.environ:
        ready_for_shells()
    code = _ended()
    emptied(sys.stderr)
    return code if _is_written() else code or ERROR


def _ended() -> int:
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    # To make the options of all takes 16 ms, four times what those of one take.
    alone = asked in _COMMANDS and VARIABLE not in os.environ
    command = typer.main.get_command(_application([asked]) if alone else app)
    try:
        ended = command.main(prog_name=PROGRAM, complete_var=VARIABLE, standalone_mode=False)
    except typer.Abort:
        return 130
    except Exception as error:  # noqa: BLE001 - nobody gets a traceback
        # Of click, which newer releases of typer bring along under a name of their own.
        if callable(show := getattr(error, "show", None)):
            _with_its_id(error)
            with contextlib.suppress(OSError):
                show()
            return USAGE
        return _told(error)
    return ended if isinstance(ended, int) else 0


def _with_its_id(error: Exception) -> None:
    """Let a mistake on the command line be told with its entry in the catalogue of errors."""
    if type(error).__name__ == "NoArgsIsHelpError":  # the help alone: nothing failed
        return
    from databricks_serving_schema import identified  # noqa: PLC0415 - only where it failed

    said = getattr(error, "format_message", str)
    told = identified(said(), "bad-command-line")
    setattr(error, "format_message", lambda: told)  # noqa: B010 - a class of typer's own


def _is_written() -> bool:
    """Whether the standard output took all, or its reader has gone away; else that is told."""
    unwritten = emptied(sys.stdout)
    if unwritten is None or isinstance(unwritten, BrokenPipeError):
        return True
    complain(
        f"Error: the standard output cannot be written: {unwritten.strerror}.", "stdout-not-written"
    )
    return False


def _told(error: Exception) -> int:
    """One paragraph for what went wrong; the traceback for those who ask."""
    if isinstance(error, OSError) and error.filename is None and not _is_written():
        return ERROR
    if os.environ.get(TRACEBACK):
        raise error
    complain(f"Error: {described(error)}", id_of(error))
    return int(code_of(error))
