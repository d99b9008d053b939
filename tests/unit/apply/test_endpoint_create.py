"""Creating an endpoint: anew, back, over, or not at all."""

from __future__ import annotations

import re

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.errors import (
    InvalidRequest,
    NoCredentials,
    TakenAlready,
    Unavailable,
    Unreachable,
)
from databricks_serving_emulator import Fault
from support.context import CANARY, ENDPOINTS, HOST, MARK, WORKSPACE_ID, Bench
from support.transports import Altered, Script
from unit.apply.said import LIMIT, chat, churn, gpt

BY_US = [{"key": "managed-by-pulumi", "value": MARK}]
POSTED = {
    "name": "chat",
    "config": {
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key_plaintext": CANARY},
                },
            }
        ]
    },
    "ai_gateway": {"rate_limits": [LIMIT]},
}


def foreign(bench, **more):
    """Somebody else makes an endpoint of our name in the UI."""
    bench.workspace.ui("POST", ENDPOINTS, {**POSTED, **more})


def test_a_create_is_one_call_with_all_that_the_program_says():
    bench = Bench()

    bench.create(endpoint, chat(tags={"team": "gen-ai"}, ai_gateway={"rate_limits": [LIMIT]}))

    (call,) = bench.workspace.writes
    assert (call.method, call.path) == ("POST", ENDPOINTS)
    tags = [{"key": "team", "value": "gen-ai"}, *BY_US]
    assert call.body == {**POSTED, "tags": tags}


def test_the_outputs_show_the_endpoint_and_record_what_was_written():
    bench = Bench()

    created = bench.create(endpoint, chat(tags={"team": "gen-ai"}))

    outputs = dict(created.outputs)
    applied = outputs.pop("__applied")
    fingerprint = applied["config"]["served_entities"]["gpt"]["external_model"]["openai_config"]
    assert created.id == "chat"
    assert re.fullmatch("[0-9a-f]{64}", outputs.pop("__key"))
    assert re.fullmatch("[0-9a-f]{32}", outputs.pop("endpoint_id"))
    assert re.fullmatch("hmac-sha256:[0-9a-f]{64}", fingerprint.pop("openai_api_key_plaintext"))
    assert outputs == {
        "name": "chat",
        "config": {"served_entities": [gpt()]},
        "tags": {"team": "gen-ai"},
        "invocation_url": f"{HOST}/serving-endpoints/chat/invocations",
        "endpoint_url": None,
        "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
        "config_version": 1,
        "creator": "serving.admin@example.com",
        "creation_timestamp": 1767571200000,
        "last_updated_timestamp": 1767571200000,
        "permission_level": "CAN_MANAGE",
        "task": "llm/v1/chat",
        "inference_table": None,
        "workspace_host": HOST,
        "workspace_id": WORKSPACE_ID,
        "__format": 1,
    }
    assert applied == {
        "name": "chat",
        "config": {"served_entities": {"gpt": gpt()}},
        "tags": {"team": "gen-ai"},
        "endpoint_id": created.outputs["endpoint_id"],
    }


def test_settings_are_recorded_and_sent_nowhere():
    bench = Bench()

    created = bench.create(endpoint, chat(deploy={"timeout": "2h"}, workspace={"host": HOST}))

    assert created.outputs["deploy"] == {"timeout": "2h"}
    assert created.outputs["workspace"] == {"host": HOST}
    assert bench.workspace.writes[0].body == {
        "name": "chat",
        "config": POSTED["config"],
        "tags": BY_US,
    }


def test_an_endpoint_without_a_configuration_is_not_waited_for():
    bench = Bench()

    created = bench.create(endpoint, {"name": "chat"})

    assert created.outputs["state"]["ready"] == "NOT_READY"
    assert bench.clock.passed == 0


def test_a_second_create_is_refused():
    bench = Bench()
    foreign(bench)

    refused = bench.fails(TakenAlready, bench.create, endpoint, chat())

    assert "say adopt=True to take it over" in str(refused)
    assert bench.sent == []


def test_a_mark_of_another_resource_is_not_ours():
    bench = Bench()
    bench.create(endpoint, chat(), mark="shop.dev.ffffffff")
    bench.workspace.clear_calls()

    refused = bench.fails(TakenAlready, bench.create, endpoint, chat())

    assert "says that another resource made it: shop.dev.ffffffff. Nothing was" in str(refused)
    assert bench.sent == []


def test_adopting_the_endpoint_of_another_resource_says_whose_it_is():
    bench = Bench()
    bench.create(endpoint, chat(churn()), mark="shop.prod.ffffffff")
    bench.workspace.clear_calls()

    bench.create(endpoint, chat(churn(), adopt=True))

    assert any("made by another resource (shop.prod.ffffffff)" in line for line in bench.lines)
    assert bench.sent == []


def test_without_marks_nothing_is_recognised():
    bench = Bench()
    bench.create(endpoint, chat(), mark=None)

    bench.fails(TakenAlready, bench.create, endpoint, chat(), mark=None)

    assert "tags" not in bench.served()


def test_our_own_endpoint_is_taken_back_and_only_what_is_left_is_done():
    bench = Bench()
    bench.create(endpoint, chat(tags={"team": "a"}))
    bench.workspace.clear_calls()

    taken = bench.create(endpoint, chat(tags={"team": "b"}, ai_gateway={"rate_limits": [LIMIT]}))

    # Whether a plaintext credential is the same, nobody can tell: it is sent again.
    assert bench.sent == [
        "PATCH serving-endpoints/chat/tags",
        "PUT serving-endpoints/chat/config",
        "PUT serving-endpoints/chat/ai-gateway",
    ]
    assert taken.outputs["tags"] == {"team": "b"}


def test_our_own_endpoint_that_is_as_it_should_be_is_taken_back_without_a_write():
    bench = Bench()
    bench.create(endpoint, chat(churn(), tags={"team": "a"}))
    bench.workspace.clear_calls()

    taken = bench.create(endpoint, chat(churn(), tags={"team": "a"}))

    assert bench.sent == []
    assert taken.outputs["__applied"]["tags"] == {"team": "a"}


def test_adopting_what_is_equal_writes_nothing_and_leaves_no_mark():
    bench = Bench()
    foreign(bench, config={"served_entities": [churn()]}, ai_gateway={})

    adopted = bench.create(endpoint, chat(churn(), adopt=True))

    assert bench.sent == []
    assert "tags" not in bench.served()
    assert adopted.outputs["__applied"]["config"] == {"served_entities": {"churn": churn()}}


def test_adopting_brings_the_endpoint_to_what_the_program_says():
    bench = Bench()
    foreign(bench, config={"served_entities": [churn()]}, tags=[{"key": "team", "value": "a"}])

    bench.create(endpoint, chat(churn("2"), tags={"team": "b"}, adopt=True))

    assert bench.sent == [
        "PATCH serving-endpoints/chat/tags",
        "PUT serving-endpoints/chat/config",
    ]
    served = bench.served()
    assert served["config"]["served_entities"][0]["entity_version"] == "2"
    assert served["ai_gateway"] == {"rate_limits": [LIMIT]}


def test_adopting_with_another_description_is_no_refusal():
    bench = Bench()
    foreign(bench, config={"served_entities": [churn()]}, description="by hand")

    bench.create(endpoint, chat(churn(), description="by us", adopt=True))

    assert bench.sent == []
    assert bench.lines[-1:] == ["description: differs in the workspace, and no call changes it"]


def test_where_the_answer_of_the_create_is_lost_the_endpoint_is_found_by_its_mark():
    bench = Bench()
    bench.workspace.faults.add(Fault("POST", ENDPOINTS, drop=True, when="after"))

    created = bench.create(endpoint, chat())

    assert bench.sent == ["POST serving-endpoints"]
    assert created.outputs["config_version"] == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_after_the_effect_is_seen_through(status):
    bench = Bench()
    bench.workspace.faults.add(Fault("POST", ENDPOINTS, status=status, when="after"))

    created = bench.create(endpoint, chat())

    assert created.outputs["config_version"] == 1
    assert [call.method for call in bench.workspace.writes] == ["POST"] * (1 + (status == 503))


def test_without_a_mark_a_lost_answer_is_an_error():
    bench = Bench()
    bench.workspace.faults.add(Fault("POST", ENDPOINTS, drop=True, when="after"))

    bench.fails(Unreachable, bench.create, endpoint, chat(), mark=None)


def test_an_endpoint_that_somebody_makes_at_the_same_moment_is_theirs():
    bench = Bench()

    def sneaked_in(request, answer):
        if request.method == "POST":
            foreign(bench)
        return answer()

    transport = Altered(bench.workspace.transport(), sneaked_in)

    bench.fails(TakenAlready, bench.create, endpoint, chat(), transport=transport)


def test_a_create_that_is_refused_leaves_nothing_and_shows_no_secret():
    bench = Bench()

    def echo(request, answer):
        if request.method != "POST":
            return answer()
        body = {"error_code": "BAD_REQUEST", "message": f"Cannot read {request.content.decode()}"}
        return httpx.Response(400, json=body)

    transport = Altered(bench.workspace.transport(), echo)

    refused = bench.fails(InvalidRequest, bench.create, endpoint, chat(), transport=transport)

    assert '"openai_api_key_plaintext":"***"' in str(refused).replace(": ", ":")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("POST", ENDPOINTS, status=500, error_code="INTERNAL_ERROR"), Unavailable),
        (Fault("POST", ENDPOINTS, drop=True, times=3), Unreachable),
    ],
)
def test_a_create_without_effect_fails_with_nothing_to_record(fault, error):
    bench = Bench()
    bench.workspace.faults.add(fault)

    failed = bench.fails(error, bench.create, endpoint, chat())

    assert type(failed) is error


def test_which_workspace_it_is_is_asked_before_the_first_write():
    bench = Bench()
    script = Script(httpx.ConnectError)

    bench.fails(Unreachable, bench.create, endpoint, chat(), transport=script)

    assert set(script.sent) == {"GET /.well-known/databricks-config"}


def test_credentials_that_no_request_can_carry_are_an_error_before_any_write():
    bench = Bench()
    script = Script(httpx.LocalProtocolError)

    failed = bench.fails(NoCredentials, bench.create, endpoint, chat(), transport=script)

    assert "Nothing was sent" in str(failed)
