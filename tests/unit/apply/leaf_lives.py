"""One program after another, as two runs of `pulumi up` bring them about."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import Verdict
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from support.context import ENDPOINTS, SECRETS, Bench, wired
from support.endpoints import Json, config, openai, program
from support.ups import _with_credentials_apart

VERBS = {
    "ServingEndpoint": endpoint,
    "AiGateway": AI_GATEWAY,
    "RateLimits": RATE_LIMITS,
    "SecretScope": scope,
    "Secret": secret,
    "SecretAcl": acl,
    "EndpointPermissions": permissions,
}
ENVIRONMENT = {"OPENAI_KEY": "sk-1", "OPENAI_KEY2": "sk-2"}
ENTRA = "of-entra"


def workspace_for(kind: str) -> Bench:
    bench = Bench()
    bench.workspace.identities.add_user("ann@example.com", groups=["admins"], entra_token=ENTRA)
    if kind != "SecretScope":
        _by_hand(bench, f"{SECRETS}/scopes/create", {"scope": "llm", "initial_manage_principal": "users"})
    if kind != "Secret":
        for key in ("openai", "other") if kind != "SecretScope" else ():
            _by_hand(bench, f"{SECRETS}/put", {"scope": "llm", "key": key, "string_value": "sk-1"})
    if kind in ("AiGateway", "RateLimits", "EndpointPermissions"):
        _by_hand(bench, ENDPOINTS, program(config=config(openai())))
        bench.clock.advance(120)
    bench.workspace.clear_calls()
    return bench


def _by_hand(bench, path, body):
    answer = bench.workspace.ui("POST", path, body)
    assert answer.status == 200, answer.json()


class Life:
    def __init__(self, kind):
        self.kind, self.verbs = kind, VERBS[kind]
        self.bench = workspace_for(kind)
        self.more = {"environment": ENVIRONMENT, **({"token": ENTRA} if kind == "SecretScope" else {})}
        self.inputs = {}
        self.outputs = {}
        self.id = ""

    def create(self, said):
        self.inputs = self.checked(said)
        made = self.bench.create(self.verbs, self.inputs, **self.more)
        self.id, self.outputs = made.id, made.outputs
        self.bench.workspace.clear_calls()
        self.bench.lines.clear()

    def check(self, said):
        said = _with_credentials_apart(said) if self.kind == "ServingEndpoint" else said
        return self.verbs.check(wired(self.inputs), wired(said), self.bench.context().stack)

    def checked(self, said):
        checked = self.check(said)
        assert checked.problems == ()
        return wired(checked.inputs)

    def preview(self, inputs, outputs=None):
        bags = wired(self.outputs if outputs is None else outputs), wired(inputs)
        stack = self.bench.context().stack
        return secret.diff(*bags, stack, ENVIRONMENT) if self.verbs is secret else self.verbs.diff(*bags, stack)

    def update(self, inputs):
        self.outputs = self.bench.update(self.verbs, self.id, self.outputs, inputs, **self.more)
        self.inputs = inputs

    def read(self):
        return self.bench.read(self.verbs, self.id, self.outputs, self.inputs, **self.more)
