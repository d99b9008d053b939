"""Scopes with access to them, as tests of `SecretAcl` need them."""

from __future__ import annotations

from databricks_serving.apply import acl, scope
from databricks_serving.apply.context import Stack
from databricks_serving_emulator import Behaviour
from support.context import SECRETS, Bench, wired

ADMIN = "serving.admin@example.com"
SAID = {"scope": "llm-keys", "principal": "data", "permission": "READ"}
PUT = f"{SECRETS}/acls/put"
DELETE = f"{SECRETS}/acls/delete"


def in_scope(**behaviour):
    bench = Bench(behaviour=Behaviour(**behaviour))
    bench.create(scope, {"name": "llm-keys"})
    bench.workspace.clear_calls()
    bench.lines.clear()
    return bench


def created(said=SAID, **behaviour):
    bench = in_scope(**behaviour)
    outputs = bench.create(acl, said).outputs
    bench.workspace.clear_calls()
    return bench, outputs


def by_hand(bench, call="acls/put", **body):
    bench.workspace.ui("POST", f"{SECRETS}/{call}", {"scope": "llm-keys", **body})


def held(bench):
    """Who has what, late lists or not."""
    behaviour, bench.workspace.behaviour = bench.workspace.behaviour, Behaviour()
    listed = (
        bench.workspace.ui("GET", f"{SECRETS}/acls/list?scope=llm-keys").json().get("items", [])
    )
    bench.workspace.behaviour = behaviour
    return {one["principal"]: one["permission"] for one in listed}


def changes(outputs, said):
    return acl.diff(wired(outputs), said, Stack())
