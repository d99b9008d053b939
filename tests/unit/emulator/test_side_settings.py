"""Mails, telemetry and the older rate limits: what is beside the config of an endpoint."""

from __future__ import annotations

import re

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external

MAILS = {"on_update_failure": ["oncall@example.com"], "on_update_success": ["team@example.com"]}
TABLES = {
    "logs_table": "ml.obs.chat_logs",
    "metrics_table": "ml.obs.chat_metrics",
    "traces_table": "ml.obs.chat_traces",
    "annotations_table": "ml.obs.chat_annotations",
}
TELEMETRY = {"table_names": TABLES, "inference_table_config": {"sampling_fraction": 0.1}}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CALLS = {"calls": 10, "renewal_period": "minute"}


def client_with(*entities, **more):
    client = Client()
    client.create(endpoint(*entities, **more))
    client.settle("chat")
    return client


def patch_mails(client, body):
    return client.does("PATCH", f"{ENDPOINTS}/chat/notifications", body)


def patch_telemetry(client, body, name="chat"):
    return client.does("PATCH", f"{ENDPOINTS}/{name}/telemetry-config", body)


def put_limits(client, *limits):
    return client.does("PUT", f"{ENDPOINTS}/chat/rate-limits", {"rate_limits": list(limits)})


def test_mails_are_answered_with_the_name_and_shown_by_get():
    client = client_with(external())

    answer = patch_mails(client, {"email_notifications": MAILS})

    assert answer == {"name": "chat", "email_notifications": MAILS}
    assert client.get("chat")["email_notifications"] == MAILS


@pytest.mark.parametrize("body", [{}, {"email_notifications": None}, {"email_notifications": {}}])
def test_no_mails_are_the_end_of_all_mails(body):
    client = client_with(external(), email_notifications=MAILS)

    answer = patch_mails(client, body)

    assert answer == {"name": "chat"}
    assert "email_notifications" not in client.get("chat")


def test_mails_go_through_during_an_update():
    client = Client()
    client.create(endpoint(custom()))

    patch_mails(client, {"email_notifications": MAILS})

    assert client.get("chat")["state"]["config_update"] == "IN_PROGRESS"
    assert client.get("chat")["email_notifications"] == MAILS


@pytest.mark.parametrize("route", ["notifications", "telemetry-config"])
def test_a_side_setting_of_a_missing_endpoint_cannot_be_patched(route):
    refused = Client().refuses("PATCH", f"{ENDPOINTS}/nope/{route}", {})

    assert refused == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "Endpoint with name 'nope' does not exist.",
    )


@pytest.mark.parametrize(
    ("method", "route"),
    [("PATCH", "notifications"), ("PATCH", "telemetry-config")],
)
def test_the_side_settings_of_a_pay_per_token_endpoint_are_not_ours(method, route):
    name = "databricks-gte-large-en"
    client = Client(foundation_models=(name,))

    refused = client.refuses(method, f"{ENDPOINTS}/{name}/{route}", {})

    assert refused[:2] == (403, "PERMISSION_DENIED")


def test_the_older_rate_limits_are_there_for_pay_per_token_endpoints_too():
    name = "databricks-gte-large-en"
    client = Client(foundation_models=(name,))

    answer = client.does("PUT", f"{ENDPOINTS}/{name}/rate-limits", {"rate_limits": [CALLS]})

    assert answer == {"rate_limits": [{**CALLS, "key": "endpoint"}]}


def test_telemetry_tables_make_a_profile_and_are_not_seen_again():
    client = client_with(custom())

    answer = patch_telemetry(client, {"telemetry_config": TELEMETRY})

    profile = answer["telemetry_config"]["telemetry_profile_id"]
    assert UUID.fullmatch(profile)
    assert client.get("chat")["telemetry_config"] == {
        "telemetry_profile_id": profile,
        "inference_table_config": {"sampling_fraction": 0.1, "name": "ml.obs.chat_logs_payload"},
    }


def test_telemetry_can_be_set_at_the_creation_of_a_custom_model():
    answer = Client().create(endpoint(custom(), telemetry_config=TELEMETRY))

    assert answer["telemetry_config"]["inference_table_config"]["name"] == (
        "ml.obs.chat_logs_payload"
    )


@pytest.mark.parametrize("body", [endpoint(external()), {"name": "chat"}])
def test_telemetry_that_cannot_be_had_is_dropped_at_creation_without_a_word(body):
    client = Client()

    answer = client.create({**body, "telemetry_config": TELEMETRY})

    assert "telemetry_config" not in answer
    assert "telemetry_config" not in client.get("chat")


@pytest.mark.parametrize(
    ("body", "kind"),
    [(endpoint(external()), "EXTERNAL_MODELS"), ({"name": "chat"}, "NO_CONFIG")],
)
def test_telemetry_that_cannot_be_had_is_refused_later(body, kind):
    client = Client()
    client.create(body)

    refused = client.refuses(
        "PATCH", f"{ENDPOINTS}/chat/telemetry-config", {"telemetry_config": TELEMETRY}
    )

    assert refused == (
        400,
        "INVALID_PARAMETER_VALUE",
        (
            f"Telemetry configuration is not supported for endpoint type '{kind}'. "
            "This API only supports endpoints with custom served models."
        ),
    )


def test_telemetry_waits_for_the_end_of_an_update():
    client = Client()
    client.create(endpoint(custom()))

    refused = client.refuses(
        "PATCH", f"{ENDPOINTS}/chat/telemetry-config", {"telemetry_config": TELEMETRY}
    )
    client.settle("chat")
    accepted = patch_telemetry(client, {"telemetry_config": TELEMETRY})

    assert refused == (
        409,
        "RESOURCE_CONFLICT",
        (
            "Endpoint chat is currently updating. Wait for the update to complete before updating "
            "its telemetry configuration."
        ),
    )
    assert accepted["telemetry_config"]["inference_table_config"]["sampling_fraction"] == 0.1


@pytest.mark.parametrize("body", [{}, {"telemetry_config": None}])
def test_omitted_telemetry_is_removed(body):
    client = client_with(custom(), telemetry_config=TELEMETRY)

    answer = patch_telemetry(client, body)

    assert "telemetry_config" not in answer
    assert "telemetry_config" not in client.get("chat")


@pytest.mark.parametrize(
    "said", [{}, {"table_names": {}}, {"inference_table_config": {"sampling_fraction": 1}}]
)
def test_telemetry_without_tables_and_profile_leaves_everything_as_it_was(said):
    client = client_with(custom(), telemetry_config=TELEMETRY)
    before = client.get("chat")["telemetry_config"]

    answer = patch_telemetry(client, {"telemetry_config": said})

    assert answer["telemetry_config"] == before


def test_a_known_profile_names_its_inference_table_elsewhere_too():
    client = client_with(custom(), telemetry_config=TELEMETRY)
    profile = client.get("chat")["telemetry_config"]["telemetry_profile_id"]
    client.create(endpoint(custom(), name="other"))
    client.settle("other")
    wanted = {
        "telemetry_profile_id": profile,
        "inference_table_config": {"sampling_fraction": "0.5"},
        "enabled_telemetry_features": ["TELEMETRY_FEATURE_INFERENCE_TABLE"],
    }

    answer = patch_telemetry(client, {"telemetry_config": wanted}, "other")

    assert answer["telemetry_config"] == {
        "telemetry_profile_id": profile,
        "inference_table_config": {"sampling_fraction": 0.5, "name": "ml.obs.chat_logs_payload"},
        "enabled_telemetry_features": ["TELEMETRY_FEATURE_INFERENCE_TABLE"],
    }


def test_a_profile_that_nobody_knows_has_no_inference_table_name():
    client = client_with(custom())
    wanted = {"telemetry_profile_id": "p-1", "inference_table_config": {"sampling_fraction": 1}}

    answer = patch_telemetry(client, {"telemetry_config": wanted})

    assert answer["telemetry_config"] == {
        "telemetry_profile_id": "p-1",
        "inference_table_config": {"sampling_fraction": 1.0},
    }


@pytest.mark.parametrize(
    "said",
    [
        {"table_names": TABLES, "telemetry_profile_id": "p-1"},
        {"table_names": TABLES, "enabled_telemetry_features": ["TELEMETRY_FEATURE_GOSSIP"]},
    ],
)
def test_telemetry_that_makes_no_sense_is_refused(said):
    client = client_with(custom())

    refused = client.refuses(
        "PATCH", f"{ENDPOINTS}/chat/telemetry-config", {"telemetry_config": said}
    )

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert "telemetry_config" not in client.get("chat")


@pytest.mark.parametrize("fraction", ["much", True, "NaN"])
def test_a_sampling_fraction_is_a_number(fraction):
    client = client_with(custom())
    said = {"inference_table_config": {"sampling_fraction": fraction}}

    refused = client.refuses(
        "PATCH", f"{ENDPOINTS}/chat/telemetry-config", {"telemetry_config": said}
    )

    assert refused[:2] == (400, "MALFORMED_REQUEST")


def test_the_older_rate_limits_are_answered_once_and_never_shown():
    client = client_with(external())

    answer = put_limits(client, CALLS, {**CALLS, "key": "user"})

    assert answer == {"rate_limits": [{**CALLS, "key": "endpoint"}, {**CALLS, "key": "user"}]}
    assert "rate_limits" not in client.get("chat")
    assert "ai_gateway" not in client.get("chat")


def test_the_gateway_takes_no_rate_limits_beside_the_older_ones():
    client = client_with(external())
    put_limits(client, CALLS)

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": [CALLS]})
    put_limits(client)
    accepted = client.put_gateway("chat", {"rate_limits": [CALLS]})

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert accepted == {"rate_limits": [{**CALLS, "key": "endpoint"}]}


def test_the_older_rate_limits_are_refused_beside_those_of_the_gateway():
    client = client_with(external(), ai_gateway={"rate_limits": [CALLS]})

    refused = client.refuses("PUT", f"{ENDPOINTS}/chat/rate-limits", {"rate_limits": [CALLS]})

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_an_agent_takes_no_rate_limits_in_the_older_form_either():
    client = Client()
    client.does("POST", "/_emulator/models", {"name": "ml.a.agent", "kind": "agent"})
    body = endpoint(custom("ml.a.agent"))

    at_creation = client.refuses("POST", ENDPOINTS, {**body, "rate_limits": [CALLS]})
    client.create(body)
    later = client.refuses("PUT", f"{ENDPOINTS}/chat/rate-limits", {"rate_limits": [CALLS]})

    text = "Agent endpoints support only inference tables in AI Gateway."
    assert at_creation == later == (400, "INVALID_PARAMETER_VALUE", text)
    assert put_limits(client) == {"rate_limits": []}


def test_a_wrong_older_rate_limit_is_refused():
    client = client_with(external())

    refused = client.refuses(
        "PUT", f"{ENDPOINTS}/chat/rate-limits", {"rate_limits": [{**CALLS, "key": "user_group"}]}
    )

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_the_tags_of_a_missing_endpoint_cannot_be_patched():
    refused = Client().refuses("PATCH", f"{ENDPOINTS}/nope/tags", {"add_tags": [{"key": "a"}]})

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
