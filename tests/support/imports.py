"""A workspace as people left it: every kind of thing, made by calls and declared nowhere."""

from __future__ import annotations

import json
import re

from databricks_serving_schema import Endpoint, ServedEntity

from .context import CANARY, ENDPOINTS, SECRETS
from .endpoints import FIXTURES
from .strategies import settings_in

#: The answers of settled endpoints, one for each name.
_SETTLED = (
    "01_external_openai_ready",
    "02_external_multi_gateway",
    "04_external_bedrock_keys",
    "05_external_custom_provider",
    "07_custom_ready",
    "12_custom_route_optimized_telemetry",
    "13_pt_throughput_creating",
    "14_pt_model_units_ready",
    "16_feature_spec_ready",
    "17_agent_ready",
    "18_no_config",
)
#: What GET shows of model units and no request has.
_NOT_BY_UNITS = ("workload_size", "workload_type", "scale_to_zero_enabled")
_NOT_IN_PT = ("description", "route_optimized")
_REFERENCE = re.compile(r"\{\{secrets/([^/]+)/([^}]+)\}\}")


def furnish(workspace, secret=CANARY):
    """Make the endpoints of the fixtures, with secrets, access and grants; the endpoints' names.

    secret: the value of all secrets
    """
    answers = [json.loads((FIXTURES / f"{name}.json").read_text()) for name in _SETTLED]
    references = sorted(set(_REFERENCE.findall(json.dumps(answers))))
    for scope in sorted({scope for scope, _ in references}):
        workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": scope})
    for scope, key in references:
        put = {"scope": scope, "key": key, "string_value": secret}
        workspace.ui("POST", f"{SECRETS}/put", put)
    readers = {"scope": "llm", "principal": "users", "permission": "READ"}
    workspace.ui("POST", f"{SECRETS}/acls/put", readers)
    workspace.deployments.plan(polls=0)
    for answer in answers:
        _make(workspace, answer)
    workspace.deployments.clear()
    id_ = workspace.ui("GET", f"{ENDPOINTS}/churn").json()["id"]
    grants = [{"group_name": "users", "permission_level": "CAN_QUERY"}]
    path = f"/api/2.0/permissions/serving-endpoints/{id_}"
    workspace.ui("PATCH", path, {"access_control_list": grants})
    return {answer["name"] for answer in answers}


def _make(workspace, answer):
    body = settings_in(Endpoint, answer)
    if "tags" in body:
        body["tags"] = answer["tags"]
    entities = body.get("config", {}).get("served_entities", [])
    path = ENDPOINTS
    if any("provisioned_model_units" in entity for entity in entities):
        path = f"{ENDPOINTS}/pt"
        body = {name: value for name, value in body.items() if name not in _NOT_IN_PT}
        for entity in entities:
            for name in _NOT_BY_UNITS:
                entity.pop(name, None)
    assert all(set(entity) <= set(ServedEntity.model_fields) for entity in entities)
    workspace.ui("POST", path, body)
