"""What is wrong with a program, all of it at once, and never with a secret in the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

#: Where in the inputs: names of fields and keys, numbers for positions in lists.
Path: TypeAlias = "tuple[str | int, ...]"


def dotted(path: Path) -> str:
    """`config.served_entities[0].name`: how a path is written everywhere."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "a").isalnum() and not step[:1].isdigit():
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text


def identified(message: str, id_: str) -> str:
    """What a person reads of a problem or an error: `message [id]`, for `dbserving explain`.

    The id ends the first line: what follows on lines of its own are logs. Without one, nothing is
    added.
    """
    paragraph, line_break, logs = message.partition("\n")
    return f"{paragraph} [{id_}]{line_break}{logs}" if id_ else message


@dataclass(frozen=True)
class Problem:
    """One breach: where, which rule, and what to do instead.

    `meant`: where a misspelt field was probably meant to stand.
    """

    path: Path
    rule: str
    message: str
    meant: Path | None = None

    def __str__(self) -> str:
        where = dotted(self.path)
        return f"{where}: {self.message}" if where else self.message

    @property
    def told(self) -> str:
        """`path: message [rule]`."""
        return identified(str(self), self.rule)


class InvalidResource(Exception):
    """The inputs of one resource break rules; `problems` has every breach."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems

    @property
    def told(self) -> str:
        """Every breach with the id of its rule."""
        return "; ".join(problem.told for problem in self.problems)
