"""What the service is known to answer: parsed, brought to the canonical form, and nothing is lost.

Every leaf of an answer's settings is in the canonical tree, or its field is one that only answers
have; whatever an answer has that nobody here knows stays where it is.
"""

from __future__ import annotations

import json

import pytest

from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import canonical, revived
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import (
    AzureKeyVault,
    Config,
    Endpoint,
    EndpointPermissions,
    EndpointStamps,
    Secret,
    SecretAcl,
    SecretScope,
    fields_of,
    parse_answer,
    parse_endpoint_answer,
)
from support.endpoints import FIXTURES, SEALING
from support.json_trees import places, put
from support.strategies import settings_in

FILES = {path.stem: json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*.json"))}
SECRETS = FILES["21_secrets"]
STRANGER = {"share": 0.5, "list": [1, {"a": None}], "no": False}


def _grants():
    for index, entry in enumerate(FILES["20_permissions"]["access_control_list"]):
        level = entry["all_permissions"][0]["permission_level"]
        named = {name: value for name, value in entry.items() if name.endswith("_name")}
        yield f"20_permissions {index}", {**named, "permission_level": level}


#: Each answer as the model that it is an answer of.
ANSWERS = {
    **{name: (Endpoint, body) for name, body in FILES.items() if name[:2] <= "18"},
    **{
        f"19_list_endpoints {body['name']}": (Endpoint, body)
        for body in FILES["19_list_endpoints"]["endpoints"]
    },
    "20_permissions": (
        EndpointPermissions,
        {"endpoint_name": "ranker", "access_control": [grant for _, grant in _grants()]},
    ),
    **{
        f"21_secrets scope {scope['name']}": (SecretScope, scope)
        for scope in SECRETS["GET /api/2.0/secrets/scopes/list"]["scopes"]
    },
    **{
        f"21_secrets vault {scope['name']}": (AzureKeyVault, scope["keyvault_metadata"])
        for scope in SECRETS["GET /api/2.0/secrets/scopes/list"]["scopes"]
        if "keyvault_metadata" in scope
    },
    **{
        f"21_secrets secret {secret['key']}": (Secret, secret)
        for secret in SECRETS["GET /api/2.0/secrets/list?scope=llm"]["secrets"]
    },
    **{
        f"21_secrets acl {acl['principal']}": (SecretAcl, acl)
        for acl in SECRETS["GET /api/2.0/secrets/acls/list?scope=llm"]["items"]
    },
}
PENDING = [name for name, (_, body) in ANSWERS.items() if "pending_config" in body]
EVERY_ANSWER = pytest.mark.parametrize("name", ANSWERS)


def told(model, body):
    return canonical(parse_answer(model, body), SEALING)


def text(body):
    return json.dumps(body, sort_keys=True)


def objects(model, body, at=()):
    """Every object of an answer of which the schema knows what it is; None: it does not."""
    if isinstance(body, list):
        for index, element in enumerate(body):
            yield from objects(model, element, (*at, index))
    elif isinstance(body, dict):
        yield at
        for name, value in body.items():
            field = None if model is None else fields_of(model).get(name)
            known = field is not None and field.model is not None
            if known or (field is None and (model is None or name not in model.ANSWER_ONLY)):
                yield from objects(field.model if known else None, value, (*at, name))


def with_strangers(model, body):
    """The answer of a newer service, which has one more field in every object."""
    for at in list(objects(model, body)):
        found = body
        for step in at:
            found = found[step]
        body = put(body, at, {**found, "strange_field": STRANGER})
    return body


def leaves(body):
    """The names of the fields on the way to each leaf, and the leaf."""
    for place in places(body):
        value = body
        for step in place:
            value = value[step]
        if not isinstance(value, (dict, list)):
            yield tuple(step for step in place if isinstance(step, str)), value


@EVERY_ANSWER
def test_every_leaf_of_an_answer_is_in_the_tree_or_in_answers_only(name):
    model, body = ANSWERS[name]
    body = (
        {**body, "tags": {t["key"]: t["value"] for t in body["tags"]}} if "tags" in body else body
    )

    kept = list(leaves(wire(model, told(model, body).tree)))

    lost = [path for path, leaf in leaves(body) if (path, leaf) not in kept]
    assert [path for path in lost if not only_answers_have(model, path)] == []


def only_answers_have(model, path):
    """Whether one of the names on the way is a field that only answers have, or an older name."""
    for name in path:
        if name in model.ANSWER_ONLY or name in model.OLDER_FORMS:
            return True
        field = fields_of(model).get(name)
        if field is None or field.model is None:
            return False
        model = field.model
    return False


@EVERY_ANSWER
def test_an_answer_survives_the_way_to_the_wire_and_back(name):
    model, body = ANSWERS[name]
    tree = told(model, body)

    again = wire(model, tree.tree)

    assert told(model, again) == tree
    assert text(again) == text(settings_in(model, body))


@EVERY_ANSWER
def test_an_answer_survives_the_state(name):
    model, body = ANSWERS[name]
    tree = told(model, body)

    stored = json.loads(json.dumps(plain_json(tree.tree)), parse_int=float)

    assert revived(model, stored) == tree


@EVERY_ANSWER
def test_a_field_that_nobody_knows_survives_in_every_object(name):
    model, body = ANSWERS[name]
    newer = with_strangers(model, body)

    again = wire(model, told(model, newer).tree)

    assert text(again) == text(settings_in(model, newer))
    assert text(again).count("strange_field") == len(list(objects(model, body)))


@pytest.mark.parametrize("name", [name for name in FILES if name[:2] <= "18"])
def test_the_stamps_of_an_answer_are_all_read(name):
    body = FILES[name]

    stamps = parse_endpoint_answer(body).stamps

    assert {f: body[f] for f in EndpointStamps.model_fields if f in body and f in PLAIN} == {
        f: getattr(stamps, f) for f in PLAIN if getattr(stamps, f) is not None
    }
    assert (stamps.state.ready, stamps.state.config_update) == (
        body["state"]["ready"],
        body["state"]["config_update"],
    )


PLAIN = (
    "name",
    "id",
    "creator",
    "creation_timestamp",
    "last_updated_timestamp",
    "permission_level",
    "task",
    "endpoint_url",
)


@pytest.mark.parametrize("name", PENDING)
def test_a_pending_config_loses_nothing_either(name):
    pending = FILES[name]["pending_config"]

    again = wire(Config, told(Config, pending).tree)

    assert text(again) == text(settings_in(Config, pending))


@pytest.mark.parametrize(
    ("name", "entities"),
    [
        ("06_custom_first_deploy_in_progress", ["churn-1"]),
        ("08_custom_update_in_progress", ["churn-1", "churn-2"]),
        ("09_custom_update_failed", ["churn-1"]),
        ("10_custom_first_deploy_failed", []),
        ("11_custom_update_canceled", ["churn-1"]),
        ("13_pt_throughput_creating", ["meta_llama_v3_1_8b_instruct-3"]),
    ],
)
def test_the_settings_are_those_of_an_update_under_way_and_of_no_other(name, entities):
    settings = parse_endpoint_answer(FILES[name]).settings

    config = canonical(settings, SEALING).tree.get("config", {})

    assert list(config.get("served_entities", {})) == entities
