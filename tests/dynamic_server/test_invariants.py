"""What must hold of every program: the examples, the crash matrix's, and generated ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from databricks_serving import ServingEndpoint
from databricks_serving_emulator import Fault
from support.context import CANARY, ENDPOINTS, SECRETS
from support.crash_programs import ROTATED, SCENARIOS, SETTINGS, churn, keys
from support.invariants import seen_of, sent, settled
from support.mini_engine.crashes import act, prepare
from support.mini_engine.programs import program
from support.mini_engine.stand import new_workspace
from support.programs import plaintext_endpoint
from support.strategies import Kind, endpoint_programs

ROOT = Path(__file__).resolve().parents[2]
#: Two of them; each has its round on the real engine, with all that it needs beforehand.
EXAMPLES = [ROOT / "examples" / name / "__main__.py" for name in ("quickstart", "testing-settings")]
EVERY_PART = SETTINGS.format(team="a", calls=10)
LOGGED = {"DBSERVING_TESTS_LOGGED": "1"}


# I1, I2, I5, I9, I10


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_is_settled_after_one_run_and_gone_after_destroy(stand, example):
    stand.begin(openaiKey=CANARY)
    wanted = program(example.read_text(), header="")

    settled(stand, wanted, stand.engine.up(wanted))
    destroyed = stand.engine.destroy()

    assert (destroyed.error, stand.engine.state) == (None, [])
    assert stand.workspace.ui("GET", ENDPOINTS).json() == {}


@pytest.mark.parametrize("name", [n for n, each in SCENARIOS.items() if each.program is not None])
def test_a_program_is_settled_after_one_run(stand, name):
    scenario = SCENARIOS[name]
    prepare(stand, scenario)

    report = act(stand, scenario)

    settled(stand, program(scenario.program), report)


#: Not what is sized by throughput: generated sizes beside it mean nothing, and are not kept.
KINDS = (None, Kind.EXTERNAL, Kind.MODEL, Kind.FEATURE_SPEC)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_any_generated_endpoint_is_settled_after_one_run_and_gone_after_destroy(stand, kind):
    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(said=endpoint_programs(kind).map(without_what_needs_more))
    def generated(said):
        lives(stand, said)

    generated()


#: Generated words that only the service knows to be none of its own, sizes for example.
REFUSED = "POST /api/2.0/serving-endpoints: the workspace answered 400"


def without_what_needs_more(said):
    """Telemetry needs a model and its tables, a table of the older kind a catalog that is there."""
    kept = {name: value for name, value in said.items() if name != "telemetry_config"}
    if "config" in kept:
        rest = {n: v for n, v in kept["config"].items() if n != "auto_capture_config"}
        kept["config"] = rest
    return kept


def lives(stand, said):
    """A generated endpoint from its creation to its end."""
    workspace = new_workspace()
    for scope in ("llm", "my_scope", "a.b@c"):
        workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": scope})
        for key in ("openai", "k-1", "token"):
            body = {"scope": scope, "key": key, "string_value": "sk-1"}
            workspace.ui("POST", f"{SECRETS}/put", body)
    stand.begin(workspace)
    stand.engine.config["databricks-serving:allowMultipleExternalModels"] = "true"

    def wanted():
        ServingEndpoint("generated", **said)

    report = stand.engine.up(wanted)
    assume(not (report.error or "").startswith(REFUSED))

    settled(stand, wanted, report)
    stand.engine.destroy()
    assert stand.workspace.ui("GET", ENDPOINTS).json() == {}


# I3: one edit outside


TAG = {"add_tags": [{"key": "team", "value": "hers"}]}
OTHER_TAG = {"add_tags": [{"key": "hers", "value": ""}]}
MAIL = {"email_notifications": {"on_update_failure": ["eve@example.com"]}}
CALLS = {"rate_limits": [{"calls": 99, "renewal_period": "minute"}]}
TELEMETRY = {"telemetry_config": {"telemetry_profile_id": "hers"}}
MODEL = {
    "name": "churn",
    "entity_name": "main.ml.churn",
    "entity_version": "9",
    "workload_size": "Small",
    "scale_to_zero_enabled": False,
}
CHURN = f"{ENDPOINTS}/churn"
#: Who changes what: (edit, the paths that differ, the write that puts it back).
EDITS = {
    "a tag": (("PATCH", f"{CHURN}/tags", TAG), {"tags.team"}, "PATCH /tags"),
    "another tag": (("PATCH", f"{CHURN}/tags", OTHER_TAG), {"tags.hers"}, "PATCH /tags"),
    "who is told": (
        ("PATCH", f"{CHURN}/notifications", MAIL),
        {"email_notifications.on_update_failure[0]"},
        "PATCH /notifications",
    ),
    "a limit": (
        ("PUT", f"{CHURN}/ai-gateway", CALLS),
        {"ai_gateway.rate_limits[0].calls"},
        "PUT /ai-gateway",
    ),
    "the model": (
        ("PUT", f"{CHURN}/config", {"served_entities": [MODEL]}),
        {"config.served_entities[0].entity_version"},
        "PUT /config",
    ),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_outside_is_named_exactly_and_put_back_by_one_write(stand, what):
    edit, paths, write = EDITS[what]
    method, part = write.split()
    wanted = program(churn(more=EVERY_PART))
    stand.engine.up(wanted)
    stand.workspace.ui(*edit)
    sent(stand)

    drift = stand.engine.refresh(preview_only=True)
    shown = stand.engine.preview(wanted, refresh=True)
    looked = sent(stand)
    stand.engine.up(wanted, refresh=True)
    put_back = sent(stand)
    after = stand.engine.preview(wanted, refresh=True)

    assert drift.paths == {"churn": paths}
    assert (shown.changes, shown.paths) == ([("update", "churn")], {"churn": paths})
    assert looked == []
    assert put_back == [f"{method} serving-endpoints/churn{part}"]
    assert after.changes == []


def test_a_secret_that_somebody_else_puts_is_put_back_by_one_write(stand):
    stand.begin(key=CANARY)
    wanted = program(keys())
    stand.engine.up(wanted)
    hers = {"scope": "llm-keys", "key": "openai", "string_value": "hers"}
    stand.workspace.ui("POST", f"{SECRETS}/put", hers)
    sent(stand)

    drift = stand.engine.refresh(preview_only=True)
    stand.engine.up(wanted, refresh=True)

    assert drift.changes == [("update", "openai")]
    assert sent(stand) == ["POST secrets/put"]


# I4, I7, I8


def test_what_only_others_set_is_never_written_and_never_a_difference(stand):
    stand.engine.up(program(churn(1)))
    for part, body in (("tags", TAG), ("notifications", MAIL)):
        stand.workspace.ui("PATCH", f"{CHURN}/{part}", body)
    stand.workspace.ui("PUT", f"{CHURN}/ai-gateway", CALLS)
    stand.workspace.ui("PATCH", f"{CHURN}/telemetry-config", TELEMETRY)
    sent(stand)

    shown = stand.engine.preview(program(churn(1)), refresh=True)
    stand.engine.up(program(churn(2)), refresh=True)

    assert shown.changes == []
    assert sent(stand) == ["PUT serving-endpoints/churn/config"]


def test_a_change_of_every_part_is_one_write_of_each_in_the_documented_order(stand):
    stand.engine.up(program(churn(1, more=EVERY_PART)))
    created = sent(stand)

    stand.engine.up(program(churn(2, more=SETTINGS.format(team="b", calls=20))))

    assert created == ["POST serving-endpoints"]
    assert sent(stand) == [
        "PATCH serving-endpoints/churn/tags",
        "PATCH serving-endpoints/churn/notifications",
        "PUT serving-endpoints/churn/config",
        "PUT serving-endpoints/churn/ai-gateway",
        "PATCH serving-endpoints/churn/telemetry-config",
    ]


ZEROS = """
    tags={"empty": ""},
    ai_gateway={
        "rate_limits": [{"calls": 0, "renewal_period": "minute"}],
        "usage_tracking_config": {"enabled": False},
    },
"""


def test_explicit_zeros_arrive_and_come_back(stand):
    wanted = program(churn(more=ZEROS))

    report = stand.engine.up(wanted)

    body = stand.workspace.writes[0].body
    entity = body["config"]["served_entities"][0]
    assert entity["scale_to_zero_enabled"] is False
    assert {"key": "empty", "value": ""} in body["tags"]
    assert body["ai_gateway"] == {
        "rate_limits": [{"calls": 0, "renewal_period": "minute"}],
        "usage_tracking_config": {"enabled": False},
    }
    settled(stand, wanted, report)


# I5: the canary, wherever a program may put a secret


ENTRA = """
ServingEndpoint(
    "chat",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {
                        "openai_api_type": "azuread",
                        "openai_api_base": "https://example.com",
                        "openai_api_version": "1",
                        "openai_deployment_name": "gpt",
                        "microsoft_entra_client_id": "client",
                        "microsoft_entra_tenant_id": config.require_secret("key"),
                        "microsoft_entra_client_secret_plaintext": config.require_secret("key"),
                    },
                },
            }
        ]
    },
)
"""
VARIABLE = """
ServingEndpoint(
    "churn",
    config={
        "served_entities": [
            {
                "name": "churn",
                "entity_name": "main.ml.churn",
                "entity_version": "1",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
                "environment_vars": {"TOKEN": config.require_secret("key")},
            }
        ]
    },
)
"""
SECRET = 'config.require_secret("key")'
LIMIT = f'{{"calls": 5, "key": "user", "principal": {SECRET}, "renewal_period": "minute"}}'
SECRET_LIMITS = "rate_limits=pulumi.Output.secret([" + LIMIT + "])"


def granted(grant: str) -> str:
    """An endpoint, and a grant on it."""
    endpoint = f"endpoint = {churn().lstrip()}"
    rest = f"endpoint_name=endpoint.name, access_control=[{grant}])"
    return f'{endpoint}\nEndpointPermissions("granted", {rest}\n'


def limited(kind: str, said: str) -> str:
    """An endpoint, and beside it what limits it."""
    endpoint = f"endpoint = {churn().lstrip()}"
    return f'{endpoint}\n{kind}("limited", endpoint_name=endpoint.name, {said})\n'


PLACES = {
    "a credential": plaintext_endpoint(),
    "a secret's value": keys(),
    "a tenant id": ENTRA,
    "a tag": churn(more=f'tags={{"team": {SECRET}}},'),
    "an environment variable": VARIABLE,
    "a whole config": ENTRA.replace("config={", "config=pulumi.Output.secret({", 1).replace(
        "        ]\n    },\n)", "        ]\n    }),\n)"
    ),
    "a trigger": churn(more=f'deploy={{"redeploy_on": [{SECRET}]}},'),
    "a limit's principal": churn(more=f'ai_gateway={{"rate_limits": [{LIMIT}]}},'),
    "a principal in a gateway": limited("AiGateway", f"rate_limits=[{LIMIT}]"),
    "a principal in rate limits": limited("RateLimits", f"rate_limits=[{LIMIT}]"),
    "a whole list of limits": limited("RateLimits", SECRET_LIMITS),
    "whom a grant is for": granted(f'{{"user_name": {SECRET}, "permission_level": "CAN_VIEW"}}'),
    "all tags": churn(more=f'tags=pulumi.Output.secret({{"team": {SECRET}}}),'),
    "a secret's version": keys().replace("value=config", f"version={SECRET}, value=config"),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_canary_is_seen_nowhere_whatever_happens(stand, place):
    stand.begin(key=CANARY)
    stand.environment = LOGGED
    wanted = program(PLACES[place])
    reports = []

    # Refused with the request repeated, failed in its words, rotated and back, destroyed.
    repeating = Fault("POST", f"{ENDPOINTS}", status=400, echo=True)
    refusing = Fault("POST", f"{SECRETS}/put", status=400, echo=True)
    for fault in (repeating, refusing):
        stand.workspace.faults.add(fault)
    reports.append(stand.engine.up(wanted))
    stand.workspace.faults.clear()
    stand.workspace.deployments.plan(polls=0, outcome="failed", message=CANARY, times=1)
    reports.append(stand.engine.up(wanted))
    reports.append(stand.engine.up(wanted, refresh=True))
    reports += [stand.engine.refresh(), stand.engine.preview(wanted)]
    seen = [seen_of(stand, report) for report in reports]
    stand.engine.config["shop:key"] = ROTATED
    rotated = stand.engine.up(wanted)
    stand.engine.config["shop:key"] = CANARY
    last = [stand.engine.up(wanted), stand.engine.destroy()]
    stand.environment = {}

    assert rotated.error is None
    assert [report.error for report in last] == [None, None]
    assert reports[0].error is not None
    seen += [seen_of(stand, report) for report in (rotated, *last)]
    everything = "\n".join(str(each) for parts in seen for each in parts)
    assert "DEBUG" in everything
    assert [secret for secret in (CANARY, ROTATED) if secret in everything] == []
