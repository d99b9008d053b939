"""What is served: how entities are told apart, of which kind they are, and what they run on."""

from __future__ import annotations

from support.endpoints import config, openai, program, registered

from .case import ENTITY, SEVERAL, TABLE, Refusal, churn, without

#: What others do not run their models on.
OF_REGISTERED_MODELS = {
    "entity_name": "main.ml.churn",
    "entity_version": "1",
    "environment_vars": {"MODE": "fast"},
    "workload_size": "Small",
    "workload_type": "CPU",
    "scale_to_zero_enabled": False,
    "min_provisioned_concurrency": 0,
    "max_provisioned_concurrency": 4,
    "min_provisioned_throughput": 0,
    "max_provisioned_throughput": 9500,
}


def bounds(low, high):
    return churn(
        workload_size=None, min_provisioned_concurrency=low, max_provisioned_concurrency=high
    )


def captured(entity, table):
    return program(config={**config(entity), "auto_capture_config": table})


REFUSALS = {
    # Entities.
    "no entity": Refusal(
        program(config={"served_entities": []}),
        r"At least one served entity",
        "config-not-empty",
        "config.served_entities",
        by=("PUT config",),
    ),
    "no entity by model units": Refusal(
        program(config={"served_entities": []}),
        r"field: config\.served_entities$",
        "config-not-empty",
        "config.served_entities",
        by=("PUT pt",),
    ),
    "two entities of one name": Refusal(
        program(config=config(registered("a"), registered("a"), routes={"a": 100})),
        r"names must be unique",
        "stands-once",
        "config.served_entities[1]",
    ),
    "an entity's name with a blank": Refusal(
        churn(name="my churn"), r"name must have 1 to 63", "spelling", f"{ENTITY}.name"
    ),
    "a model whose name makes no entity's name": Refusal(
        program(
            config=config({k: v for k, v in openai(model={"name": "gpt 4"}).items() if k != "name"})
        ),
        r"name must have 1 to 63",
        "default-name",
        f"{ENTITY}.name",
    ),
    **{
        f"an external model with {name}": Refusal(
            program(config=config(openai(**{name: value}))),
            rf"external_model cannot be combined with {name}",
            "not-for-kind",
            f"{ENTITY}.{name}",
        )
        for name, value in OF_REGISTERED_MODELS.items()
    },
    "neither kind of model": Refusal(
        program(config=config({"name": "a"})),
        r"one of entity_name and external_model",
        "registered-model",
        ENTITY,
    ),
    "an empty registered model": Refusal(
        churn(entity_name=""), r"one of entity_name and external_model", "registered-model", ENTITY
    ),
    "two external models": Refusal(
        program(config=config(openai("a"), openai("b"), routes={"a": 50, "b": 50})),
        r"only one served entity",
        "single-external-entity",
        "config.served_entities",
    ),
    "two tasks": Refusal(
        program(
            config=config(
                openai("a"),
                openai("b", model={"task": "llm/v1/embeddings"}),
                routes={"a": 50, "b": 50},
            )
        ),
        r"must have the same task",
        "several-external-models",
        "config.served_entities",
        SEVERAL,
    ),
    "two kinds": Refusal(
        program(config=config(openai("a"), registered("b"), routes={"a": 50, "b": 50})),
        r"different kinds cannot be mixed",
        "several-external-models",
        "config.served_entities[1]",
        SEVERAL,
    ),
    "no word on scaling": Refusal(
        churn(scale_to_zero_enabled=None),
        r"scaleToZeroEnabled is undefined",
        "registered-model",
        f"{ENTITY}.scale_to_zero_enabled",
    ),
    "no size": Refusal(
        churn(workload_size=None),
        r"workloadSizeId is undefined",
        "registered-model",
        f"{ENTITY}.workload_size",
    ),
    "one bound only": Refusal(
        churn(workload_size=None, min_provisioned_concurrency=4),
        r"workloadSizeId is undefined",
        "registered-model",
        f"{ENTITY}.workload_size",
    ),
    "a size and bounds": Refusal(
        churn(min_provisioned_concurrency=4, max_provisioned_concurrency=8),
        r"workload_size cannot be combined",
        "registered-model",
        f"{ENTITY}.workload_size",
    ),
    "a lower bound between the steps": Refusal(
        bounds(3, 8),
        r"must be multiples of 4",
        "bounds",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    "an upper bound between the steps": Refusal(
        bounds(4, 6),
        r"must be multiples of 4",
        "bounds",
        f"{ENTITY}.max_provisioned_concurrency",
    ),
    "a bound below nothing": Refusal(
        bounds(-4, 8),
        r"must be multiples of 4",
        "bounds",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    "bounds turned round": Refusal(
        bounds(8, 4),
        r"the minimum not above the maximum",
        "lower-bound",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    "nothing ready, and not scaled to zero": Refusal(
        bounds(0, 8),
        r"min_provisioned_concurrency can be 0 only with scale_to_zero_enabled",
        "nothing-provisioned",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    "the older form of entities beside the present one": Refusal(
        program(
            config={
                **config(registered()),
                "served_models": [{"model_name": "main.ml.churn", "model_version": "1"}],
            }
        ),
        r"Only one of served_entities and served_models",
        "answer-only",
        "config.served_models",
    ),
    # The older inference table.
    **{
        f"an older table without its {name}": Refusal(
            captured(registered(), without(TABLE, name)),
            rf"auto_capture_config\.{name} must be specified",
            "inference-table",
            f"config.auto_capture_config.{name}",
        )
        for name in ("catalog_name", "schema_name")
    },
    "an older table of an external model": Refusal(
        captured(openai(), TABLE),
        r"auto_capture_config is not supported",
        "not-for-kind",
        "config.auto_capture_config",
    ),
}
