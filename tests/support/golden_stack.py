"""A stack as a release of ours left it: written down by one version, lived with by later ones.

A folder `tests/engine/golden/<version>` has `program.txt`, the program; `Pulumi.dev.yaml`, with the
salt of its secrets, the passphrase of which is `PASSPHRASE`; `stack.json`, the export; and
`calls.json`, the writes that made the workspace what the state says. What every workspace makes up
anew (its address, ids of endpoints, the time of a put) stands in them as `@what@`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from databricks_serving_emulator import Workspace
from databricks_serving_emulator.wire import Request

from .every_kind import FOUNDATION_MODEL, every_kind
from .programs import plaintext_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

PASSPHRASE = "golden"
TOKEN = "dapi-golden"
HEADER = """\
import pulumi
from databricks_serving import (
    AiGateway,
    EndpointPermissions,
    RateLimits,
    Secret,
    SecretAcl,
    SecretScope,
    ServingEndpoint,
)

config = pulumi.Config()
"""
PROJECT = "name: shop\nruntime: python\noptions:\n  refresh: always\n"
PROGRAM = HEADER + every_kind() + plaintext_endpoint("plain", more='description="as it was",')
KEY = "sk-CANARY-5c1f"
#: What stood on Databricks' own endpoint before the stack came.
BEFORE = {
    "rate_limits": [{"calls": 7, "key": "endpoint", "renewal_period": "minute"}],
    "usage_tracking_config": {"enabled": False},
}
ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"


def new_workspace() -> Workspace:
    """A workspace as it is before the stack comes."""
    workspace = Workspace(token=TOKEN, strict=True, foundation_models=(FOUNDATION_MODEL,))
    workspace.ui("PUT", f"{ENDPOINTS}/{FOUNDATION_MODEL}/ai-gateway", BEFORE)
    return workspace


def made_up(workspace: Workspace, address: str) -> dict[str, str]:
    """What this workspace made up, by its placeholder; texts and numbers as JSON has them."""
    endpoints = workspace.ui("GET", ENDPOINTS).json()["endpoints"]
    found = {f"@id of {one['name']}@": str(one["id"]) for one in endpoints}
    scopes = workspace.ui("GET", f"{SECRETS}/scopes/list").json().get("scopes", [])
    for scope in (one["name"] for one in scopes):
        listed = workspace.ui("GET", f"{SECRETS}/list?scope={scope}").json()
        for secret in listed.get("secrets", []):
            put = f"@{scope}/{secret['key']} was put@"
            found[put] = str(secret["last_updated_timestamp"])
    return {**found, "@address@": address}


def portable(exported: str) -> str:
    """An export without places of this machine: where in which file a resource is declared."""
    stack = json.loads(exported)
    for resource in stack["deployment"]["resources"]:
        for name in ("sourcePosition", "stackTrace"):
            resource.pop(name, None)
    return json.dumps(stack, indent=2) + "\n"


def with_placeholders(text: str, found: dict[str, str]) -> str:
    """A recorded text that fits any workspace."""
    for placeholder, value in found.items():
        text = re.sub(rf"(?<=: ){value}(?=[,\s])", f'"{placeholder}"', text)
        text = text.replace(value, placeholder)
    return text


def fitted(text: str, found: dict[str, str]) -> str:
    """The text as it fits this workspace. Raises AssertionError where it lacks something."""
    for placeholder, value in found.items():
        if placeholder.endswith("was put@"):
            text = text.replace(f'"{placeholder}"', value)
        text = text.replace(placeholder, value)
    left = re.findall(r"@[^@\n]+@", re.sub(r"[\w.]+@example\.com", "", text))
    assert left == [], f"nothing in this workspace is {left}"
    return text


def recorded_calls(workspace: Workspace, found: dict[str, str]) -> str:
    """The writes that were made, as a file."""
    calls = [[call.method, call.path, call.body] for call in workspace.writes]
    return with_placeholders(json.dumps(calls, indent=2) + "\n", found)


def replay(workspace: Workspace, calls: Iterable[tuple[str, str, Any]], address: str) -> None:
    """Make the same calls, as the same caller, through the same routes."""
    for method, path, body in calls:
        there = fitted(path, made_up(workspace, address))
        headers = {"authorization": f"Bearer {TOKEN}"}
        answer = workspace.answer(
            Request(method, there, headers=headers, body=json.dumps(body).encode())
        )
        assert answer.status == 200, answer.json()
    workspace.clear_calls()
