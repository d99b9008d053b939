"""Whether a preview shows a difference, of which kind; it calls nothing."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Stack, Verdict
from databricks_serving.errors import Refused
from databricks_serving_schema import UNKNOWN
from support.context import ENDPOINTS, HOST, Bench, wired
from unit.apply.said import LIMIT, chat, churn, gpt, split

SAID = chat(churn(), tags={"team": "a"}, ai_gateway={"rate_limits": [LIMIT]}, description="old")
STACK = Stack()
TWO = {"served_entities": [churn(), churn(name="second")]}


@pytest.fixture(scope="module")
def recorded():
    return wired(Bench().create(endpoint, SAID).outputs)


def diff(recorded, **change):
    return endpoint.diff(recorded, wired({**SAID, **change}), STACK)


def test_an_unchanged_program_has_no_difference(recorded):
    assert diff(recorded) == Verdict()


@pytest.mark.parametrize(
    "change",
    [
        {"tags": {"team": "b"}},
        {"tags": {}},
        {"config": {"served_entities": [churn("2")]}},
        {"config": {**TWO, **split(churn=90, second=10)}},
        {"ai_gateway": {"rate_limits": []}},
        {"ai_gateway": {"rate_limits": [{**LIMIT, "calls": 5}]}},
        {"deploy": {"timeout": "3h"}},
        {"deploy": {"redeploy_on": ["x"]}},
        {"workspace": {"host": HOST}},
    ],
)
def test_a_change_in_place_replaces_nothing(recorded, change):
    assert diff(recorded, **change) == Verdict(changed=True)


@pytest.mark.parametrize(
    ("change", "replaces", "delete_first"),
    [
        ({"name": "other"}, ("name",), False),
        ({"route_optimized": True}, ("route_optimized",), True),
        (chat(gpt()), ("config",), True),
        (
            {"description": "new", "deploy": {"replace_on": ["description"]}},
            ("description",),
            True,
        ),
    ],
)
def test_what_cannot_change_in_place_replaces(recorded, change, replaces, delete_first):
    verdict = diff(recorded, **change)

    assert (verdict.changed, verdict.replaces) == (True, replaces)
    assert verdict.delete_first is delete_first


def test_a_name_that_is_not_yet_known_deletes_first(recorded):
    said = {**SAID, "name": UNKNOWN}

    verdict = endpoint.diff(recorded, said, STACK)

    assert (verdict.replaces, verdict.delete_first) == (("name",), True)


def test_a_changed_description_is_refused_with_the_way_out(recorded):
    with pytest.raises(Refused) as caught:
        diff(recorded, description="new")

    assert 'deploy={"replace_on": ["description"]}' in str(caught.value)


def test_a_description_that_is_taken_out_stops_being_managed(recorded):
    said = {name: value for name, value in SAID.items() if name != "description"}

    verdict = endpoint.diff(recorded, said, STACK)

    assert verdict.changed
    assert verdict.notices == (
        "description: taken out of the program; from now on it is left as it is",
    )


def test_the_notice_of_a_part_that_stops_being_managed_comes_once():
    bench = Bench()
    outputs = bench.create(endpoint, SAID).outputs
    said = {name: value for name, value in SAID.items() if name != "tags"}
    before = endpoint.diff(wired(outputs), said, STACK)

    outputs = bench.update(endpoint, "chat", outputs, said)

    assert before.notices == ("tags: taken out of the program; from now on it is left as it is",)
    assert endpoint.diff(wired(outputs), said, STACK) == Verdict()


def test_drift_that_a_refresh_saw_is_a_difference():
    bench = Bench()
    outputs = bench.create(endpoint, SAID).outputs
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/ai-gateway", {})

    reading = bench.read(endpoint, "chat", outputs, SAID)

    assert endpoint.diff(wired(reading.outputs), wired(SAID), STACK) == Verdict(changed=True)


def test_drift_of_what_is_not_managed_is_none():
    bench = Bench()
    outputs = bench.create(endpoint, chat(churn())).outputs
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": [LIMIT]})

    reading = bench.read(endpoint, "chat", outputs, chat(churn()))

    assert endpoint.diff(wired(reading.outputs), chat(churn()), STACK) == Verdict()


def test_one_made_again_outside_is_noticed():
    bench = Bench()
    outputs = bench.create(endpoint, chat(churn())).outputs
    bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    bench.workspace.ui("POST", ENDPOINTS, {"name": "chat", "config": chat(churn())["config"]})

    reading = bench.read(endpoint, "chat", outputs, chat(churn()))

    verdict = endpoint.diff(wired(reading.outputs), chat(churn()), STACK)
    assert verdict.notices == ("endpoint_id: deleted and made again outside, under the same name",)


@pytest.mark.parametrize(("credential", "changed"), [("sk-one", False), ("sk-two", True)])
def test_a_credential_is_compared_by_its_fingerprint(credential, changed):
    outputs = Bench().create(endpoint, chat(credential="sk-one")).outputs

    verdict = endpoint.diff(wired(outputs), chat(credential=credential), STACK)

    assert verdict == Verdict(changed=changed)


def test_a_failed_update_stays_a_difference():
    bench = Bench()
    bench.workspace.deployments.plan(polls=0, times=1)
    outputs = bench.create(endpoint, chat(churn())).outputs
    bench.workspace.deployments.plan(polls=1, outcome="failed")
    left = bench.fails(Exception, bench.update, endpoint, "chat", outputs, chat(churn("2")))

    verdict = endpoint.diff(wired(left.outputs), chat(churn("2")), STACK)

    assert verdict == Verdict(changed=True)


def test_a_part_that_leaves_the_program_is_said_once(recorded):
    without_tags = {name: value for name, value in SAID.items() if name != "tags"}

    verdict = endpoint.diff(recorded, wired(without_tags), STACK)

    assert verdict.changed
    assert verdict.notices == ("tags: taken out of the program; from now on it is left as it is",)


def test_a_description_that_differs_in_the_workspace_only_is_said_and_is_no_difference(recorded):
    seen = {**recorded, "description": "somebody's"}

    verdict = endpoint.diff(seen, wired(SAID), STACK)

    assert verdict == Verdict(
        notices=("description: differs in the workspace, and no call changes it",)
    )


def test_nested_and_secret_values_in_redeploy_on_are_no_difference_and_not_in_clear():
    said = {
        **SAID,
        "deploy": {"redeploy_on": [["a", 1], "c4nary"]},
        "__secret_leaves": [["deploy", "redeploy_on", 1]],
    }
    outputs = wired(Bench().create(endpoint, said).outputs)

    verdict = endpoint.diff(outputs, wired(said), STACK)

    assert verdict == Verdict()
    assert "c4nary" not in str(outputs["__applied"])
