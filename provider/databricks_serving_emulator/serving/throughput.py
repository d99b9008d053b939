"""Provisioned throughput, by tokens per second or by model units (contract §3, §5.3, §5.6)."""

from __future__ import annotations

from ..errors import invalid
from ..wire import JsonObject
from .registry import RegisteredModel

_TOKENS = ("min_provisioned_throughput", "max_provisioned_throughput")
# The one published answer: 9500 tokens per second show as 106 DBUs of the upper bound.
_DBUS_PER_TOKEN = 106.0 / 9500


def check_throughput(entity: JsonObject, model: RegisteredModel | None, where: str) -> None:
    """Raise `ApiError` 400 for throughput that cannot be had; `model`: what is known of it."""
    optional = "provisioned_model_units" in entity and "entity_version" not in entity
    if not optional and not entity.get("entity_version"):
        raise invalid(f"Missing required field: {where}.entity_version")
    if entity.get("environment_vars"):
        raise invalid(f"{where}: environment_vars cannot be given with provisioned throughput.")
    tokens = [name for name in _TOKENS if name in entity]
    if "provisioned_model_units" in entity and tokens:
        raise invalid(
            f"{where}: provisioned_model_units cannot be combined with {', '.join(tokens)}."
        )
    low = entity.get("min_provisioned_throughput", 0)
    if low < 0 or low > entity.get("max_provisioned_throughput", low):
        raise invalid(f"{where}: min_provisioned_throughput must lie between 0 and the maximum.")
    if entity.get("provisioned_model_units", 1) < 1:
        raise invalid(f"{where}.provisioned_model_units must be at least 1.")
    if model is not None:
        _check_against(model, entity, where)


def _check_against(model: RegisteredModel, entity: JsonObject, where: str) -> None:
    if model.kind in {"agent", "feature_spec"}:
        raise invalid(f"{where}: {model.name} cannot have provisioned throughput.")
    steps = dict.fromkeys(_TOKENS, model.throughput_chunk_size)
    steps["provisioned_model_units"] = model.model_unit_chunk_size or 1
    for name, step in steps.items():
        if entity.get(name, 0) % step:
            raise invalid(f"{where}.{name} must be a multiple of {step}.")


def throughput_sizing(entity: JsonObject) -> JsonObject:
    """What the service fills in for provisioned throughput."""
    sizing: JsonObject = {"workload_size": "Small", "scale_to_zero_enabled": False}
    if "provisioned_model_units" in entity:
        return {**sizing, "workload_type": "GPU_XLARGE_8"}
    return {
        **sizing,
        "workload_type": "GPU_MEDIUM",
        "min_dbus": round(entity.get("min_provisioned_throughput", 0) * _DBUS_PER_TOKEN, 3),
        "max_dbus": round(entity.get("max_provisioned_throughput", 0) * _DBUS_PER_TOKEN, 3),
        "batching_config": {"enabled": False},
    }


def optimization_info(model: RegisteredModel | None, version: str) -> JsonObject:
    """How a version of a model can be provisioned; `ApiError` 400 for what is no version.

    A model of which nobody said that it is a foundation model cannot.
    """
    if not version.isdecimal() or int(version) < 1:
        raise invalid("The model version must be a number, 1 or more.")
    if model is None or model.kind != "foundation_model":
        return {"optimizable": False}
    if model.model_unit_chunk_size is not None:
        return {"model_unit_chunk_size": model.model_unit_chunk_size}
    return {
        "optimizable": True,
        "model_type": model.name.rpartition(".")[2],
        "throughput_chunk_size": model.throughput_chunk_size,
        "dbus": model.dbus or round(model.throughput_chunk_size * _DBUS_PER_TOKEN, 3),
    }
