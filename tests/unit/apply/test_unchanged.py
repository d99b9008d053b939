"""What it takes to find that nothing has changed, counted exactly: no test has a time limit.

A number here that grows is work that a thousand resources do a thousand times. `make bench` tells
what it is in seconds.
"""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Stack
from databricks_serving.plan.canonical import Sealing, canonical
from databricks_serving.plan.compare import differing
from databricks_serving.plan.comparison import as_applied, compared
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual
from databricks_serving.state.settings import StackSettings
from databricks_serving_schema import Allowances, Endpoint, parse_endpoint
from support.context import Bench, wired
from support.counted import calls_of
from support.endpoints import config, registered
from support.exported import look, made

STACK = Stack(StackSettings(), "chat", host="https://dbc-emulator.cloud.databricks.com")
SEALING = Sealing(b"k" * 32)


def said(entities):
    """A program with so many entities, routes to each, tags and a gateway."""
    names = [f"model-{number}" for number in range(entities)]
    shares = dict.fromkeys(names, 100 // entities)
    return {
        "name": "chat",
        "config": config(*(registered(name) for name in names), routes=shares),
        "tags": {"team": "gen-ai", "stage": "dev"},
        "ai_gateway": {
            "usage_tracking_config": {"enabled": True},
            "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}],
        },
    }


def unchanged(entities):
    """Check and diff of an endpoint that is as its program says."""
    checked = endpoint.check({}, said(entities), STACK)
    created = Bench().create(endpoint, checked.inputs)
    recorded, inputs = wired(created.outputs), wired(checked.inputs)

    def check_and_diff():
        assert endpoint.check(inputs, inputs, STACK).problems == ()
        assert not endpoint.diff(recorded, inputs, STACK).changed

    return check_and_diff


def states(entities):
    """The same endpoint as it is applied, desired and actual."""
    parsed = parse_endpoint(said(entities), Allowances())
    applied, desired = canonical(parsed, SEALING), canonical(parsed, SEALING)
    return applied, desired, Actual(Endpoint, canonical(parsed, SEALING).tree)


def test_check_and_diff_parse_judge_and_compare_once_together():
    # In check: the endpoint; of settings it says none.
    expected = {"read_program": 1, "judge": 1, "advise": 1, "parse_answer": 1}
    # Desired and actual; what was applied is canonical as it is recorded. Nothing is secret here.
    expected |= {"canonical": 2, "revived": 1, "make_plan": 1, "_walk": 0, "_sealed": 0}

    counted = calls_of(unchanged(10))

    assert {name: counted[name] for name in expected} == expected


def test_a_diff_of_other_inputs_than_were_checked_parses_and_judges_its_own():
    checked = endpoint.check({}, said(1), STACK)
    recorded = wired(Bench().create(endpoint, checked.inputs).outputs)
    edited = wired({**checked.inputs, "tags": {"team": "search"}})

    counted = calls_of(
        lambda: (
            endpoint.check({}, said(1), STACK),
            endpoint.diff(recorded, edited, STACK),
        )
    )
    endpoint.check({}, said(1), STACK)
    differs = endpoint.diff(recorded, edited, STACK)

    assert (counted["read_program"], counted["judge"]) == (2, 2)
    assert differs.changed


def test_a_leaf_that_is_marked_as_secret_takes_one_fingerprint_and_the_rest_of_the_tree_none():
    marked = Sealing(b"k" * 32, frozenset({("tags", "team")}))
    parsed = parse_endpoint(said(10), Allowances())

    counted = calls_of(lambda: canonical(parsed, marked))

    assert counted["_sealed"] == 1


@pytest.mark.parametrize(("entities", "calls"), [(1, 83), (2, 91), (10, 155)])
def test_a_plan_without_a_difference_takes_so_many_calls(entities, calls):
    applied, desired, actual = states(entities)

    counted = calls_of(lambda: make_plan(applied=applied, desired=desired, actual=actual))

    assert sum(counted.values()) == calls


@pytest.mark.parametrize(("entities", "calls"), [(1, 120), (2, 132), (10, 228)])
def test_drift_without_a_difference_takes_so_many_calls(entities, calls):
    applied, _, actual = states(entities)
    desired = as_applied(applied)

    counted = calls_of(lambda: compared(applied=applied, desired=desired, actual=actual))

    assert sum(counted.values()) == calls


def test_what_the_workspace_shows_beside_what_was_said_takes_no_walk_through_the_rest():
    bench = Bench()
    one = {**said(1), "config": config(registered("model-0"))}
    [seen] = look(bench, made(bench, "ServingEndpoint", endpoint, one))
    applied = canonical(parse_endpoint(one, Allowances()), SEALING)

    counted = calls_of(
        lambda: compared(applied=applied, desired=as_applied(applied), actual=seen.actual)
    )

    assert differing(applied.tree["config"], seen.actual.tree["config"]) > set()
    assert (counted["differing"] > 0, counted["_walk"]) == (True, 0)


def test_each_entity_more_costs_check_and_diff_the_same():
    few, more, most = (sum(calls_of(unchanged(entities)).values()) for entities in (4, 5, 10))

    assert more - few == 175
    assert most - more == 5 * 175
