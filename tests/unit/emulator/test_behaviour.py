"""Open questions and unpleasant habits, each behind a switch."""

from __future__ import annotations

import dataclasses
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from databricks_serving_emulator import Behaviour, Request
from databricks_serving_emulator.control_serving import ModelBody
from databricks_serving_emulator.serving.registry import RegisteredModel
from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, SECRETS, Client, custom, endpoint, external

BEHAVIOUR = "/_emulator/behaviour"
TAGS = [{"key": key, "value": "x"} for key in ("a", "b", "c")]
TWO = endpoint(external("a"), external("b"), routes={"a": 50, "b": 50}, tags=TAGS)
LIMIT = {"calls": 10, "renewal_period": "minute"}


def behaving(**switches):
    client = Client()
    client.does("PATCH", BEHAVIOUR, switches)
    return client


def names(answer, key="config"):
    return [entity["name"] for entity in answer[key]["served_entities"]]


def test_the_control_for_models_takes_what_a_model_has():
    body = ModelBody(name="ml.a.b")

    assert body.model_dump() == dataclasses.asdict(RegisteredModel(name="ml.a.b"))


def test_switches_that_are_not_named_stay_as_they_are():
    client = behaving(shuffle=True, stale_reads=2)

    answer = client.does("PATCH", BEHAVIOUR, {"stale_reads": 0})

    assert (answer["shuffle"], answer["stale_reads"]) == (True, 0)
    assert client.does("GET", BEHAVIOUR) == answer


def test_all_switches_can_be_turned_back():
    client = behaving(shuffle=True, duplicate_status=409)

    client.does("DELETE", BEHAVIOUR)

    assert client.does("GET", BEHAVIOUR) == dataclasses.asdict(Behaviour())


def test_the_switches_can_be_turned_from_python():
    client = Client()

    client.workspace.behaviour = Behaviour(shuffle=True)

    assert client.workspace.behaviour == Behaviour(shuffle=True)
    assert client.does("GET", BEHAVIOUR)["shuffle"] is True


def test_a_reset_turns_the_switches_back_to_those_of_the_start():
    client = Client(behaviour=Behaviour(duplicate_status=409))
    client.does("PATCH", BEHAVIOUR, {"shuffle": True, "duplicate_status": 400})

    client.does("POST", "/_emulator/reset")

    answer = client.does("GET", BEHAVIOUR)
    assert (answer["shuffle"], answer["duplicate_status"]) == (False, 409)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"shuffle": 1}, '"shuffle" must be true or false, not 1'),
        ({"duplicate_status": 500}, '"duplicate_status" must be the number 400 or 409, not 500'),
        ({"defaults": "few"}, '"defaults" must be "usual", "all" or "none", not "few"'),
        ({"stale_reads": -1}, '"stale_reads" must be a whole number, 0 or more, not -1'),
        (
            {"stale_acl_seconds": -1},
            (
                '"stale_acl_seconds" must be a number of seconds, '
                "0 or more and at most 1000000000, not -1"
            ),
        ),
        (
            {"write_budget": 1.5},
            '"write_budget" must be a whole number, 0 or more, or null for any number, not 1.5',
        ),
        (
            {"endpoints_limit": -1},
            '"endpoints_limit" must be a whole number, 0 or more, or null for any number, not -1',
        ),
        ({"colour": "red"}, 'there is no field "colour"'),
        (
            {"unknown_values": {"READY": 1}},
            (
                '"unknown_values" must be an object of strings such as {"READY": "MAYBE"}, '
                'not {"READY": 1}'
            ),
        ),
    ],
)
def test_a_bad_switch_is_told_what_to_write(body, problem):
    client = Client()

    status, content = client.call("PATCH", BEHAVIOUR, body)

    assert status == 400
    assert content["error"].startswith(f"PATCH {BEHAVIOUR}: {problem}; its fields are ")
    assert client.does("GET", BEHAVIOUR) == dataclasses.asdict(Behaviour())


def test_one_bad_switch_among_good_ones_turns_none():
    client = behaving(delete_waits=True)

    status, _ = client.call(
        "PATCH", BEHAVIOUR, {"shuffle": True, "delete_waits": False, "colour": "red"}
    )

    now = client.workspace.behaviour
    assert (status, now) == (400, Behaviour(delete_waits=True))


@pytest.fixture
def eager_threads():
    """Threads that take turns at every chance."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.one_door("is about threads, which the other door has of its own")
@pytest.mark.usefixtures("eager_threads")
def test_switches_that_are_turned_at_the_same_time_are_all_turned():
    client = Client()
    switches = [name for name, value in dataclasses.asdict(Behaviour()).items() if value is False]
    bodies = [json.dumps({name: True}).encode() for name in switches]

    with ThreadPoolExecutor(len(switches)) as together:
        asked = [Request("PATCH", BEHAVIOUR, body=body) for body in bodies]
        answers = list(together.map(client.workspace.answer, asked))

    assert {answer.status for answer in answers} == {200}
    assert client.workspace.behaviour == Behaviour(**dict.fromkeys(switches, True))


def test_entities_and_tags_come_in_another_order_each_time():
    client = behaving(shuffle=True)
    client.create(TWO)

    answers = [client.get("chat") for _ in range(3)]

    assert [names(answer) for answer in answers] == [["a", "b"], ["b", "a"], ["a", "b"]]
    orders = ["".join(tag["key"] for tag in answer["tags"]) for answer in answers]
    assert orders == ["cab", "abc", "bca"]


def test_without_the_switch_the_order_is_always_the_same():
    client = Client()
    client.create(TWO)

    answers = [client.get("chat") for _ in range(3)]

    assert [names(answer) for answer in answers] == [["a", "b"]] * 3


def test_lists_and_pending_configs_are_shuffled_too():
    client = behaving(shuffle=True)
    body = endpoint(custom(), custom(entity_version="2"), routes={"churn_1": 50, "churn_2": 50})

    created = client.create(body)
    (listed,) = client.does("GET", ENDPOINTS)["endpoints"]

    assert names(created, "pending_config") == ["churn-2", "churn-1"]
    assert [one["name"] for one in created["pending_config"]["served_models"]] == [
        "churn-2",
        "churn-1",
    ]
    assert listed["name"] == "chat"


def test_all_that_is_ever_filled_can_be_filled():
    client = behaving(defaults="all")
    concurrency = {"min_provisioned_concurrency": 4, "max_provisioned_concurrency": 8}
    guards = {"guardrails": {"input": {"safety": True}}}
    client.create(endpoint(external(), ai_gateway=guards))
    spec = {"entity_name": "ml.online.spec"}
    client.create(endpoint(spec, name="spec"))
    bounded = {"entity_name": "a.b.c", "entity_version": "1", "scale_to_zero_enabled": True}
    client.create(endpoint({**bounded, **concurrency}, name="bounded"))

    chat, features, model = (client.get(name) for name in ("chat", "spec", "bounded"))

    assert chat["tags"] == []
    assert chat["ai_gateway"] == {
        "guardrails": {"input": {"safety": True, "pii": {"behavior": "NONE"}}},
        "usage_tracking_config": {"enabled": False},
    }
    assert features["pending_config"]["served_entities"][0]["workload_size"] == "Small"
    assert "workload_size" not in model["pending_config"]["served_entities"][0]


def test_what_agents_cannot_have_is_never_filled():
    client = Client(model_tasks={"ml.a.agent": "agent/v1/chat"})
    client.does("PATCH", BEHAVIOUR, {"defaults": "all"})

    answer = client.create(endpoint(custom("ml.a.agent")))

    assert "ai_gateway" not in answer


def test_as_little_as_possible_can_be_filled():
    client = behaving(defaults="none")
    tokens = {"entity_name": "system.ai.m", "entity_version": "1", "max_provisioned_throughput": 10}

    model = client.create(endpoint(custom(), ai_gateway={"rate_limits": [LIMIT]}))
    throughput = client.create(endpoint(tokens, name="pt"))

    assert "description" not in model
    assert model["state"] == {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    assert "workload_type" not in model["pending_config"]["served_entities"][0]
    assert model["ai_gateway"]["rate_limits"] == [LIMIT]
    assert (
        set(throughput["pending_config"]["served_entities"][0])
        & {
            "workload_type",
            "workload_size",
            "min_dbus",
            "batching_config",
        }
        == set()
    )


def test_the_state_of_an_external_model_can_be_that_it_is_ready_and_no_more():
    client = behaving(defaults="none")

    answer = client.create(endpoint(external()))

    assert answer["state"] == {"ready": "READY"}


def test_a_missing_endpoint_can_have_another_code():
    client = behaving(not_found_code="NOT_FOUND")

    assert client.refuses("GET", f"{ENDPOINTS}/nope")[:2] == (404, "NOT_FOUND")


def test_a_deletion_can_have_to_wait_for_the_end_of_an_update():
    client = behaving(delete_waits=True)
    client.create(endpoint(custom()))

    refused = client.refuses("DELETE", f"{ENDPOINTS}/chat")
    client.settle("chat")
    client.does("DELETE", f"{ENDPOINTS}/chat")

    assert refused[:2] == (409, "RESOURCE_CONFLICT")
    assert client.does("GET", ENDPOINTS) == {}


def test_tags_can_be_answered_as_a_bare_list():
    client = behaving(tags_as_list=True)
    client.create({"name": "chat"})

    answer = client.does("PATCH", f"{ENDPOINTS}/chat/tags", {"add_tags": [{"key": "team"}]})

    assert answer == [{"key": "team"}]


def test_the_tables_of_telemetry_can_be_seen_again():
    client = behaving(telemetry_tables_shown=True)
    tables = {"logs_table": "ml.obs.chat"}

    answer = client.create(endpoint(custom(), telemetry_config={"table_names": tables}))

    assert answer["telemetry_config"]["table_names"] == tables


def test_answers_can_have_fields_that_no_client_has_heard_of():
    client = behaving(unknown_fields=True)
    client.create(endpoint(external()))

    answer = client.get("chat")
    (listed,) = client.does("GET", ENDPOINTS)["endpoints"]

    holders = (answer, answer["state"], answer["config"], answer["config"]["served_entities"][0])
    assert all(holder["unheard_of"]["level"] == 11 for holder in holders)
    assert listed["unheard_of"]["level"] == 11


def test_an_enum_can_have_a_value_that_no_client_has_heard_of():
    client = behaving(unknown_values={"DEPLOYMENT_READY": "DEPLOYMENT_DOZING", "chat": "x"})

    answer = client.create(endpoint(external(), description="DEPLOYMENT_READY"))

    (entity,) = answer["config"]["served_entities"]
    assert entity["state"]["deployment"] == "DEPLOYMENT_DOZING"
    assert (answer["name"], answer["description"]) == ("chat", "DEPLOYMENT_READY")


def test_the_callers_own_level_can_be_one_that_no_client_has_heard_of():
    client = Client()
    ann = client.user("ann")
    client.create(endpoint(external()))
    client.allow("chat", ann="CAN_VIEW")
    client.does("PATCH", BEHAVIOUR, {"unknown_values": {"CAN_VIEW": "CAN_PEEK"}})

    assert ann.get("chat")["permission_level"] == "CAN_PEEK"


def test_permissions_can_have_values_that_no_client_has_heard_of():
    client = Client()
    client.user("ann")
    path = f"{PERMISSIONS}/{client.create({'name': 'chat'})['id']}"
    client.does("PATCH", BEHAVIOUR, {"unknown_values": {"CAN_VIEW": "CAN_PEEK"}})

    put = client.allow("chat", ann="CAN_VIEW")
    levels = client.does("GET", f"{path}/permissionLevels")["permission_levels"]

    (ann, _) = put["access_control_list"]
    assert client.does("GET", path) == put
    assert ann["all_permissions"] == [{"permission_level": "CAN_PEEK", "inherited": False}]
    assert [one["permission_level"] for one in levels] == ["CAN_PEEK", "CAN_QUERY", "CAN_MANAGE"]


def test_scopes_and_their_access_lists_can_have_values_that_no_client_has_heard_of():
    values = {"DATABRICKS": "MOON", "READ": "GLANCE"}
    client = behaving(unknown_values=values)
    client.put_secret("READ", "READ", "READ")
    client.grant("READ", "ann@example.com", "READ")

    shown = [
        client.does("GET", f"{SECRETS}/{path}")
        for path in (
            "scopes/list",
            "acls/get?scope=READ&principal=ann@example.com",
            "list?scope=READ",
            "get?scope=READ&key=READ",
        )
    ]

    assert shown == [
        {"scopes": [{"name": "READ", "backend_type": "MOON"}]},
        {"principal": "ann@example.com", "permission": "GLANCE"},
        {"secrets": [{"key": "READ", "last_updated_timestamp": 1_767_571_200_000}]},
        {"key": "READ", "value": "UkVBRA=="},
    ]


def test_a_guardrail_and_a_statement_can_have_values_that_no_client_has_heard_of():
    client = behaving(unknown_values={"MASK": "BLUR", "FAILED": "SULKING"})
    client.create(endpoint(external()))
    guards = {"guardrails": {"input": {"pii": {"behavior": "MASK"}}}}
    statement = {"statement": "SELECT * FROM nosuch", "warehouse_id": "0123456789abcdef"}

    put = client.put_gateway("chat", guards)
    ran = client.does("POST", "/api/2.0/sql/statements", statement)

    assert put["guardrails"]["input"]["pii"]["behavior"] == "BLUR"
    assert client.get("chat")["ai_gateway"] == put
    assert ran["status"]["state"] == "SULKING"


def test_what_a_program_names_is_no_value_that_could_be_replaced():
    client = behaving(unknown_values={"READY": "MAYBE"})
    body = endpoint(custom(environment_vars={"state": "READY", "type": "READY"}))

    answer = client.create({**body, "tags": [{"key": "READY", "value": "READY"}]})

    (entity,) = answer["pending_config"]["served_entities"]
    assert entity["environment_vars"] == {"state": "READY", "type": "READY"}
    assert answer["tags"] == [{"key": "READY", "value": "READY"}]


def test_a_limit_of_calls_and_tokens_can_lose_its_tokens():
    client = behaving(one_amount_per_limit=True)
    client.create(endpoint(external()))

    answer = client.put_gateway(
        "chat",
        {"rate_limits": [{**LIMIT, "tokens": 5}, {"tokens": 5, "renewal_period": "minute"}]},
    )

    assert answer["rate_limits"] == [
        {**LIMIT, "key": "endpoint"},
        {"tokens": 5, "renewal_period": "minute", "key": "endpoint"},
    ]


def test_a_cancelled_update_can_leave_no_trace():
    client = behaving(cancel_drops_pending=True)
    client.create(endpoint(external()))
    client.put_config("chat", {"served_entities": [external(model="gpt-5")]})

    client.does("POST", "/_emulator/endpoints/chat/cancel-update")

    answer = client.get("chat")
    assert answer["state"]["config_update"] == "UPDATE_CANCELED"
    assert "pending_config" not in answer


WEAK = {
    "fallback of custom models": (custom(), {"fallback_config": {"enabled": True}}),
    "guardrails of custom models": (custom(), {"guardrails": {"input": {"safety": True}}}),
    "fallback of provisioned throughput": (
        {"entity_name": "system.ai.m", "entity_version": "1", "max_provisioned_throughput": 10},
        {"fallback_config": {"enabled": True}},
    ),
}


@pytest.mark.parametrize("case", WEAK)
def test_what_one_source_forbids_is_refused_on_demand(case):
    entity, gateway = WEAK[case]
    client = Client()
    client.create(endpoint(entity))

    accepted = client.put_gateway("chat", gateway)
    client.does("PATCH", BEHAVIOUR, {"weak_rules": True})
    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", gateway)

    assert accepted == gateway
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("switch", "status", "code"),
    [
        ({"duplicate_status": 409}, 409, "RESOURCE_ALREADY_EXISTS"),
        ({"duplicate_status": 400}, 400, "RESOURCE_ALREADY_EXISTS"),
    ],
)
def test_the_status_of_a_duplicate_can_be_switched_at_any_time(switch, status, code):
    client = Client()
    client.create({"name": "chat"})
    client.does("PATCH", BEHAVIOUR, switch)

    refused = client.refuses("POST", ENDPOINTS, {"name": "chat"})

    assert refused[:2] == (status, code)
