"""AI Gateway: limits, guardrails, the inference table, fallback."""

from __future__ import annotations

from support.endpoints import config, limit, program, registered

from .case import LIMITS, TABLE, Refusal, limited, model, only, without

INPUT = "ai_gateway.guardrails.input"


def guarded(**words):
    return program(ai_gateway={"guardrails": {"input": words}})


def model_and_guardrails(guardrails):
    return {**model(task="llm/v1/embeddings"), "ai_gateway": {"guardrails": guardrails}}


REFUSALS = {
    # Rate limits.
    "too many limits": Refusal(
        limited(*(limit(principal=f"u{n}") for n in range(21))),
        r"At most 20 rate limits",
        "length",
        LIMITS,
    ),
    "too many groups": Refusal(
        limited(*(limit(key="user_group", principal=f"g{n}") for n in range(6))),
        r"At most 5 group rate limits",
        "group-limits",
        LIMITS,
    ),
    "a limit for no time": Refusal(
        limited({"calls": 1}),
        r"renewal_period must be 'minute'",
        "required",
        f"{LIMITS}[0].renewal_period",
    ),
    "a limit for an hour": Refusal(
        limited(limit(renewal_period="hour")),
        r"renewal_period must be 'minute'",
        "known-value",
        f"{LIMITS}[0].renewal_period",
    ),
    "a limit for whom": Refusal(
        limited(limit(key="team")), r"key must be one of", "known-value", f"{LIMITS}[0].key"
    ),
    "a limit for nobody by name": Refusal(
        limited(limit(key="")), r"key must be one of", "known-value", f"{LIMITS}[0].key"
    ),
    "a group without a name": Refusal(
        limited(limit(key="user_group")),
        r"principal is required",
        "rate-limit",
        f"{LIMITS}[0].principal",
    ),
    "a service principal with an empty name": Refusal(
        limited(limit(key="service_principal", principal="")),
        r"principal is required",
        "rate-limit",
        f"{LIMITS}[0].principal",
    ),
    "a limit of nothing": Refusal(
        limited({"key": "user", "renewal_period": "minute"}),
        r"at least one of calls and tokens",
        "rate-limit",
        f"{LIMITS}[0]",
    ),
    "a limit below nothing": Refusal(
        limited(limit(tokens=-1)), r"cannot be negative", "bounds", f"{LIMITS}[0].tokens"
    ),
    # The rest of the gateway.
    **{
        f"output guardrails of embeddings, {name}": Refusal(
            model_and_guardrails({"output": {name: said}}),
            r"Output guardrails are not supported",
            "output-guardrails",
            "ai_gateway.guardrails.output",
        )
        for name, said in (
            ("safety", True),
            ("pii", {"behavior": "MASK"}),
            ("invalid_keywords", ["war"]),
        )
    },
    "an unknown way with personal data": Refusal(
        guarded(pii={"behavior": "HIDE"}),
        r"pii\.behavior must be one of",
        "known-value",
        f"{INPUT}.pii.behavior",
    ),
    **{
        f"too many {name}": Refusal(
            guarded(**{name: [f"w{n}" for n in range(51)]}),
            r"may have at most 50 entries",
            "length",
            f"{INPUT}.{name}",
        )
        for name in ("invalid_keywords", "valid_topics")
    },
    "a word too long": Refusal(
        guarded(invalid_keywords=["x" * 101]),
        r"an entry may have at most 100 characters",
        "length",
        f"{INPUT}.invalid_keywords[0]",
    ),
    **{
        f"a table without its {name}": Refusal(
            program(ai_gateway={"inference_table_config": without(TABLE, name)}),
            rf"inference_table_config\.{name} must be specified",
            "inference-table",
            f"ai_gateway.inference_table_config.{name}",
        )
        for name in ("catalog_name", "schema_name")
    },
    "fallback of a feature spec": Refusal(
        program(
            config=config(only(registered(entity_version=None))),
            ai_gateway={"fallback_config": {"enabled": True}},
        ),
        r"fallback_config is not supported for feature specs",
        "not-for-kind",
        "ai_gateway.fallback_config",
    ),
}
