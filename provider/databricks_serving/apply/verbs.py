"""What every kind of resource can do, whichever edge asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag

    from .context import Checked, Context, Created, Reading, Stack, Verdict


class Verbs(Protocol):
    """A module of `apply/`, or an object, with these six.

    `said`: what the program says; `recorded`: the inputs (check) or outputs (else) of the state.
    """

    def check(self, recorded: Bag, said: Bag, stack: Stack, /) -> Checked:
        """The inputs in normal form, or what is wrong with them. Calls nothing."""

    def diff(self, recorded: Bag, said: Bag, stack: Stack, /) -> Verdict:
        """Whether anything differs. Calls nothing."""

    def create(self, said: Bag, context: Context, /) -> Created:
        """Bring it about."""

    def read(self, id_: str, recorded: Bag, said: Bag, context: Context, /) -> Reading | None:
        """What is there; None where it is gone. `said`: the recorded inputs."""

    def update(self, id_: str, recorded: Bag, said: Bag, context: Context, /) -> Bag:
        """Do what is left; the outputs afterwards."""

    def delete(self, id_: str, recorded: Bag, context: Context, /) -> None:
        """Take it away; what is gone is taken away."""
