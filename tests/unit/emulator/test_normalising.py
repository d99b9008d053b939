"""What the service adds to a request, changes in it, or leaves out of its answer."""

from __future__ import annotations

from databricks_serving_emulator import Behaviour
from unit.emulator.bodies import ENDPOINTS, Client, custom, endpoint, external, without


def first(answer, key="config"):
    return answer[key]["served_entities"][0]


def test_an_external_entity_is_named_after_its_model():
    answer = Client().create(endpoint(without(external(model="claude-3.5:latest"), "name")))

    assert first(answer)["name"] == "claude-3-5-latest"


def test_another_entity_is_named_after_the_last_part_and_the_version():
    answer = Client().create(endpoint(custom("ml.prod.churn", "7")))

    assert first(answer, "pending_config")["name"] == "churn-7"


def test_one_entity_gets_all_the_traffic_under_both_names():
    answer = Client().create(endpoint(external("main")))

    assert answer["config"]["traffic_config"]["routes"] == [
        {"served_model_name": "main", "served_entity_name": "main", "traffic_percentage": 100}
    ]


def test_the_older_route_name_means_the_same():
    route = {"served_model_name": "main", "traffic_percentage": "100"}
    config = {"traffic_config": {"routes": [route]}}

    answer = Client().create(endpoint(external("main"), config=config))

    assert answer["config"]["traffic_config"]["routes"] == [
        {"served_model_name": "main", "served_entity_name": "main", "traffic_percentage": 100}
    ]


def test_strings_and_whole_floats_become_real_types():
    entity = custom(scale_to_zero_enabled="true", entity_version=3)
    limits = [
        {"calls": "100", "renewal_period": "minute"},
        {"tokens": 5.0, "key": "user", "renewal_period": "minute"},
    ]

    answer = Client().create(endpoint(entity, ai_gateway={"rate_limits": limits}))

    shown = first(answer, "pending_config")
    assert shown["scale_to_zero_enabled"] is True
    assert shown["entity_version"] == "3"
    assert answer["ai_gateway"]["rate_limits"] == [
        {"key": "endpoint", "calls": 100, "renewal_period": "minute"},
        {"key": "user", "tokens": 5, "renewal_period": "minute"},
    ]


def test_null_is_the_same_as_absent():
    answer = Client().create({"name": "chat", "config": None, "tags": None, "description": None})

    assert set(answer) & {"config", "tags", "description"} == set()


def test_what_is_never_echoed_stays_unseen():
    client = Client()
    body = endpoint(
        custom(burst_scaling_enabled=True, environment_vars={}),
        rate_limits=[{"calls": 10, "renewal_period": "minute"}],
        budget_policy_id="policy-1",
    )

    answer = client.create(body)

    assert "rate_limits" not in answer
    assert "budget_policy_id" not in answer
    assert answer["effective_budget_policy_id"] == "policy-1"
    assert (
        set(first(answer, "pending_config")) & {"burst_scaling_enabled", "environment_vars"}
        == set()
    )


def test_a_made_up_reference_can_stand_for_a_plaintext_secret():
    client = Client(behaviour=Behaviour(plaintext_becomes_reference=True))

    answer = client.create(endpoint(external()))

    config = first(answer)["external_model"]["openai_config"]
    assert config == {"openai_api_key": "{{secrets/emulator-made/openai_api_key}}"}


def test_the_older_served_models_become_entities():
    model = {
        "model_name": "ml.prod.churn",
        "model_version": "1",
        "workload_size": "Small",
        "scale_to_zero_enabled": "false",
    }

    answer = Client().create({"name": "chat", "config": {"served_models": [model]}})

    assert first(answer, "pending_config")["entity_name"] == "ml.prod.churn"


def test_the_name_inside_a_config_is_accepted_without_effect():
    client = Client()
    client.create(endpoint(external()))

    client.put_config("chat", {"name": "chat", "served_entities": [external()]})

    assert client.workspace.ignored_fields == ()


def test_tags_are_a_map_that_a_patch_adds_to_and_takes_from():
    client = Client()
    client.create(
        {"name": "chat", "tags": [{"key": "b", "value": "1"}, {"key": "a", "value": "2"}]}
    )

    answer = client.does(
        "PATCH",
        f"{ENDPOINTS}/chat/tags",
        {"add_tags": [{"key": "b", "value": "3"}, {"key": "c"}], "delete_tags": ["a", "nope"]},
    )

    assert answer == {"tags": [{"key": "b", "value": "3"}, {"key": "c"}]}
    assert client.get("chat")["tags"] == answer["tags"]


def test_every_write_moves_the_time_of_the_last_update():
    client = Client()
    created = client.create({"name": "chat"})
    client.clock.advance(1.5)

    client.put_gateway("chat", {})

    assert client.get("chat")["last_updated_timestamp"] - created["last_updated_timestamp"] == 1500


def test_the_task_follows_the_config_that_serves():
    client = Client()
    client.create(endpoint(external(task="llm/v1/embeddings")))

    during = client.put_config("chat", {"served_entities": [external("other")]})

    assert during["task"] == "llm/v1/embeddings"
    assert client.settle("chat")["task"] == "llm/v1/chat"
