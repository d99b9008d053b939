"""Inputs in normal form, or every problem at once; no call, no credentials."""

from __future__ import annotations

from databricks_serving.apply import endpoint, scope, secret
from databricks_serving.apply.context import Stack
from databricks_serving.state.settings import StackSettings
from databricks_serving_schema import Allowances
from support.context import CANARY, HOST, without_canary
from unit.apply.said import chat, churn


def test_the_name_is_the_resources_own_where_the_program_has_none():
    said = {"config": {"served_entities": [churn()]}}

    checked = endpoint.check({}, said, Stack(resource_name="chat"))

    assert checked.inputs == {**said, "name": "chat"}
    assert checked.problems == ()


def test_a_recorded_name_stays_when_the_resource_is_renamed():
    checked = scope.check({"name": "llm-keys"}, {}, Stack(resource_name="renamed"))

    assert checked.inputs == {"name": "llm-keys"}


def test_the_url_is_known_where_the_host_is():
    checked = endpoint.check({}, chat(churn()), Stack(host=HOST))

    assert checked.inputs["invocation_url"] == f"{HOST}/serving-endpoints/chat/invocations"


def test_a_secrets_reference_is_known_before_it_is_put():
    said = {"scope": "llm-keys", "key": "openai", "value": CANARY}

    checked = secret.check({}, said, Stack())

    assert checked.inputs["reference"] == "{{secrets/llm-keys/openai}}"


def test_every_problem_is_told_and_no_value_is_repeated():
    said = {"scope": "llm/keys", "value": CANARY, "value_base64": CANARY}

    checked = secret.check({}, said, Stack())

    problems = [str(problem) for problem in checked.problems]
    assert [problem.partition(":")[0] for problem in problems] == [
        "key",
        "scope",
        "value",
        "value_base64",
    ]
    without_canary(*problems)


def test_a_key_in_place_of_a_reference_is_refused_unrepeated():
    said = chat()
    said["config"]["served_entities"][0]["external_model"]["openai_config"] = {
        "openai_api_key": CANARY
    }
    said.pop("credentials")

    checked = endpoint.check({}, said, Stack())

    assert checked.problems
    without_canary(*checked.problems)


def test_what_is_newer_is_told_and_no_value_is_repeated():
    said = chat()
    model = said["config"]["served_entities"][0]["external_model"]
    model.update(task=CANARY, frobnicate=CANARY)
    allowing = StackSettings(allowances=Allowances(unknown_fields=True))

    checked = endpoint.check({}, said, Stack(allowing))

    at = "config.served_entities[0].external_model"
    assert checked.problems == ()
    assert tuple(map(str, checked.warnings)) == (
        f"{at}.frobnicate: not known to this release; it is sent as it is",
        f"{at}.task: this value is not known to this release; it is sent as it is",
    )
