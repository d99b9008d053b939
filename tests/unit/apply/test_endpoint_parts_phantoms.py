"""No valid program has a difference that is none, however the service answers."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Verdict
from support.context import wired
from support.ups import created, inputs_of, prepared, preview
from support.valid_programs import VALID

#: What GET never shows: whether the service has it, a new state cannot know.
UNSEEN = ("_plaintext", "burst_scaling_enabled", "table_names")

HABITS = {
    "as usual": {},
    "all defaults": {"defaults": "all"},
    "no defaults": {"defaults": "none"},
    "in another order each time": {"shuffle": True},
    "tags in a bare list": {"tags_as_list": True},
    "telemetry's tables": {"telemetry_tables_shown": True},
    "fields that nobody has heard of": {"unknown_fields": True},
    "a reference in place of plaintext": {"plaintext_becomes_reference": True},
    "writes that show late": {"stale_seconds": 20.0},
    "writes that show at the third look": {"stale_reads": 2},
    "gateways that show late": {"gateway_seconds": 30.0},
    "all of it": {
        "defaults": "all",
        "shuffle": True,
        "tags_as_list": True,
        "telemetry_tables_shown": True,
        "unknown_fields": True,
        "plaintext_becomes_reference": True,
        "stale_seconds": 20.0,
        "gateway_seconds": 30.0,
    },
}
#: Of those, the ones that could make a change write more than was changed.
SOME = (
    "as usual",
    "all defaults",
    "no defaults",
    "a reference in place of plaintext",
    "writes that show late",
)

programs = pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
habits = pytest.mark.parametrize("habits", HABITS.values(), ids=HABITS.keys())
some_habits = pytest.mark.parametrize("habits", [HABITS[name] for name in SOME], ids=SOME)


@habits
@programs
def test_after_a_create_there_is_nothing_left_to_do(said, habits):
    bench = prepared(**habits)
    inputs, outputs = created(bench, said)

    after = bench.update(endpoint, "chat", outputs, inputs)

    assert preview(bench, outputs, inputs) == Verdict()
    assert bench.sent == []
    assert preview(bench, after, inputs) == Verdict()


@habits
@programs
def test_a_refresh_shows_what_was_said_and_no_difference(said, habits):
    bench = prepared(**habits)
    inputs, outputs = created(bench, said)

    reading = bench.read(endpoint, "chat", outputs, inputs)

    assert reading.inputs == inputs
    assert wired(reading.outputs) == wired(outputs)
    assert preview(bench, reading.outputs, inputs) == Verdict()


def served(bench):
    """What the endpoint serves, without what every deployment changes."""
    config = bench.served().get("config", {})
    return [
        {
            name: entity[name]
            for name in sorted(entity)
            if name not in ("creation_timestamp", "creator", "state")
        }
        for entity in sorted(config.get("served_entities", []), key=lambda one: one["name"])
    ], config.get("auto_capture_config")


@some_habits
@programs
def test_a_configuration_that_is_sent_again_is_the_same_one(said, habits):
    bench = prepared(**habits)
    inputs, outputs = created(bench, said)
    before = served(bench)
    again = {**inputs, "deploy": {"redeploy_on": ["another day"]}}

    outputs = bench.update(endpoint, "chat", outputs, again)

    route = "pt/chat/config" if "provisioned_model_units" in json.dumps(said) else "chat/config"
    assert bench.sent == ([f"PUT serving-endpoints/{route}"] if "config" in said else [])
    assert served(bench) == before
    assert preview(bench, outputs, again) == Verdict()


@some_habits
@programs
def test_a_change_beside_the_configuration_leaves_no_other_difference(said, habits):
    bench = prepared(**habits)
    inputs, outputs = created(bench, said)
    gateway = inputs.get("ai_gateway", {})
    more = {"calls": 7, "key": "user", "principal": "ada@example.com", "renewal_period": "minute"}
    changed = {
        **inputs,
        "tags": {**inputs.get("tags", {}), "tier": "1"},
        "ai_gateway": {**gateway, "rate_limits": [*gateway.get("rate_limits", []), more]},
    }

    outputs = bench.update(endpoint, "chat", outputs, changed)
    reading = bench.read(endpoint, "chat", outputs, changed)

    assert bench.sent == [
        "PATCH serving-endpoints/chat/tags",
        "PUT serving-endpoints/chat/ai-gateway",
    ]
    assert preview(bench, outputs, changed) == Verdict()
    assert reading.inputs == wired(changed)
    assert preview(bench, reading.outputs, changed) == Verdict()


@some_habits
@programs
def test_a_state_that_is_lost_costs_only_what_nobody_can_see(said, habits):
    bench = prepared(**habits)
    inputs, _ = created(bench, said)

    taken_back = bench.create(endpoint, inputs).outputs

    assert len(bench.sent) == any(word in json.dumps(said) for word in UNSEEN)
    assert preview(bench, taken_back, inputs) == Verdict()


#: Ways into the same provider: which of them a program says may change.
WAYS = [
    (before, after)
    for provider in (("openai", "azure"), "bedrock", "a custom provider", "anthropic", "vertex")
    for before, after in permutations([name for name in VALID if name.startswith(provider)], 2)
]


@pytest.mark.parametrize("reference", [False, True], ids=["nothing", "a reference"])
@pytest.mark.parametrize(("before", "after"), WAYS)
def test_another_way_in_takes_the_place_of_the_former(before, after, reference):
    """Of a plaintext credential, the service answers nothing, or a reference of its own making."""
    bench = prepared(plaintext_becomes_reference=reference)
    _, outputs = created(bench, VALID[before])
    inputs = inputs_of(bench, VALID[after])

    outputs = bench.update(endpoint, "chat", outputs, inputs)

    assert bench.sent == ["PUT serving-endpoints/chat/config"]
    assert preview(bench, outputs, inputs) == Verdict()
