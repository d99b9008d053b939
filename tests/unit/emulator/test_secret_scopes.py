"""Secret scopes, secrets and access lists."""

from __future__ import annotations

import base64

import pytest

from unit.emulator.bodies import SECRETS, Client, endpoint, external

MIB = 1024 * 1024


def stamp(client, key="k"):
    listed = client.does("GET", f"{SECRETS}/list?scope=llm")["secrets"]
    return {secret["key"]: secret["last_updated_timestamp"] for secret in listed}[key]


def test_an_empty_workspace_has_no_scopes():
    assert Client().does("GET", f"{SECRETS}/scopes/list") == {}


def test_the_creator_of_a_scope_manages_it():
    client = Client()
    client.does("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    assert client.does("GET", f"{SECRETS}/acls/list?scope=llm") == {
        "items": [{"principal": "serving.admin@example.com", "permission": "MANAGE"}]
    }


def test_a_scope_can_be_managed_by_all_users():
    client = Client()
    body = {"scope": "llm", "initial_manage_principal": "users"}
    client.does("POST", f"{SECRETS}/scopes/create", body)

    assert client.does("GET", f"{SECRETS}/acls/list?scope=llm") == {
        "items": [{"principal": "users", "permission": "MANAGE"}]
    }


def test_scope_names_are_compared_without_regard_to_case():
    client = Client()
    client.put_secret("LLM", "k")

    refused = client.refuses("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    assert refused == (400, "RESOURCE_ALREADY_EXISTS", "Scope llm already exists!")
    assert client.does("GET", f"{SECRETS}/get?scope=llm&key=k")["key"] == "k"
    assert [scope["name"] for scope in client.scopes()] == ["LLM"]


@pytest.mark.parametrize("value", ["made-up", "another"])
def test_a_put_always_moves_the_timestamp_forward(value):
    client = Client()
    client.put_secret("llm", "k")
    before = stamp(client)

    client.put_secret("llm", "k", value)

    assert stamp(client) == before + 1


def test_a_value_can_be_given_as_bytes():
    client = Client()
    client.put_secret("llm", "k")
    value = base64.b64encode(b"\x00\xff").decode()

    client.does("POST", f"{SECRETS}/put", {"scope": "llm", "key": "k", "bytes_value": value})

    assert client.does("GET", f"{SECRETS}/get?scope=llm&key=k")["value"] == value


def test_a_key_may_have_slashes():
    client = Client()
    key = "team/a@b.c/open-ai_1"
    client.put_secret("llm", key, "sk-made-up")

    created = client.create(endpoint(external(openai_api_key=f"{{{{secrets/llm/{key}}}}}")))
    (listed,) = client.does("GET", f"{SECRETS}/list?scope=llm")["secrets"]
    client.does("POST", f"{SECRETS}/delete", {"scope": "llm", "key": key})

    assert created["state"]["ready"] == "READY"
    assert listed["key"] == "team/a@b.c/open-ai_1"
    assert client.does("GET", f"{SECRETS}/list?scope=llm") == {}


@pytest.mark.parametrize("key", ["my key", "a" * 129, "schlüssel", "a:b"])
def test_a_key_of_other_characters_is_told_which_there_are(key):
    client = Client()
    client.put_secret("llm", "openai")

    refused = client.refuses(
        "POST", f"{SECRETS}/put", {"scope": "llm", "key": key, "string_value": "v"}
    )

    assert refused == (
        400,
        "INVALID_PARAMETER_VALUE",
        (
            "key must have 1 to 128 characters: letters, digits, dashes, underscores, periods, "
            "@ and slashes."
        ),
    )


def test_deleting_a_scope_deletes_what_is_in_it():
    client = Client()
    client.put_secret("llm", "k")

    client.does("POST", f"{SECRETS}/scopes/delete", {"scope": "llm"})
    client.does("POST", f"{SECRETS}/scopes/create", {"scope": "llm"})

    assert client.does("GET", f"{SECRETS}/list?scope=llm") == {}


def test_deleting_a_secret_leaves_the_others():
    client = Client()
    client.put_secret("llm", "k")
    client.put_secret("llm", "other")

    client.does("POST", f"{SECRETS}/delete", {"scope": "llm", "key": "k"})

    listed = client.does("GET", f"{SECRETS}/list?scope=llm")["secrets"]
    assert [secret["key"] for secret in listed] == ["other"]


def test_an_access_list_is_written_one_principal_at_a_time():
    client = Client()
    client.put_secret("llm", "k")
    for permission in ("READ", "WRITE"):
        grant = {"scope": "llm", "principal": "data", "permission": permission}
        client.does("POST", f"{SECRETS}/acls/put", grant)
    written = client.does("GET", f"{SECRETS}/acls/get?scope=llm&principal=data")

    client.does("POST", f"{SECRETS}/acls/delete", {"scope": "llm", "principal": "data"})

    assert written == {"principal": "data", "permission": "WRITE"}
    gone = client.refuses("GET", f"{SECRETS}/acls/get?scope=llm&principal=data")
    assert gone[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


AZURE = {
    "scope": "kv",
    "scope_backend_type": "AZURE_KEYVAULT",
    "backend_azure_keyvault": {"resource_id": "/subscriptions/0", "dns_name": "https://kv"},
}
REFUSED = [
    ("scopes/create", AZURE, 400, "INVALID_PARAMETER_VALUE"),
    ("scopes/create", {"scope": "a b"}, 400, "INVALID_PARAMETER_VALUE"),
    ("scopes/create", {"scope": "a" * 129}, 400, "INVALID_PARAMETER_VALUE"),
    ("scopes/create", {}, 400, "INVALID_PARAMETER_VALUE"),
    (
        "scopes/create",
        {"scope": "a", "initial_manage_principal": "me"},
        400,
        "INVALID_PARAMETER_VALUE",
    ),
    (
        "scopes/create",
        {"scope": "a", "scope_backend_type": "VAULT"},
        400,
        "INVALID_PARAMETER_VALUE",
    ),
    (
        "scopes/create",
        {"scope": "a", "scope_backend_type": "AZURE_KEYVAULT"},
        400,
        "INVALID_PARAMETER_VALUE",
    ),
    ("scopes/delete", {"scope": "nope"}, 404, "RESOURCE_DOES_NOT_EXIST"),
    ("put", {"scope": "nope", "key": "k", "string_value": "v"}, 404, "RESOURCE_DOES_NOT_EXIST"),
    ("put", {"scope": "llm", "key": "k"}, 400, "INVALID_PARAMETER_VALUE"),
    (
        "put",
        {"scope": "llm", "key": "k", "string_value": "v", "bytes_value": "dg=="},
        400,
        "INVALID_PARAMETER_VALUE",
    ),
    ("put", {"scope": "llm", "key": "k", "bytes_value": "!"}, 400, "MALFORMED_REQUEST"),
    (
        "put",
        {"scope": "llm", "key": "k", "string_value": "v" * MIB},
        400,
        "INVALID_PARAMETER_VALUE",
    ),
    ("put", {"scope": "llm", "key": "a b", "string_value": "v"}, 400, "INVALID_PARAMETER_VALUE"),
    ("delete", {"scope": "llm", "key": "nope"}, 404, "RESOURCE_DOES_NOT_EXIST"),
    (
        "acls/put",
        {"scope": "llm", "principal": "p", "permission": "OWN"},
        400,
        "INVALID_PARAMETER_VALUE",
    ),
    ("acls/delete", {"scope": "llm", "principal": "p"}, 404, "RESOURCE_DOES_NOT_EXIST"),
]


@pytest.mark.parametrize(("call", "body", "status", "code"), REFUSED)
def test_what_breaks_a_rule_is_refused(call, body, status, code):
    client = Client()
    client.put_secret("llm", "known")

    assert client.refuses("POST", f"{SECRETS}/{call}", body)[:2] == (status, code)


@pytest.mark.parametrize(
    "more",
    [{**AZURE, "scope_backend_type": "VAULT"}, {"scope_backend_type": "AZURE_KEYVAULT"}],
)
def test_a_backend_must_be_known_and_complete(more):
    with pytest.raises(ValueError, match="INVALID_PARAMETER_VALUE"):
        Client().workspace.ui("POST", f"{SECRETS}/scopes/create", {**more, "scope": "kv"})


def test_there_is_room_for_a_thousand_scopes_with_a_thousand_secrets_each():
    client = Client()
    for index in range(1000):
        client.does("POST", f"{SECRETS}/scopes/create", {"scope": f"s{index}"})
        secret = {"scope": "s0", "key": f"k{index}", "string_value": "v"}
        client.does("POST", f"{SECRETS}/put", secret)

    scope = client.refuses("POST", f"{SECRETS}/scopes/create", {"scope": "one-more"})
    secret = client.refuses("POST", f"{SECRETS}/put", {**secret, "key": "one-more"})
    client.does("POST", f"{SECRETS}/put", {"scope": "s0", "key": "k0", "string_value": "again"})

    assert scope[:2] == secret[:2] == (400, "RESOURCE_LIMIT_EXCEEDED")


def test_a_list_needs_to_know_of_which_scope():
    assert Client().refuses("GET", f"{SECRETS}/list")[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_a_scope_in_a_key_vault_is_made_in_the_ui_and_takes_no_secrets():
    client = Client()
    vault = {"resource_id": "/subscriptions/0", "dns_name": "https://kv.vault.azure.net/"}
    body = {"scope": "kv", "scope_backend_type": "AZURE_KEYVAULT"}
    client.workspace.ui(
        "POST", f"{SECRETS}/scopes/create", {**body, "backend_azure_keyvault": vault}
    )
    secret = {"scope": "kv", "key": "k", "string_value": "v"}

    assert client.refuses("POST", f"{SECRETS}/put", secret)[:2] == (400, "BAD_REQUEST")
    assert client.scopes() == [
        {"name": "kv", "backend_type": "AZURE_KEYVAULT", "keyvault_metadata": vault}
    ]
