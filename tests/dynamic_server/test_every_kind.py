"""Each kind that stands on something of somebody else's, from check to delete, over gRPC."""

from __future__ import annotations

import pytest
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from databricks_serving_emulator import Behaviour

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ENDPOINTS = "/api/2.0/serving-endpoints"
THEIRS = {"calls": 7, "key": "user", "renewal_period": "minute"}
OURS = {"calls": 5, "key": "user", "renewal_period": "minute"}
LIMITED = {"endpoint_name": "chat", "rate_limits": [OURS]}
GRANTED = {
    "endpoint_name": "chat",
    "access_control": [{"group_name": "users", "permission_level": "CAN_QUERY"}],
}
ACL = {"scope": "keys", "principal": "users", "permission": "READ"}
#: By kind: inputs, others that change it in place, the id, the input that it is found by.
EVERY = {
    "AiGateway": (
        LIMITED,
        {**LIMITED, "rate_limits": [{**OURS, "calls": 6}]},
        "chat",
        "endpoint_name",
    ),
    "RateLimits": (
        LIMITED,
        {**LIMITED, "rate_limits": [{**OURS, "calls": 6}]},
        "chat",
        "endpoint_name",
    ),
    "SecretAcl": (ACL, {**ACL, "permission": "WRITE"}, "keys/users", "scope"),
    "EndpointPermissions": (
        GRANTED,
        {
            **GRANTED,
            "access_control": [{"group_name": "users", "permission_level": "CAN_VIEW"}],
        },
        "chat",
        "endpoint_name",
    ),
}


@pytest.fixture
def theirs(server):
    """An endpoint with a gateway, and a scope, that somebody made in the UI."""
    external = {
        "name": "gpt-4",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key_plaintext": "k"},
    }
    config = {"served_entities": [{"name": "gpt", "external_model": external}]}
    body = {"name": "chat", "config": config, "ai_gateway": {"rate_limits": [THEIRS]}}
    server.workspace.ui("POST", ENDPOINTS, body)
    server.workspace.ui("POST", "/api/2.0/secrets/scopes/create", {"scope": "keys"})
    return server


def standing(workspace):
    """What the kinds write to, as the UI shows it."""
    chat = workspace.ui("GET", f"{ENDPOINTS}/chat").json()
    acls = workspace.ui("GET", "/api/2.0/secrets/acls/list?scope=keys").json()
    grants = workspace.ui("GET", f"/api/2.0/permissions/serving-endpoints/{chat['id']}").json()
    return chat["ai_gateway"], acls, grants


@pytest.mark.parametrize("kind", EVERY)
def test_a_life_from_check_to_delete(kind, theirs):
    said, otherwise, id_, _ = EVERY[kind]
    before = standing(theirs.workspace)
    inputs, failures = theirs.check(kind, said)
    assert failures == []

    made, outputs = theirs.create(kind, inputs)
    assert made == id_
    assert theirs.diff(kind, outputs, inputs, old_inputs=inputs) == ("DIFF_NONE", [], False)

    edited, _ = theirs.check(kind, otherwise, olds=inputs)
    assert theirs.diff(kind, outputs, edited, old_inputs=inputs) == ("DIFF_UNKNOWN", [], False)
    outputs = theirs.update(kind, id_, outputs, edited)
    assert theirs.diff(kind, outputs, edited, old_inputs=edited) == ("DIFF_NONE", [], False)

    seen, as_inputs = theirs.read(kind, id_, outputs, edited)
    assert {name: as_inputs[name] for name in otherwise} == otherwise
    assert theirs.diff(kind, seen, edited, old_inputs=edited) == ("DIFF_NONE", [], False)

    theirs.delete(kind, id_, seen)
    assert standing(theirs.workspace) == before
    assert len(theirs.workspace.writes) == 3


@pytest.mark.parametrize("kind", EVERY)
def test_an_unknown_name_replaces_and_deletes_first(kind, theirs):
    said, _, _, named = EVERY[kind]
    _, outputs = theirs.create(kind, said)

    found = theirs.diff(kind, outputs, {**said, named: rpc.UNKNOWN}, old_inputs=said)

    assert found == ("DIFF_UNKNOWN", [named], True)


@pytest.mark.parametrize("kind", ["AiGateway", "RateLimits"])
def test_what_stood_there_before_goes_encrypted_and_comes_back(kind, theirs):
    request = provider_pb2.CreateRequest(urn="", properties=theirs.bag(kind, LIMITED))
    answer = theirs.stub.Create(request)

    before = answer.properties["__before"]
    assert before[SIGNATURE] == SECRET
    outputs = rpc.deserialize_properties(answer.properties, keep_internal=True)
    plain = {name: rpc.unwrap_rpc_secret(value) for name, value in outputs.items()}
    theirs.delete(kind, "chat", plain)

    served = theirs.workspace.ui("GET", f"{ENDPOINTS}/chat").json()
    assert served["ai_gateway"]["rate_limits"] == [THEIRS]


def test_two_resources_of_one_gateway_know_of_each_other_while_get_is_late(theirs):
    theirs.workspace.behaviour = Behaviour(gateway_seconds=30)
    theirs.create("RateLimits", LIMITED, name="limits")
    tracked = {"endpoint_name": "chat", "usage_tracking_config": {"enabled": True}}

    theirs.create("AiGateway", tracked, name="gateway")

    assert [call.body for call in theirs.workspace.writes] == [
        {"rate_limits": [OURS]},
        {"rate_limits": [OURS], "usage_tracking_config": {"enabled": True}},
    ]
