"""Credentials that lead elsewhere touch nothing, and nothing counts as gone there."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint, scope, secret
from databricks_serving.errors import WrongWorkspace
from support.context import CANARY, HOST, Bench
from unit.apply.said import chat, churn

KINDS = {
    "endpoint": (endpoint, chat(churn())),
    "scope": (scope, {"name": "llm-keys"}),
    "secret": (secret, {"scope": "llm-keys", "key": "openai", "value": CANARY}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["read", "update", "delete"])
def test_another_workspace_is_refused(kind, verb):
    verbs, said = KINDS[kind]
    here, elsewhere = Bench(), Bench(workspace_id="9999999999999999")
    if kind == "secret":
        here.create(scope, {"name": "llm-keys"})
    created = here.create(verbs, said)
    bags = (created.outputs,) if verb == "delete" else (created.outputs, said)

    refused = elsewhere.fails(WrongWorkspace, getattr(elsewhere, verb), verbs, created.id, *bags)

    assert f"is recorded in workspace 1234567890123456 ({HOST})" in str(refused)
    assert "lead to workspace 9999999999999999" in str(refused)
    assert elsewhere.workspace.calls == ()


def test_the_same_workspace_under_another_address_is_the_same():
    bench = Bench()
    created = bench.create(endpoint, chat(churn()))
    moved = {**created.outputs, "workspace_host": "https://old-name.cloud.databricks.com"}

    assert bench.read(endpoint, "chat", moved, chat(churn())) is not None


def test_outputs_without_a_workspace_are_taken_for_this_one():
    bench = Bench()
    created = bench.create(scope, {"name": "llm-keys"})
    known = {k: v for k, v in created.outputs.items() if not k.startswith("workspace_")}

    assert bench.read(scope, "llm-keys", known, {"name": "llm-keys"}) is not None
