"""What an endpoint's outputs hold: what is seen of it, and what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.answered import as_taken
from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.endpoint import ENDPOINT_ID, own_fields
from databricks_serving.plan.projection import projected
from databricks_serving.state.bag import section, text
from databricks_serving_schema import Endpoint, inference_table_name

from .observed import actual_of
from .recorded import hidden

if TYPE_CHECKING:
    from databricks_serving.plan.canonical import Sealing
    from databricks_serving.state.bag import Bag
    from databricks_serving_schema import EndpointAnswer

    from .context import Context
    from .executor import Convergence

INFERENCE_TABLE = "inference_table"


def outputs_of(convergence: Convergence, settings: Bag, key: str, context: Context) -> Bag:
    """The outputs after create or update, as far as it came."""
    written = convergence.written or Canonical(Endpoint, {"name": convergence.name})
    answer = convergence.answer
    outputs: Bag = {**settings, "name": convergence.name, **context.recorded()}
    tree = dict(written.tree)
    if answer is not None:
        outputs |= seen_of(written, answer, convergence.sealing)
        outputs |= stamps_of(answer, context)
        if answer.stamps.id is not None:
            tree[ENDPOINT_ID] = answer.stamps.id
    return {**outputs, **hidden(tree, key)}


def seen_of(shape: Canonical, answer: EndpointAnswer, sealing: Sealing) -> Bag:
    """The managed parts as the workspace has them, under the inputs' names."""
    actual = as_taken(shape.tree, actual_of(answer, sealing).tree)
    return projected(Endpoint, shape=own_fields(shape.tree), actual=actual)


def with_filled_prefix(recorded: Bag) -> Bag:
    """The outputs, with the prefix that the service gave the older inference table.

    They show what the program said alone, and saying what is there already replaces nothing. The
    name of the table tells it: `catalog.schema.<prefix>_payload`.
    """
    config, table = section(recorded, "config"), text(recorded, INFERENCE_TABLE)
    captured = section(config, "auto_capture_config")
    place = f"{captured.get('catalog_name')}.{captured.get('schema_name')}."
    if table is None or "table_name_prefix" in captured or not table.startswith(place):
        return recorded
    prefix = table.removeprefix(place).removesuffix("_payload")
    filled = {**captured, "table_name_prefix": prefix}
    return {**recorded, "config": {**config, "auto_capture_config": filled}}


def stamps_of(answer: EndpointAnswer, context: Context) -> Bag:
    """What the service says of the endpoint beside its settings, and which workspace it is."""
    stamps = answer.stamps
    where = context.recorded()
    return {
        ENDPOINT_ID: stamps.id,
        "invocation_url": invocation_url(str(where["workspace_host"]), stamps.name),
        "endpoint_url": stamps.endpoint_url,
        "state": {"ready": stamps.state.ready, "config_update": stamps.state.config_update},
        "config_version": stamps.config.config_version if stamps.config else None,
        "creator": stamps.creator,
        "creation_timestamp": stamps.creation_timestamp,
        "last_updated_timestamp": stamps.last_updated_timestamp,
        "permission_level": stamps.permission_level,
        "task": stamps.task,
        INFERENCE_TABLE: inference_table_name(answer.settings),
        **where,
    }


def invocation_url(host: str, name: str) -> str:
    """Where the endpoint is queried."""
    return f"{host}/serving-endpoints/{name}/invocations"
