"""Inputs that check derives: a program that says one itself has most likely misspelt another."""

from __future__ import annotations

import pytest

from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import Stack
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving_schema import UNKNOWN
from support.endpoints import config, limit, registered

CHAT = {"endpoint_name": "chat"}
TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml", "table_name_prefix": "chat"}
GRANT = {"group_name": "data", "permission_level": "CAN_QUERY"}
PROGRAMS = {
    "ServingEndpoint": (endpoint, {"name": "chat", "config": config(registered())}),
    "AiGateway": (AI_GATEWAY, {**CHAT, "inference_table_config": TABLE}),
    "RateLimits": (RATE_LIMITS, {**CHAT, "rate_limits": [limit(1)]}),
    "SecretScope": (scope, {"name": "llm"}),
    "Secret": (secret, {"scope": "llm", "key": "openai", "value": "made-up"}),
    "SecretAcl": (acl, {"scope": "llm", "principal": "data", "permission": "READ"}),
    "EndpointPermissions": (permissions, {**CHAT, "access_control": [GRANT]}),
}


@pytest.mark.parametrize("value", ["main.ml.chat", {"enabled": True}, UNKNOWN])
@pytest.mark.parametrize("name", ["inference_table", "reference"])
@pytest.mark.parametrize("kind", PROGRAMS)
def test_no_kind_takes_an_input_that_is_none(kind, name, value):
    verbs, program = PROGRAMS[kind]

    checked = verbs.check({}, {**program, name: value}, Stack())

    assert [str(problem).split(";")[0] for problem in checked.problems] == [
        f"{name}: no such field"
    ]


def test_a_table_without_config_in_its_name_is_taken_for_the_section():
    said = {**CHAT, "inference_table": TABLE, "fallback_config": {"enabled": 7}}

    checked = AI_GATEWAY.check({}, said, Stack())

    assert [str(problem) for problem in checked.problems] == [
        "inference_table: no such field; did you mean 'inference_table_config'?",
        "fallback_config.enabled: takes true or false",
    ]


def test_an_endpoint_gets_its_address_from_nobody():
    verbs, program = PROGRAMS["ServingEndpoint"]

    checked = verbs.check({}, {**program, "invocation_url": "https://example.com"}, Stack())

    assert [str(problem) for problem in checked.problems] == [
        "invocation_url: no such field; it is an output, leave it out"
    ]


@pytest.mark.parametrize("kind", ["AiGateway", "Secret"])
def test_what_check_derived_may_be_handed_back_by_the_engine(kind):
    verbs, program = PROGRAMS[kind]
    recorded = verbs.check({}, program, Stack()).inputs
    assert set(recorded) - set(program) != set()

    checked = verbs.check(recorded, recorded, Stack())

    assert checked.problems == ()
    assert checked.inputs == recorded
