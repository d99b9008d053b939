"""A second emulator that plays the workspace, with differences made at its door."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
from check_workspace.command import main
from check_workspace.conversations import Conversation, Step
from check_workspace.reaching import Around

from databricks_serving_emulator import Workspace
from support.clock import FakeClock

HOST = "https://acme-prod.cloud.databricks.com"
USER = "jane.roe@acme.example"
TOKEN = "dapi-real-0123456789abcdef"
ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"
KEY = "sk-made-up-key"


def external(name="gpt", model="gpt-4o"):
    return {
        "name": name,
        "external_model": {
            "provider": "openai",
            "name": model,
            "task": "llm/v1/chat",
            "openai_config": {"openai_api_key_plaintext": KEY},
        },
    }


CHAT = {"name": "chat", "config": {"served_entities": [external()]}}
TWO = {
    "served_entities": [external("b"), external("a", "gpt-5")],
    "traffic_config": {
        "routes": [
            {"served_entity_name": "b", "traffic_percentage": 100},
            {"served_entity_name": "a", "traffic_percentage": 0},
        ]
    },
}


def conversation(case, *steps):
    """One of which each step teaches something."""
    return Conversation(
        case, tuple(replace(step, outcome=f"{case} {number}") for number, step in enumerate(steps))
    )


CREATE = Step("POST", ENDPOINTS, body=CHAT)
GET = Step("GET", f"{ENDPOINTS}/chat")

LIFE = conversation(
    "life",
    CREATE,
    GET,
    Step("PUT", f"{ENDPOINTS}/chat/config", body=TWO),
    GET,
    Step("DELETE", f"{ENDPOINTS}/chat"),
    Step("GET", f"{ENDPOINTS}/chat", status=404),
)
TAKEN = conversation("taken", CREATE, Step("POST", ENDPOINTS, body=CHAT, status=400))
SECRET = conversation(
    "secret",
    Step("POST", f"{SECRETS}/scopes/create", body={"scope": "llm"}),
    Step("POST", f"{SECRETS}/put", body={"scope": "llm", "key": "k", "string_value": KEY}),
    Step("GET", f"{SECRETS}/list", {"scope": "llm"}),
    Step("GET", f"{SECRETS}/scopes/list"),
)
GRANT = conversation(
    "grant",
    CREATE,
    Step(
        "PATCH",
        "/api/2.0/permissions/serving-endpoints/{id of chat}",
        body={
            "access_control_list": [
                {"user_name": "ann@example.com", "permission_level": "CAN_QUERY"}
            ]
        },
    ),
)
ALL = (LIFE, TAKEN, SECRET, GRANT)


def workspace(**settings):
    return Workspace(user=USER, token=TOKEN, clock=FakeClock(), **settings)


class Door(httpx.BaseTransport):
    """The way to a workspace; `change` makes another answer of one, or None: it stays.

    change: `(request, status, content) -> (status, content) | None`
    """

    def __init__(self, inner, change=lambda *_: None):
        self._inner = inner
        self._change = change

    def handle_request(self, request):
        response = self._inner.handle_request(request)
        response.read()
        content = json.loads(response.content or b"null")
        changed = self._change(request, response.status_code, content)
        if changed is None:
            return response
        headers = {"X-Databricks-Org-Id": response.headers.get("X-Databricks-Org-Id", "")}
        return httpx.Response(changed[0], json=changed[1], headers=headers)


class Checked:
    """What came of a run: its exit code and its report."""

    def __init__(self, code, folder):
        self.code = code
        self.folder = folder

    @property
    def report(self):
        return json.loads((self.folder / "report.json").read_text(encoding="utf-8"))

    @property
    def texts(self):
        return "".join(file.read_text(encoding="utf-8") for file in self.folder.iterdir())

    def rows(self, part="differences"):
        return [
            (row["kind"], row["path"], row["emulator"], row["workspace"], row["times"])
            for row in self.report[part]
        ]


def check(
    transport, folder, *arguments, conversations=ALL, confirm=True, host=HOST, token=TOKEN, **around
):
    """Run the command against the workspace behind that transport."""
    yes = ["--confirm", host.partition("://")[2]] if confirm else []
    world = Around(
        environment={"DATABRICKS_TOKEN": token},
        clock=around.pop("clock", None) or FakeClock(),
        transport=transport,
        conversations=conversations,
        **around,
    )
    said = ["--host", host, *yes, "--report", str(folder), *arguments]
    return Checked(main(said, world), folder)
