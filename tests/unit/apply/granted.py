"""Endpoints with grants on them, as tests of `EndpointPermissions` need them."""

from __future__ import annotations

from databricks_serving.apply import permissions
from databricks_serving.apply.context import Stack
from databricks_serving_emulator import Behaviour
from support.context import ENDPOINTS, Bench, wired

ADMIN = "serving.admin@example.com"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
GRANTS = "/api/2.0/permissions/serving-endpoints"


def user(name, level="CAN_VIEW"):
    return {"user_name": name, "permission_level": level}


def group(name, level="CAN_VIEW"):
    return {"group_name": name, "permission_level": level}


def robot(level="CAN_VIEW"):
    return {"service_principal_name": ROBOT, "permission_level": level}


def said(*grants, **more):
    return {"endpoint_name": "chat", "access_control": list(grants), **more}


OWN = user(ADMIN, "CAN_MANAGE")


def on_endpoint(**behaviour):
    """A bench with an endpoint that these credentials made: they manage it directly."""
    bench = Bench(behaviour=Behaviour(**behaviour))
    bench.context().api.create_endpoint({"name": "chat"})
    bench.workspace.clear_calls()
    return bench


def created(*grants, **more):
    bench = on_endpoint()
    outputs = bench.create(permissions, said(*grants, **more)).outputs
    bench.workspace.clear_calls()
    bench.lines.clear()
    return bench, outputs


def recreate(bench):
    """Somebody deletes the endpoint and makes another one of that name; its id."""
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    bench.context().api.create_endpoint({"name": "chat"})
    bench.workspace.clear_calls()
    return bench.served()["id"]


def by_hand(bench, method, *grants):
    path = f"{GRANTS}/{bench.served()['id']}"
    bench.workspace.ui(method, path, {"access_control_list": list(grants)})


def held(bench):
    """Direct grants: principal to level, late reads or not."""
    behaviour, bench.workspace.behaviour = bench.workspace.behaviour, Behaviour()
    listed = bench.workspace.ui("GET", f"{GRANTS}/{bench.served()['id']}").json()
    bench.workspace.behaviour = behaviour
    fields = ("user_name", "group_name", "service_principal_name")
    return {
        next(entry[field] for field in fields if field in entry): right["permission_level"]
        for entry in listed["access_control_list"]
        for right in entry["all_permissions"]
        if not right["inherited"]
    }


def changes(outputs, program):
    return permissions.diff(wired(outputs), program, Stack())
