"""How long to wait for a deployment, by what is deployed.

A time that the user sets is honoured to the second. Only the defaults are never below the
platform's own limits: it gives up on a CPU model after 30 minutes, on a small GPU after 60, on a
large one after 120 (Databricks page on custom model serving).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import Kind, Unknown, seconds

if TYPE_CHECKING:
    from databricks_serving.state.endpoint import EndpointInputs
    from databricks_serving_schema import Endpoint

_MINUTE = 60.0
#: External models are there in seconds; the official SDK waits 20 minutes for anything.
EXTERNAL = 20 * _MINUTE
CPU = 60 * _MINUTE
GPU = 90 * _MINUTE
LARGE_GPU = 180 * _MINUTE
#: Until a deleted endpoint's name is free again.
DELETE = 10 * _MINUTE

_LARGE = ("GPU_LARGE", "GPU_XLARGE", "MULTIGPU")


def patience(inputs: EndpointInputs, custom_timeout: float | None) -> float:
    """Seconds: `deploy.timeout`, else Pulumi's `custom_timeouts`, else the workload's own."""
    said = inputs.deploy.timeout
    if isinstance(said, str):
        return float(seconds(said))
    return custom_timeout if custom_timeout is not None else patience_for(inputs.endpoint)


def patience_for(endpoint: Endpoint) -> float:
    """Seconds that what the endpoint serves may take to deploy."""
    config = endpoint.config
    entities = None if config is None or isinstance(config, Unknown) else config.served_entities
    waits = [EXTERNAL]
    for entity in entities if isinstance(entities, tuple) else ():
        if isinstance(entity, Unknown) or entity.external_model is not None:
            continue
        if entity.kind in (Kind.THROUGHPUT, Kind.MODEL_UNITS):
            waits.append(GPU)  # which GPU is the service's choice
            continue
        kind = entity.workload_type if isinstance(entity.workload_type, str) else "CPU"
        if kind.startswith(_LARGE):
            waits.append(LARGE_GPU)
        else:
            waits.append(GPU if "GPU" in kind else CPU)
    return max(waits)
