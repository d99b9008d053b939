"""What GET answers, as the actual state of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.canonical import Sealing, Tree, canonical
from databricks_serving.plan.states import Actual
from databricks_serving_schema import Endpoint

if TYPE_CHECKING:
    from databricks_serving_schema import EndpointAnswer, Value


def actual_of(answer: EndpointAnswer, sealing: Sealing) -> Actual:
    """The endpoint as it is, or as the update under way will make it."""
    stamps = answer.stamps
    return Actual(
        Endpoint,
        read_tree(answer.settings, sealing),
        updating=stamps.updating,
        ever_ready=stamps.config is not None,
    )


def read_tree(value: Value, sealing: Sealing) -> dict[str, Tree]:
    """The canonical tree of what was read, without its empties.

    GET answers `[]`, `{}` and null where nothing was said; a program's `[]` means "clear".
    """
    tree = _without_empties(canonical(value, sealing).tree)
    return tree if isinstance(tree, dict) else {}


def _without_empties(tree: Tree) -> Tree:
    if not isinstance(tree, dict):
        return tree
    inner = {key: _without_empties(value) for key, value in tree.items()}
    return {key: value for key, value in inner.items() if value not in ({}, (), None)}
