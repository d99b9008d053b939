"""What a PUT config carries along: all that nobody declared, and nothing that breaks a rule."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from databricks_serving.apply.observed import actual_of
from databricks_serving.plan.canonical import canonical
from databricks_serving.plan.operations import PutConfig, PutProvisionedThroughput
from databricks_serving.plan.plan import make_plan
from databricks_serving_schema import Kind, parse_endpoint, parse_endpoint_answer
from support.endpoints import LENIENT, REFERENCE, SEALING, config, openai, problems, units
from support.strategies import answers, endpoint_programs
from support.valid_programs import AZURE, VALID
from unit.plan.plans import churn, plan

ARN = {"instance_profile_arn": "arn:aws:iam::1:instance-profile/x"}
BEDROCK = {"aws_region": "us-east-1", "bedrock_provider": "anthropic"}
KEYS = {"aws_access_key_id": REFERENCE, "aws_secret_access_key": REFERENCE}
BOUNDS = {"min_provisioned_concurrency": 4, "max_provisioned_concurrency": 8}
ENTRA = {
    "microsoft_entra_client_id": "id",
    "microsoft_entra_tenant_id": "tenant",
    "microsoft_entra_client_secret": REFERENCE,
}
KEY = {"openai_api_key": REFERENCE}
LLAMA = {"name": "llama", "entity_name": "system.ai.llama", "entity_version": "1"}
CAPTURED = {"catalog_name": "main", "schema_name": "ml", "enabled": True}


def bedrock(**fields):
    return {"amazon-bedrock": {"amazon_bedrock_config": {**BEDROCK, **fields}}}


def put(desired, actual):
    """The body that brings a config from what somebody made of it to what the program says."""
    made = plan({"config": desired}, {"config": desired}, {"config": actual})
    (operation,) = made.operations
    assert problems({"name": "chat", "config": operation.body}, LENIENT) == []
    return operation


def external(provider, said):
    model = {"provider": provider, **said}
    entity = openai(model=model)
    if "openai_config" not in model:
        del entity["external_model"]["openai_config"]
    return config(entity)


def vendor(provider, desired, actual):
    """What is sent of a vendor's own settings."""
    name = {"openai": "openai_config", "amazon-bedrock": "amazon_bedrock_config"}[provider]
    operation = put(external(provider, {name: desired}), external(provider, {name: actual}))
    return operation.body["served_entities"][0]["external_model"][name]


VENDORS = {
    "keys, and a profile from outside": (
        "amazon-bedrock",
        {**BEDROCK, **KEYS},
        {**BEDROCK, **ARN},
        {**BEDROCK, **KEYS},
    ),
    "a profile, and keys from outside": (
        "amazon-bedrock",
        {**BEDROCK, **ARN},
        {**BEDROCK, **KEYS},
        {**BEDROCK, **ARN},
    ),
    "azure, and azuread from outside": (
        "openai",
        {**AZURE, **KEY, "openai_api_type": "azure"},
        {**AZURE, **ENTRA, "openai_api_type": "azuread"},
        {**AZURE, **KEY, **ENTRA, "openai_api_type": "azure"},
    ),
    "azuread, and azure from outside": (
        "openai",
        {**AZURE, **ENTRA, "openai_api_type": "azuread"},
        {**AZURE, **KEY, "openai_api_type": "azure"},
        {**AZURE, **ENTRA, "openai_api_type": "azuread"},
    ),
    "a type unsaid, and azure from outside": (
        "openai",
        KEY,
        {**AZURE, "openai_api_key": "{{secrets/other/key}}", "openai_api_type": "azure"},
        {**AZURE, **KEY, "openai_api_type": "azure"},
    ),
    "a deployment's name without its type": (
        "openai",
        KEY,
        {"openai_api_key": "{{secrets/other/key}}", "openai_deployment_name": "gpt"},
        KEY,
    ),
}


@pytest.mark.parametrize(
    ("provider", "desired", "actual", "sent"), VENDORS.values(), ids=VENDORS.keys()
)
def test_another_way_in_from_outside_does_not_go_along_with_the_programs(
    provider, desired, actual, sent
):
    assert vendor(provider, desired, actual) == sent


def test_bounds_from_outside_do_not_go_along_with_a_size_and_the_rest_does():
    others = churn(
        workload_size=None, **BOUNDS, **ARN, environment_vars={"UI": "1"}, newer={"a": 1}
    )
    del others["served_entities"][0]["workload_size"]

    operation = put(churn(), others)

    (entity,) = operation.body["served_entities"]
    assert entity == {
        **churn()["served_entities"][0],
        **ARN,
        "environment_vars": {"UI": "1"},
        "newer": {"a": 1},
    }


FORMER = {
    "throughput": {**LLAMA, "min_provisioned_throughput": 0, "max_provisioned_throughput": 9500},
    "a registered model": {
        **LLAMA,
        **ARN,
        "workload_size": "Large",
        "scale_to_zero_enabled": False,
        "environment_vars": {"A": "1"},
    },
    "units": units(),
}
LATER = {
    "throughput": {**LLAMA, "max_provisioned_throughput": 9500},
    "a registered model": {**LLAMA, "workload_size": "Small", "scale_to_zero_enabled": False},
    "units": units(),
}


@pytest.mark.parametrize(
    ("former", "later"), [pair for pair in product(FORMER, LATER) if pair[0] != pair[1]]
)
def test_what_sized_an_entity_of_another_kind_is_left_behind(former, later):
    before = config(FORMER[former])
    if former == "a registered model":
        before["auto_capture_config"] = CAPTURED

    operation = put(config(LATER[later]), before)

    (entity,) = operation.body["served_entities"]
    assert {**entity, **LATER[later]} == entity
    assert set(entity) - set(LATER[later]) <= {*ARN}
    assert ("auto_capture_config" in operation.body) is (
        former == "a registered model" and later != "units"
    )


@pytest.mark.parametrize(
    "kind", ["not the number that it was", {"a": 1}, [1]], ids=["text", "object", "list"]
)
def test_a_value_of_a_type_that_nobody_has_heard_of_is_no_reason_to_fail(kind):
    sized = {**LLAMA, "max_provisioned_throughput": 9500}

    made = plan(
        {"config": config(sized)},
        {"config": config(sized)},
        {"config": config({**LLAMA, "min_provisioned_throughput": kind})},
    )

    (operation,) = made.operations
    assert operation.body["served_entities"][0]["max_provisioned_throughput"] == 9500


# --- whatever is said, and whatever is there -----------------------------------------------------


def in_place_of(actual, desired):
    """The former program, its entities under the latter's names, so that the two meet."""
    names = [entity.get("name") for entity in entities(desired)]
    config = actual.get("config")
    if config is None or not names:
        return actual
    renamed = {}
    for entity, name in zip(entities(actual), names, strict=False):
        renamed[entity.get("name")] = name or entity.get("name")
    served = [{**e, "name": renamed.get(e.get("name"), e.get("name"))} for e in entities(actual)]
    kept = {name: value for name, value in config.items() if name != "traffic_config"}
    if len(served) > 1:
        shares = [100, *[0] * (len(served) - 1)]
        kept["traffic_config"] = {
            "routes": [
                {"served_entity_name": entity["name"], "traffic_percentage": share}
                for entity, share in zip(served, shares, strict=True)
            ]
        }
    return {**actual, "config": {**kept, "served_entities": served}}


def entities(said):
    return (said.get("config") or {}).get("served_entities") or []


def sent(desired, actual, applied=None):
    """The configurations that are sent to bring the endpoint from `actual` to `desired`."""
    made = make_plan(
        applied=None if applied is None else canonical(parse_endpoint(applied, LENIENT), SEALING),
        desired=canonical(parse_endpoint(desired, LENIENT), SEALING),
        actual=actual_of(parse_endpoint_answer(actual), SEALING),
    )
    return [
        operation.body
        for operation in made.operations
        if isinstance(operation, (PutConfig, PutProvisionedThroughput))
    ]


HOSTED = tuple(kind for kind in Kind if kind is not Kind.EXTERNAL)


@pytest.mark.parametrize("kinds", [(Kind.EXTERNAL,), HOSTED], ids=["external", "hosted"])
@given(data=st.data())
@settings(max_examples=150)
def test_no_body_breaks_a_rule_whatever_is_said_and_whatever_is_there(kinds, data):
    desired = data.draw(endpoint_programs(*kinds))
    other = in_place_of(data.draw(endpoint_programs(*kinds)), desired)
    assume(problems(desired, LENIENT) == problems(other, LENIENT) == [])
    answer = data.draw(answers(other))

    for body in sent(desired, answer):
        assert problems({**desired, "config": body}, LENIENT) == []


WITH_CONFIG = {name: said for name, said in VALID.items() if "config" in said}


@pytest.mark.parametrize("desired", WITH_CONFIG.values(), ids=WITH_CONFIG.keys())
def test_no_body_breaks_a_rule_from_any_valid_program_to_another(desired):
    for before in WITH_CONFIG.values():
        other = {"name": "chat", "config": in_place_of(before, desired)["config"]}
        there = {**other, "id": "1", "state": {}}

        for body in sent(desired, there):
            assert problems({**desired, "config": body}, LENIENT) == []
