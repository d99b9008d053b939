"""What GET answers, as the actual state of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.canonical import Sealing, Tree, canonical
from databricks_serving.plan.compare import is_empty
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import Bag, section
from databricks_serving.state.keys import BEFORE
from databricks_serving_schema import AiGateway, Endpoint, inference_table_name, parse_answer

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
    return _without_empties(canonical(value, sealing).tree)


def _without_empties(tree: dict[str, Tree]) -> dict[str, Tree]:
    kept: dict[str, Tree] = {}
    for key, value in tree.items():
        said = _without_empties(value) if isinstance(value, dict) else value
        if said is not None and not is_empty(said):
            kept[key] = said
    return kept


def found_before(recorded: Bag, sealing: Sealing) -> dict[str, Tree]:
    """The sections of a gateway as they were found, an absent one as empty."""
    stored = section(recorded, BEFORE)
    tree = read_tree(parse_answer(AiGateway, stored), sealing)
    return {name: tree.get(name, {}) for name in stored}


def table_of(name: object, gateway: object) -> str | None:
    """The full name of the table that a gateway writes to, as far as it can be told."""
    if not isinstance(gateway, AiGateway):
        return None
    return inference_table_name(Endpoint().model_copy(update={"name": name, "ai_gateway": gateway}))
