"""The property bags of secrets and scopes: what the program says, and what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.state.secret import reference, scope_inputs, secret_inputs
from databricks_serving_schema import SECRET_REFERENCE, UNKNOWN, InvalidResource
from support.endpoints import LENIENT, STRICT, told
from support.json_trees import anything

CANARY = "c4nary-s3cret-value"
ADDRESS = {"scope": "llm", "key": "openai"}


def problems(read, bag, allowances=STRICT):
    try:
        read(bag, allowances)
    except InvalidResource as invalid:
        return [told(problem) for problem in invalid.problems]
    return []


@pytest.mark.parametrize(
    "form", [{"value": "v"}, {"value_base64": "AAE="}, {"value_from_env": "OPENAI_KEY"}]
)
def test_a_secret_has_its_value_in_one_of_three_forms(form):
    assert problems(secret_inputs, {**ADDRESS, **form, "version": "1"}) == []


def test_a_secret_does_not_print_its_value():
    secret = secret_inputs({**ADDRESS, "value": CANARY}, STRICT)

    assert secret.value.get_secret_value() == CANARY
    assert CANARY not in repr(secret) + repr(secret.value)


WRONG_SECRETS = {
    "no value": (
        {},
        (
            "value",
            "one-of",
            "say exactly one of value, value_base64 and value_from_env; here is none",
        ),
    ),
    "two values": (
        {"value": CANARY, "value_from_env": "OPENAI_KEY"},
        (
            "value",
            "one-of",
            (
                "say exactly one of value, value_base64 and value_from_env; here are value and "
                "value_from_env"
            ),
        ),
    ),
    "no base64": ({"value_base64": CANARY}, ("value_base64", "base64", "is no base64 text")),
    "a number": ({"value": 7}, ("value", "type", "takes text, in quotes")),
    "an object": ({"value": {"a": CANARY}}, ("value", "type", "takes text, in quotes")),
    "no scope": ({"scope": None, "value": "v"}, ("scope", "required", "required")),
    "no key": ({"key": None, "value": "v"}, ("key", "required", "required")),
    "a key that is no name": (
        {"key": f"{CANARY}:x", "value": "v"},
        ("key", "spelling", "1 to 128 letters, digits, -, _, @, . and / are allowed"),
    ),
    "a key that is too long": (
        {"key": CANARY * 9, "value": "v"},
        ("key", "spelling", "1 to 128 letters, digits, -, _, @, . and / are allowed"),
    ),
    "misspelt": (
        {"value": "v", "verison": "2"},
        ("verison", "unknown-field", "no such field; did you mean 'version'?"),
    ),
    "unknown": (
        {"value": "v", "frobnicate": CANARY},
        (
            "frobnicate",
            "unknown-field",
            (
                "no such field; this resource has scope, key, value, value_base64, value_from_env, "
                "version, adopt, workspace"
            ),
        ),
    ),
    "adopt": ({"value": "v", "adopt": "maybe"}, ("adopt", "type", "takes true or false")),
    "workspace": (
        {"value": "v", "workspace": {"token": CANARY, "host": "h"}},
        ("workspace.token", "unknown-field", "no such field; workspace has profile, host"),
    ),
}


@pytest.mark.parametrize(("said", "expected"), WRONG_SECRETS.values(), ids=WRONG_SECRETS)
@pytest.mark.parametrize("allowances", [STRICT, LENIENT], ids=["strict", "lenient"])
def test_what_is_wrong_with_a_secret_is_told_and_its_value_is_not(said, expected, allowances):
    found = problems(secret_inputs, {**ADDRESS, **said}, allowances)

    assert found == [expected]
    assert CANARY not in str(found)


def test_a_misspelt_form_of_the_value_counts_as_the_value():
    found = problems(secret_inputs, {**ADDRESS, "vlaue": CANARY})

    assert found == [("vlaue", "unknown-field", "no such field; did you mean 'value'?")]


def test_everything_wrong_with_a_secret_is_told_at_once():
    bag = {"key": "a:b", "verison": "1", "workspace": 7, "adopt": 7}

    assert [path for path, _, _ in problems(secret_inputs, bag)] == [
        "verison",
        "scope",
        "key",
        "value",
        "adopt",
        "workspace",
    ]


@pytest.mark.parametrize("name", ["scope", "key", "value", "version", "adopt", "workspace"])
def test_what_is_not_yet_known_is_no_problem_of_a_secret(name):
    assert problems(secret_inputs, {**ADDRESS, "value": "v", name: UNKNOWN}) == []


def test_what_pulumi_and_check_add_to_inputs_is_no_problem():
    added = {"__provider": "gASV", "__secret_leaves": [["value"]], "reference": "{{secrets/a/b}}"}

    assert problems(secret_inputs, {**ADDRESS, "value": "v", **added}) == []
    assert problems(scope_inputs, {"name": "llm", "__provider": "gASV"}) == []


def test_a_scope_is_what_its_program_says():
    bag = {
        "name": "llm",
        "initial_manage_principal": "users",
        "scope_backend_type": "DATABRICKS",
        "force_destroy": True,
        "adopt": "false",
        "workspace": {"profile": "dev"},
    }

    scope = scope_inputs(bag, STRICT)

    assert (scope.name, scope.initial_manage_principal, scope.scope_backend_type) == (
        "llm",
        "users",
        "DATABRICKS",
    )


WRONG_SCOPES = {
    "no name": ({"name": None}, ("name", "required", "required")),
    "a name that is none": (
        {"name": "a b"},
        ("name", "spelling", "1 to 128 letters, digits, -, _, @ and . are allowed"),
    ),
    "another backend": (
        {"scope_backend_type": "DATABRICK"},
        ("scope_backend_type", "known-value", "not known here; did you mean 'DATABRICKS'?"),
    ),
    "no vault": (
        {"scope_backend_type": "AZURE_KEYVAULT"},
        (
            "backend_azure_keyvault",
            "key-vault",
            "required for scope_backend_type 'AZURE_KEYVAULT'",
        ),
    ),
    "misspelt": (
        {"scope_backend_typ": "DATABRICKS"},
        (
            "scope_backend_typ",
            "unknown-field",
            "no such field; did you mean 'scope_backend_type'?",
        ),
    ),
    "force_destroy": (
        {"force_destroy": "perhaps"},
        ("force_destroy", "type", "takes true or false"),
    ),
}


@pytest.mark.parametrize(("said", "expected"), WRONG_SCOPES.values(), ids=WRONG_SCOPES)
@pytest.mark.parametrize("allowances", [STRICT, LENIENT], ids=["strict", "lenient"])
def test_what_is_wrong_with_a_scope_is_told(said, expected, allowances):
    assert problems(scope_inputs, {"name": "llm", **said}, allowances) == [expected]


NEWER_SCOPES = {
    "another principal": (
        {"initial_manage_principal": "admins"},
        ("initial_manage_principal", "known-value", "not known here; known are users"),
    ),
    "another field": (
        {"newer": {"a": [1]}},
        (
            "newer",
            "unknown-field",
            (
                "no such field; this resource has name, initial_manage_principal, "
                "scope_backend_type, backend_azure_keyvault, force_destroy, adopt, workspace"
            ),
        ),
    ),
}


@pytest.mark.parametrize(("said", "expected"), NEWER_SCOPES.values(), ids=NEWER_SCOPES)
def test_what_is_newer_in_a_scope_passes_only_where_the_stack_allows_it(said, expected):
    assert problems(scope_inputs, {"name": "llm", **said}, STRICT) == [expected]
    assert problems(scope_inputs, {"name": "llm", **said}, LENIENT) == []


def test_a_plaintext_that_nobody_knows_is_refused_in_a_scope_too():
    found = problems(scope_inputs, {"name": "llm", "vault": {"key_plaintext": CANARY}}, LENIENT)

    assert [(path, rule) for path, rule, _ in found] == [("vault.key_plaintext", "newer-plaintext")]
    assert CANARY not in str(found)


@pytest.mark.parametrize(
    "name",
    ["name", "initial_manage_principal", "scope_backend_type", "force_destroy", "adopt"],
)
def test_what_is_not_yet_known_is_no_problem_of_a_scope(name):
    assert problems(scope_inputs, {"name": "llm", name: UNKNOWN}) == []


def test_a_scope_of_a_vault_in_azure_says_which_one():
    vault = {"resource_id": "/subscriptions/1/vaults/llm", "dns_name": "https://llm.example.net"}
    bag = {"name": "llm", "scope_backend_type": "AZURE_KEYVAULT", "backend_azure_keyvault": vault}

    scope = scope_inputs(bag, STRICT)

    assert scope.backend_azure_keyvault.resource_id == "/subscriptions/1/vaults/llm"
    assert scope.backend_azure_keyvault.dns_name == "https://llm.example.net"


def test_a_reference_is_what_a_configuration_takes():
    assert reference("llm", "openai") == "{{secrets/llm/openai}}"
    assert SECRET_REFERENCE.fullmatch(reference("llm", "openai")).groups() == ("llm", "openai")


def test_a_key_with_slashes_has_a_reference_too():
    assert problems(secret_inputs, {"scope": "llm", "key": "team/openai", "value": "v"}) == []
    assert SECRET_REFERENCE.fullmatch(reference("llm", "team/openai")).groups() == (
        "llm",
        "team/openai",
    )


@pytest.mark.parametrize(("scope", "key"), [(UNKNOWN, "a"), ("a", UNKNOWN), (UNKNOWN, UNKNOWN)])
def test_a_reference_to_what_is_not_yet_known_is_not_yet_known(scope, key):
    assert reference(scope, key) is UNKNOWN


NAMES = st.sampled_from(
    ["name", "scope", "key", "value", "value_base64", "value_from_env", "workspace", "adopt"]
)


@given(st.dictionaries(NAMES, anything, max_size=5))
@pytest.mark.parametrize("read", [scope_inputs, secret_inputs])
def test_nothing_but_invalid_resource_comes_out_of_any_bag(read, bag):
    assert isinstance(problems(read, bag), list)
