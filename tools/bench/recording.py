"""One endpoint as the real engine and the provider make it, and any number of its likes.

A thousand endpoints are not made by a thousand turns of `up`: one is, with its gateway, tags and
secret, and both what the provider sent and what the engine kept are repeated under other names.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offline import Pulumi, engine_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving_emulator import Workspace

PROJECT = "name: fleet\nruntime: python\n"
PASSPHRASE = "bench"  # noqa: S105 - of a stack that is thrown away
TOKEN = "dapi-emulator"  # noqa: S105 - the emulator's own default
WORKSPACE = "1234567890123456"
ENDPOINTS = "/api/2.0/serving-endpoints"
FIRST = "endpoint-00000"
#: The address of the workspace that the recording was made in.
_ADDRESS = "@address@"

PROGRAM = """\
import pulumi
from databricks_serving import Secret, SecretScope, ServingEndpoint

COUNT = int(pulumi.Config().require("count"))

scope = SecretScope("keys", name="llm-keys")
key = Secret("openai", scope=scope.name, key="openai", value="sk-made-up", version="1")
for number in range(COUNT):
    name = f"endpoint-{number:05}"
    ServingEndpoint(
        name,
        name=name,
        config={
            "served_entities": [
                {
                    "name": "gpt",
                    "external_model": {
                        "name": "gpt-4o",
                        "provider": "openai",
                        "task": "llm/v1/chat",
                        "openai_config": {"openai_api_key": key.reference},
                    },
                }
            ]
        },
        tags={"team": "gen-ai", "cost-center": "4711"},
        ai_gateway={
            "usage_tracking_config": {"enabled": True},
            "rate_limits": [
                {"calls": 0, "key": "endpoint", "renewal_period": "minute"},
                {"calls": 100, "key": "user", "renewal_period": "minute"},
            ],
            "guardrails": {"input": {"pii": {"behavior": "BLOCK"}, "safety": True}},
        },
    )
"""


@dataclass(frozen=True)
class Recording:
    """What one endpoint took: the calls of the provider, and the stack of the engine.

    stack: as exported, with secrets in clear and the workspace's address as a placeholder
    """

    calls: list[tuple[str, str, Any]]
    stack: dict[str, Any]

    def repeated(self, endpoints: int) -> Iterator[tuple[str, str, Any]]:
        """The calls that make that many endpoints, as (method, path, body)."""
        for method, path, body in self.calls:
            text = json.dumps([method, path, body])
            for number in range(endpoints if FIRST in text else 1):
                yield tuple(json.loads(text.replace(FIRST, named(number))))

    def stack_of(self, shown: list[dict[str, Any]], address: str) -> dict[str, Any]:
        """The stack whose endpoints are these, as the workspace at `address` shows them."""
        deployment = self.stack["deployment"]
        resources: list[dict[str, Any]] = []
        for resource in deployment["resources"]:
            if resource.get("id") == FIRST:
                resources += _as_shown(resource, shown)
            else:
                resources.append(resource)
        text = json.dumps({**self.stack, "deployment": {**deployment, "resources": resources}})
        stack: dict[str, Any] = json.loads(text.replace(_ADDRESS, address))
        return stack


def named(number: int) -> str:
    """The name of an endpoint."""
    return f"endpoint-{number:05}"


def record() -> Recording:
    """Make one endpoint on the real engine, and keep what it took."""
    # Imported late: who measures the memory of children stays small until then.
    from databricks_serving_emulator import RunningServer  # noqa: PLC0415 - see `measuring.ran`

    workspace = empty_workspace(None)
    with tempfile.TemporaryDirectory() as kept, RunningServer(workspace) as server:
        pulumi = project(Path(kept), server.url, endpoints=1)
        done(pulumi, "up", "--yes", "--skip-preview")
        exported = done(pulumi, "stack", "export", "--show-secrets")
        calls = [(call.method, call.path, call.body) for call in workspace.writes]
    return Recording(calls, json.loads(exported.replace(server.url, _ADDRESS)))


def empty_workspace(db: Path | None) -> Workspace:
    """A workspace of room for any number; all that happens there does so at one moment."""
    from databricks_serving_emulator import Behaviour, Workspace  # noqa: PLC0415 - see `record`

    return Workspace(
        token=TOKEN,
        workspace_id=WORKSPACE,
        clock=_Standing(),
        db=db,
        behaviour=Behaviour(endpoints_limit=None),
    )


class _Standing:
    """A clock that stands: what is made again has the times of what was recorded."""

    def now(self) -> float:
        return 1_790_000_000.0


def project(
    directory: Path, address: str, *, endpoints: int, more: dict[str, str] | None = None
) -> Pulumi:
    """A project with an empty stack `dev` for that many endpoints in the workspace at `address`."""
    folder = directory / "fleet"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text(PROGRAM)
    environment = {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE, **(more or {})}
    pulumi = Pulumi(engine_directory(), directory / "home", folder, address, TOKEN, environment)
    done(pulumi, "stack", "init", "dev")
    done(pulumi, "config", "set", "count", str(endpoints))
    return pulumi


def done(pulumi: Pulumi, *arguments: str) -> str:
    """What `pulumi` printed. Raises `SystemExit` where it failed."""
    code, printed = pulumi.run(*arguments)
    if code:
        raise SystemExit(f"`pulumi {' '.join(arguments)}` exits {code}:\n{printed}")
    return printed


def _as_shown(resource: dict[str, Any], shown: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    text = json.dumps(resource)
    first = resource["outputs"]["endpoint_id"]
    for endpoint in shown:
        yield json.loads(text.replace(FIRST, endpoint["name"]).replace(first, endpoint["id"]))
