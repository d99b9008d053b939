"""FR: what users of other tools wish for."""

from __future__ import annotations

from support.endpoints import config, limit, registered
from support.mini_engine.stand import new_workspace
from support.programs import declared

CHAT = "serving-endpoints/chat"
CLAUDE = "databricks-claude-opus"
MODEL = config(registered())


def chat(**said):
    """An endpoint called chat; of a registered model where nothing else is said."""
    return declared("ServingEndpoint", "chat", **{"name": "chat", "config": MODEL, **said})


def settled(story, text):
    return story.preview(text, refresh=True).changes == []


# --- FR-01: stopped ------------------------------------------------------------------------------


def test_fr_01_an_endpoint_that_somebody_stopped_is_no_difference_and_stays_stopped(story):
    story.up(chat(tags={"team": "a"}))
    story.sent()
    story.ui("POST", f"{CHAT}/config:stop")
    assert story.served("chat")["state"]["ready"] == "NOT_READY"

    assert settled(story, chat(tags={"team": "a"}))
    story.up(chat(tags={"team": "b"}), refresh=True)

    assert story.sent() == [f"PATCH {CHAT}/tags"]
    assert story.served("chat")["state"]["ready"] == "NOT_READY"


# --- FR-02: a gateway alone ----------------------------------------------------------------------


def test_fr_02_a_gateway_is_put_upon_what_is_there_changed_and_taken_away_again(story):
    story.stand.begin(new_workspace(foundation_models=(CLAUDE,)))
    gateway = f"PUT serving-endpoints/{CLAUDE}/ai-gateway"
    said = {"endpoint_name": CLAUDE, "usage_tracking_config": {"enabled": False}}
    before = story.served(CLAUDE)

    story.up(declared("AiGateway", "claude", **said, rate_limits=[limit(0, key="endpoint")]))
    story.up(declared("AiGateway", "claude", **said, rate_limits=[limit(5, key="endpoint")]))
    (changed,) = story.bodies(f"serving-endpoints/{CLAUDE}/ai-gateway")
    story.destroy()

    assert changed == {
        "rate_limits": [limit(5, key="endpoint")],
        "usage_tracking_config": {"enabled": False},
    }
    assert story.sent() == [gateway] * 3
    after = story.served(CLAUDE)
    assert {**after, "last_updated_timestamp": before["last_updated_timestamp"]} == before


# --- FR-04: Bedrock ------------------------------------------------------------------------------


def test_fr_04_a_service_credential_of_unity_catalog_is_sent_as_it_is(story):
    own = {
        "aws_region": "us-east-1",
        "bedrock_provider": "anthropic",
        "uc_service_credential_name": "bedrock-prod",
    }
    model = {"name": "claude", "provider": "amazon-bedrock", "task": "llm/v1/chat"}
    said = config({"name": "claude", "external_model": {**model, "amazon_bedrock_config": own}})

    story.up(chat(config=said))

    (body,) = story.bodies("serving-endpoints")
    (entity,) = body["config"]["served_entities"]
    assert entity["external_model"]["amazon_bedrock_config"] == own
    assert settled(story, chat(config=said))


def test_fr_04_misspelt_it_is_refused_before_anything_is_sent(story):
    own = {"aws_region": "us-east-1", "uc_service_credentials_name": "bedrock-prod"}
    model = {"name": "claude", "provider": "amazon-bedrock", "task": "llm/v1/chat"}
    said = config({"name": "claude", "external_model": {**model, "amazon_bedrock_config": own}})

    story.preview(chat(config=said), fails="did you mean 'uc_service_credential_name'?")

    assert story.asked == []


# --- FR-05: classic secrets ----------------------------------------------------------------------

SECRETS = """
scope = SecretScope("keys", name="llm")
Secret("openai", scope=scope.name, key="openai", value="sk")
Secret("cert", scope=scope.name, key="cert", value_base64="AP8=")
SecretAcl("data", scope=scope.name, principal="data", permission="READ")
"""


def test_fr_05_a_scope_its_secrets_and_who_may_read_them_are_one_program(story):
    story.up(SECRETS)

    first, *rest = story.sent()
    assert first == "POST secrets/scopes/create"
    # In which order these go is Pulumi's: they depend on the scope alone.
    assert sorted(rest) == ["POST secrets/acls/put", "POST secrets/put", "POST secrets/put"]
    assert story.ui("GET", "secrets/get?scope=llm&key=cert")["value"] == "AP8="
    assert settled(story, SECRETS)
    story.destroy()
    assert sorted(story.sent()) == [
        "POST secrets/acls/delete",
        "POST secrets/delete",
        "POST secrets/delete",
        "POST secrets/scopes/delete",
    ]
    assert story.ui("GET", "secrets/scopes/list") == {}


# --- FR-06: rotation -----------------------------------------------------------------------------


def rotated(version):
    return f"""
scope = SecretScope("keys", name="llm")
key = Secret("openai", scope=scope.name, key="openai", value="sk", version={version!r})
ServingEndpoint(
    "chat",
    name="chat",
    config={{"served_entities": [{registered(environment_vars={"KEY": 0})!r}]}},
    deploy={{"redeploy_on": [key.version]}},
)
""".replace("'KEY': 0", "'KEY': key.reference")


def test_fr_06_a_new_version_puts_the_value_again_and_deploys_what_names_it(story):
    story.up(rotated("2026-01"))
    story.sent()

    story.up(rotated("2026-02"))

    assert story.sent() == ["POST secrets/put", f"PUT {CHAT}/config"]
    assert settled(story, rotated("2026-02"))


# --- FR-07: newer fields -------------------------------------------------------------------------


def test_fr_07_telemetry_is_made_with_the_endpoint_and_changed_by_a_call_of_its_own(story):
    logged = {"table_names": {"logs_table": "main.ml.logs"}}
    sampled = {**logged, "inference_table_config": {"sampling_fraction": 0.5}}
    story.up(chat(telemetry_config=logged))
    assert settled(story, chat(telemetry_config=logged))

    story.up(chat(telemetry_config=sampled))

    assert story.sent() == ["POST serving-endpoints", f"PATCH {CHAT}/telemetry-config"]
    assert settled(story, chat(telemetry_config=sampled))


NEWER = config(registered(accelerator_hints=["fast"]))


def test_fr_07_a_field_of_a_newer_service_is_refused_or_where_the_stack_allows_it_sent_as_it_is(
    story,
):
    story.preview(chat(config=NEWER), fails="served_entities[0].accelerator_hints: no such field")
    story.stand.engine.config["databricks-serving:allowUnknownFields"] = "true"

    assert story.preview(chat(config=NEWER)).changes == [("create", "chat")]
    # This workspace is not newer, and strict.
    story.up(chat(config=NEWER), fails="unknown field config.served_entities[0].accelerator_hints")

    (body,) = story.bodies("serving-endpoints")
    assert body["config"] == NEWER
    told = "accelerator_hints: not known to this release; it is sent as it is [newer-field]"
    assert set(story.notices("chat")) == {f"config.served_entities[0].{told}"}


def test_fr_07_a_misspelt_field_is_refused_even_there(story):
    story.stand.engine.config["databricks-serving:allowUnknownFields"] = "true"

    misspelt = chat(config=config(registered(workload_sise="Large")))
    story.preview(misspelt, fails="did you mean 'workload_size'?")

    assert story.asked == []


# --- FR-08: readiness ----------------------------------------------------------------------------

GATED = """
endpoint = ServingEndpoint("chat", name="chat", config={config!r}, deploy={{"wait": {wait!r}}})
RateLimits("limits", endpoint_name=endpoint.name, rate_limits=[{limit!r}])
"""


def test_fr_08_what_stands_on_an_endpoint_waits_until_it_is_ready(story):
    story.workspace.deployments.plan(polls=2, times=1)

    story.up(GATED.format(config=MODEL, wait="ready", limit=limit(5)))

    assert story.sent() == ["POST serving-endpoints", f"PUT {CHAT}/ai-gateway"]
    made = story.asked.index("POST /api/2.0/serving-endpoints")
    limited = story.asked.index(f"PUT /api/2.0/{CHAT}/ai-gateway")
    assert story.asked[made:limited].count(f"GET /api/2.0/{CHAT}") >= 2
    assert story.resource("chat").outputs["state"]["ready"] == "READY"


def test_fr_08_or_until_the_service_took_it_which_is_no_difference_afterwards(story):
    story.workspace.deployments.plan(seconds=3600, times=1)
    text = GATED.format(config=MODEL, wait="accepted", limit=limit(5))

    story.up(text)

    assert story.sent() == ["POST serving-endpoints", f"PUT {CHAT}/ai-gateway"]
    assert story.resource("chat").outputs["state"]["ready"] == "NOT_READY"
    story.workspace.clock.advance(3600)
    assert story.refresh().changes == []
    assert story.resource("chat").outputs["state"]["ready"] == "READY"
    assert story.preview(text).changes == []
