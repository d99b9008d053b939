"""Each rule with programs that keep it and programs that break it, and all of them at once."""

from __future__ import annotations

import pytest

from databricks_serving_schema import RULES
from support.endpoints import LENIENT, STRICT, config, limit, openai, problems, program
from support.judged import found
from support.refused import BROKEN, KEPT

ENTITY = "config.served_entities[0]"
MODEL = f"{ENTITY}.external_model"


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT.keys())
def test_a_program_that_keeps_every_rule_has_no_problem(kept):
    assert found(kept.kind, kept.said, kept.allowances) == []


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_breach_is_told_with_its_place_its_rule_and_what_to_do(broken):
    assert found(broken.kind, broken.said, broken.allowances) == list(broken.problems)


def test_every_rule_is_broken_by_some_program():
    broken = {rule for breach in BROKEN.values() for _, rule, _ in breach.problems}

    assert {rule.id for rule in RULES} - broken == set(), "add programs to tests/support/refused"


def test_a_vendor_of_a_newer_api_passes_where_unknown_fields_are_allowed_only():
    model = {"provider": "initech", "openai_config": None, "initech_config": {"a": 1}}
    said = program(config=config(openai(model=model)))

    assert problems(said, LENIENT) == []
    assert [path for path, _, _ in problems(said, STRICT)] == [
        f"{MODEL}.initech_config",
        f"{MODEL}.provider",
    ]


def test_every_breach_is_told_at_once():
    said = program(
        name="my endpoint",
        config=config(openai("a b", model={"provider": "cohere"}), routes={"x": 90}),
        ai_gateway={"rate_limits": [limit("many")], "fallback_config": {}},
        tags={"": "x"},
        descriptoin="hello",
        adopt=7,
        deploy={"wait": "redy"},
    )

    assert [(path, rule) for path, rule, _ in found("ServingEndpoint", said)] == [
        ("ai_gateway.rate_limits[0].calls", "type"),
        ("descriptoin", "unknown-field"),
        ("ai_gateway.fallback_config.enabled", "required"),
        ("name", "spelling"),
        (f"{ENTITY}.name", "spelling"),
        (f"{MODEL}.cohere_config", "selected-object"),
        (f"{MODEL}.openai_config", "selected-object"),
        ('tags[""]', "map-key"),
        ("config.traffic_config.routes", "traffic-sum"),
        ("config.traffic_config.routes[0].served_entity_name", "traffic-names"),
        ("adopt", "type"),
        ("deploy.wait", "known-value"),
    ]
