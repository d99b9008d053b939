"""What `dbserving import` writes, run: check takes it, and diff finds nothing to do.

Over everything that the fixtures and the valid programs put into a workspace, in process.
"""

from __future__ import annotations

import json

import pytest

from databricks_serving.api import WorkspaceApi
from databricks_serving.apply import scope
from databricks_serving.apply.context import Stack
from databricks_serving.cli.jobs.import_found import Found, Search, Wanted
from databricks_serving.cli.jobs.import_program import assembled
from databricks_serving.cli.jobs.import_recorded import VERBS, Ground, outcome, outcomes
from databricks_serving.program.import_file import import_file
from databricks_serving.program.module import module
from databricks_serving.state.settings import StackSettings
from databricks_serving.state.tokens import PROVIDER_OF
from support.context import SECRETS, Bench, credentials, wired, without_canary
from support.executed import executed
from support.imports import furnish
from support.ups import created, prepared
from support.valid_programs import VALID

EVERY = frozenset(PROVIDER_OF)
HABITS = {
    "as usual": {},
    "all defaults": {"defaults": "all"},
    "no defaults": {"defaults": "none"},
    "in another order each time": {"shuffle": True},
    "tags in a bare list": {"tags_as_list": True},
    "telemetry's tables": {"telemetry_tables_shown": True},
    "fields that nobody has heard of": {"unknown_fields": True},
    "a reference in place of plaintext": {"plaintext_becomes_reference": True},
}


#: Said of the value of an imported secret, which nobody can compare.
TAKEN = (
    "value: taken to be the one that is there, which nobody read, so it is not put; another one is"
)


def imported(bench, *, from_environment=False, adopt=False, **wanted):
    """What an import of the bench's workspace comes to, and its notes; it can only read."""
    transport = bench.workspace.transport()
    api = WorkspaceApi(credentials(), bench.clock, transport, read_only=True)
    search = Search(api, Wanted(**{"kinds": EVERY, **wanted}))
    results = outcomes(search.found(), Ground(api, bench.clock, StackSettings(), None))
    whole = assembled(results, from_environment=from_environment, adopt=adopt)
    return whole, [*search.notes, *(one.note for one in results if one.note)]


def made_by(whole):
    """What the program makes, by kind and name; every secret of its configuration is known."""
    made = executed(module(whole.declared), dict.fromkeys(whole.config, "known"))
    assert len({(kind, name) for kind, name, _ in made}) == len(made)
    return {(kind, name): arguments for kind, name, arguments in made}


def differences(whole):
    """Where the program and the import file do not agree, by the provider's own check and diff."""
    made, found = made_by(whole), {}
    for entry in json.loads(import_file(whole.imported))["resources"]:
        kind, name = entry["type"].rpartition(":")[2], entry["name"]
        stack = Stack(StackSettings(), name)
        inputs, recorded = wired(entry["inputs"]), wired(entry["outputs"])
        checked = VERBS[kind].check(inputs, wired(made[kind, name]), stack)
        again = VERBS[kind].check(inputs, inputs, stack)
        verdict = VERBS[kind].diff(recorded, wired(checked.inputs), stack)
        silent = not (verdict.changed or verdict.replaces or {*verdict.notices} - {TAKEN})
        if checked.problems or again.problems or not silent:
            found[kind, name] = (checked.problems, again.problems, verdict)
    return found


def test_everything_of_the_fixtures_is_imported_equal_and_without_a_write():
    bench = Bench()
    names = furnish(bench.workspace)

    whole, notes = imported(bench)

    assert notes == []
    assert {one.name for one in whole.imported if one.kind == "ServingEndpoint"} == names
    assert len(whole.imported) == len(whole.declared)
    assert differences(whole) == {}
    assert bench.sent == []
    assert not any(call.path.endswith("/secrets/get") for call in bench.workspace.calls)
    without_canary(module(whole.declared), import_file(whole.imported), whole, notes)


@pytest.mark.parametrize("habits", HABITS.values(), ids=HABITS.keys())
@pytest.mark.parametrize("said", VALID.values(), ids=VALID.keys())
def test_every_valid_program_comes_back_equal_or_what_is_missing_is_told(said, habits):
    bench = prepared(**habits)
    created(bench, said)

    whole, notes = imported(bench, kinds=frozenset({"ServingEndpoint", "SecretScope", "Secret"}))

    hidden = "_plaintext" in json.dumps(said) and "plaintext_becomes_reference" not in habits
    marked = "is managed by another stack already (shop.dev.0a1b2c3d)"
    assert [marked in note for note in notes] == [True, *[False] * hidden]
    assert ["no answer tells its config.served_entities" in note for note in notes[1:]] == (
        [True] * hidden
    )
    assert len(whole.imported) == len(whole.declared) - hidden
    assert differences(whole) == {}
    assert bench.sent == []


VAULT = {
    "scope_backend_type": "AZURE_KEYVAULT",
    "backend_azure_keyvault": {
        "resource_id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv",
        "dns_name": "https://kv.vault.azure.net/",
    },
}


def test_a_scope_in_a_key_vault_is_imported_without_the_secrets_that_are_the_vaults():
    bench = Bench()
    bench.workspace.identities.add_user("ann@x.com", groups=["admins"], entra_token="of-entra")
    bench.create(scope, {"name": "kv", **VAULT}, token="of-entra")
    bench.workspace.put_in_key_vault("kv", "openai", "sk-1")
    bench.workspace.clear_calls()

    whole, notes = imported(bench, kinds=frozenset({"SecretScope", "Secret"}))

    assert notes == []
    assert made_by(whole) == {("SecretScope", "kv"): {"name": "kv", **VAULT}}
    assert differences(whole) == {}


def test_what_no_program_can_say_is_left_out_and_told_with_the_reason():
    bench = prepared()
    acl = {"scope": "llm", "principal": " blank", "permission": "READ"}
    bench.workspace.ui("POST", f"{SECRETS}/acls/put", acl)

    whole, notes = imported(bench, kinds=frozenset({"SecretAcl"}))

    assert ("SecretAcl", "llm/ blank") not in made_by(whole)
    (note,) = notes
    assert note == (
        "SecretAcl llm/ blank is left out, for no program can say it: principal: begins or ends "
        "with a blank, as no principal does."
    )


def test_what_taking_over_would_write_stays_out_of_the_import_file():
    bench = prepared()
    created(bench, VALID["openai"])
    changing = Found("ServingEndpoint", "chat", {"name": "chat", "tags": {"a": "b"}}, "chat")
    api = WorkspaceApi(credentials(), bench.clock, bench.workspace.transport(), read_only=True)

    became = outcome(changing, Ground(api, bench.clock, StackSettings(), None))

    assert became.imported is None
    assert became.said == {"name": "chat", "tags": {"a": "b"}, "adopt": True}
    assert "taking it over would write (PATCH /api/2.0/serving-endpoints/chat/tags" in became.note
    assert bench.sent == []


def test_nothing_is_read_but_lists_and_things():
    bench = Bench()
    furnish(bench.workspace)
    bench.workspace.clear_calls()

    imported(bench)

    assert {call.method for call in bench.workspace.calls} == {"GET"}
    asked = {
        call.path.removeprefix("/api/2.0/").partition("/")[0] for call in bench.workspace.calls
    }
    assert asked == {"serving-endpoints", "permissions", "secrets", "preview"}
    assert "/api/2.0/secrets/get" not in {call.path for call in bench.workspace.calls}
