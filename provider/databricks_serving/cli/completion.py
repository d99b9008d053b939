"""`dbserving completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

PROGRAM = "dbserving"
#: The shell sets it when it asks what comes next.
VARIABLE = "_DBSERVING_COMPLETE"


class Shell(str, Enum):
    """The shells that there is a script for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="Which shell it is for.")]) -> None:
    """Print a shell's completion script.

    bash: `eval "$(dbserving completion bash)"` in ~/.bashrc

    zsh: `eval "$(dbserving completion zsh)"` in ~/.zshrc, after `compinit`

    fish: `dbserving completion fish > ~/.config/fish/completions/dbserving.fish`
    """
    typer.echo(_script(shell.value))


def ready_for_shells() -> None:
    """Let typer answer a shell that asks what comes next.

    By itself it does so only together with options that write into people's start files.
    """
    from typer import completion as shells  # noqa: PLC0415 - when a shell asks

    # typer's own, which its module re-exports without saying so.
    shells.completion_init()  # type: ignore[attr-defined]  # see above


def _script(shell: str) -> str:
    from typer import completion as shells  # noqa: PLC0415 - when a script is asked for

    # The same.
    make = shells.get_completion_script  # type: ignore[attr-defined]  # see above
    return str(make(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell))
