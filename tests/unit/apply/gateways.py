"""Endpoints with a gateway that somebody else set, and programs that set sections of it."""

from __future__ import annotations

from databricks_serving.apply.context import LeftUnfinished, Stack
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.errors import ServingError
from support.context import ENDPOINTS, Bench, wired
from support.endpoints import config, limit, openai

PPT = "databricks-claude-sonnet-4"
GATEWAY = f"{ENDPOINTS}/chat/ai-gateway"
PUT = "PUT serving-endpoints/chat/ai-gateway"
TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml", "table_name_prefix": "chat"}
ELSEWHERE = {**TABLE, "catalog_name": "audit"}
#: Each section as programs here say it, and another value that somebody else may have given it.
SECTIONS = {
    "rate_limits": [limit(100)],
    "guardrails": {"input": {"safety": True, "pii": {"behavior": "BLOCK"}}},
    "usage_tracking_config": {"enabled": True},
    "inference_table_config": TABLE,
    "fallback_config": {"enabled": True},
}
OTHERS = {
    "rate_limits": [limit(7), limit(3, key="endpoint")],
    "guardrails": {"input": {"safety": True, "pii": {"behavior": "MASK"}}},
    "usage_tracking_config": {"enabled": False},
    "inference_table_config": {**TABLE, "enabled": False},
    "fallback_config": {"enabled": False},
}


def there(gateway=None, **more):
    """A bench with an endpoint `chat` that somebody else made, with that gateway."""
    bench = Bench(**more)
    model = {"openai_config": {"openai_api_key_plaintext": "made-up"}}
    body = {"name": "chat", "config": config(openai(model=model))}
    bench.workspace.ui("POST", ENDPOINTS, body).json()
    by_hand(bench, gateway or {})
    bench.clock.advance(120)
    bench.workspace.clear_calls()
    return bench


def by_hand(bench, gateway):
    """Somebody sets the whole gateway in the UI."""
    answer = bench.workspace.ui("PUT", GATEWAY, gateway)
    assert answer.status == 200, answer.json()


def recreate(bench, gateway=None):
    """Somebody deletes the endpoint and makes another under its name."""
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    model = {"openai_config": {"openai_api_key_plaintext": "made-up"}}
    bench.workspace.ui("POST", ENDPOINTS, {"name": "chat", "config": config(openai(model=model))})
    by_hand(bench, gateway or {})


def program(**said):
    return {"endpoint_name": "chat", **said}


def served(bench, name="chat"):
    return bench.served(name).get("ai_gateway", {})


def bodies(bench):
    return [call.body for call in bench.workspace.writes]


def applied_to(gateway, said, kind=AI_GATEWAY, **more):
    """A bench with such a gateway, and the outputs of a create on it; no call is remembered."""
    bench = there(gateway, **more)
    outputs = bench.create(kind, said).outputs
    bench.workspace.clear_calls()
    return bench, outputs


def preview(outputs, said, kind=AI_GATEWAY):
    return kind.diff(wired(outputs), wired(said), Stack())


def up(bench, said, state, kind=AI_GATEWAY, **more):
    """One `pulumi up`: create or update, and what the engine keeps in the state afterwards."""
    try:
        if state is None:
            return bench.create(kind, said, **more).outputs, None
        return bench.update(kind, "chat", state, said, **more), None
    except LeftUnfinished as left:
        return left.outputs, left
    except ServingError as failed:
        return state, failed


__all__ = [
    "AI_GATEWAY",
    "ELSEWHERE",
    "GATEWAY",
    "OTHERS",
    "PPT",
    "PUT",
    "RATE_LIMITS",
    "SECTIONS",
    "TABLE",
    "applied_to",
    "bodies",
    "by_hand",
    "preview",
    "program",
    "recreate",
    "served",
    "there",
    "up",
]
