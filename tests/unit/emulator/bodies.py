"""A workspace under a clock that stands still, and request bodies to vary."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import httpx

from databricks_serving_emulator import Workspace
from unit.emulator import doors

FIXTURES = Path(__file__).parents[2] / "fixtures"
NEW_YEAR = 1_767_571_200.0  # when most fixtures were created, in seconds
ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"
PERMISSIONS = "/api/2.0/permissions/serving-endpoints"


class FakeClock:
    def __init__(self, seconds=NEW_YEAR):
        self.seconds = seconds

    def now(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds


class Client:
    """An API client of one workspace, through the door that the test is about."""

    def __init__(self, token="dapi-emulator", **switches):
        self.clock = FakeClock()
        self.workspace = Workspace(**{"clock": self.clock, "token": token, **switches})
        self.http = self._http(token)

    def _http(self, token):
        return httpx.Client(
            transport=doors.transport(self.workspace),
            base_url="https://dbc.test",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,  # a statement may be waited for, and the machine be busy
        )

    def by(self, token):
        """Another client of the same workspace, with that token."""
        other = copy.copy(self)
        other.http = self._http(token)
        return other

    def user(self, name, *groups, **more):
        """The same, with the token of a user who is there from now on."""
        body = {"user_name": f"{name}@example.com", "groups": list(groups), **more}
        return self.by(self.does("POST", "/_emulator/users", body)["token"])

    def service_principal(self, *groups, **more):
        """The same, for a service principal."""
        body = {"groups": list(groups), **more}
        return self.by(self.does("POST", "/_emulator/service-principals", body)["token"])

    def call(self, method, path, body=None):
        answer = self.http.request(method, path, json=body)
        return answer.status_code, answer.json()

    def does(self, method, path, body=None):
        status, content = self.call(method, path, body)
        assert status == 200, content
        return content

    def refuses(self, method, path, body=None):
        status, content = self.call(method, path, body)
        assert status >= 400, content
        return status, content["error_code"], content["message"]

    def create(self, body):
        return self.does("POST", ENDPOINTS, body)

    def get(self, name):
        return self.does("GET", f"{ENDPOINTS}/{name}")

    def put_config(self, name, config):
        return self.does("PUT", f"{ENDPOINTS}/{name}/config", config)

    def allow(self, name, method="PUT", **levels):
        """Write an endpoint's permissions, given as `ann="CAN_VIEW"` for ann@example.com."""
        entries = [
            {"user_name": f"{who}@example.com", "permission_level": level}
            for who, level in levels.items()
        ]
        body = {"access_control_list": entries}
        return self.does(method, f"{PERMISSIONS}/{self.get(name)['id']}", body)

    def grant(self, scope, principal, permission):
        body = {"scope": scope, "principal": principal, "permission": permission}
        self.does("POST", f"{SECRETS}/acls/put", body)

    def put_gateway(self, name, gateway):
        return self.does("PUT", f"{ENDPOINTS}/{name}/ai-gateway", gateway)

    def put_secret(self, scope, key, value="made-up"):
        if scope not in {found["name"] for found in self.scopes()}:
            self.does("POST", f"{SECRETS}/scopes/create", {"scope": scope})
        body = {"scope": scope, "key": key, "string_value": value}
        self.does("POST", f"{SECRETS}/put", body)

    def scopes(self):
        return self.does("GET", f"{SECRETS}/scopes/list").get("scopes", [])

    def settle(self, name):
        """Poll until nothing is in progress, and return the last answer."""
        while (found := self.get(name))["state"]["config_update"] == "IN_PROGRESS":
            pass
        return found


def fixture(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def external(name="main", model="gpt-4o", task="llm/v1/chat", **openai):
    config = openai or {"openai_api_key_plaintext": "sk-made-up"}
    return {
        "name": name,
        "external_model": {
            "provider": "openai",
            "name": model,
            "task": task,
            "openai_config": config,
        },
    }


def vendor(provider, config_name, config, **model):
    usual = {"provider": provider, "name": "some-model", "task": "llm/v1/chat"}
    return {"external_model": {**usual, **model, config_name: config}}


def custom(entity_name="ml.prod.churn", entity_version="1", **more):
    return {
        "entity_name": entity_name,
        "entity_version": entity_version,
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
        **more,
    }


def without(entity, *names):
    return {key: value for key, value in entity.items() if key not in names}


def endpoint(*entities, name="chat", routes=None, config=None, **more):
    content = {"served_entities": list(entities), **(config or {})}
    if routes is not None:
        content["traffic_config"] = {"routes": split(**routes)}
    return {"name": name, "config": content, **more}


def split(**percentages):
    """Routes by entity name; `churn_2` stands for `churn-2`."""
    return [
        {"served_entity_name": name.replace("_", "-"), "traffic_percentage": percentage}
        for name, percentage in percentages.items()
    ]
