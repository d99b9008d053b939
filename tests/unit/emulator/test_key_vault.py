"""Scopes with an Azure Key Vault behind them."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import SECRETS, Client, endpoint, external

VAULT = {
    "resource_id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
    "dns_name": "https://kv.vault.azure.net/",
}
AZURE = {
    "scope": "kv",
    "scope_backend_type": "AZURE_KEYVAULT",
    "backend_azure_keyvault": VAULT,
}
KEY_VAULT_SECRETS = "/_emulator/key-vault-secrets"


def with_vault():
    """A client whose user has shown an Entra ID token, and a scope in a vault."""
    client = Client()
    client.user("ann", token="token-of-ann", entra_token="entra-of-ann")
    ann = client.by("entra-of-ann")
    ann.does("POST", f"{SECRETS}/scopes/create", AZURE)
    return ann


def test_a_scope_in_a_key_vault_needs_a_token_of_entra():
    client = Client()
    ann = client.user("ann", token="token-of-ann", entra_token="entra-of-ann")

    refused = ann.refuses("POST", f"{SECRETS}/scopes/create", AZURE)
    client.by("entra-of-ann").does("POST", f"{SECRETS}/scopes/create", AZURE)

    assert refused == (
        400,
        "INVALID_PARAMETER_VALUE",
        "Scope with Azure KeyVault must have userAADToken defined!",
    )
    assert ann.scopes() == [
        {"name": "kv", "backend_type": "AZURE_KEYVAULT", "keyvault_metadata": VAULT}
    ]


def test_an_oauth_token_of_a_service_principal_is_no_user_s_token():
    client = Client()
    robot = client.service_principal()

    refused = robot.refuses("POST", f"{SECRETS}/scopes/create", AZURE)

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_the_default_admin_can_show_a_token_of_entra_too():
    client = Client()
    body = {"user_name": "serving.admin@example.com", "entra_token": "entra-of-admin"}
    client.does("POST", "/_emulator/users", body)

    client.by("entra-of-admin").does("POST", f"{SECRETS}/scopes/create", AZURE)

    assert [scope["name"] for scope in client.scopes()] == ["kv"]


@pytest.mark.parametrize(
    ("call", "more"), [("put", {"string_value": "v"}), ("delete", {}), ("delete", {"key": "nope"})]
)
def test_a_key_vault_is_read_only(call, more):
    ann = with_vault()
    ann.does("POST", KEY_VAULT_SECRETS, {"scope": "kv", "key": "k", "value": "v"})

    refused = ann.refuses("POST", f"{SECRETS}/{call}", {"scope": "kv", "key": "k", **more})

    assert refused[:2] == (400, "BAD_REQUEST")
    assert ann.does("GET", f"{SECRETS}/get?scope=kv&key=k")["value"] == "dg=="


def test_what_is_put_into_the_vault_can_be_listed_and_referred_to():
    ann = with_vault()
    ann.does("POST", KEY_VAULT_SECRETS, {"scope": "KV", "key": "k", "value": "v"})

    ann.create(endpoint(external(openai_api_key="{{secrets/kv/k}}")))

    listed = ann.does("GET", f"{SECRETS}/list?scope=kv")["secrets"]
    assert listed == [{"key": "k", "last_updated_timestamp": 1_767_571_200_000}]


def test_what_is_deleted_in_the_vault_is_gone():
    ann = with_vault()
    ann.does("POST", KEY_VAULT_SECRETS, {"scope": "kv", "key": "k", "value": "v"})

    ann.does("POST", KEY_VAULT_SECRETS, {"scope": "kv", "key": "k", "value": None})

    assert ann.does("GET", f"{SECRETS}/list?scope=kv") == {}


def test_the_access_list_of_a_scope_in_a_vault_can_be_written():
    ann = with_vault()

    ann.grant("kv", "bob@example.com", "READ")

    assert ann.does("GET", f"{SECRETS}/acls/list?scope=kv")["items"] == [
        {"principal": "ann@example.com", "permission": "MANAGE"},
        {"principal": "bob@example.com", "permission": "READ"},
    ]


@pytest.mark.parametrize("scope", ["nope", "llm"])
def test_only_a_scope_in_a_vault_has_a_vault(scope):
    client = Client()
    client.put_secret("llm", "k")

    status, content = client.call("POST", KEY_VAULT_SECRETS, {"scope": scope, "key": "k"})

    assert (status, content) == (
        400,
        {
            "error": f"POST {KEY_VAULT_SECRETS}: "
            f"there is no scope {scope} with an Azure Key Vault behind it."
        },
    )
