"""Logs and metrics of an endpoint, as far as an emulator has any (contract §8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from .model import Config, Endpoint, EndpointKind, Entity, EntityKind

# What the service measures; here nothing is ever busy.
_GAUGES = (
    ("cpu_usage_percentage", "Average CPU usage of all replicas, in percent."),
    ("mem_usage_percentage", "Average memory usage of all replicas, in percent."),
    ("provisioned_concurrent_requests_total", "How many requests can be served at once."),
)
_COUNTERS = (
    ("request_count_total", "Requests in the last minute."),
    ("request_4xx_count_total", "Requests in the last minute that were refused."),
    ("request_5xx_count_total", "Requests in the last minute that failed."),
)
_COUNTED: Mapping[str, Callable[[int], bool]] = {
    "request_count_total": lambda _status: True,
    "request_4xx_count_total": lambda status: 400 <= status < 500,
    "request_5xx_count_total": lambda status: status >= 500,
}
_CONCURRENCY = {"Small": 4, "Medium": 16, "Large": 64}


def build_log(endpoint: Endpoint, entity: Entity) -> str:
    """How the container of an entity was built; `""` for what needs none."""
    if entity.kind is not EntityKind.CUSTOM or endpoint.kind is EndpointKind.THROUGHPUT:
        return ""
    known = entity.definition
    lines = [f"Building image for {known['entity_name']} version {known['entity_version']}."]
    if entity.deployment == "DEPLOYMENT_READY":
        lines.append("Image built.")
    elif entity.deployment != "DEPLOYMENT_CREATING":
        lines.append(f"Build failed: {entity.message}")
    return _log(entity, lines)


def service_log(endpoint: Endpoint, entity: Entity) -> str:
    """What the server of an entity wrote; `""` for one that does not run."""
    if entity.deployment != "DEPLOYMENT_READY" or endpoint.stopped:
        return ""
    return _log(entity, [*_started_with(entity), f"{entity.name} is listening."])


def _started_with(entity: Entity) -> Iterator[str]:
    for name, length in entity.environment.items():
        found = "no value" if length is None else f"a value of {length} characters"
        yield f"Environment variable {name} has {found}."


def _log(entity: Entity, lines: list[str]) -> str:
    moment = datetime.fromtimestamp(entity.creation_timestamp / 1000, tz=timezone.utc)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "".join(f"[{stamp}] {line}\n" for line in lines)


def metrics(endpoint: Endpoint, config: Config, statuses: Mapping[str, Sequence[int]]) -> str:
    """The metrics of an endpoint that serves this config, in the text format of Prometheus.

    statuses: of the answers in the last minute, by entity
    """
    lines: list[str] = []
    for kind, families in (("gauge", _GAUGES), ("counter", _COUNTERS)):
        for name, text in families:
            lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
            for entity in config.entities:
                labels = f'endpoint_name="{endpoint.name}",served_model_name="{entity.name}"'
                value = _value(name, entity, statuses.get(entity.name, ()))
                lines.append(f"{name}{{{labels}}} {value}")
    return "\n".join(lines) + "\n"


def _value(name: str, entity: Entity, statuses: Sequence[int]) -> int:
    if name in _COUNTED:
        return sum(_COUNTED[name](status) for status in statuses)
    if name != "provisioned_concurrent_requests_total":
        return 0
    bound = entity.definition.get("max_provisioned_concurrency")
    return int(bound or _CONCURRENCY.get(entity.definition.get("workload_size", ""), 0))
