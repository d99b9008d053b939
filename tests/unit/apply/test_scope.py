"""A secret scope: created, taken back, taken over, or left alone."""

from __future__ import annotations

import re

import pytest

from databricks_serving.apply import scope
from databricks_serving.apply.context import Stack, Verdict
from databricks_serving.errors import InvalidRequest, PermissionDenied, Refused, TakenAlready
from databricks_serving.state.settings import StackSettings
from databricks_serving_emulator import Fault, Workspace
from databricks_serving_schema import UNKNOWN, Allowances
from support.context import HOST, SECRETS, WORKSPACE_ID, Bench, wired

KEYS = {"name": "llm-keys"}
CREATE = f"{SECRETS}/scopes/create"


def by_hand(bench, path, **body):
    bench.workspace.ui("POST", f"{SECRETS}/{path}", {"scope": "llm-keys", **body})


def created(said=KEYS):
    bench = Bench()
    outputs = bench.create(scope, said).outputs
    bench.workspace.clear_calls()
    return bench, outputs


def test_a_create_is_one_call():
    bench = Bench()

    made = bench.create(scope, {**KEYS, "initial_manage_principal": "users"})

    (call,) = bench.workspace.writes
    assert made.id == "llm-keys"
    assert (call.path, call.body) == (
        CREATE,
        {"scope": "llm-keys", "initial_manage_principal": "users"},
    )


def test_the_outputs_record_what_was_written():
    _, outputs = created({**KEYS, "force_destroy": True})

    assert re.fullmatch("[0-9a-f]{64}", outputs.pop("__key"))
    assert outputs == {
        "name": "llm-keys",
        "force_destroy": True,
        "backend_type": "DATABRICKS",
        "workspace_host": HOST,
        "workspace_id": WORKSPACE_ID,
        "__applied": {"name": "llm-keys"},
        "__format": 1,
    }


ALLOWING = StackSettings(allowances=Allowances(unknown_fields=True))
NEWER = {**KEYS, "newer": {"a": [1.0]}}


def test_what_is_newer_is_told_and_sent_as_it_is():
    bench = Bench()
    bench.workspace = Workspace(clock=bench.clock)

    checked = scope.check({}, NEWER, Stack(ALLOWING))
    outputs = bench.create(scope, NEWER, settings=ALLOWING).outputs

    (call,) = bench.workspace.writes
    assert [str(told) for told in checked.warnings] == [
        "newer: not known to this release; it is sent as it is"
    ]
    assert call.body == {"scope": "llm-keys", "newer": {"a": [1]}}
    assert scope.diff(wired(outputs), NEWER, Stack(ALLOWING)) == Verdict()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"newer": 2}, Verdict(changed=True, replaces=("newer",), delete_first=True)),
        (
            {"newer": 2, "name": "other"},
            Verdict(changed=True, replaces=("name", "newer"), delete_first=False),
        ),
    ],
)
def test_a_change_of_what_is_newer_replaces_the_scope(change, verdict):
    bench = Bench()
    bench.workspace = Workspace(clock=bench.clock)
    outputs = bench.create(scope, NEWER, settings=ALLOWING).outputs

    assert scope.diff(wired(outputs), {**NEWER, **change}, Stack(ALLOWING)) == verdict


@pytest.mark.parametrize("name", ["llm-keys", "LLM-Keys"])
def test_somebody_elses_scope_is_refused(name):
    bench = Bench()
    bench.workspace.ui("POST", CREATE, {"scope": "llm-keys"})

    refused = bench.fails(TakenAlready, bench.create, scope, {"name": name})

    assert "say adopt=True to take it over" in str(refused)
    assert bench.sent == []


@pytest.mark.parametrize("principal", [None, "users"])
def test_an_empty_scope_that_is_as_our_create_leaves_it_is_taken_back(principal):
    said = {**KEYS, "initial_manage_principal": principal} if principal else KEYS
    bench, _ = created(said)

    taken = bench.create(scope, said)

    assert bench.sent == []
    assert taken.outputs["__applied"] == said


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("put", {"key": "openai", "string_value": "made-up"}),
        ("acls/put", {"principal": "users", "permission": "READ"}),
    ],
)
def test_one_with_a_secret_or_another_acl_is_not_taken_back(path, body):
    bench, _ = created()
    by_hand(bench, path, **body)

    bench.fails(TakenAlready, bench.create, scope, KEYS)


@pytest.mark.parametrize("more", [{}, {"initial_manage_principal": "users"}])
def test_adopting_takes_over_what_is_there_and_writes_nothing(more):
    bench = Bench()
    by_hand(bench, "scopes/create")
    by_hand(bench, "put", key="openai", string_value="made-up")

    taken = bench.create(scope, {**KEYS, "adopt": True, **more})

    assert bench.sent == []
    assert taken.outputs["__applied"] == {**KEYS, **more}


def test_adopting_one_of_another_backend_is_refused():
    bench = Bench()
    vault = {"resource_id": "/subscriptions/1", "dns_name": "https://v.vault.azure.net"}
    by_hand(
        bench, "scopes/create", scope_backend_type="AZURE_KEYVAULT", backend_azure_keyvault=vault
    )
    said = {**KEYS, "adopt": True, "scope_backend_type": "DATABRICKS"}

    refused = bench.fails(Refused, bench.create, scope, said)

    assert "has another scope_backend_type than the program says" in str(refused)


def test_adopting_one_of_another_backend_undeclared_shows_it():
    bench = Bench()
    vault = {"resource_id": "/subscriptions/1", "dns_name": "https://v.vault.azure.net"}
    by_hand(
        bench, "scopes/create", scope_backend_type="AZURE_KEYVAULT", backend_azure_keyvault=vault
    )

    taken = bench.create(scope, {**KEYS, "adopt": True})

    assert taken.outputs["backend_type"] == "AZURE_KEYVAULT"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", CREATE, drop=True, when="after"),
        Fault("POST", CREATE, status=503, when="after"),
        Fault("POST", CREATE, status=500, when="after"),
    ],
)
def test_where_the_answer_of_the_create_is_lost_the_scope_is_found(fault):
    bench = Bench()
    bench.workspace.faults.add(fault)

    made = bench.create(scope, KEYS)

    assert made.outputs["name"] == "llm-keys"


def test_a_create_that_is_refused_leaves_nothing():
    bench = Bench()
    bench.workspace.faults.add(Fault("POST", CREATE, status=400, error_code="BAD_REQUEST"))

    bench.fails(InvalidRequest, bench.create, scope, KEYS)


def test_what_nobody_touched_is_read_as_it_was_said():
    said = {**KEYS, "initial_manage_principal": "users", "force_destroy": True}
    bench, outputs = created(said)

    reading = bench.read(scope, "llm-keys", outputs, said)

    assert reading.inputs == said
    assert reading.outputs == outputs


def test_a_scope_that_is_gone_is_none():
    bench, outputs = created()
    by_hand(bench, "scopes/delete")

    assert bench.read(scope, "llm-keys", outputs, KEYS) is None


def test_an_update_records_settings_and_sends_nothing():
    bench, outputs = created()

    updated = bench.update(scope, "llm-keys", outputs, {**KEYS, "force_destroy": True})

    assert bench.sent == []
    assert updated == {**outputs, "force_destroy": True}


def test_a_scope_that_the_caller_may_not_see_is_an_error_and_not_gone():
    bench, outputs = created()
    bench.workspace.identities.add_user("nightly@example.com", token="of-job")

    bench.fails(PermissionDenied, bench.read, scope, "llm-keys", outputs, KEYS, token="of-job")


def test_an_update_creates_a_scope_that_is_gone():
    bench, outputs = created()
    by_hand(bench, "scopes/delete")

    bench.update(scope, "llm-keys", outputs, KEYS)

    assert bench.sent == ["POST secrets/scopes/create"]


def test_a_delete_of_an_empty_scope_is_one_call():
    bench, outputs = created()

    bench.delete(scope, "llm-keys", outputs)

    assert bench.sent == ["POST secrets/scopes/delete"]


@pytest.mark.parametrize("force", [False, "false", None])
def test_a_scope_that_holds_secrets_is_not_deleted(force):
    bench, outputs = created()
    by_hand(bench, "put", key="from-the-ui", string_value="made-up")
    by_hand(bench, "put", key="another", string_value="made-up")

    refused = bench.fails(
        Refused, bench.delete, scope, "llm-keys", {**outputs, "force_destroy": force}
    )

    assert "still holds 2 secret(s) that this stack did not make: another, from-the-ui" in str(
        refused
    )
    assert bench.sent == []


@pytest.mark.parametrize("force", [True, "true"])
def test_force_destroy_deletes_it_with_all_it_holds(force):
    bench, outputs = created()
    by_hand(bench, "put", key="from-the-ui", string_value="made-up")

    bench.delete(scope, "llm-keys", {**outputs, "force_destroy": force})

    assert bench.sent == ["POST secrets/scopes/delete"]


def test_a_scope_that_is_gone_is_deleted():
    bench, outputs = created()
    by_hand(bench, "scopes/delete")

    bench.delete(scope, "llm-keys", outputs)

    assert bench.sent == []


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict()),
        # The default, newly said: what was applied takes it over, so that drift looks at it.
        (
            {"scope_backend_type": "DATABRICKS"},
            Verdict(changed=True, recorded_only=frozenset({"scope_backend_type"})),
        ),
        ({"force_destroy": True}, Verdict(changed=True)),
        ({"name": "other"}, Verdict(changed=True, replaces=("name",))),
        ({"name": UNKNOWN}, Verdict(changed=True, replaces=("name",), delete_first=True)),
        (
            {"initial_manage_principal": "users"},
            Verdict(changed=True, replaces=("initial_manage_principal",), delete_first=True),
        ),
    ],
)
def test_what_a_change_takes(change, verdict):
    _, outputs = created()

    assert scope.diff(wired(outputs), {**KEYS, **change}, Stack()) == verdict


def vault(dns_name="https://v.vault.azure.net"):
    """A scope over a vault of Azure."""
    where = {"resource_id": "/subscriptions/1/vaults/v", "dns_name": dns_name}
    return {**KEYS, "scope_backend_type": "AZURE_KEYVAULT", "backend_azure_keyvault": where}


def test_se_15_a_scope_over_a_vault_tells_which_credentials_it_needs():
    bench = Bench()

    refused = bench.fails(Refused, bench.create, scope, vault())

    assert "Scope with Azure KeyVault must have userAADToken defined" in str(refused)
    assert "Run `az login` as a user" in str(refused)
    assert "DATABRICKS_AUTH_TYPE=azure-cli" in str(refused)


@pytest.mark.parametrize("listed", ["https://v.vault.azure.net", "https://v.vault.azure.net/"])
@pytest.mark.parametrize("said", ["https://v.vault.azure.net", "https://v.vault.azure.net/"])
def test_se_15_a_slash_at_the_end_of_a_vaults_address_is_no_difference(said, listed):
    bench = Bench()
    bench.workspace.identities.add_user("ann@x.com", groups=["admins"], entra_token="of-entra")
    outputs = bench.create(scope, vault(listed), token="of-entra").outputs

    reading = bench.read(scope, "llm-keys", outputs, vault(listed))
    adopted = bench.create(scope, {**vault(said), "adopt": True})

    assert scope.diff(wired(reading.outputs), vault(said), Stack()) == Verdict()
    assert scope.diff(wired(adopted.outputs), vault(said), Stack()) == Verdict()


def test_se_15_another_vault_replaces_the_scope():
    bench = Bench()
    bench.workspace.identities.add_user("ann@x.com", groups=["admins"], entra_token="of-entra")
    outputs = bench.create(scope, vault(), token="of-entra").outputs

    found = scope.diff(wired(outputs), vault("https://w.vault.azure.net"), Stack())

    assert found.replaces == ("backend_azure_keyvault",)


def standard_tier(bench):
    message = (
        "Premium Tier is disabled in this workspace. Secret scopes can only be created with "
        'initial_manage_principal "users".'
    )
    fault = Fault("POST", CREATE, status=400, error_code="BAD_REQUEST", message=message)
    bench.workspace.faults.add(fault)


def test_se_10_in_a_workspace_of_the_standard_tier_the_way_out_is_told():
    bench = Bench()
    standard_tier(bench)

    refused = bench.fails(Refused, bench.create, scope, KEYS)

    assert "everybody manages all of them" in str(refused)
    assert "say initial_manage_principal='users'" in str(refused)


def test_se_10_by_default_nobody_is_named_to_manage_a_scope():
    bench = Bench()

    bench.create(scope, KEYS)

    assert [call.body for call in bench.workspace.writes] == [{"scope": "llm-keys"}]


def test_a_refusal_of_what_is_said_already_is_told_as_it_is():
    bench = Bench()
    standard_tier(bench)

    refused = bench.fails(
        InvalidRequest, bench.create, scope, {**KEYS, "initial_manage_principal": "users"}
    )

    assert "Premium Tier is disabled" in str(refused)
