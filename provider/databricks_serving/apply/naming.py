"""Names that the program leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.state.bag import Bag, text

if TYPE_CHECKING:
    from .context import Stack


def with_name(recorded: Bag, said: Bag, stack: Stack) -> Bag:
    """The program's name, else the recorded one, else the resource's own.

    The recorded one goes first so that renaming a resource with `aliases` renames nothing in the
    workspace.
    """
    if said.get("name") is not None:
        return said
    name = text(recorded, "name") or stack.resource_name
    return said if name is None else {**said, "name": name}
