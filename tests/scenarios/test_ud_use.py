"""UD: what people read (previews, errors, outputs), and what they write programs with.

The texts around it are the engine's own: tests/engine has `preview --diff` as it is printed.
Programs under mypy and pyright are in tests/typing; the oldest releases of what we depend on, the
Databricks SDK among them, run with `make oldest`.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from databricks_serving_emulator import Behaviour, Fault
from support.context import ENDPOINTS
from support.endpoints import config, limit, openai, registered
from support.programs import declared, plaintext_endpoint

CHAT = "serving-endpoints/chat"
ENTITY = "config.served_entities[0]"


def chat(more="", **said):
    """An endpoint called chat; of a registered model where nothing else is said."""
    text = declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})
    return text.replace(")\n", f", {more})\n") if more else text


MODEL = config(registered())


def settled(story, text):
    return story.preview(text, refresh=True).changes == []


# --- UD-01: a version that a pipeline moves ------------------------------------------------------


def test_ud_01_a_version_that_is_left_to_the_pipeline_stays_and_is_no_difference(story):
    left = 'opts=pulumi.ResourceOptions(ignore_changes=["config"])'
    story.up(chat(left, tags={"team": "a"}))
    story.sent()
    story.ui("PUT", f"{CHAT}/config", config(registered(entity_version="9")))

    assert settled(story, chat(left, tags={"team": "a"}))
    story.up(chat(left, tags={"team": "b"}), refresh=True)

    assert story.sent() == [f"PATCH {CHAT}/tags"]
    (entity,) = story.served("chat")["config"]["served_entities"]
    assert entity["entity_version"] == "9"


def test_ud_01_a_model_that_is_not_there_is_told_in_the_words_of_the_service(story):
    missing = "Registered model version main.ml.churn/1 does not exist"
    story.workspace.faults.add(
        Fault("POST", ENDPOINTS, status=404, error_code="RESOURCE_DOES_NOT_EXIST", message=missing)
    )

    story.up(chat(), fails=f"the workspace answered 404 RESOURCE_DOES_NOT_EXIST: {missing}.")

    assert story.stand.engine.state == []


# --- UD-02: where it is queried ------------------------------------------------------------------

TOLD = """
for what in ("name", "invocation_url", "endpoint_id", "endpoint_url"):
    said = getattr(endpoint, what)
    said.apply(lambda known, what=what: print(what, known))
"""


def test_ud_02_outputs_tell_where_an_endpoint_is_queried_in_previews_too(story, capsys):
    text = "endpoint = " + chat(tags={"team": "a"}) + TOLD

    def told(run, *said):
        run(*said)
        return dict(line.split(" ") for line in capsys.readouterr().out.splitlines())

    first = told(story.preview, text)
    made = told(story.up, text)
    changed = told(story.preview, text.replace("'a'", "'b'"))
    same = told(story.preview, text)

    url = f"{story.stand.url}/serving-endpoints/chat/invocations"
    known = {"name": "chat", "invocation_url": url}
    assert first == changed == known
    assert made == {**known, "endpoint_id": story.served("chat")["id"], "endpoint_url": "None"}
    assert same == {name: value for name, value in made.items() if name != "endpoint_url"}


def test_ud_02_an_optimized_route_has_an_address_of_its_own(story):
    story.up(chat(route_optimized=True))

    outputs = story.resource("chat").outputs
    at = f"{story.stand.url}/{story.workspace.workspace_id}"
    assert outputs["endpoint_url"] == f"{at}/serving-endpoints/chat"
    url = f"{story.stand.url}/serving-endpoints/chat/invocations"
    assert outputs["invocation_url"] == url


# --- UD-03: how many entities --------------------------------------------------------------------


def entities(count):
    names = [f"m{n}" for n in range(count)]
    return config(*map(registered, names), routes={name: 100 * (name == "m0") for name in names})


def test_ud_03_how_many_entities_there_may_be_is_left_to_the_service(story):
    assert story.preview(chat(config=entities(16))).changes == [("create", "chat")]

    story.up(chat(config=entities(16)), fails="at most 15 served entities.")
    story.up(chat(config=entities(15)))

    assert len(story.served("chat")["config"]["served_entities"]) == 15
    assert settled(story, chat(config=entities(15)))


# --- UD-04: the Databricks SDK -------------------------------------------------------------------

WITHOUT_SDK = """
import sys
sys.modules["databricks"] = sys.modules["databricks.sdk"] = None
from databricks_serving import ServingEndpoint
from databricks_serving.api import Where, resolve_credentials
from databricks_serving.dynamic.pickled import load
from databricks_serving.state.tokens import PROVIDER_OF
said = {"DATABRICKS_HOST": "https://example.com", "DATABRICKS_TOKEN": "dapi"}
assert resolve_credentials(Where(), said).host == "https://example.com"
print(*(type(load(kind)).__name__ for kind in PROVIDER_OF))
"""


def test_ud_04_with_host_and_token_no_release_of_the_sdk_is_needed_at_all():
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_SDK], capture_output=True, encoding="utf-8", check=False
    )

    assert ran.stderr == ""
    assert len(ran.stdout.split()) == 7


def test_ud_04_what_a_newer_service_answers_breaks_nothing(story):
    story.up(chat())
    story.sent()

    # What the older form of a newer answer says of an entity, and of the endpoint as a whole.
    newer = {"CPU": "QUANTUM", "DEPLOYMENT_READY": "DEPLOYMENT_SUPERB", "CAN_MANAGE": "CAN_ALL"}
    story.workspace.behaviour = Behaviour(unknown_fields=True, unknown_values=newer)

    assert story.refresh().changes == []
    story.up(chat(tags={"team": "a"}), refresh=True)
    assert story.sent() == [f"PATCH {CHAT}/tags"]


# --- UD-05: previews -----------------------------------------------------------------------------

GUARDED = {"guardrails": {"input": {"safety": True, "pii": {"behavior": "BLOCK"}}}}
SPLIT = config(registered("a"), registered("b"), routes={"a": 90, "b": 10})
#: By what is changed: the program before and after, and what a reviewer reads of it.
READ = {
    "a version": (
        {},
        {"config": config(registered(entity_version="2"))},
        {f"{ENTITY}.entity_version"},
    ),
    "a size": (
        {},
        {"config": config(registered(workload_size="Large"))},
        {f"{ENTITY}.workload_size"},
    ),
    "a switch": (
        {},
        {"config": config(registered(scale_to_zero_enabled=True))},
        {f"{ENTITY}.scale_to_zero_enabled"},
    ),
    "a variable more": (
        {"config": config(registered(environment_vars={"A": "1"}))},
        {"config": config(registered(environment_vars={"A": "1", "B": "2"}))},
        {f"{ENTITY}.environment_vars.B"},
    ),
    "the second of two": (
        {"config": SPLIT},
        {
            "config": config(
                registered("a"), registered("b", entity_version="2"), routes={"a": 90, "b": 10}
            )
        },
        {"config.served_entities[1].entity_version"},
    ),
    "traffic": (
        {"config": SPLIT},
        {"config": config(registered("a"), registered("b"), routes={"a": 80, "b": 20})},
        {f"config.traffic_config.routes[{n}].traffic_percentage" for n in (0, 1)},
    ),
    "the model of a vendor": (
        {"config": config(openai())},
        {"config": config(openai(model={"name": "gpt-4o"}))},
        {f"{ENTITY}.external_model.name"},
    ),
    "a limit": (
        {"ai_gateway": {"rate_limits": [limit(1), limit(5, key="endpoint")]}},
        {"ai_gateway": {"rate_limits": [limit(1), limit(6, key="endpoint")]}},
        {"ai_gateway.rate_limits[1].calls"},
    ),
    "a guardrail": (
        {"config": config(openai()), "ai_gateway": GUARDED},
        {
            "config": config(openai()),
            "ai_gateway": {"guardrails": {"input": {"safety": True, "pii": {"behavior": "MASK"}}}},
        },
        {"ai_gateway.guardrails.input.pii.behavior"},
    ),
    "one of two tags": (
        {"tags": {"team": "a", "cost": "1"}},
        {"tags": {"team": "b", "cost": "1"}},
        {"tags.team"},
    ),
    "a tag less": ({"tags": {"team": "a", "cost": "1"}}, {"tags": {"team": "a"}}, {"tags.cost"}),
    "who is told": (
        {"email_notifications": {"on_update_failure": ["a@x.com"]}},
        {"email_notifications": {"on_update_failure": ["a@x.com", "b@x.com"]}},
        {"email_notifications.on_update_failure[1]"},
    ),
}


@pytest.mark.parametrize("what", READ)
def test_ud_05_a_preview_names_the_leaf_that_changes_and_no_other(story, what):
    before, after, paths = READ[what]
    story.ui("POST", "secrets/scopes/create", {"scope": "llm"})
    story.ui("POST", "secrets/put", {"scope": "llm", "key": "openai", "string_value": "sk"})
    story.up(chat(**before))

    seen = story.preview(chat(**after))

    assert seen.changes == [("update", "chat")]
    assert seen.paths == {"chat": paths}


def test_ud_05_of_a_credential_it_names_whose_it_is(story):
    story.stand.begin(key="sk-1")
    story.up(plaintext_endpoint())
    story.stand.engine.config["shop:key"] = "sk-2"

    seen = story.preview(plaintext_endpoint())

    path = "external_model.openai_config.openai_api_key_plaintext"
    assert seen.paths == {"chat": {f"credentials.gpt.{path}"}}


# --- UD-07: mistakes -----------------------------------------------------------------------------


def test_ud_07_every_mistake_is_named_at_once_with_its_path_and_nothing_is_called(story):
    model = {"name": "churn", "entity_nme": "main.ml.churn", "scale_to_zero_enabled": "maybe"}
    text = chat(config=config(model), ai_gateway={"rate_limits": [{"calls": 5, "key": "usr"}]})

    refused = story.preview(text, fails=f"{ENTITY}.entity_nme: no such field; did you mean")

    assert sorted(refused.error.splitlines()) == [
        "ai_gateway.rate_limits[0].key: not known here; did you mean 'user'? [known-value]",
        "ai_gateway.rate_limits[0].renewal_period: required [required]",
        f"{ENTITY}.entity_nme: no such field; did you mean 'entity_name'? [unknown-field]",
        f"{ENTITY}.scale_to_zero_enabled: takes true or false [type]",
    ]
    assert story.asked == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (declared("SecretScope", "keys", nme="llm"), "nme: no such field; did you mean 'name'?"),
        (declared("Secret", "k", scope="llm", key="k", vlue="v"), "did you mean 'value'?"),
        (declared("AiGateway", "g", endpoint_name="chat", mode="additve"), "mean 'additive'?"),
        (declared("RateLimits", "l", endpoint_name="chat", rate_limits={}), "rate_limits: "),
        (
            declared(
                "EndpointPermissions",
                "p",
                endpoint_name="chat",
                access_control=[{"user_name": "a@x.com", "permission_level": "CAN_QERY"}],
            ),
            "access_control[0].permission_level: not known here; did you mean 'CAN_QUERY'?",
        ),
    ],
    ids=["scope", "secret", "gateway", "limits", "permissions"],
)
def test_ud_07_so_it_is_for_every_kind(story, text, problem):
    story.preview(text, fails=problem)

    assert story.asked == []


# --- UD-08: types --------------------------------------------------------------------------------

TYPED = """
from databricks_serving import ConfigArgs, RateLimitArgs, ServedEntityArgs
entity = ServedEntityArgs(
    name="churn",
    entity_name="main.ml.churn",
    entity_version="1",
    workload_size="Small",
    scale_to_zero_enabled=False,
)
limit = RateLimitArgs(calls=100, key="user", renewal_period="minute")
ServingEndpoint(
    "chat",
    name="chat",
    config=ConfigArgs(served_entities=[entity]),
    ai_gateway={"rate_limits": [limit]},
)
"""
PASTED = """
import json
body = json.loads('''{
  "name": "chat",
  "config": {"served_entities": [{
    "name": "churn", "entity_name": "main.ml.churn", "entity_version": "1",
    "workload_size": "Small", "scale_to_zero_enabled": "false"
  }]},
  "ai_gateway": {"rate_limits": [{"calls": "100", "key": "user", "renewal_period": "minute"}]}
}''')
ServingEndpoint("chat", **body)
"""


def test_ud_08_typed_arguments_and_json_of_the_documentation_say_the_same(story):
    story.up(TYPED)
    (body,) = story.bodies("serving-endpoints")

    assert body["config"] == MODEL
    assert body["ai_gateway"] == {"rate_limits": [limit(100)]}
    assert story.preview(PASTED).changes == []
    assert settled(story, PASTED)


# --- UD-09: errors of the service ----------------------------------------------------------------

SCOPE = declared("SecretScope", "keys", name="llm")
SECRET = declared("Secret", "openai", scope="llm", key="openai", value="v")
ACL = declared("SecretAcl", "data", scope="llm", principal="data", permission="READ")
GRANTS = [{"group_name": "users", "permission_level": "CAN_QUERY"}]
PERMISSIONS = declared("EndpointPermissions", "p", endpoint_name="chat", access_control=GRANTS)
#: What the service answers to which call of which program, and what a person can do about it.
KNOWN = {
    "no right": (
        chat(),
        Fault("POST", ENDPOINTS, status=403, error_code="PERMISSION_DENIED", message="No."),
        "Ask for the right, or run as somebody who has it.",
    ),
    "a token that ended": (
        chat(),
        Fault("GET", f"{ENDPOINTS}/chat", status=403, error_code="403", message="Invalid token"),
        "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile, to credentials of this workspace.",
    ),
    "a scope that is there": (
        SCOPE,
        None,
        "Choose another name, or say adopt=True to take it over.",
    ),
    "a scope that is not": (
        SECRET,
        None,
        "a Secret that takes scope=scope.name from its SecretScope waits for it",
    ),
    "access to no scope": (ACL, None, "waits for it"),
    "grants on no endpoint": (PERMISSIONS, None, "take endpoint_name=endpoint.name"),
    "limits of no endpoint": (
        declared("RateLimits", "l", endpoint_name="chat", rate_limits=[limit(1)]),
        None,
        "Check endpoint_name, or make the endpoint with ServingEndpoint",
    ),
    "an endpoint that is there": (chat(), None, "or say adopt=True to take it over"),
    "a secret that is not there": (
        chat(config=config(openai())),
        None,
        "served_entities[0].external_model.openai_config.openai_api_key: Scope llm does not exist!",
    ),
}


@pytest.mark.parametrize("error", KNOWN)
def test_ud_09_an_error_of_the_service_is_one_paragraph_that_says_what_to_do(story, error):
    text, fault, told = KNOWN[error]
    if fault is not None:
        story.workspace.faults.add(fault)
    if error == "a scope that is there":
        story.ui("POST", "secrets/scopes/create", {"scope": "llm"})
    if error == "an endpoint that is there":
        story.ui("POST", "serving-endpoints", {"name": "chat"})

    failed = story.up(text, fails=told)

    assert "\n" not in failed.error
    assert "Traceback" not in failed.error


SIZES = "Small, Medium or Large, or both min_ and max_provisioned_concurrency"


def test_ud_09_what_the_service_calls_undefined_is_asked_for_in_preview(story):
    bare = {"name": "churn", "entity_name": "main.ml.churn", "entity_version": "1"}

    refused = story.preview(chat(config=config(bare)), fails=f"{ENTITY}.scale_to_zero_enabled: ")

    assert refused.error.splitlines() == [
        f"{ENTITY}.scale_to_zero_enabled: required: say True or False [registered-model]",
        f"{ENTITY}.workload_size: required: {SIZES} [registered-model]",
    ]
    assert story.asked == []
