"""Which resources `--select` and `--exclude` leave, and that `--select` meets any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from databricks_serving.cli.exits import UsageMistake
from databricks_serving_schema.suggest import distance

#: The most names that a mistake tells.
_NAMED = 3


@dataclass
class Selection:
    """The globs of a run. `offered`: all names so far; `met`: `select` met one of them."""

    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    offered: set[str] = field(default_factory=set)
    met: bool = False

    def wants(self, kind: str, *names: str | None) -> bool:
        """Whether a resource is among those that are left.

        names: in the workspace, and in the program
        """
        called = [form for name in names if name for form in (name, f"{kind}/{name}")]

        def any_of(globs: tuple[str, ...]) -> bool:
            return any(fnmatchcase(form, glob) for glob in globs for form in called)

        chosen = not self.select or any_of(self.select)
        self.offered.update(called)
        self.met = self.met or chosen
        return chosen and not any_of(self.exclude)

    def check(self) -> None:
        """Raise `UsageMistake` where `--select` met nothing: of nothing, nothing is known."""
        if self.met or not self.select:
            return
        raise UsageMistake(
            f"--select {', '.join(self.select)} matches nothing here. "
            f"{_nearest(self.select[0], self.offered)} A glob stands for a name or for Kind/name, "
            "in the workspace or in the program.",
            id="selects-nothing",
        )


def _nearest(said: str, names: Iterable[str]) -> str:
    alike = [each for each in names if ("/" in said) is ("/" in each)]
    near = sorted(alike, key=lambda each: (distance(said.casefold(), each.casefold()), each))
    return f"The nearest: {', '.join(near[:_NAMED])}." if near else "There are no resources."
