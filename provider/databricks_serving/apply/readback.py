"""What is done where the service took a write and did not keep all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.errors import NotTaken
from databricks_serving.plan.answered import can_be_kept, with_answers
from databricks_serving.plan.change import Change, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from databricks_serving.plan.canonical import Tree

    from .context import Context


def left_out(
    what: str, missing: tuple[Change, ...], written: Mapping[str, Tree], context: Context
) -> dict[str, Tree]:
    """What was written, with the answers that the stack takes for equal.

    what: `Endpoint chat`. Raises `NotTaken`, unless stack configuration
    `databricks-serving:readBack` is warn; of a secret no answer can be told from another.
    """
    fields = ", ".join(shown(change.path) for change in missing)
    told = (
        f"{what}: the workspace accepted the write and did not keep {fields}. Either this "
        f"workspace does not offer it, or somebody changed it in the same minute. The rest was "
        f"applied and is recorded."
    )
    if not context.stack.settings.read_back_warns or not all(map(can_be_kept, missing)):
        raise NotTaken(told, id="not-kept")
    context.note(f"{told} It counts as applied until the program changes it (readBack: warn).")
    return with_answers(written, missing)
