"""The OpenAPI description is true of what the contract shows; its routes: test_routes.py."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from databricks_serving_emulator.description.document import document
from unit.emulator.bodies import FIXTURES, Client, fixture

without_a_call = pytest.mark.one_door("the document is made before any call")
DOCUMENT = document()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
BODIES = {
    key: content
    for key, operation in OPERATIONS.items()
    for content in operation.get("requestBody", {}).get("content", {}).values()
}
DETAILED = sorted(path.stem for path in FIXTURES.glob("*.json") if "00" < path.stem[:2] < "19")


def errors(schema, content):
    whole = {**schema, "components": DOCUMENT["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(content)]


def answer_errors(name, content):
    return errors({"$ref": f"#/components/schemas/{name}"}, content)


def test_the_document_is_served_among_the_controls():
    client = Client()

    told = client.does("GET", "/_emulator/openapi.json")

    assert told["openapi"] == "3.1.0"
    assert "put" in told["paths"]["/api/2.0/serving-endpoints/{name}/config"]
    assert told == DOCUMENT


@without_a_call
@pytest.mark.parametrize("key", OPERATIONS)
def test_every_call_says_what_it_is_for(key):
    assert OPERATIONS[key]["description"]


@without_a_call
@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_answer_is_described_in_json_schema(name):
    Draft202012Validator.check_schema(DOCUMENT["components"]["schemas"][name])


@without_a_call
@pytest.mark.parametrize("key", BODIES)
def test_every_body_is_described_in_json_schema_and_has_true_examples(key):
    schema, examples = BODIES[key]["schema"], BODIES[key].get("examples", {})

    Draft202012Validator.check_schema(schema)

    assert [errors(schema, one["value"]) for one in examples.values()] == [[] for _ in examples]


@without_a_call
@pytest.mark.parametrize("name", DETAILED)
def test_endpoints_of_the_contract_are_as_described(name):
    assert answer_errors("ServingEndpoint", fixture(name)) == []


@without_a_call
def test_lists_and_permissions_of_the_contract_are_as_described():
    assert answer_errors("ServingEndpoints", fixture("19_list_endpoints")) == []
    assert answer_errors("Permissions", fixture("20_permissions")) == []


@without_a_call
def test_no_answer_is_described_with_a_secret():
    assert "plaintext" not in json.dumps(DOCUMENT["components"]["schemas"])


@without_a_call
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("ServingEndpoint", {"name": "chat"}),
        ("Error", {"error_code": "BAD_REQUEST"}),
        ("AiGateway", {"guardrails": {"input": {"safety": "true"}}}),
        ("Permissions", {"object_id": "1", "object_type": "job", "access_control_list": []}),
        ("Empty", {"unheard_of": 1}),
    ],
)
def test_an_answer_of_another_shape_contradicts_the_description(name, answer):
    assert answer_errors(name, answer) != []
