"""Breaches of the AI Gateway, inline and as resources of their own, and of telemetry."""

from __future__ import annotations

from typing import Any

from databricks_serving_schema import UNKNOWN

from ..endpoints import LENIENT, Json, config, limit, program, registered
from .breach import Breach, external, one, served

LIMITS = "ai_gateway.rate_limits"
_KEYS = "user, user_group, service_principal, endpoint"
_EVERYBODY: Json = {"calls": 1, "renewal_period": "minute"}
_EVERYBODYS = "does not go with key 'endpoint': that limit is everybody's"


def limited(*limits: Any) -> Json:
    """A program with these rate limits."""
    return program(ai_gateway={"rate_limits": list(limits)})


def guarded(**sides: Any) -> Json:
    """A program with these guardrails."""
    return program(ai_gateway={"guardrails": sides})


def table(**fields: Any) -> Json:
    """A program with this inference table."""
    return program(ai_gateway={"inference_table_config": fields})


def measured(**fields: Any) -> Json:
    """A program with telemetry of a registered model."""
    return served(registered(), telemetry_config=fields)


def _groups(count: int) -> list[Json]:
    return [limit(key="user_group", principal=f"g{n}") for n in range(count)]


def _users(count: int) -> list[Json]:
    return [limit(principal=f"u{n}") for n in range(count)]


def _embeddings(output: object) -> Json:
    return external({"task": "llm/v1/embeddings"}, ai_gateway={"guardrails": {"output": output}})


KEPT = {
    "a gateway that is cleared": Breach(program(ai_gateway={})),
    "no limits": Breach(limited()),
    "a limit that blocks everything": Breach(limited(limit(0))),
    "a limit of tokens alone": Breach(limited({"tokens": 0, "renewal_period": "minute"})),
    "a limit of the whole endpoint": Breach(limited(_EVERYBODY)),
    "limits whose principals differ in a slash": Breach(
        limited(limit(principal="ada"), limit(principal="ada/"))
    ),
    "a limit for each user and one for a user": Breach(limited(limit(), limit(principal="ada"))),
    "a limit of a group that is not yet known": Breach(
        limited(limit(key="user_group", principal=UNKNOWN))
    ),
    "a limit for whom is not yet known": Breach(limited(limit(key=UNKNOWN, principal="ada"))),
    "limits that are not yet known": Breach(limited(UNKNOWN, UNKNOWN)),
    "five groups": Breach(limited(*_groups(5))),
    "twenty limits": Breach(limited(*_users(20))),
    "a key of a newer API where that is allowed": Breach(
        limited(limit(key="tenant")), allowances=LENIENT
    ),
    "fifty words of a hundred characters": Breach(
        guarded(input={"invalid_keywords": [f"{n:0100}" for n in range(50)]})
    ),
    "guardrails of prompts to embeddings": Breach(
        external({"task": "llm/v1/embeddings"}, ai_gateway={"guardrails": {"input": {}}})
    ),
    "guardrails of embeddings that are off": Breach(
        _embeddings(
            {
                "safety": False,
                "pii": {"behavior": "NONE"},
                "invalid_keywords": [],
                "valid_topics": [],
            }
        )
    ),
    "guardrails of embeddings that are not yet known": Breach(_embeddings(UNKNOWN)),
    "a table that is off": Breach(table(enabled=False)),
    "a table that is off, with its place": Breach(table(enabled=False, catalog_name="main")),
    "a table in a place that is not yet known": Breach(
        table(enabled=True, catalog_name=UNKNOWN, schema_name=UNKNOWN)
    ),
    "telemetry of nothing": Breach(measured(enabled_telemetry_features=[])),
    "no and all requests": Breach(measured(inference_table_config={"sampling_fraction": 0})),
    "all requests": Breach(measured(inference_table_config={"sampling_fraction": 1})),
    "a feature of a newer API where that is allowed": Breach(
        measured(enabled_telemetry_features=["TELEMETRY_FEATURE_DREAMS"]), allowances=LENIENT
    ),
    "a gateway of Databricks' own endpoint": Breach(
        {"endpoint_name": "databricks-claude", "rate_limits": [limit()]}, kind="AiGateway"
    ),
}

BROKEN = {
    "rate-limit, nothing counted": one(
        limited({"renewal_period": "minute"}),
        f"{LIMITS}[0]",
        "rate-limit",
        "say calls, tokens, or both",
    ),
    **{
        f"rate-limit, {how} principal of {key}": one(
            limited(limit(key=key, **said)),
            f"{LIMITS}[0].principal",
            "rate-limit",
            f"required for key '{key}'",
        )
        for key in ("user_group", "service_principal")
        for how, said in (("no", {}), ("an empty", {"principal": ""}))
    },
    "rate-limit, a principal of everybody": one(
        limited({**_EVERYBODY, "principal": "ada"}),
        f"{LIMITS}[0].principal",
        "rate-limit",
        _EVERYBODYS,
    ),
    "rate-limit, in a resource of its own": one(
        {"endpoint_name": "chat", "rate_limits": [{**_EVERYBODY, "principal": "ada"}]},
        "rate_limits[0].principal",
        "rate-limit",
        _EVERYBODYS,
        kind="RateLimits",
    ),
    "rate-limit, in a gateway of its own": one(
        {"endpoint_name": "chat", "rate_limits": [{"renewal_period": "minute"}]},
        "rate_limits[0]",
        "rate-limit",
        "say calls, tokens, or both",
        kind="AiGateway",
    ),
    "bounds, calls and tokens": Breach(
        limited(limit(-1, tokens=-2)),
        (
            (f"{LIMITS}[0].calls", "bounds", "-1 is less than 0"),
            (f"{LIMITS}[0].tokens", "bounds", "-2 is less than 0"),
        ),
    ),
    "known-value, of a limit": Breach(
        limited(limit(key="users", renewal_period="hour"), limit(key="")),
        (
            (f"{LIMITS}[0].key", "known-value", "not known here; did you mean 'user'?"),
            (f"{LIMITS}[0].renewal_period", "known-value", "not known here; known are minute"),
            (f"{LIMITS}[1].key", "known-value", f"not known here; known are {_KEYS}"),
        ),
    ),
    "length, limits": one(limited(*_users(21)), LIMITS, "length", "21 elements; 20 are allowed"),
    "length, limits in a resource of its own": one(
        {"endpoint_name": "chat", "rate_limits": _users(21)},
        "rate_limits",
        "length",
        "21 elements; 20 are allowed",
        kind="RateLimits",
    ),
    "group-limits": one(
        limited(*_groups(6)), LIMITS, "group-limits", "6 limits for groups; 5 are allowed"
    ),
    "stands-once, two limits": Breach(
        limited(_EVERYBODY, {**_EVERYBODY, "key": "endpoint", "principal": ""}),
        (
            (
                f"{LIMITS}[1]",
                "stands-once",
                "another one with this key, principal and renewal_period stands here already",
            ),
            (f"{LIMITS}[1].principal", "rate-limit", _EVERYBODYS),
        ),
    ),
    "length, words": Breach(
        guarded(
            input={"valid_topics": [f"t{n}" for n in range(51)]},
            output={"invalid_keywords": ["a", "x" * 101]},
        ),
        (
            (
                "ai_gateway.guardrails.input.valid_topics",
                "length",
                "51 elements; 50 are allowed",
            ),
            (
                "ai_gateway.guardrails.output.invalid_keywords[1]",
                "length",
                "101 characters; 100 are allowed",
            ),
        ),
    ),
    "stands-once, a word": one(
        guarded(input={"invalid_keywords": ["a", "b", "a"]}),
        "ai_gateway.guardrails.input.invalid_keywords[2]",
        "stands-once",
        "stands here already",
    ),
    "known-value, what is done about personal data": one(
        guarded(output={"pii": {"behavior": "mask"}}),
        "ai_gateway.guardrails.output.pii.behavior",
        "known-value",
        "not known here; did you mean 'MASK'?",
    ),
    **{
        f"output-guardrails, {name}": one(
            _embeddings({name: said}),
            "ai_gateway.guardrails.output",
            "output-guardrails",
            "does not go with task llm/v1/embeddings",
        )
        for name, said in (
            ("safety", True),
            ("pii", {"behavior": "BLOCK"}),
            ("invalid_keywords", ["war"]),
            ("valid_topics", ["peace"]),
        )
    },
    "inference-table": Breach(
        table(enabled=True, schema_name=""),
        (
            (
                "ai_gateway.inference_table_config.catalog_name",
                "inference-table",
                "required where the table is enabled",
            ),
            (
                "ai_gateway.inference_table_config.schema_name",
                "inference-table",
                "required where the table is enabled",
            ),
        ),
    ),
    "inference-table, the older one": Breach(
        program(
            config={
                **config(registered()),
                "auto_capture_config": {"enabled": True, "catalog_name": ""},
            }
        ),
        (
            (
                "config.auto_capture_config.catalog_name",
                "inference-table",
                "required where the table is enabled",
            ),
            (
                "config.auto_capture_config.schema_name",
                "inference-table",
                "required where the table is enabled",
            ),
        ),
    ),
    "required, whether there is a fallback": one(
        program(ai_gateway={"fallback_config": {}}),
        "ai_gateway.fallback_config.enabled",
        "required",
        "required",
    ),
    "required, of a gateway of its own": one(
        {"usage_tracking_config": {"enabled": True}},
        "endpoint_name",
        "required",
        "required",
        kind="AiGateway",
    ),
    "required, of limits of their own": Breach(
        {"endpoint_name": ""},
        (
            ("endpoint_name", "required", "required, and here it is empty"),
            ("rate_limits", "required", "required"),
        ),
        kind="RateLimits",
    ),
    "one-of, two destinations of telemetry": one(
        measured(table_names={"logs_table": "main.ml.logs"}, telemetry_profile_id="profile-1"),
        "telemetry_config",
        "one-of",
        "say at most one of table_names and telemetry_profile_id; here are table_names and "
        "telemetry_profile_id",
    ),
    "bounds, a share of the requests": one(
        measured(inference_table_config={"sampling_fraction": 1.5}),
        "telemetry_config.inference_table_config.sampling_fraction",
        "bounds",
        "1.5 is not between 0 and 1",
    ),
    "known-value, a feature": one(
        measured(enabled_telemetry_features=["TELEMETRY_FEATURE_LOG"]),
        "telemetry_config.enabled_telemetry_features[0]",
        "known-value",
        "not known here; did you mean 'TELEMETRY_FEATURE_LOGS'?",
    ),
    "stands-once, a feature": one(
        measured(enabled_telemetry_features=["TELEMETRY_FEATURE_LOGS"] * 2),
        "telemetry_config.enabled_telemetry_features[1]",
        "stands-once",
        "stands here already",
    ),
}
