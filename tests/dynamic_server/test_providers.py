"""The providers as the engine meets them: over gRPC, in a process of their own."""

from __future__ import annotations

import time

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from databricks_serving_emulator import Fault
from support.dynamic_server import partial_failure

EXTERNAL = {
    "name": "gpt",
    "external_model": {
        "name": "gpt-4",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {},
    },
}
CREDENTIALS = {"gpt": {"external_model.openai_config.openai_api_key_plaintext": "sk-CANARY-9"}}
ENDPOINT = {
    "name": "chat",
    "config": {"served_entities": [EXTERNAL]},
    "credentials": CREDENTIALS,
    "tags": {"team": "a"},
}
PATH = "/api/2.0/serving-endpoints"


def test_check_names_a_problem_without_a_property_so_that_no_value_is_printed(server):
    limits = {"rate_limits": [{"calls": 10.5, "renewal_period": "minute"}]}

    _, failures = server.check("ServingEndpoint", {**ENDPOINT, "ai_gateway": limits})

    assert failures == [("", "ai_gateway.rate_limits[0].calls: takes a whole number [type]")]


def test_check_takes_the_resources_name_at_first_and_the_recorded_one_later(server):
    first, _ = server.check("SecretScope", {}, name="keys")
    renamed, _ = server.check("SecretScope", {}, olds={"name": "keys"}, name="renamed")

    assert (first["name"], renamed["name"]) == ("keys", "keys")


def test_check_keeps_what_is_not_yet_known_and_derives_what_is_known(server):
    checked, failures = server.check("Secret", {"scope": "s", "key": "k", "value": rpc.UNKNOWN})

    assert failures == []
    assert isinstance(checked["value"], Unknown)
    assert checked["reference"] == "{{secrets/s/k}}"


def test_a_tag_whose_key_begins_as_pulumi_s_own_names_do_reaches_the_workspace(server):
    tags = {"__mine": "x"}

    server.create("ServingEndpoint", {**ENDPOINT, "tags": tags})

    assert {"key": "__mine", "value": "x"} in server.workspace.writes[0].body["tags"]


def test_check_and_diff_call_nothing(server):
    inputs, _ = server.check("ServingEndpoint", ENDPOINT, name="chat")
    server.diff("ServingEndpoint", {"name": "chat", "__provider": inputs["__provider"]}, ENDPOINT)

    assert server.workspace.calls == ()


def test_diff_answers_none_for_a_change_of_inputs_true_for_others_and_false_for_no_change(server):
    _, outputs = server.create("ServingEndpoint", ENDPOINT)
    edited = {**ENDPOINT, "tags": {"team": "b"}}
    drifted = {**outputs, "tags": {"team": "theirs"}}

    same = server.diff("ServingEndpoint", outputs, ENDPOINT, old_inputs=ENDPOINT)
    changed = server.diff("ServingEndpoint", outputs, edited, old_inputs=ENDPOINT)
    only_outputs = server.diff("ServingEndpoint", drifted, ENDPOINT, old_inputs=ENDPOINT)
    older_engine = server.diff("ServingEndpoint", outputs, edited)

    assert same == ("DIFF_NONE", [], False)
    assert changed == ("DIFF_UNKNOWN", [], False)
    assert only_outputs == ("DIFF_SOME", [], False)
    assert older_engine == ("DIFF_SOME", [], False)


def test_an_unknown_identifying_input_replaces_and_deletes_first(server):
    server.create("SecretScope", {"name": "s"})
    inputs = {"scope": "s", "key": "k", "value": "v"}
    _, outputs = server.create("Secret", inputs)

    unknown = {**inputs, "scope": rpc.UNKNOWN}
    renamed = {**inputs, "key": "k2"}

    assert server.diff("Secret", outputs, unknown, inputs) == ("DIFF_UNKNOWN", ["scope"], True)
    assert server.diff("Secret", outputs, renamed, inputs) == ("DIFF_UNKNOWN", ["key"], False)


def test_the_fingerprints_key_is_marked_secret_on_the_wire(server):
    answer = server.stub.Create(
        server_create_request(server, "SecretScope", {"name": "s"}),
    )

    assert answer.properties["__key"]["4dabf18193072939515e22adb298388d"] == (
        "1b47061264138c4ac30d75fd1eb44270"
    )


def server_create_request(server, kind, inputs):
    return provider_pb2.CreateRequest(urn="", properties=server.bag(kind, inputs))


def test_a_create_that_fails_after_the_post_leaves_its_id_outputs_and_provider(server):
    server.workspace.deployments.plan(polls=1, outcome="failed", message="no quota")

    with pytest.raises(grpc.RpcError) as failed:
        server.create("ServingEndpoint", ENDPOINT)

    left = partial_failure(failed.value)
    assert left.id == "chat"
    assert left.properties["name"] == "chat"
    assert left.properties["__provider"] == server.bag("ServingEndpoint", {})["__provider"]
    assert "no quota" in left.reasons[0]
    assert "sk-CANARY-9" not in str(left)


def test_an_error_is_our_sentence_alone_without_class_or_traceback(server):
    server.workspace.ui("POST", PATH, {"name": "chat"})

    with pytest.raises(grpc.RpcError) as failed:
        server.create("ServingEndpoint", ENDPOINT)

    assert failed.value.details() == (
        "An endpoint called chat exists already, and nothing shows that this stack made it. "
        "Nothing was touched. Choose another name, or say adopt=True to take it over: it is then "
        "brought to what the program says. [endpoint-taken]"
    )


def test_custom_timeouts_are_honoured(server):
    server.workspace.deployments.plan(seconds=3600)

    with pytest.raises(grpc.RpcError) as failed:
        server.create("ServingEndpoint", ENDPOINT, timeout=1.0)

    assert "still updating after 1s" in failed.value.details()


def test_cancel_ends_a_wait_at_once(server):
    server.workspace.deployments.plan(seconds=3600)
    creating = server.stub.Create.future(server_create_request(server, "ServingEndpoint", ENDPOINT))
    deadline = time.monotonic() + 30
    while len(server.workspace.writes) == 0:
        assert time.monotonic() < deadline, "the endpoint was never sent"
        time.sleep(0.02)

    server.stub.Cancel(empty_pb2.Empty())

    error = creating.exception(timeout=20)
    assert "Stopped waiting for endpoint chat" in error.details()
    assert partial_failure(error).id == "chat"


def test_progress_stands_on_the_resources_own_line_and_passes(server):
    server.workspace.deployments.plan(polls=1)

    server.create("ServingEndpoint", ENDPOINT, name="my-chat")

    assert ("my-chat", "gpt DEPLOYMENT_CREATING (0s)", True) in server.engine.heard


def test_a_wait_for_the_workspaces_budget_stands_there_too_and_cancel_ends_it(server):
    late = {"Retry-After": "300"}
    server.workspace.faults.add(Fault("POST", PATH, status=429, headers=late, times=None))
    request = server_create_request(server, "ServingEndpoint", ENDPOINT)
    creating = server.stub.Create.future(request)
    line = (
        "the workspace asks to slow down (50 creates and updates of endpoints in 5 minutes); "
        "waiting 300 s"
    )
    deadline = time.monotonic() + 30
    while (request.urn.rsplit("::", 1)[-1], line, True) not in server.engine.heard:
        assert time.monotonic() < deadline, server.engine.heard
        time.sleep(0.02)

    server.stub.Cancel(empty_pb2.Empty())

    error = creating.exception(timeout=20)
    assert "Stopped while POST /api/2.0/serving-endpoints waited for its turn" in error.details()
    assert "grpc-status-details-bin" not in dict(error.trailing_metadata())
    assert len(server.workspace.writes) == 1


def test_read_of_something_gone_has_no_id(server):
    bag = server.bag("ServingEndpoint", {"name": "gone"})

    answer = server.stub.Read(provider_pb2.ReadRequest(id="gone", properties=bag, inputs=bag))

    assert answer.id == ""


def test_read_during_a_deployment_keeps_the_resource_unfinished(server):
    _, outputs = server.create("ServingEndpoint", ENDPOINT)
    server.workspace.deployments.plan(seconds=3600)
    entity = {**EXTERNAL["external_model"], "name": "gpt-4o"}
    entity["openai_config"] = {"openai_api_key_plaintext": "k"}
    body = {"served_entities": [{"name": "gpt", "external_model": entity}]}
    server.workspace.ui("PUT", f"{PATH}/chat/config", body)

    bag = server.bag("ServingEndpoint", ENDPOINT)
    request = provider_pb2.ReadRequest(
        id="chat", properties=server.bag("ServingEndpoint", outputs), inputs=bag
    )
    with pytest.raises(grpc.RpcError) as failed:
        server.stub.Read(request)

    left = partial_failure(failed.value)
    entities = left.inputs["config"]["served_entities"]
    assert entities[0]["external_model"]["name"] == "gpt-4o"
    assert left.reasons == ["endpoint chat is still being updated [still-being-updated]"]
