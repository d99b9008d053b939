"""What a program is told and may keep: each advice with programs that get it, and that do not."""

from __future__ import annotations

import pytest

from databricks_serving_schema import ADVICE, UNKNOWN
from support.endpoints import (
    LENIENT,
    STRICT,
    config,
    openai,
    problems,
    program,
    registered,
    units,
)
from support.judged import advised

ENTITY = "config.served_entities[0]"
MODEL = f"{ENTITY}.external_model"
INPUT = "ai_gateway.guardrails.input"

FEATURES = {
    "name": "features",
    "entity_name": "main.ml.features",
    "workload_size": "Small",
    "scale_to_zero_enabled": True,
}
TOKENS = {
    "name": "llama",
    "entity_name": "system.ai.llama",
    "entity_version": "1",
    "max_provisioned_throughput": 9500,
}
THROUGHPUT = "min_ or max_provisioned_throughput"
SPEC = "a feature spec (an entity_name without entity_version)"
SAFETY = {"guardrails": {"input": {"safety": True}}}
FALLBACK = {"fallback_config": {"enabled": True}}
TABLE = {"catalog_name": "main", "schema_name": "ml", "enabled": True}

PLAIN = (
    "everybody who may view the endpoint can read it; put it into a Secret and write its "
    "reference here"
)
NAMES = "letters, digits and _ are what programs expect in a variable's name"
NEWER_FIELD = "not known to this release; it is sent as it is"
NEWER_VALUE = "this value is not known to this release; it is sent as it is"
SIZED = "throughput is what sizes it"
SUCCEEDED = "deprecated: pii and safety have taken its place"


def serving(entity, **overrides):
    return program(config=config(entity), **overrides)


def captured(entity):
    return program(config={**config(entity), "auto_capture_config": TABLE})


def with_environment(**variables):
    return serving(registered(environment_vars=variables))


def palm():
    model = {"provider": "palm", "openai_config": None, "palm_config": {"palm_api_key": UNKNOWN}}
    return serving(openai(model=model))


def worded(**words):
    return program(ai_gateway={"guardrails": {"input": words}})


NOT_TOLD = {
    "guardrails of an external model": program(ai_gateway=SAFETY),
    "guardrails of a foundation model": serving(units(), ai_gateway=SAFETY),
    "guardrails without a config": program(config=None, ai_gateway=SAFETY),
    "fallback of an external model": program(ai_gateway=FALLBACK),
    "fallback that is off": serving(
        registered(), ai_gateway={"fallback_config": {"enabled": False}}
    ),
    "fallback that is not yet known": serving(
        registered(), ai_gateway={"fallback_config": UNKNOWN}
    ),
    "an older inference table of a registered model": captured(registered()),
    "an older inference table that is off": program(
        config={**config(TOKENS), "auto_capture_config": {"enabled": False}}
    ),
    "telemetry of a registered model": serving(
        registered(), telemetry_config={"telemetry_profile_id": "profile-1"}
    ),
    "telemetry of what is not yet known": program(
        config=UNKNOWN, telemetry_config={"telemetry_profile_id": "profile-1"}
    ),
    "telemetry that is not yet known": program(config=None, telemetry_config=UNKNOWN),
    "no telemetry": program(config=None, telemetry_config={}),
    "no words": worded(invalid_keywords=[], valid_topics=[]),
    "variables that any shell reads": with_environment(A="x", _b1="y"),
    "secrets by reference": with_environment(API_KEY="{{secrets/llm/a}}", TOKEN=UNKNOWN),
    "secrets that are empty": with_environment(PASSWORD=""),
    "names that only hold a secret word": with_environment(KEYBOARD="x", TOKENIZER="y"),
}

TOLD = {
    "telemetry-destination": (
        serving(
            registered(), telemetry_config={"inference_table_config": {"sampling_fraction": 0.5}}
        ),
        [
            (
                "telemetry_config",
                "telemetry-destination",
                (
                    "says neither table_names nor telemetry_profile_id: the service keeps it only "
                    "where the endpoint has a profile already"
                ),
            )
        ],
    ),
    **{
        f"doubtful-for-kind, guardrails of {its}": (
            serving(entity, ai_gateway=SAFETY),
            [
                (
                    "ai_gateway.guardrails",
                    "doubtful-for-kind",
                    f"does not go with {its}: guardrails are for external and foundation models",
                )
            ],
        )
        for its, entity in (("a registered model", registered()), (SPEC, FEATURES))
    },
    **{
        f"doubtful-for-kind, fallback of {its}": (
            serving(entity, ai_gateway=FALLBACK),
            [
                (
                    "ai_gateway.fallback_config",
                    "doubtful-for-kind",
                    f"does not go with {its}: fallback is for external models",
                )
            ],
        )
        for its, entity in (
            ("a registered model", registered()),
            (THROUGHPUT, TOKENS),
            ("provisioned_model_units", units()),
        )
    },
    "doubtful-for-kind, the older inference table of throughput": (
        captured(TOKENS),
        [
            (
                "config.auto_capture_config",
                "doubtful-for-kind",
                (
                    f"does not go with {THROUGHPUT}: deprecated there; use "
                    "ai_gateway.inference_table_config"
                ),
            )
        ],
    ),
    **{
        f"doubtful-for-kind, {name} of throughput": (
            serving({**TOKENS, name: value}),
            [
                (
                    f"{ENTITY}.{name}",
                    "doubtful-for-kind",
                    f"does not go with {THROUGHPUT}: {why}",
                )
            ],
        )
        for name, value, why in (
            ("workload_size", "Small", SIZED),
            ("workload_type", "GPU_MEDIUM", SIZED),
            ("scale_to_zero_enabled", False, "GET says false there, whatever was written"),
            ("min_provisioned_concurrency", 0, SIZED),
            ("max_provisioned_concurrency", 4, SIZED),
        )
    },
    "telemetry-needs-model": (
        program(config=None, telemetry_config={"telemetry_profile_id": "profile-1"}),
        [
            (
                "telemetry_config",
                "telemetry-needs-model",
                "where nothing is served yet, the service drops it in silence: say `config` too",
            )
        ],
    ),
    "deprecated, words": (
        worded(invalid_keywords=["war"], valid_topics=UNKNOWN),
        [
            (f"{INPUT}.invalid_keywords", "deprecated", SUCCEEDED),
            (f"{INPUT}.valid_topics", "deprecated", SUCCEEDED),
        ],
    ),
    "deprecated, a provider": (
        palm(),
        [
            (
                f"{MODEL}.palm_config",
                "deprecated",
                "deprecated: legacy; google-cloud-vertex-ai is its successor",
            )
        ],
    ),
    "environment-name": (
        with_environment(**{"A": "x", "MY-VAR": "x", "1ST": "x", "ä": "x"}),
        [
            (f'{ENTITY}.environment_vars["MY-VAR"]', "environment-name", NAMES),
            (f'{ENTITY}.environment_vars["1ST"]', "environment-name", NAMES),
            (f"{ENTITY}.environment_vars.ä", "environment-name", NAMES),
        ],
    ),
    "newer-field": (
        program(frobnicate=1, config=config(openai(frobnicate={"a": [1]}))),
        [
            ("frobnicate", "newer-field", NEWER_FIELD),
            (f"{ENTITY}.frobnicate", "newer-field", NEWER_FIELD),
        ],
    ),
    "newer-value": (
        program(
            config=config(
                openai(
                    model={
                        "provider": "initech",
                        "openai_config": None,
                        "task": "llm/v2/thought",
                    }
                )
            ),
        ),
        [
            (f"{MODEL}.provider", "newer-value", NEWER_VALUE),
            (f"{MODEL}.task", "newer-value", NEWER_VALUE),
        ],
    ),
    "plain-secret": (
        with_environment(
            TOKEN="x", openai_api_key="x", DB_PASSWORD="x", AWS_CREDENTIALS="x", MODE="fast"
        ),
        [
            (f"{ENTITY}.environment_vars.TOKEN", "plain-secret", PLAIN),
            (f"{ENTITY}.environment_vars.openai_api_key", "plain-secret", PLAIN),
            (f"{ENTITY}.environment_vars.DB_PASSWORD", "plain-secret", PLAIN),
            (f"{ENTITY}.environment_vars.AWS_CREDENTIALS", "plain-secret", PLAIN),
        ],
    ),
}


@pytest.mark.parametrize("said", NOT_TOLD.values(), ids=NOT_TOLD.keys())
def test_a_program_without_anything_doubtful_is_told_nothing(said):
    assert advised("ServingEndpoint", said) == []


@pytest.mark.parametrize(("said", "expected"), TOLD.values(), ids=TOLD.keys())
def test_advice_is_told_with_its_place_and_refuses_nothing(said, expected):
    newer = any(rule.startswith("newer-") for _, rule, _ in expected)
    allowances = LENIENT if newer else STRICT

    assert advised("ServingEndpoint", said, allowances) == expected
    assert problems(said, allowances) == []


def test_what_is_newer_in_a_list_and_in_a_scope_is_told_too():
    features = {
        "name": "chat",
        "config": config(registered()),
        "telemetry_config": {
            "telemetry_profile_id": "p",
            "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS", "SMOKE SIGNALS"],
        },
    }
    scope = {"name": "llm", "scope_backend_type": "MATTRESS", "newer": {"a": 1}}

    assert advised("ServingEndpoint", features, LENIENT) == [
        ("telemetry_config.enabled_telemetry_features[1]", "newer-value", NEWER_VALUE)
    ]
    assert advised("SecretScope", scope, LENIENT) == [
        ("newer", "newer-field", NEWER_FIELD),
        ("scope_backend_type", "newer-value", NEWER_VALUE),
    ]


def test_advice_is_given_of_a_gateway_of_its_own_too():
    said = {"endpoint_name": "chat", "guardrails": {"output": {"valid_topics": ["peace"]}}}

    assert advised("AiGateway", said) == [
        ("guardrails.output.valid_topics", "deprecated", SUCCEEDED)
    ]


def test_every_advice_is_told_to_some_program():
    told = {rule for _, expected in TOLD.values() for _, rule, _ in expected}

    assert told == {advice.id for advice in ADVICE}
