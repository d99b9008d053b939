"""Breaches of what each kind of entity has: compute, and fields that others have."""

from __future__ import annotations

from typing import Any

from databricks_serving_schema import UNKNOWN

from ..endpoints import Json, openai, program, registered, units
from .breach import ENTITY, SEVERAL, Breach, one, served

_SIZE = "required: Small, Medium or Large, or both min_ and max_provisioned_concurrency"
_VERSION = "required beside entity_name; only a feature spec, catalog.schema.name, has none"
_EXTERNAL = "does not go with external_model: others host that model"
_WHAT = "say external_model, or entity_name with entity_version"
_UNITS = "does not go with provisioned_model_units: model units are the whole of its compute"
_THROUGHPUT = "min_ or max_provisioned_throughput"
_FEATURES = "a feature spec (an entity_name without entity_version)"
_TABLE: Json = {"catalog_name": "main", "schema_name": "ml", "enabled": True}
_TELEMETRY: Json = {"telemetry_profile_id": "profile-1"}


def features(**overrides: Any) -> Json:
    """A valid entity with a feature spec."""
    return registered("features", **{"entity_version": None, **overrides})


def throughput(**overrides: Any) -> Json:
    """A valid entity with a foundation model, provisioned by tokens a second."""
    said = {"provisioned_model_units": None, "max_provisioned_throughput": 9500}
    return units(**{**said, **overrides})


def bounded(low: object, high: object, **overrides: Any) -> Json:
    """An entity with concurrency instead of a size."""
    bounds = {"min_provisioned_concurrency": low, "max_provisioned_concurrency": high}
    return registered(workload_size=None, **bounds, **overrides)


def _captured(*entities: Json, table: Json = _TABLE) -> Json:
    return program(config={**served(*entities)["config"], "auto_capture_config": table})


#: Fields that entities of one kind do not have: the kind, an entity, the field, a value, the words.
_NOT_ITS_FIELDS = (
    *(
        ("external", openai(), name, value, _EXTERNAL)
        for name, value in (
            ("entity_name", "main.ml.churn"),
            ("entity_version", "1"),
            ("environment_vars", {"A": "b"}),
            ("workload_size", "Small"),
            ("workload_type", "CPU"),
            ("scale_to_zero_enabled", False),
            ("min_provisioned_concurrency", 0),
            ("max_provisioned_concurrency", 4),
            ("min_provisioned_throughput", 0),
            ("max_provisioned_throughput", 1),
            ("provisioned_model_units", 1),
        )
    ),
    *(
        ("model units", units(), name, value, _UNITS)
        for name, value in (
            ("instance_profile_arn", "arn:aws:iam::1:instance-profile/x"),
            ("workload_size", "Small"),
            ("workload_type", "GPU_SMALL"),
            ("scale_to_zero_enabled", False),
            ("min_provisioned_concurrency", 0),
            ("max_provisioned_concurrency", 4),
            ("min_provisioned_throughput", 0),
            ("max_provisioned_throughput", 1),
        )
    ),
    *(
        (
            kind,
            entity,
            "environment_vars",
            {"A": "b"},
            f"does not go with {its}: foundation models read none",
        )
        for kind, entity, its in (
            ("throughput", throughput(), _THROUGHPUT),
            ("model units", units(), "provisioned_model_units"),
        )
    ),
    *(
        (
            kind,
            entity,
            "burst_scaling_enabled",
            True,
            f"does not go with {its}: it goes with provisioned_model_units",
        )
        for kind, entity, its in (
            ("external", openai(), "external_model"),
            ("registered", registered(), "a registered model"),
            ("feature spec", features(), _FEATURES),
            ("throughput", throughput(), _THROUGHPUT),
        )
    ),
)

KEPT = {
    "concurrency instead of a size": Breach(served(bounded(4, 8))),
    "concurrency that stays the same": Breach(served(bounded(4, 4))),
    "concurrency down to nothing": Breach(served(bounded(0, UNKNOWN, scale_to_zero_enabled=True))),
    "concurrency down to nothing where that is not yet known": Breach(
        served(bounded(0, 4, scale_to_zero_enabled=UNKNOWN))
    ),
    "a version that is not yet known": Breach(served(registered(entity_version=UNKNOWN))),
    "a model that is not yet known": Breach(served(registered(entity_name=UNKNOWN))),
    "a version as a number": Breach(served(registered(entity_version=3))),
    "a model of the workspace's own registry": Breach(served(registered(entity_name="churn"))),
    "a feature spec that is not yet known": Breach(served(features(entity_name=UNKNOWN))),
    "throughput with one bound": Breach(served(throughput())),
    "throughput from nothing": Breach(served(throughput(min_provisioned_throughput=0))),
    "throughput that is not yet known": Breach(
        served(throughput(max_provisioned_throughput=UNKNOWN))
    ),
    "model units without telemetry and description": Breach(
        served(units(), telemetry_config={}, description="")
    ),
    "a single unit": Breach(served(units(provisioned_model_units=1))),
    "units of a model without a version": Breach(served(units(entity_version=None, name="llama"))),
    "features without size and scaling": Breach(
        served(features(workload_size=None, scale_to_zero_enabled=None))
    ),
    "an instance profile of an external model": Breach(
        served(openai(instance_profile_arn="arn:aws:iam::1:instance-profile/x"))
    ),
    "route optimisation that is off": Breach(program(route_optimized=False)),
    "route optimisation that is not yet known": Breach(program(route_optimized=UNKNOWN)),
    "route optimisation of a registered model": Breach(served(registered(), route_optimized=True)),
    "route optimisation before there is a config": Breach(
        program(config=None, route_optimized=True)
    ),
    "a feature spec's fallback that is off": Breach(
        served(features(), ai_gateway={"fallback_config": {"enabled": False}})
    ),
    "an older inference table of a registered model": Breach(_captured(registered())),
    "an older inference table that is off": Breach(
        _captured(registered(), table={"enabled": False})
    ),
    "telemetry of a config that is not yet known": Breach(
        program(config=UNKNOWN, telemetry_config=_TELEMETRY)
    ),
    "telemetry before there is a config": Breach(program(config=None, telemetry_config=_TELEMETRY)),
    "telemetry that is not yet known": Breach(program(config=None, telemetry_config=UNKNOWN)),
}

BROKEN = {
    "registered-model, neither": one(served({"name": "a"}), ENTITY, "registered-model", _WHAT),
    "registered-model, an empty name": one(
        served(registered(entity_name="")), ENTITY, "registered-model", _WHAT
    ),
    "registered-model, an empty version": one(
        served(registered(entity_version="")),
        f"{ENTITY}.entity_version",
        "registered-model",
        _VERSION,
    ),
    "registered-model, no version and no feature spec": one(
        served(registered(entity_name="churn", entity_version=None)),
        f"{ENTITY}.entity_version",
        "registered-model",
        _VERSION,
    ),
    "registered-model, throughput without a version": one(
        served(throughput(entity_version=None)),
        f"{ENTITY}.entity_version",
        "registered-model",
        _VERSION,
    ),
    "registered-model, model units without a name": one(
        served(units(entity_name=None)), ENTITY, "registered-model", _WHAT
    ),
    "registered-model, no compute": Breach(
        served({"name": "a", "entity_name": "main.ml.churn", "entity_version": "1"}),
        (
            (
                f"{ENTITY}.scale_to_zero_enabled",
                "registered-model",
                "required: say True or False",
            ),
            (f"{ENTITY}.workload_size", "registered-model", _SIZE),
        ),
    ),
    "registered-model, half the concurrency": one(
        served(bounded(4, None)), f"{ENTITY}.workload_size", "registered-model", _SIZE
    ),
    "registered-model, size and concurrency": one(
        served(registered(min_provisioned_concurrency=4)),
        f"{ENTITY}.workload_size",
        "registered-model",
        "does not go with min/max_provisioned_concurrency",
    ),
    "bounds, concurrency": Breach(
        served(bounded(-4, 6)),
        (
            (f"{ENTITY}.min_provisioned_concurrency", "bounds", "-4 is less than 0"),
            (
                f"{ENTITY}.max_provisioned_concurrency",
                "bounds",
                "6 is no multiple of 4, such as 4 or 8",
            ),
        ),
    ),
    "bounds, throughput": one(
        served(throughput(min_provisioned_throughput=-1)),
        f"{ENTITY}.min_provisioned_throughput",
        "bounds",
        "-1 is less than 0",
    ),
    "bounds, units": one(
        served(units(provisioned_model_units=0)),
        f"{ENTITY}.provisioned_model_units",
        "bounds",
        "0 is less than 1",
    ),
    "nothing-provisioned": one(
        served(bounded(0, 4, scale_to_zero_enabled=False)),
        f"{ENTITY}.min_provisioned_concurrency",
        "nothing-provisioned",
        "0 goes with scale_to_zero_enabled=True only",
    ),
    "nothing-provisioned, of a feature spec": one(
        served(bounded(0, 4, entity_version=None, scale_to_zero_enabled=None)),
        f"{ENTITY}.min_provisioned_concurrency",
        "nothing-provisioned",
        "0 goes with scale_to_zero_enabled=True only",
    ),
    "lower-bound, concurrency": one(
        served(bounded(8, 4)),
        f"{ENTITY}.min_provisioned_concurrency",
        "lower-bound",
        "8 is more than max_provisioned_concurrency, 4",
    ),
    "lower-bound, throughput": one(
        served(throughput(min_provisioned_throughput=9501)),
        f"{ENTITY}.min_provisioned_throughput",
        "lower-bound",
        "9501 is more than max_provisioned_throughput, 9500",
    ),
    "one-kind": one(
        served(registered("a"), units(name="b"), routes={"a": 50, "b": 50}),
        "config.served_entities",
        "one-kind",
        "one endpoint serves one kind, and here are a registered model and provisioned_model_units",
    ),
    "one-kind, three of them": one(
        served(
            registered("a"), features(), throughput(), routes={"a": 50, "features": 50, "llama": 0}
        ),
        "config.served_entities",
        "one-kind",
        "one endpoint serves one kind, and here are a feature spec (an entity_name without "
        "entity_version) and a registered model and min_ or max_provisioned_throughput",
    ),
    **{
        f"not-for-kind, {name} of {kind}": one(
            served({**entity, name: value}), f"{ENTITY}.{name}", "not-for-kind", words
        )
        for kind, entity, name, value, words in _NOT_ITS_FIELDS
    },
    **{
        f"not-for-kind, route optimisation of {kind}": one(
            served(entity, route_optimized=True),
            "route_optimized",
            "not-for-kind",
            f"does not go with {its}: only custom models and feature serving have it",
        )
        for kind, entity, its in (
            ("external", openai(), "external_model"),
            ("throughput", throughput(), _THROUGHPUT),
            ("model units", units(), "provisioned_model_units"),
        )
    },
    "not-for-kind, a description of model units": one(
        served(units(), description="x"),
        "description",
        "not-for-kind",
        "does not go with provisioned_model_units: POST serving-endpoints/pt does not take it",
    ),
    "not-for-kind, telemetry of model units": one(
        served(units(), telemetry_config=_TELEMETRY),
        "telemetry_config",
        "not-for-kind",
        "does not go with provisioned_model_units: POST serving-endpoints/pt does not take it",
    ),
    "not-for-kind, telemetry of an external model": one(
        program(telemetry_config=_TELEMETRY),
        "telemetry_config",
        "not-for-kind",
        "does not go with external_model: the service drops it in silence there",
    ),
    "not-for-kind, fallback of a feature spec": one(
        served(features(), ai_gateway={"fallback_config": {"enabled": True}}),
        "ai_gateway.fallback_config",
        "not-for-kind",
        f"does not go with {_FEATURES}: fallback is for external models",
    ),
    "not-for-kind, the older inference table of an external model": one(
        _captured(openai()),
        "config.auto_capture_config",
        "not-for-kind",
        "does not go with external_model: use ai_gateway.inference_table_config",
    ),
    "not-for-kind, the older inference table of an external model, though off": one(
        _captured(openai(), table={"enabled": False}),
        "config.auto_capture_config",
        "not-for-kind",
        "does not go with external_model: use ai_gateway.inference_table_config",
    ),
    "not-for-kind, the older inference table of model units": one(
        _captured(units()),
        "config.auto_capture_config",
        "not-for-kind",
        "does not go with provisioned_model_units: use ai_gateway.inference_table_config",
    ),
    "registered-model, model units without a version and a name of its own": one(
        served(units(entity_version=None, name=None)),
        f"{ENTITY}.name",
        "registered-model",
        "required where entity_version is left out",
    ),
    "not-for-kind, two kinds at once": Breach(
        served(
            openai("a", workload_size="Small"),
            registered("b", burst_scaling_enabled=True),
            routes={"a": 50, "b": 50},
        ),
        (
            (f"{ENTITY}.workload_size", "not-for-kind", _EXTERNAL),
            (
                "config.served_entities[1].burst_scaling_enabled",
                "not-for-kind",
                "does not go with a registered model: it goes with provisioned_model_units",
            ),
            (
                "config.served_entities[1]",
                "several-external-models",
                "external models and other entities cannot be mixed in one endpoint",
            ),
        ),
        allowances=SEVERAL,
    ),
}
