"""The demo is the story: told on the real engine, and checked by the requests that it made."""

from __future__ import annotations

import os
import subprocess
import sys

from offline import engine_directory

from databricks_serving_emulator import RunningServer, Workspace

DEMO = [sys.executable, "-m", "databricks_serving.cli.main", "demo"]
ENDPOINT = "/api/2.0/serving-endpoints/openai_endpoint"
LIMIT = {"calls": 100, "key": "user", "renewal_period": "minute"}


def entity(name: str, model: str, task: str) -> dict[str, object]:
    return {
        "name": name,
        "external_model": {
            "name": model,
            "provider": "openai",
            "task": task,
            "openai_config": {"openai_api_key": "{{secrets/llm-keys/openai_api_key}}"},
        },
    }


def test_the_demo_tells_the_whole_story_and_sends_exactly_these_requests():
    workspace = Workspace(token="dapi-emulator", strict=True)

    with RunningServer(workspace) as server:
        told = subprocess.run(
            [*DEMO, "--emulator", server.url],
            env={**os.environ, "PATH": f"{engine_directory()}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert told.returncode == 0, told.stdout + told.stderr
    mark = workspace.writes[2].body["tags"][1]
    assert mark["key"] == "managed-by-pulumi"
    assert [(call.method, call.path, call.body) for call in workspace.writes] == [
        ("POST", "/api/2.0/secrets/scopes/create", {"scope": "llm-keys"}),
        (
            "POST",
            "/api/2.0/secrets/put",
            {
                "scope": "llm-keys",
                "key": "openai_api_key",
                "string_value": "sk-demo-not-a-real-key",
            },
        ),
        (
            "POST",
            "/api/2.0/serving-endpoints",
            {
                "name": "openai_endpoint",
                "config": {
                    "served_entities": [
                        entity("openai_embeddings", "text-embedding-ada-002", "llm/v1/embeddings")
                    ]
                },
                "ai_gateway": {"rate_limits": [LIMIT]},
                "tags": [{"key": "team", "value": "gen-ai"}, mark],
            },
        ),
        ("PUT", f"{ENDPOINT}/ai-gateway", {"rate_limits": [LIMIT]}),
        (
            "PUT",
            f"{ENDPOINT}/config",
            {"served_entities": [entity("openai_chat", "gpt-4", "llm/v1/chat")]},
        ),
        ("DELETE", ENDPOINT, None),
        (
            "POST",
            "/api/2.0/secrets/delete",
            {"scope": "llm-keys", "key": "openai_api_key"},
        ),
        ("POST", "/api/2.0/secrets/scopes/delete", {"scope": "llm-keys"}),
    ]
    assert "~ calls: 100 => 1000" in told.stdout
    assert "exactly one" in told.stdout
    assert [line for line in told.stdout.splitlines() if len(line) > 80] == []
    assert "sk-demo-not-a-real-key" not in told.stdout + told.stderr
