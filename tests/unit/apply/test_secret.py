"""A secret: put when it must be, never deleted for a new value, and shown nowhere."""

from __future__ import annotations

import base64
import re

import httpx
import pytest

from databricks_serving.apply import scope, secret
from databricks_serving.apply.context import Stack, Verdict
from databricks_serving.errors import InvalidRequest, Refused, TakenAlready, Unavailable
from databricks_serving_emulator import Fault
from databricks_serving_schema import UNKNOWN
from support.context import CANARY, HOST, SECRETS, WORKSPACE_ID, Bench, wired, without_canary
from support.transports import Altered

AT = {"scope": "llm-keys", "key": "openai"}
SAID = {**AT, "value": CANARY}
FROM_ENV = {**AT, "value_from_env": "OPENAI_KEY"}
ENV = {"OPENAI_KEY": CANARY}
PUT = f"{SECRETS}/put"
ENCODED = base64.b64encode(CANARY.encode()).decode()


def in_scope():
    bench = Bench()
    bench.create(scope, {"name": "llm-keys"})
    bench.workspace.clear_calls()
    return bench


def created(said=SAID, **more):
    bench = in_scope()
    outputs = bench.create(secret, said, **more).outputs
    bench.workspace.clear_calls()
    bench.clock.advance(60)
    return bench, outputs


def by_hand(bench, value=CANARY):
    bench.workspace.ui("POST", PUT, {**AT, "string_value": value})


def held(bench):
    found = bench.workspace.ui("GET", f"{SECRETS}/get?scope=llm-keys&key=openai").json()
    return base64.b64decode(found["value"]).decode()


def changes(outputs, said, environment=None):
    return secret.diff(wired(outputs), said, Stack(), environment)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (SAID, {"string_value": CANARY}),
        ({**AT, "value_base64": ENCODED}, {"bytes_value": ENCODED}),
        (FROM_ENV, {"string_value": CANARY}),
    ],
)
def test_a_create_is_one_put_in_the_form_that_was_said(said, sent):
    bench = in_scope()

    made = bench.create(secret, said, environment=ENV)

    (call,) = bench.workspace.writes
    assert made.id == "llm-keys/openai"
    assert (call.path, call.body) == (PUT, {**AT, **sent})
    assert held(bench) == CANARY


def test_the_outputs_hold_a_fingerprint_and_no_value():
    _, outputs = created({**SAID, "version": "1"})

    fingerprint = outputs.pop("value_fingerprint")
    assert re.fullmatch("hmac-sha256:[0-9a-f]{64}", fingerprint)
    assert re.fullmatch("[0-9a-f]{64}", outputs.pop("__key"))
    assert outputs == {
        **AT,
        "version": "1",
        "reference": "{{secrets/llm-keys/openai}}",
        "last_updated_timestamp": 1767571200000,
        "workspace_host": HOST,
        "workspace_id": WORKSPACE_ID,
        "__applied": {
            **AT,
            "value": fingerprint,
            "version": "1",
            "last_updated_timestamp": 1767571200000,
        },
        "__format": 1,
    }


def test_fingerprints_of_one_value_differ_between_resources():
    _, one = created()
    _, other = created()

    assert one["value_fingerprint"] != other["value_fingerprint"]


def test_a_secret_that_is_there_is_refused():
    bench = in_scope()
    by_hand(bench, "made-up")

    refused = bench.fails(TakenAlready, bench.create, secret, SAID)

    assert "say adopt=True to take it over" in str(refused)
    assert held(bench) == "made-up"


@pytest.mark.parametrize("said", [SAID, {**AT, "value_base64": ENCODED}])
def test_one_that_holds_the_very_value_is_taken_back_without_a_put(said):
    bench = in_scope()
    by_hand(bench)

    taken = bench.create(secret, said)

    assert bench.sent == []
    assert changes(taken.outputs, said) == Verdict()


def test_where_values_are_not_given_out_an_existing_secret_needs_adopt():
    bench = in_scope()
    by_hand(bench)
    refusing = Fault(
        "GET", f"{SECRETS}/get", status=403, error_code="PERMISSION_DENIED", times=None
    )
    bench.workspace.faults.add(refusing)

    bench.fails(TakenAlready, bench.create, secret, SAID)
    bench.create(secret, {**SAID, "adopt": True})

    assert bench.sent == ["POST secrets/put"]


def test_adopting_puts_the_programs_value():
    bench = in_scope()
    by_hand(bench, "made-up")

    bench.create(secret, {**SAID, "adopt": True})

    assert bench.sent == ["POST secrets/put"]
    assert held(bench) == CANARY


def test_one_adopted_without_a_value_at_hand_is_equal_until_its_version_changes():
    bench = in_scope()
    by_hand(bench, "made-up")
    said = {**FROM_ENV, "adopt": True}

    adopted = bench.create(secret, said)

    assert bench.sent == []
    assert adopted.outputs["value_fingerprint"] is None
    assert changes(adopted.outputs, said) == Verdict()
    assert changes(adopted.outputs, said, ENV) == Verdict()
    newer = {**said, "version": "2"}
    assert changes(adopted.outputs, newer, ENV) == Verdict(changed=True)
    updated = bench.update(secret, "llm-keys/openai", adopted.outputs, newer, environment=ENV)
    assert bench.sent == ["POST secrets/put"]
    assert updated["value_fingerprint"].startswith("hmac-sha256:")


OTHER = {**AT, "value": "rotated"}


def imported():
    """What an import records of a secret: no value, and no fingerprint of one."""
    bench = in_scope()
    by_hand(bench)
    outputs = bench.create(secret, {**FROM_ENV, "adopt": True}).outputs
    bench.workspace.clear_calls()
    return bench, outputs


TAKEN = (
    "value: taken to be the one that is there, which nobody read, so it is not put; another one is"
)


@pytest.mark.parametrize(
    ("before", "said", "verdict"),
    [
        (AT, SAID, Verdict(notices=(TAKEN,))),
        (SAID, SAID, Verdict()),
        (SAID, {**SAID, "__secret_leaves": [["value"]]}, Verdict()),
        (SAID, {**AT, "value": UNKNOWN}, Verdict()),
        ({**AT, "value": UNKNOWN}, OTHER, Verdict(notices=(TAKEN,))),
        (SAID, OTHER, Verdict(changed=True)),
        ({**AT, "value_base64": ENCODED}, {**AT, "value_base64": "dg=="}, Verdict(changed=True)),
        (AT, {**SAID, "version": "2"}, Verdict(changed=True)),
    ],
)
def test_an_imported_value_differs_where_the_program_says_another_than_before(
    before, said, verdict
):
    _, outputs = imported()

    assert secret.diff(wired(outputs), said, Stack(), {}, before) == verdict


def test_a_rotation_of_an_imported_secret_is_one_put_and_then_there_is_a_fingerprint():
    bench, outputs = imported()

    same = bench.update(secret, "llm-keys/openai", outputs, SAID, inputs=SAID)
    nothing = bench.sent
    rotated = bench.update(secret, "llm-keys/openai", same, OTHER, inputs=SAID)
    again = bench.update(secret, "llm-keys/openai", rotated, OTHER, inputs=OTHER)

    assert nothing == []
    # A fingerprint is of what was put: a new one would deploy what names it.
    assert same["value_fingerprint"] is None
    assert bench.sent == ["POST secrets/put"]
    assert held(bench) == "rotated"
    assert changes(again, SAID).changed


def test_a_missing_scope_is_named():
    bench = Bench()

    failed = bench.fails(Refused, bench.create, secret, SAID)

    assert str(failed).startswith("There is no secret scope llm-keys in this workspace. Create it")
    assert bench.sent == ["POST secrets/put"]


def test_a_refusal_that_repeats_the_request_shows_no_value():
    bench = in_scope()

    def echo(request, answer):
        if not request.url.path.endswith("/put"):
            return answer()
        body = {"error_code": "BAD_REQUEST", "message": f"Cannot read {request.content.decode()}"}
        return httpx.Response(400, json=body)

    transport = Altered(bench.workspace.transport(), echo)

    refused = bench.fails(InvalidRequest, bench.create, secret, SAID, transport=transport)

    assert "***" in str(refused)


def test_a_put_whose_answer_is_lost_is_sent_again():
    bench = in_scope()
    bench.workspace.faults.add(Fault("POST", PUT, drop=True, when="after"))

    bench.create(secret, SAID)

    assert bench.sent == ["POST secrets/put"] * 2


def test_a_put_that_cannot_be_listed_is_recorded_and_put_again_by_the_next_run():
    bench = in_scope()
    bench.workspace.faults.add(Fault("GET", f"{SECRETS}/list", skip=1, status=500, times=3))

    left = bench.fails(Unavailable, bench.create, secret, SAID)
    outputs = bench.update(secret, left.name, left.outputs, SAID)

    assert left.name == "llm-keys/openai"
    assert changes(outputs, SAID) == Verdict()


def test_what_nobody_touched_is_read_as_it_was_recorded():
    bench, outputs = created()

    reading = bench.read(secret, "llm-keys/openai", outputs, SAID)

    assert reading.outputs == outputs
    assert reading.inputs == SAID


@pytest.mark.parametrize("path", ["delete", "scopes/delete"])
def test_a_secret_that_is_gone_is_none_and_so_is_one_whose_scope_is(path):
    bench, outputs = created()
    body = AT if path == "delete" else {"scope": "llm-keys"}
    bench.workspace.ui("POST", f"{SECRETS}/{path}", body)

    assert bench.read(secret, "llm-keys/openai", outputs, SAID) is None


def test_an_unchanged_secret_has_no_difference_and_sends_nothing():
    bench, outputs = created()

    updated = bench.update(secret, "llm-keys/openai", outputs, SAID)

    assert changes(outputs, SAID) == Verdict()
    assert bench.sent == []
    assert updated == outputs


@pytest.mark.parametrize(
    "said",
    [
        {**AT, "value": "rotated"},
        {**AT, "value_base64": base64.b64encode(b"rotated").decode()},
        {**SAID, "version": "2"},
    ],
)
def test_a_new_value_or_version_is_one_put_and_no_delete(said):
    bench, outputs = created({**SAID, "version": "1"})

    assert changes(outputs, said).changed
    assert changes(outputs, said).replaces == ()
    updated = bench.update(secret, "llm-keys/openai", outputs, said)

    assert bench.sent == ["POST secrets/put"]
    assert changes(updated, said) == Verdict()
    assert updated["__key"] == outputs["__key"]
    without_canary(updated)


def test_a_value_that_somebody_put_since_is_put_back():
    bench, outputs = created()
    by_hand(bench, "made-up")

    reading = bench.read(secret, "llm-keys/openai", outputs, SAID)
    updated = bench.update(secret, "llm-keys/openai", reading.outputs, SAID)

    assert changes(reading.outputs, SAID) == Verdict(
        changed=True, notices=("last_updated_timestamp: put by somebody else since",)
    )
    assert bench.sent == ["POST secrets/put"]
    assert held(bench) == CANARY
    assert changes(updated, SAID) == Verdict()


def test_a_secret_that_is_gone_is_put_again_by_an_update():
    bench, outputs = created()
    bench.workspace.ui("POST", f"{SECRETS}/delete", AT)

    bench.update(secret, "llm-keys/openai", outputs, SAID)

    assert held(bench) == CANARY


@pytest.mark.parametrize(
    ("environment", "verdict"),
    [
        ({}, Verdict()),
        (ENV, Verdict()),
        (
            {"OPENAI_KEY": "rotated"},
            Verdict(changed=True, notices=("the value of OPENAI_KEY changed since it was put",)),
        ),
    ],
)
def test_a_value_from_the_environment_is_compared_where_it_is_set(environment, verdict):
    _, outputs = created(FROM_ENV, environment=ENV)

    assert changes(outputs, FROM_ENV, environment) == verdict


def test_a_value_in_another_form_does_not_stop_being_managed():
    _, outputs = created({**AT, "value": "v"})
    encoded = {**AT, "value_base64": "dg=="}

    assert changes(outputs, encoded) == Verdict(changed=True)


def test_a_version_that_the_program_marks_secret_is_not_in_clear_in_what_was_applied():
    said = {
        "scope": "llm-keys",
        "key": "openai",
        "value": "v",
        "version": "c4nary",
        "__secret_leaves": [["version"]],
    }

    _, outputs = created(said)

    assert outputs["__applied"]["version"].startswith("hmac-sha256:")
    assert changes(outputs, said) == Verdict()


def test_a_scope_and_a_key_that_the_program_marks_secret_are_sent_as_they_are():
    said = {**AT, "value": "v", "__secret_leaves": [["scope"], ["key"]]}

    bench, outputs = created(said)

    assert bench.workspace.ui("GET", "/api/2.0/secrets/list?scope=llm-keys").json()["secrets"]
    assert changes(outputs, said) == Verdict()


def test_while_the_variable_is_unset_only_the_version_counts():
    _, outputs = created(FROM_ENV, environment=ENV)

    assert changes(outputs, {**FROM_ENV, "version": "2"}) == Verdict(changed=True)


NOT_SET = (
    "value_from_env: the environment variable OPENAI_KEY is not set, and putting the value takes "
    "it. Run `export OPENAI_KEY=…` before `pulumi up`; a preview does without it [variable-not-set]"
)


def test_a_preview_warns_of_an_unset_variable_where_its_value_is_going_to_be_put():
    _, outputs = created(FROM_ENV, environment=ENV)
    newer = {**FROM_ENV, "version": "2"}

    told = {
        "create": secret.check({}, FROM_ENV, Stack(), {}).warnings,
        "create, set": secret.check({}, FROM_ENV, Stack(), ENV).warnings,
        "recorded": secret.check(FROM_ENV, newer, Stack(), {}).warnings,
        "unchanged": changes(outputs, FROM_ENV, {}).warnings,
        "another version": changes(outputs, newer, {}).warnings,
        "another version, set": changes(outputs, newer, ENV).warnings,
        "put by somebody": changes({**outputs, "last_updated_timestamp": 1}, FROM_ENV, {}).warnings,
    }

    assert {
        case: [one.told for one in warnings] for case, warnings in told.items() if warnings
    } == {
        "create": [NOT_SET],
        "another version": [NOT_SET],
        "put by somebody": [NOT_SET],
    }


@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_variable_that_is_unset_when_the_value_is_to_be_put_is_named(verb):
    bench, outputs = created(FROM_ENV, environment=ENV)
    newer = {**FROM_ENV, "version": "2"}
    if verb == "create":
        newer = {**newer, "key": "another"}
        refused = bench.fails(Refused, bench.create, secret, newer)
    else:
        refused = bench.fails(Refused, bench.update, secret, "llm-keys/openai", outputs, newer)

    assert "the environment variable OPENAI_KEY, which is not set" in str(refused)
    assert bench.sent == []


def test_a_value_that_moves_into_the_environment_is_not_put_again():
    bench, outputs = created()

    updated = bench.update(secret, "llm-keys/openai", outputs, FROM_ENV, environment=ENV)

    assert bench.sent == []
    assert changes(updated, FROM_ENV) == Verdict()


def test_the_reference_stays_readable_without_the_value():
    _, outputs = created(FROM_ENV, environment=ENV)

    assert outputs["value_from_env"] == "OPENAI_KEY"
    assert outputs["reference"] == "{{secrets/llm-keys/openai}}"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"key": "renamed"}, Verdict(changed=True, replaces=("key",))),
        ({"scope": "other"}, Verdict(changed=True, replaces=("scope",))),
        ({"scope": UNKNOWN}, Verdict(changed=True, replaces=("scope",), delete_first=True)),
        ({"workspace": {"host": HOST}}, Verdict(changed=True)),
    ],
)
def test_what_a_change_of_place_takes(change, verdict):
    _, outputs = created()

    assert changes(outputs, {**SAID, **change}) == verdict


def test_a_value_that_is_not_yet_known_is_a_change_in_place():
    _, outputs = created()

    assert changes(outputs, {**AT, "value": UNKNOWN}) == Verdict(changed=True)


def test_a_delete_is_one_call_and_one_that_is_gone_is_deleted():
    bench, outputs = created()

    bench.delete(secret, "llm-keys/openai", outputs)
    bench.delete(secret, "llm-keys/openai", outputs)

    assert [call.status for call in bench.workspace.writes] == [200, 404]


OLD_VALUE = (
    "{{secrets/llm-keys/openai}} was put again: running endpoints that use it may keep the old "
    "value until their next configuration update. "
    'deploy={"redeploy_on": [secret.value_fingerprint]} on an endpoint sends it one.'
)


def test_se_16_a_put_in_place_says_what_running_endpoints_keep():
    bench = in_scope()

    outputs = bench.create(secret, SAID).outputs
    bench.update(secret, "llm-keys/openai", outputs, {**SAID, "adopt": True})
    quiet = list(bench.lines)
    bench.update(secret, "llm-keys/openai", outputs, {**AT, "value": "rotated"})

    assert quiet == []
    assert bench.lines == [OLD_VALUE]


def test_se_15_a_secret_in_a_vault_is_refused_in_one_paragraph():
    bench = Bench()
    where = {"resource_id": "/subscriptions/1", "dns_name": "https://v.vault.azure.net"}
    body = {"scope_backend_type": "AZURE_KEYVAULT", "backend_azure_keyvault": where}
    bench.workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": "llm-keys", **body})

    refused = bench.fails(Refused, bench.create, secret, SAID)

    assert str(refused) == (
        "The scope llm-keys shows an Azure Key Vault, which can only be read through Databricks: "
        "the secret llm-keys/openai was not put. Put it into the vault itself (the Azure portal, "
        "`az keyvault secret set`, or Pulumi's azure-native provider), refer to it as "
        "{{secrets/llm-keys/openai}}, and take this Secret out of the program."
    )
