"""A state that a newer release has written is not for this one: nothing is read, or sent."""

from __future__ import annotations

import pytest

from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import Stack
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.errors import NewerFormat
from support.context import HOST, WORKSPACE_ID, Bench, wired
from unit.apply.said import LIMIT, chat, churn

ON_CHAT = {"endpoint_name": "chat"}
IN_KEYS = {"scope": "llm-keys"}
KINDS = {
    "ServingEndpoint": (endpoint, chat(churn())),
    "AiGateway": (AI_GATEWAY, {**ON_CHAT, "rate_limits": [LIMIT]}),
    "RateLimits": (RATE_LIMITS, {**ON_CHAT, "rate_limits": [LIMIT]}),
    "EndpointPermissions": (permissions, {**ON_CHAT, "access_control": []}),
    "SecretScope": (scope, {"name": "llm-keys"}),
    "Secret": (secret, {**IN_KEYS, "key": "openai", "value": "v"}),
    "SecretAcl": (acl, {**IN_KEYS, "principal": "data", "permission": "READ"}),
}
REFUSED = (
    "The state has this resource in format 2, written by a newer release of databricks-serving "
    "than this one, which knows format 1. Nothing was touched. Install the newer release here too: "
    "pip install --upgrade databricks-serving."
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_newer_format_is_refused_before_any_call(kind):
    verbs, said = KINDS[kind]
    bench = Bench()
    whereabouts = {"workspace_host": HOST, "workspace_id": WORKSPACE_ID}
    outputs = {**said, **whereabouts, "__applied": {"laid out": "anew"}, "__format": 2}

    refused = [
        bench.fails(NewerFormat, lambda: verbs.diff(wired(outputs), said, Stack())),
        bench.fails(NewerFormat, bench.read, verbs, "chat", outputs, said),
        bench.fails(NewerFormat, bench.update, verbs, "chat", outputs, said),
        bench.fails(NewerFormat, bench.delete, verbs, "chat", outputs),
    ]

    assert [one.id for one in refused] == ["newer-format"] * 4
    assert {str(one) for one in refused} == {REFUSED}
    assert bench.workspace.calls == ()
