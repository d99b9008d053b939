"""PD: differences that come back with every preview, though nobody changed anything."""

from __future__ import annotations

import json

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_emulator import Behaviour
from support.endpoints import config, limit, registered, units
from support.mini_engine.state import in_clear
from support.programs import declared, plaintext_endpoint
from support.ups import created, prepared, preview

CHAT = "serving-endpoints/chat"
MODEL = config(registered())


def chat(**said):
    """An endpoint called chat; of a registered model where nothing else is said."""
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def unchanged(story, text):
    """Whether a preview, a refresh and a preview after it find no change, and write nothing."""
    runs = (story.preview(text), story.refresh(), story.preview(text))
    return [run.changes for run in runs] == [[]] * 3 and story.sent() == []


def settled(story, text):
    """Whether a preview that refreshes finds no change."""
    return story.preview(text, refresh=True).changes == []


# --- PD-01: tags ---------------------------------------------------------------------------------

TWO_TAGS = {"b": "2", "a": "1"}


def test_pd_01_tags_in_another_order_are_no_difference(story):
    story.workspace.behaviour = Behaviour(shuffle=True)
    story.up(chat(tags=TWO_TAGS))
    assert story.sent() == ["POST serving-endpoints"]

    assert unchanged(story, chat(tags=TWO_TAGS))
    # The older form of the same, in the order that the service happens to answer.
    as_list = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    assert settled(story, chat(tags=as_list))


@pytest.mark.parametrize(
    ("tags", "body"),
    [
        ({**TWO_TAGS, "c": "3"}, {"add_tags": [{"key": "c", "value": "3"}]}),
        ({"b": "2"}, {"delete_tags": ["a"]}),
        ({"a": "1", "b": "4"}, {"add_tags": [{"key": "b", "value": "4"}]}),
    ],
    ids=["added", "removed", "changed"],
)
def test_pd_01_one_tag_that_changes_is_one_patch_with_that_tag_alone(story, tags, body):
    story.up(chat(tags=TWO_TAGS))
    story.sent()

    story.up(chat(tags=tags))

    assert story.sent() == [f"PATCH {CHAT}/tags"]
    assert story.bodies(f"{CHAT}/tags") == [body]


def test_pd_01_a_key_that_is_said_twice_is_refused_in_preview(story):
    twice = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]

    story.preview(chat(tags=twice), fails="tags")

    assert story.asked == []


# --- PD-02: entities -----------------------------------------------------------------------------

THREE = [registered(name) for name in ("z", "a", "m")]
SHARES = {"z": 10, "a": 20, "m": 70}


def test_pd_02_entities_routes_and_limits_in_another_order_are_no_difference(story):
    limits = [limit(1), limit(2, key="endpoint"), limit(3, key="user_group", principal="ml")]
    text = chat(config=config(*THREE, routes=SHARES), ai_gateway={"rate_limits": limits})
    story.workspace.behaviour = Behaviour(shuffle=True)
    story.up(text)
    assert story.sent() == ["POST serving-endpoints"]

    turned = config(*reversed(THREE), routes=dict(reversed(SHARES.items())))
    story.ui("PUT", f"{CHAT}/config", turned)
    story.ui("PUT", f"{CHAT}/ai-gateway", {"rate_limits": limits[::-1]})

    assert unchanged(story, text)


def test_pd_02_twenty_looks_at_shuffled_entities_find_nothing():
    bench = prepared(shuffle=True)
    inputs, outputs = created(bench, {"name": "chat", "config": config(*THREE, routes=SHARES)})

    for _ in range(20):
        reading = bench.read(endpoint, "chat", outputs, inputs)
        outputs, inputs = reading.outputs, reading.inputs
        assert preview(bench, outputs, inputs) == Verdict()

    assert [entity["name"] for entity in inputs["config"]["served_entities"]] == ["z", "a", "m"]
    assert bench.sent == []


def test_pd_02_of_three_shuffled_entities_the_one_that_changes_is_named(story):
    story.workspace.behaviour = Behaviour(shuffle=True)
    story.up(chat(config=config(*THREE, routes=SHARES)))
    story.sent()
    other = [registered("z"), registered("a", entity_version="2"), registered("m")]
    text = chat(config=config(*other, routes=SHARES))

    seen = story.preview(text, refresh=True)
    story.up(text)

    assert seen.paths["chat"] == {"config.served_entities[1].entity_version"}
    assert story.sent() == [f"PUT {CHAT}/config"]
    (body,) = story.bodies(f"{CHAT}/config")
    assert {one["name"]: one["entity_version"] for one in body["served_entities"]} == {
        "z": "1",
        "a": "2",
        "m": "1",
    }


# --- PD-03: workload -----------------------------------------------------------------------------


def throughput(version="1"):
    return {
        "name": "llama",
        "entity_name": "system.ai.llama",
        "entity_version": version,
        "min_provisioned_throughput": 0,
        "max_provisioned_throughput": 9500,
    }


def test_pd_03_a_size_and_type_that_the_service_fills_in_are_neither_drift_nor_sent_back(story):
    story.workspace.behaviour = Behaviour(defaults="all")
    text = chat(config=config(throughput()))
    story.up(text)
    assert story.sent() == ["POST serving-endpoints"]
    (filled,) = story.served("chat")["config"]["served_entities"]
    assert {"workload_size", "workload_type"} <= filled.keys()

    assert unchanged(story, text)
    story.up(chat(config=config(throughput("2"))))

    assert story.sent() == [f"PUT {CHAT}/config"]
    assert story.bodies(f"{CHAT}/config") == [config(throughput("2"))]


# --- PD-04: traffic ------------------------------------------------------------------------------


def test_pd_04_traffic_that_the_service_fills_in_is_no_difference(story):
    story.up(chat())
    story.sent()
    assert story.served("chat")["config"]["traffic_config"]["routes"]

    assert unchanged(story, chat())


def test_pd_04_traffic_that_somebody_shifted_is_drift_of_both_routes_and_one_put(story):
    two = (registered("a"), registered("b"))
    text = chat(config=config(*two, routes={"a": 90, "b": 10}))
    story.up(text)
    story.sent()

    story.ui("PUT", f"{CHAT}/config", config(*two, routes={"a": 50, "b": 50}))
    story.refresh()
    seen = story.preview(text)
    story.up(text)

    assert seen.paths["chat"] == {
        "config.traffic_config.routes[0].traffic_percentage",
        "config.traffic_config.routes[1].traffic_percentage",
    }
    assert story.sent() == [f"PUT {CHAT}/config"]
    routes = story.served("chat")["config"]["traffic_config"]["routes"]
    assert [(route["served_entity_name"], route["traffic_percentage"]) for route in routes] == [
        ("a", 90),
        ("b", 10),
    ]
    assert unchanged(story, text)


# --- PD-05: older names --------------------------------------------------------------------------


def routed(*names_of_entity):
    """Two entities; each name is a field that says which of them a route leads to."""
    routes = [
        {**dict.fromkeys(names_of_entity, entity), "traffic_percentage": share}
        for entity, share in (("a", 90), ("b", 10))
    ]
    entities = [registered("a"), registered("b")]
    return {"served_entities": entities, "traffic_config": {"routes": routes}}


def test_pd_05_another_spelling_of_a_route_is_no_difference_and_no_call(story):
    story.up(chat(config=routed("served_model_name")))
    assert story.sent() == ["POST serving-endpoints"]

    assert unchanged(story, chat(config=routed("served_model_name")))
    assert settled(story, chat(config=routed("served_entity_name")))
    story.up(chat(config=routed("served_model_name", "served_entity_name")))
    assert story.sent() == []


def test_pd_05_two_spellings_that_contradict_each_other_are_refused_in_preview(story):
    said = routed("served_entity_name")
    said["traffic_config"]["routes"][0]["served_model_name"] = "b"

    story.preview(chat(config=said), fails="served_model_name is the older name of")

    assert story.asked == []


def test_pd_05_the_older_list_of_models_is_refused_with_the_newer_name(story):
    story.preview(chat(config={"served_models": [registered()]}), fails="served_entities")

    assert story.asked == []


# --- PD-06: credentials --------------------------------------------------------------------------


def keyed(value):
    return plaintext_endpoint(credential=f'pulumi.Output.secret("{value}")')


def test_pd_06_a_key_that_is_never_shown_is_sent_when_it_changes_and_only_then(story):
    story.up(keyed("sk-one"))
    assert story.sent() == ["POST serving-endpoints"]
    assert unchanged(story, keyed("sk-one"))

    seen = story.preview(keyed("sk-two"))
    story.up(keyed("sk-two"))

    leaf = "external_model.openai_config.openai_api_key_plaintext"
    assert seen.paths["chat"] == {f"credentials.gpt.{leaf}"}
    assert story.sent() == [f"PUT {CHAT}/config"]
    (body,) = story.bodies(f"{CHAT}/config")
    (entity,) = body["served_entities"]
    assert entity["external_model"]["openai_config"] == {"openai_api_key_plaintext": "sk-two"}
    assert "sk-" not in in_clear(story.stand.engine.state)
    assert settled(story, keyed("sk-two"))


def test_pd_06_a_key_that_somebody_else_puts_in_is_unknowable_and_no_drift(story):
    story.up(keyed("sk-one"))
    story.sent()
    model = {
        "name": "gpt-4",
        "provider": "openai",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key_plaintext": "sk-of-the-ui"},
    }

    story.ui("PUT", f"{CHAT}/config", config({"name": "gpt", "external_model": model}))

    assert unchanged(story, keyed("sk-one"))


# --- PD-07, PD-08: what GET never shows ----------------------------------------------------------


def test_pd_07_a_budget_policy_that_is_never_shown_is_no_difference(story):
    story.up(chat(budget_policy_id="p1"))
    assert story.sent() == ["POST serving-endpoints"]
    assert "budget_policy_id" not in story.served("chat")

    assert unchanged(story, chat(budget_policy_id="p1"))


def test_pd_07_another_budget_policy_is_refused_in_preview_or_replaces_where_that_is_said(story):
    story.up(chat(budget_policy_id="p1"))
    story.sent()
    forced = chat(budget_policy_id="p2", deploy={"replace_on": ["budget_policy_id"]})

    story.preview(chat(budget_policy_id="p2"), fails="budget_policy_id: no public call changes")
    story.up(chat(budget_policy_id="p2"), fails="budget_policy_id: no public call changes")
    assert story.sent() == []
    seen = story.preview(forced)
    story.up(forced)

    assert seen.changes == [("delete-replaced", "chat"), ("replace", "chat")]
    assert story.sent() == [f"DELETE {CHAT}", "POST serving-endpoints"]
    (body,) = story.bodies("serving-endpoints")
    assert body["budget_policy_id"] == "p2"
    assert settled(story, forced)


BURSTING = chat(config=config(units(burst_scaling_enabled=True)))
LOGGING = chat(telemetry_config={"table_names": {"logs_table": "main.ml.logs"}})


@pytest.mark.parametrize(
    ("text", "made_by"),
    [(BURSTING, "POST serving-endpoints/pt"), (LOGGING, "POST serving-endpoints")],
    ids=["burst scaling", "telemetry's tables"],
)
def test_pd_08_what_goes_in_and_never_comes_out_is_no_difference(story, text, made_by):
    story.up(text)
    assert story.sent() == [made_by]
    shown = json.dumps(story.served("chat"))
    assert "burst_scaling_enabled" not in shown
    assert "main.ml.logs" not in shown

    assert unchanged(story, text)


@pytest.mark.parametrize(
    ("before", "after", "call"),
    [
        (
            BURSTING,
            chat(config=config(units(burst_scaling_enabled=False))),
            "PUT serving-endpoints/pt/chat/config",
        ),
        (
            LOGGING,
            chat(telemetry_config={"table_names": {"logs_table": "main.ml.other"}}),
            f"PATCH {CHAT}/telemetry-config",
        ),
    ],
    ids=["burst scaling", "telemetry's tables"],
)
def test_pd_08_what_never_comes_out_is_sent_once_when_the_program_changes_it(
    story, before, after, call
):
    story.up(before)
    story.sent()

    story.up(after)

    assert story.sent() == [call]
    assert settled(story, after)


# --- PD-09: rate limits in their older place -----------------------------------------------------


def test_pd_09_limits_in_their_older_place_are_those_of_the_gateway(story):
    text = chat(rate_limits=[limit(2, key="endpoint")])
    made = story.up(text)
    assert any("rate_limits of an endpoint is the older form" in line for line in made.lines)
    assert story.sent() == ["POST serving-endpoints"]
    (body,) = story.bodies("serving-endpoints")
    assert "rate_limits" not in body
    assert body["ai_gateway"] == {"rate_limits": [limit(2, key="endpoint")]}
    assert unchanged(story, text)

    story.up(chat(rate_limits=[limit(3, key="endpoint")]))

    assert story.sent() == [f"PUT {CHAT}/ai-gateway"]
    assert story.bodies(f"{CHAT}/ai-gateway") == [{"rate_limits": [limit(3, key="endpoint")]}]


def test_pd_09_a_limit_of_the_older_form_that_drifted_is_named_and_put_back(story):
    text = chat(rate_limits=[limit(2, key="endpoint")])
    story.up(text)
    story.sent()

    story.ui("PUT", f"{CHAT}/ai-gateway", {"rate_limits": [limit(9, key="endpoint")]})
    seen = story.preview(text, refresh=True)
    story.up(text, refresh=True)

    assert seen.paths["chat"] == {"ai_gateway.rate_limits[0].calls"}
    assert story.sent() == [f"PUT {CHAT}/ai-gateway"]
    assert story.served("chat")["ai_gateway"]["rate_limits"] == [limit(2, key="endpoint")]


# --- PD-10: description --------------------------------------------------------------------------


def test_pd_10_another_description_is_refused_in_preview_and_destroys_nothing(story):
    story.up(chat(description="a"))
    assert story.sent() == ["POST serving-endpoints"]
    assert unchanged(story, chat(description="a"))
    id_ = story.served("chat")["id"]

    story.preview(chat(description="b"), fails="description: no public call changes")
    story.up(
        chat(description="b", tags={"team": "ml"}), fails='deploy={"replace_on": ["description"]}'
    )

    assert story.sent() == []
    assert story.served("chat")["id"] == id_
    assert settled(story, chat(description="a"))


def test_pd_10_where_it_is_said_another_description_replaces(story):
    story.up(chat(description="a"))
    story.sent()
    text = chat(description="b", deploy={"replace_on": ["description"]})

    story.up(text)

    assert story.sent() == [f"DELETE {CHAT}", "POST serving-endpoints"]
    assert story.served("chat")["description"] == "b"
    assert settled(story, text)


# --- PD-11: the serialized provider --------------------------------------------------------------

SUBCLASS = """
{more}
class Endpoint(ServingEndpoint):
    {body}
Endpoint("chat", name="chat", config={config!r})
"""


def test_pd_11_code_around_a_resource_changes_nothing_in_the_state(story):
    story.up(SUBCLASS.format(more="", body="pass", config=MODEL))
    story.sent()
    recorded = story.resource("chat").inputs["__provider"]
    edited = SUBCLASS.format(
        more="import json  # as code is edited", body="def told(self): return json", config=MODEL
    )

    assert unchanged(story, edited)
    assert settled(story, chat())
    assert story.resource("chat").inputs["__provider"] == recorded
    # The bytes themselves are pinned in tests/meta/test_state_constants.py.
    assert recorded == PROVIDER_OF["ServingEndpoint"]


# --- PD-12: whole numbers ------------------------------------------------------------------------


def numbers(amount=10):
    """Whole numbers of each part, some of them as other tools write them."""
    return chat(
        config=config(
            units(name="a", provisioned_model_units=100),
            units(name="b", provisioned_model_units="50"),
            routes={"a": 90, "b": 10.0},
        ),
        ai_gateway={"rate_limits": [limit(amount)]},
    )


def test_pd_12_whole_numbers_are_whole_on_the_wire_and_stay_so(story):
    story.up(numbers(10))
    (body,) = story.bodies("serving-endpoints/pt")

    sent = json.dumps(body)
    assert '"calls": 10,' in sent
    assert '"provisioned_model_units": 100}' in sent
    assert '"provisioned_model_units": 50}' in sent
    assert '"traffic_percentage": 90}' in sent
    assert ".0" not in sent
    story.sent()
    assert unchanged(story, numbers(10))
    assert settled(story, numbers(10.0))


def test_pd_12_a_number_with_a_fraction_is_refused_where_whole_ones_belong(story):
    story.preview(numbers(10.5), fails="ai_gateway.rate_limits[0].calls")

    assert story.asked == []


# --- PD-14: gateway sections ---------------------------------------------------------------------

TRACKED = {"usage_tracking_config": {"enabled": True}}


def test_pd_14_a_section_that_nobody_declares_is_no_drift_and_is_carried_along(story):
    story.up(chat(ai_gateway={"rate_limits": [limit(1)]}))
    story.sent()
    story.ui("PUT", f"{CHAT}/ai-gateway", {"rate_limits": [limit(1)], **TRACKED})
    assert unchanged(story, chat(ai_gateway={"rate_limits": [limit(1)]}))

    story.up(chat(ai_gateway={"rate_limits": [limit(2)]}))

    assert story.sent() == [f"PUT {CHAT}/ai-gateway"]
    assert story.bodies(f"{CHAT}/ai-gateway") == [{"rate_limits": [limit(2)], **TRACKED}]


def governed(calls, **more):
    said = {"endpoint_name": "chat", "rate_limits": [limit(calls)], **more}
    return declared("AiGateway", "gateway", **said)


def test_pd_14_a_gateway_of_its_own_leaves_other_sections_unless_it_is_authoritative(story):
    story.ui("POST", "serving-endpoints", {"name": "chat", "config": MODEL, "ai_gateway": TRACKED})
    story.up(governed(1))
    assert story.sent() == [f"PUT {CHAT}/ai-gateway"]
    assert story.bodies(f"{CHAT}/ai-gateway") == [{**TRACKED, "rate_limits": [limit(1)]}]
    assert unchanged(story, governed(1))

    story.up(governed(1, mode="authoritative"))

    assert story.sent() == [f"PUT {CHAT}/ai-gateway"]
    assert story.bodies(f"{CHAT}/ai-gateway") == [{"rate_limits": [limit(1)]}]


# --- PD-15: a scope's backend --------------------------------------------------------------------


def test_pd_15_a_backend_that_the_service_fills_in_never_makes_a_scope_anew(story):
    bare = declared("SecretScope", "keys", name="llm")
    spelled = declared("SecretScope", "keys", name="llm", scope_backend_type="DATABRICKS")
    story.up(bare)
    assert story.sent() == ["POST secrets/scopes/create"]
    (shown,) = story.ui("GET", "secrets/scopes/list")["scopes"]
    assert shown["backend_type"] == "DATABRICKS"

    assert unchanged(story, bare)
    story.up(spelled)
    assert unchanged(story, spelled)
    story.up(bare)
    assert unchanged(story, bare)
    assert story.sent() == []
