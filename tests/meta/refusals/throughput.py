"""Foundation models with provisioned throughput, by tokens a second or by model units."""

from __future__ import annotations

from support.endpoints import config, program, registered, units

from .case import ENTITY, TABLE, Refusal, by_units, only, throughput

#: What the calls for model units do not take.
NOT_BY_UNITS = {
    "environment_vars": {"MODE": "fast"},
    "instance_profile_arn": "arn:aws:iam::1:instance-profile/x",
    "workload_size": "Small",
    "workload_type": "GPU_SMALL",
    "scale_to_zero_enabled": False,
    "min_provisioned_concurrency": 0,
    "max_provisioned_concurrency": 4,
    "min_provisioned_throughput": 0,
    "max_provisioned_throughput": 9500,
}


REFUSALS = {
    # By tokens a second.
    **{
        f"throughput {how} version": Refusal(
            throughput(entity_version=version),
            r"field: .*\.entity_version$",
            "registered-model",
            f"{ENTITY}.entity_version",
        )
        for how, version in (("without a", None), ("with an empty", ""))
    },
    "throughput turned round": Refusal(
        throughput(min_provisioned_throughput=9501),
        r"min_provisioned_throughput must lie between",
        "lower-bound",
        f"{ENTITY}.min_provisioned_throughput",
    ),
    "throughput below nothing": Refusal(
        throughput(min_provisioned_throughput=-1),
        r"min_provisioned_throughput must lie between",
        "bounds",
        f"{ENTITY}.min_provisioned_throughput",
    ),
    "two kinds of registered models": Refusal(
        program(config=config(registered("a"), units(name="b"), routes={"a": 50, "b": 50})),
        r"different kinds cannot be mixed",
        "one-kind",
        "config.served_entities",
        by=("POST", "PUT config"),
    ),
    "throughput with environment variables": Refusal(
        throughput(environment_vars={"MODE": "fast"}),
        r"environment_vars cannot be given with provisioned throughput",
        "not-for-kind",
        f"{ENTITY}.environment_vars",
    ),
    "throughput with an optimised route": Refusal(
        {**throughput(), "route_optimized": True},
        r"Route optimization is only for custom models",
        "not-for-kind",
        "route_optimized",
    ),
    # By model units.
    "no model units": Refusal(
        by_units(provisioned_model_units=0),
        r"field: config\.served_entities\[0\]\.provisioned_model_units$",
        "bounds",
        f"{ENTITY}.provisioned_model_units",
    ),
    "no model units, by the usual calls": Refusal(
        by_units(provisioned_model_units=0),
        r"provisioned_model_units must be at least 1",
        "bounds",
        f"{ENTITY}.provisioned_model_units",
        by=("POST", "PUT config"),
    ),
    **{
        f"model units with {name}, by the usual calls": Refusal(
            by_units(**{name: value}),
            rf"provisioned_model_units cannot be combined with {name}",
            "not-for-kind",
            f"{ENTITY}.{name}",
            by=("POST", "PUT config"),
        )
        for name, value in NOT_BY_UNITS.items()
        if name.endswith("_throughput")
    },
    "model units of nothing": Refusal(
        by_units(entity_name=None),
        r"field: config\.served_entities\[0\]\.entity_name$",
        "registered-model",
        ENTITY,
    ),
    "model units with an empty version": Refusal(
        by_units(entity_version=""),
        r"field: .*\.entity_version$",
        "registered-model",
        f"{ENTITY}.entity_version",
    ),
    "model units beside an entity without": Refusal(
        program(
            config=config(
                units(),
                only(units(name="b", provisioned_model_units=None)),
                routes={"llama": 50, "b": 50},
            )
        ),
        r"field: config\.served_entities\[1\]\.provisioned_model_units$",
        "one-kind",
        "config.served_entities",
    ),
    **{
        f"model units with {name}": Refusal(
            by_units(**{name: value}),
            rf"unknown field config\.served_entities\[0\]\.{name}",
            "not-for-kind",
            f"{ENTITY}.{name}",
        )
        for name, value in NOT_BY_UNITS.items()
    },
    **{
        f"model units with {name}": Refusal(
            {**by_units(), name: value},
            rf"unknown field {name}",
            "not-for-kind",
            name,
            by=("POST pt",),
        )
        for name, value in (
            ("description", "text"),
            ("route_optimized", True),
            ("telemetry_config", {"telemetry_profile_id": "profile-1"}),
        )
    },
    "model units with the older inference table": Refusal(
        program(config={**config(units()), "auto_capture_config": TABLE}),
        r"unknown field config\.auto_capture_config",
        "not-for-kind",
        "config.auto_capture_config",
    ),
}
