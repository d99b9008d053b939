"""SE: secrets and credentials, which may be seen nowhere, and rights, which must not get lost.

What the real engine prints is searched for a canary by every run of tests/engine. At `-v=9` the
engine itself prints secret inputs in clear.
"""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from databricks_serving.apply import acl, scope
from databricks_serving.apply.context import LeftUnfinished
from databricks_serving.errors import Refused
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_emulator import Behaviour, Fault
from databricks_serving_schema import Config, fields_of
from support.context import CANARY, ENDPOINTS, SECRETS, Bench, without_canary
from support.endpoints import config, registered
from support.mini_engine.nursery import LOGGED
from support.mini_engine.stand import new_workspace
from support.mini_engine.values import hidden, revealed
from support.programs import declared, plaintext_endpoint
from support.transports import Altered

CHAT = "serving-endpoints/chat"
ADMIN = "serving.admin@example.com"
ROTATED = "sk-R0T4T3D-that-nobody-may-see"
#: What stands for a value of the stack's configuration until the program is written out.
KEY = "the secret of the stack"


def written(kind, resource_name, /, **said):
    """A resource as a program declares it, with the stack's secret wherever `KEY` stands."""
    text = declared(kind, resource_name, **said)
    return text.replace(repr(KEY), 'config.require_secret("key")')


def rotate(story):
    story.stand.engine.config["shop:key"] = ROTATED


def hides(story):
    """Whether nobody could see either value in any run so far."""
    without_canary(story.seen)
    return ROTATED not in story.seen


def settled(story, text):
    return story.preview(text, refresh=True).changes == []


# --- SE-01: the value of a secret ----------------------------------------------------------------

KEYS = """
scope = SecretScope("keys", name="llm")
Secret("openai", scope=scope.name, key="openai", {value})
"""
IN_BASE64 = base64.b64encode(CANARY.encode()).decode()
#: How programs say a value: all but the first two are in the program in clear.
WAYS = {
    "configuration": 'value=config.require_secret("key")',
    "secret output": f'value=pulumi.Output.secret("{CANARY}")',
    "plain text": f'value="{CANARY}"',
    "plain bytes": f'value_base64="{IN_BASE64}"',
}


@pytest.mark.parametrize("way", WAYS)
def test_se_01_a_value_stands_encrypted_in_the_inputs_and_in_no_output(story, way):
    story.stand.begin(key=CANARY)
    text = KEYS.format(value=WAYS[way])

    story.up(text)
    story.refresh()
    story.up(text)

    assert story.sent() == ["POST secrets/scopes/create", "POST secrets/put"]
    recorded = story.resource("openai")
    name = "value_base64" if way == "plain bytes" else "value"
    assert hidden(recorded.inputs)[name] == "[secret]"
    without_canary(json.dumps(revealed(recorded.outputs)))
    assert hides(story)


def test_se_01_a_value_from_the_environment_is_in_no_state_at_all(story):
    text = KEYS.format(value='value_from_env="OPENAI_KEY"')
    story.stand.environment = {"OPENAI_KEY": CANARY}

    story.up(text)
    story.refresh()

    assert story.ui("GET", "secrets/get?scope=llm&key=openai")["value"] == IN_BASE64
    recorded = story.resource("openai")
    without_canary(*(json.dumps(revealed(bag)) for bag in (recorded.inputs, recorded.outputs)))
    assert hides(story)


def test_se_01_a_value_from_the_environment_is_put_again_for_a_new_version_or_value(story):
    text = KEYS.format(value='value_from_env="OPENAI_KEY", version="{v}"')
    story.stand.environment = {"OPENAI_KEY": CANARY}
    story.up(text.replace("{v}", "1"))
    story.sent()

    story.up(text.replace("{v}", "2"))
    assert story.sent() == ["POST secrets/put"]
    story.stand.environment = {"OPENAI_KEY": ROTATED}
    story.up(text.replace("{v}", "2"))
    assert story.sent() == ["POST secrets/put"]
    assert story.notices("openai")[-2] == "the value of OPENAI_KEY changed since it was put"
    story.stand.environment = {}

    assert settled(story, text.replace("{v}", "2"))
    story.up(text.replace("{v}", "3"), fails="OPENAI_KEY, which is not set. Nothing was sent.")
    assert story.sent() == []
    assert hides(story)


# --- SE-02: credentials in plans and logs --------------------------------------------------------

AZUREAD = {
    "openai_api_type": "azuread",
    "openai_api_base": "https://example.openai.azure.com",
    "openai_api_version": "2024-02-01",
    "openai_deployment_name": "gpt",
    "microsoft_entra_client_id": "id",
    "microsoft_entra_tenant_id": "tenant",
    "microsoft_entra_client_secret_plaintext": KEY,
}
CUSTOM = {"custom_provider_url": "https://llm.example.com"}
#: Of each vendor: its object of an external model, with every credential in plain text.
VENDORS = {
    "openai": ("openai", "openai_config", {"openai_api_key_plaintext": KEY}),
    "azure": ("openai", "openai_config", AZUREAD),
    "anthropic": ("anthropic", "anthropic_config", {"anthropic_api_key_plaintext": KEY}),
    "cohere": ("cohere", "cohere_config", {"cohere_api_key_plaintext": KEY}),
    "ai21": ("ai21labs", "ai21labs_config", {"ai21labs_api_key_plaintext": KEY}),
    "palm": ("palm", "palm_config", {"palm_api_key_plaintext": KEY}),
    "bedrock": (
        "amazon-bedrock",
        "amazon_bedrock_config",
        {
            "aws_region": "us-east-1",
            "bedrock_provider": "anthropic",
            "aws_access_key_id_plaintext": KEY,
            "aws_secret_access_key_plaintext": KEY,
        },
    ),
    "vertex": (
        "google-cloud-vertex-ai",
        "google_cloud_vertex_ai_config",
        {"project_id": "p", "region": "europe-west1", "private_key_plaintext": KEY},
    ),
    "databricks": (
        "databricks-model-serving",
        "databricks_model_serving_config",
        {
            "databricks_workspace_url": "https://other.example.com",
            "databricks_api_token_plaintext": KEY,
        },
    ),
    "bearer": (
        "custom",
        "custom_provider_config",
        {**CUSTOM, "bearer_token_auth": {"token_plaintext": KEY}},
    ),
    "header": (
        "custom",
        "custom_provider_config",
        {**CUSTOM, "api_key_auth": {"key": "X-Key", "value_plaintext": KEY}},
    ),
}


def of_vendor(name, value=KEY):
    provider, section, own = VENDORS[name]
    model = {"name": "m", "provider": provider, "task": "llm/v1/chat", section: own}
    said = {"config": config({"name": "gpt", "external_model": model})}
    text = written("ServingEndpoint", name, name=name, **said)
    return text if value == KEY else text.replace('config.require_secret("key")', repr(value))


def credential_paths(said, path=""):
    """Where `KEY` stands."""
    if said == KEY:
        return [path]
    inner = said.items() if isinstance(said, dict) else ()
    return [found for name, one in inner for found in credential_paths(one, f"{path}.{name}")]


def plaintext_fields(model):
    """The names of all credentials that a program may say in plain text."""
    for name, field in fields_of(model).items():
        if field.secret:
            yield name
        elif field.model is not None:
            yield from plaintext_fields(field.model)


#: Secrets of the stack's configuration, and texts in the program in clear: before and after.
SAID = {"configuration": (KEY, KEY), "plain text": (CANARY, ROTATED)}


@pytest.mark.parametrize("way", SAID)
def test_se_02_every_credential_of_every_vendor_is_named_and_never_shown(story, way):
    paths = {
        vendor: [f"{section}{path}" for path in credential_paths(own)]
        for vendor, (_, section, own) in VENDORS.items()
    }
    said = {path.rsplit(".", 1)[-1] for found in paths.values() for path in found}
    assert said == set(plaintext_fields(Config))
    story.stand.begin(key=CANARY)
    before, after = ("".join(of_vendor(name, value) for name in VENDORS) for value in SAID[way])
    story.up(before)
    story.refresh()
    rotate(story)

    seen = story.preview(after)
    story.up(after)
    story.destroy()

    assert seen.paths == {
        vendor: {f"credentials.gpt.external_model.{path}" for path in found}
        for vendor, found in paths.items()
    }
    assert hides(story)


def test_se_02_a_variable_that_is_marked_secret_is_never_shown(story):
    story.stand.begin(key=CANARY)
    entity = registered(environment_vars={"TOKEN": KEY, "MODE": "fast"})
    text = written("ServingEndpoint", "chat", name="chat", config=config(entity))
    story.up(text)
    story.refresh()
    rotate(story)

    seen = story.preview(text)
    story.up(text)

    assert seen.paths == {"chat": {"config.served_entities[0].environment_vars.TOKEN"}}
    (body,) = story.bodies(f"{CHAT}/config")
    assert body["served_entities"][0]["environment_vars"]["TOKEN"] == ROTATED
    assert hides(story)


# --- SE-03: outputs of another shape than the inputs ---------------------------------------------


def test_se_03_entities_that_come_back_in_another_order_take_no_secret_with_them(story):
    story.stand.begin(new_workspace(behaviour=Behaviour(shuffle=True)), key=CANARY)
    loud = registered("z", environment_vars={"TOKEN": KEY})
    said = config(loud, registered("a"), registered("m"), routes={"z": 10, "a": 20, "m": 70})
    text = written("ServingEndpoint", "chat", name="chat", config=said)

    story.up(text)
    for _ in range(3):
        story.refresh()
    theirs = registered("z", environment_vars={"TOKEN": CANARY, "MORE": "1"})
    edited = config(registered("new"), registered("a"), theirs, routes={"new": 0, "a": 0, "z": 100})
    story.ui("PUT", f"{CHAT}/config", edited)
    story.refresh()
    story.up(text)

    assert story.sent() == ["POST serving-endpoints", f"PUT {CHAT}/config"]
    assert hides(story)


def test_se_03_two_external_models_that_change_places_keep_their_own_keys(story):
    story.stand.begin(new_workspace(behaviour=Behaviour(shuffle=True)), key=CANARY)
    models = [
        {
            "name": name,
            "external_model": {
                "name": "gpt-4",
                "provider": "openai",
                "task": "llm/v1/chat",
                "openai_config": {"openai_api_key_plaintext": key},
            },
        }
        for name, key in (("one", KEY), ("two", ROTATED))
    ]
    text = [
        written(
            "ServingEndpoint",
            "chat",
            name="chat",
            config=config(*entities, routes={"one": 50, "two": 50}),
            allow_multiple_external_models=True,
        )
        for entities in (models, models[::-1])
    ]

    story.up(text[0])
    story.refresh()
    story.up(text[1])

    assert story.sent() == ["POST serving-endpoints"]
    assert hides(story)


# --- SE-04: the serialized provider --------------------------------------------------------------


@pytest.mark.parametrize("where", ["environment", "configuration", "argument"])
def test_se_04_the_serialized_provider_holds_no_credential_and_no_address(story, where):
    url = story.stand.url
    said = {"workspace": {"host": url}} if where == "argument" else {}
    if where != "environment":
        story.stand.environment = {"DATABRICKS_HOST": "http://127.0.0.1:1"}
    if where == "configuration":
        story.stand.engine.config["databricks-serving:host"] = url
    story.up(written("SecretScope", "keys", name="llm", **said))

    recorded = story.resource("keys")
    serialized = base64.b64decode(recorded.inputs["__provider"])
    assert recorded.inputs["__provider"] == PROVIDER_OF["SecretScope"]
    assert b"dapi" not in serialized
    assert b"127.0.0.1" not in serialized
    assert "dapi" not in json.dumps(revealed(recorded.inputs | recorded.outputs))
    assert story.refresh().changes == []
    story.destroy()
    assert story.sent() == ["POST secrets/scopes/create", "POST secrets/scopes/delete"]


# --- SE-05: the rest of the difference -----------------------------------------------------------


def test_se_05_beside_a_secret_every_other_difference_is_readable(story):
    story.stand.begin(key=CANARY)

    def text(share):
        both = [
            {
                "name": name,
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key_plaintext": KEY},
                },
            }
            for name in ("gpt", "spare")
        ]
        said = config(*both, routes={"gpt": share, "spare": 100 - share})
        return written(
            "ServingEndpoint", "chat", name="chat", config=said, allow_multiple_external_models=True
        )

    story.up(text(90))
    seen = story.preview(text(80))
    rotate(story)
    rotated = story.preview(text(90))

    shown = hidden(story.resource("chat").inputs)
    assert "[secret]" not in json.dumps(shown["config"])
    assert seen.paths["chat"] == {
        "config.traffic_config.routes[0].traffic_percentage",
        "config.traffic_config.routes[1].traffic_percentage",
    }
    path = "external_model.openai_config.openai_api_key_plaintext"
    assert shown["credentials"] == {name: {path: "[secret]"} for name in ("gpt", "spare")}
    assert rotated.paths["chat"] == {f"credentials.{name}.{path}" for name in ("gpt", "spare")}


# --- SE-07: debug logs ---------------------------------------------------------------------------


def test_se_07_logs_at_the_level_of_debugging_show_no_credential(story):
    story.stand.begin(key=CANARY)
    story.stand.environment = {LOGGED: "1"}
    text = plaintext_endpoint() + KEYS.format(value=WAYS["configuration"])

    runs = [story.up(text), story.refresh(), story.destroy()]

    assert all("DEBUG" in run.printed for run in runs)
    assert hides(story)


def test_se_07_nor_do_those_of_the_sdk_which_fetches_tokens(story):
    robot = "11111111-2222-3333-4444-555555555555"
    story.workspace.identities.add_service_principal(
        application_id=robot, client_secret=CANARY, groups=("admins",)
    )
    story.stand.environment = {
        LOGGED: "1",
        "DATABRICKS_TOKEN": "",
        "DATABRICKS_CLIENT_ID": robot,
        "DATABRICKS_CLIENT_SECRET": CANARY,
    }

    run = story.up(KEYS.format(value='value="v"'))

    assert "databricks.sdk" in run.printed
    assert listed(story) == {robot: "MANAGE"}
    assert hides(story)


# --- SE-08: errors that repeat the request -------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (ENDPOINTS, plaintext_endpoint()),
        (f"{SECRETS}/put", KEYS.format(value=WAYS["configuration"])),
    ],
    ids=["endpoint", "secret"],
)
def test_se_08_an_error_that_repeats_the_request_is_one_paragraph_without_its_secrets(
    story, path, text
):
    story.stand.begin(key=CANARY)
    story.workspace.faults.add(Fault("POST", path, status=400, error_code="BAD", echo=True))

    failed = story.up(text, fails="the workspace answered 400 BAD:")

    assert "***" in failed.error
    assert "\n" not in failed.error
    assert "Traceback" not in failed.error
    assert hides(story)


def test_se_08_the_words_of_a_failed_deployment_are_searched_for_them_too(story):
    story.stand.begin(key=CANARY)
    story.workspace.deployments.plan(
        outcome="failed", message=f"bad key {CANARY}", times=1, polls=0
    )

    story.up(plaintext_endpoint(), fails="bad key ***")

    assert hides(story)


# --- SE-09: references and keys ------------------------------------------------------------------


def openai(**own):
    model = {"name": "gpt-4", "provider": "openai", "task": "llm/v1/chat", "openai_config": own}
    said = config({"name": "gpt", "external_model": model})
    return written("ServingEndpoint", "chat", name="chat", config=said)


def test_se_09_a_key_where_a_reference_belongs_is_refused_and_not_repeated(story):
    where = "config.served_entities[0].external_model.openai_config.openai_api_key"

    refused = story.preview(openai(openai_api_key=CANARY), fails=f"{where}: takes a reference such")

    assert "`Secret` and write `secret.reference` here" in refused.error
    assert "the field of the same name with `_plaintext` added" in refused.error
    assert hides(story)
    assert story.asked == []


def test_se_09_both_forms_at_once_are_refused(story):
    story.stand.begin(key=CANARY)
    both = openai(openai_api_key="{{secrets/llm/openai}}", openai_api_key_plaintext=KEY)

    story.preview(both, fails="give either openai_api_key or openai_api_key_plaintext, not both")

    assert story.asked == []


def test_se_09_a_reference_to_a_secret_of_the_program_makes_the_endpoint_wait_for_it(story):
    text = """
key = Secret("openai", scope=SecretScope("keys", name="llm").name, key="openai", value="v")
""" + openai(openai_api_key=KEY).replace('config.require_secret("key")', "key.reference")

    planned = story.preview(text)
    story.up(text)
    story.destroy()

    assert planned.changes == [("create", "keys"), ("create", "openai"), ("create", "chat")]
    assert story.sent() == [
        "POST secrets/scopes/create",
        "POST secrets/put",
        "POST serving-endpoints",
        f"DELETE {CHAT}",
        "POST secrets/delete",
        "POST secrets/scopes/delete",
    ]


# --- SE-10: who manages a new scope --------------------------------------------------------------


def test_se_10_everybody_manages_a_scope_only_where_the_program_says_so(story):
    story.up(declared("SecretScope", "own", name="own"))
    own = story.bodies("secrets/scopes/create")
    story.up(declared("SecretScope", "all", name="all", initial_manage_principal="users"))

    assert own == [{"scope": "own"}]
    assert story.bodies("secrets/scopes/create") == [
        {"scope": "all", "initial_manage_principal": "users"}
    ]


def test_se_10_in_a_workspace_of_the_standard_tier_the_way_out_is_told(story):
    story.workspace.faults.add(
        Fault(
            "POST",
            f"{SECRETS}/scopes/create",
            status=400,
            error_code="BAD_REQUEST",
            message="Premium Tier is disabled in this workspace. Secret scopes can only be created "
            'with initial_manage_principal "users".',
        )
    )

    story.up(declared("SecretScope", "keys", name="llm"), fails="initial_manage_principal='users'")

    assert story.sent() == ["POST secrets/scopes/create"]


def test_se_10_a_manager_that_a_new_scope_cannot_have_is_refused_in_preview(story):
    said = declared("SecretScope", "keys", name="llm", initial_manage_principal="ann@example.com")

    story.preview(said, fails="initial_manage_principal: ")

    assert story.asked == []


# --- SE-11: access that gets lost ----------------------------------------------------------------

FIVE = {"ann@x.com": "READ", "bob@x.com": "WRITE", "data": "READ", "ops": "MANAGE", "web": "WRITE"}
SCOPE = 'scope = SecretScope("keys", name="llm")\n'


def acls(given):
    """A scope and access to it, by principal."""
    each = (
        f"SecretAcl({who!r}, scope=scope.name, principal={who!r}, permission={what!r})\n"
        for who, what in given.items()
    )
    return SCOPE + "".join(each)


def listed(story):
    items = story.ui("GET", "secrets/acls/list?scope=llm")["items"]
    return {one["principal"]: one["permission"] for one in items}


def test_se_11_of_five_the_two_that_stay_are_left_whoever_took_one_before(story):
    story.up(acls(FIVE))
    assert listed(story) == {ADMIN: "MANAGE", **FIVE}
    story.ui("POST", "secrets/acls/delete", {"scope": "llm", "principal": "ops"})
    story.sent()
    two = {who: FIVE[who] for who in ("ann@x.com", "bob@x.com")}

    story.up(acls(two))

    assert listed(story) == {ADMIN: "MANAGE", **two}
    assert story.sent() == ["POST secrets/acls/delete"] * 3
    assert settled(story, acls(two))


def test_se_11_a_list_that_is_late_makes_no_write_twice_and_a_lost_one_is_sent_again():
    bench = Bench(behaviour=Behaviour(stale_acl_seconds=10))
    bench.create(scope, {"name": "llm"})
    bench.workspace.clear_calls()
    lost = []

    def lose_the_third(request, answer):
        if request.url.path.endswith("acls/put"):
            lost.append(request)
            if len(lost) == 3:
                return httpx.Response(200, json={})
        return answer()

    transport = Altered(bench.workspace.transport(), lose_the_third)
    for who, what in FIVE.items():
        said = {"scope": "llm", "principal": who, "permission": what}
        bench.create(acl, said, transport=transport)

    bench.workspace.behaviour = Behaviour()
    items = bench.workspace.ui("GET", f"{SECRETS}/acls/list?scope=llm").json()["items"]
    assert {one["principal"]: one["permission"] for one in items} == {ADMIN: "MANAGE", **FIVE}
    assert len(lost) == 6


# --- SE-12: a change of access -------------------------------------------------------------------


def test_se_12_another_level_is_one_put_and_nobody_is_without_access_meanwhile(story):
    story.up(acls({"data": "READ"}))
    story.sent()

    seen = story.preview(acls({"data": "WRITE"}))
    story.up(acls({"data": "WRITE"}))

    assert seen.changes == [("update", "data")]
    assert seen.paths == {"data": {"permission"}}
    assert story.sent() == ["POST secrets/acls/put"]
    assert settled(story, acls({"data": "WRITE"}))


def test_se_12_nobody_lowers_or_loses_the_manage_that_the_scope_is_managed_by(story):
    story.up(acls({ADMIN: "MANAGE"}))
    story.sent()

    story.up(acls({ADMIN: "READ"}), fails=f"{ADMIN} has MANAGE on the secret scope llm, and it is")
    story.up(SCOPE)

    assert story.sent() == []
    assert listed(story) == {ADMIN: "MANAGE"}
    assert story.notices(ADMIN)[-1].startswith(
        f"MANAGE of {ADMIN} on the secret scope llm was kept"
    )


# --- SE-13: principals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"principal": ""}, "principal: "),
        ({"principal": "  "}, "principal: "),
        ({"permission": "12"}, "permission: "),
        ({"permission": "manage"}, "did you mean 'MANAGE'?"),
    ],
    ids=["empty", "blank", "number", "small letters"],
)
def test_se_13_what_can_be_no_principal_or_level_is_refused_in_preview(story, wrong, problem):
    said = {"scope": "llm", "principal": "data", "permission": "READ", **wrong}

    story.preview(declared("SecretAcl", "data", **said), fails=problem)

    assert story.asked == []


READ = {"scope": "llm", "principal": "data", "permission": "READ"}


def strict_about_principals():
    bench = Bench(behaviour=Behaviour(refuse_unknown_principals=True))
    bench.create(scope, {"name": "llm"})
    bench.workspace.clear_calls()
    return bench


def test_se_13_a_group_that_arrives_while_it_is_waited_for_gets_its_access():
    bench = strict_about_principals()

    def arriving(_request, answer):
        if bench.clock.passed > 30:
            bench.workspace.identities.set_group("data", ())
        return answer()

    bench.create(acl, READ, transport=Altered(bench.workspace.transport(), arriving))

    statuses = [call.status for call in bench.workspace.writes]
    assert statuses == [400] * (len(statuses) - 1) + [200]
    assert 30 < bench.clock.passed < 60


def test_se_13_one_that_never_arrives_is_an_error_that_says_what_principals_go_by():
    bench = strict_about_principals()

    refused = bench.fails(Refused, bench.create, acl, READ)

    assert "by its application id, not by its display name" in str(refused)
    assert not isinstance(refused, LeftUnfinished)


# --- SE-15: Azure Key Vault ----------------------------------------------------------------------


def vault(slash="/", name="kv", **more):
    resource = f"/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/{name}"
    address = {"resource_id": resource, "dns_name": f"https://{name}.vault.azure.net{slash}"}
    said = {"scope_backend_type": "AZURE_KEYVAULT", "backend_azure_keyvault": address}
    return declared("SecretScope", "vault", name="kv", **said, **more)


def by_entra(story):
    story.workspace.identities.add_user(
        "ann@example.com", groups=("admins",), token="dapi-ann", entra_token="entra-of-ann"
    )
    story.stand.environment = {"DATABRICKS_TOKEN": "entra-of-ann"}


def test_se_15_with_a_personal_access_token_the_up_says_which_credentials_it_takes(story):
    # Not in preview: which token it is only the workspace can tell, and `check` calls nothing.
    assert story.preview(vault()).changes == [("create", "vault")]

    refused = story.up(vault(), fails="Scope with Azure KeyVault must have userAADToken defined")

    assert "not with a personal access token" in refused.error
    assert "DATABRICKS_AUTH_TYPE=azure-cli" in refused.error
    assert "create kv in the UI and say adopt=True" in refused.error
    assert story.ui("GET", "secrets/scopes/list") == {}
    assert story.stand.engine.state == []


def test_se_15_a_slash_more_or_less_is_no_difference_and_another_vault_is_another_scope(story):
    by_entra(story)
    story.up(vault(slash=""))
    story.sent()

    assert settled(story, vault(slash=""))
    assert settled(story, vault())
    assert story.preview(vault(name="other")).changes == [
        ("delete-replaced", "vault"),
        ("replace", "vault"),
    ]
    story.up(vault(name="other"))
    assert story.sent() == ["POST secrets/scopes/delete", "POST secrets/scopes/create"]


def test_se_15_a_secret_is_put_into_the_vault_not_through_databricks(story):
    by_entra(story)
    text = (
        vault() + 'Secret("openai", scope="kv", key="openai", value=config.require_secret("key"))'
    )
    story.stand.engine.config["shop:key"] = CANARY
    story.stand.engine.secret_keys = ("shop:key",)

    refused = story.up(text, fails="The scope kv shows an Azure Key Vault, which can only be read")

    assert "`az keyvault secret set`" in refused.error
    assert "{{secrets/kv/openai}}" in refused.error
    assert hides(story)
    # The secrets of a vault are nobody's here to lose.
    story.workspace.put_in_key_vault("kv", "openai", "v")
    story.sent()
    story.destroy()
    assert story.sent() == ["POST secrets/scopes/delete"]


# --- SE-16: a secret that is rotated -------------------------------------------------------------


def serving(value, deploy=""):
    entity = registered(environment_vars={"TOKEN": "{{secrets/llm/openai}}"})
    return f"""
scope = SecretScope("keys", name="llm")
key = Secret("openai", scope=scope.name, key="openai", value={value!r})
ServingEndpoint(
    "chat",
    name="chat",
    config={config(entity)!r},
    {deploy}
    opts=pulumi.ResourceOptions(depends_on=[key]),
)
"""


TOLD = "{{secrets/llm/openai}} was put again: running endpoints that use it may keep the old value"


def test_se_16_where_the_endpoint_asks_for_it_a_rotation_is_one_put_and_one_configuration(story):
    on = 'deploy={"redeploy_on": [key.value_fingerprint]},'
    story.up(serving("sk-1", on))
    (created,) = story.bodies("serving-endpoints")
    story.sent()

    seen = story.preview(serving("sk-2", on))
    story.up(serving("sk-2", on))

    assert seen.changes == [("update", "openai"), ("update", "chat")]
    assert story.sent() == ["POST secrets/put", f"PUT {CHAT}/config"]
    (sent,) = story.bodies(f"{CHAT}/config")
    assert sent["served_entities"] == created["config"]["served_entities"]
    assert settled(story, serving("sk-2", on))


def test_se_16_else_it_is_one_put_and_a_line_that_says_what_keeps_running(story):
    story.up(serving("sk-1"))
    story.sent()

    story.up(serving("sk-2"))

    assert story.sent() == ["POST secrets/put"]
    (told,) = story.notices("openai")
    assert told.startswith(TOLD)
    assert '"redeploy_on": [secret.value_fingerprint]' in told


# --- SE-17: the wrong workspace ------------------------------------------------------------------

ALL = SCOPE + declared("ServingEndpoint", "chat", name="chat", config=config(registered()))


def test_se_17_credentials_that_lead_elsewhere_touch_nothing_and_nothing_counts_as_gone(story):
    story.up(ALL)
    story.sent()
    here = story.workspace
    story.stand.door.workspace = new_workspace(workspace_id="9999999999999999")

    for run in (
        lambda told: story.refresh(fails=told),
        lambda told: story.up(ALL, refresh=True, fails=told),
        lambda told: story.up(ALL.replace("'1'", "'2'"), fails=told),
        lambda told: story.destroy(fails=told),
    ):
        failed = run("is recorded in workspace 1234567890123456")
        assert "the credentials lead to workspace 9999999999999999" in failed.error

    assert story.sent() == []
    assert [each.name for each in story.stand.engine.state] == ["keys", "chat"]
    story.stand.door.workspace = here
    assert settled(story, ALL)


def test_se_17_what_the_program_says_wins_over_the_environment(story):
    story.stand.environment = {"DATABRICKS_HOST": "http://127.0.0.1:1"}
    said = {"workspace": {"host": story.stand.url}}

    story.up(declared("SecretScope", "keys", name="llm", **said))

    assert story.sent() == ["POST secrets/scopes/create"]


def test_se_17_where_the_method_is_named_credentials_of_others_do_not_count(story):
    story.stand.environment = {
        "DATABRICKS_AUTH_TYPE": "pat",
        "DATABRICKS_CLIENT_ID": "another",
        "DATABRICKS_CLIENT_SECRET": "another's",
        "ARM_CLIENT_ID": "a third",
        "ARM_CLIENT_SECRET": "a third's",
    }

    story.up(SCOPE)

    assert story.sent() == ["POST secrets/scopes/create"]


# --- SE-18: credentials of yesterday -------------------------------------------------------------


def test_se_18_what_was_made_with_one_token_is_read_and_deleted_with_another(story):
    story.workspace.identities.add_user("ann@example.com", groups=("admins",), token="dapi-1")
    story.stand.environment = {"DATABRICKS_TOKEN": "dapi-1"}
    story.up(ALL)
    assert "dapi-1" not in json.dumps(
        [revealed(r.outputs | r.inputs) for r in story.stand.engine.state]
    )

    story.workspace.identities.add_user("ann@example.com", token="dapi-2")
    story.refresh(fails="Set DATABRICKS_HOST and DATABRICKS_TOKEN")
    story.stand.environment = {"DATABRICKS_TOKEN": "dapi-2"}

    assert story.refresh().changes == []
    story.destroy()
    assert story.stand.engine.state == []
