"""`dbserving import`, as a user runs it: files, what it says, and what it refuses."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.import_ import Asked, run_import
from databricks_serving_emulator import Fault, RunningServer, Workspace
from support.context import CANARY, ENDPOINTS, SECRETS
from support.endpoints import config, openai
from support.executed import executed
from support.imports import furnish

CLAUDE = "databricks-claude"
PROJECT = """\
name: "here"
description: Databricks serving endpoints and secrets
runtime: python
options:
  # Every preview and every up looks at the workspace first, so that changes made there are seen.
  refresh: always
"""
OF_SECRETS = (
    "The values of secrets were not read: give the ones that are there. The first `pulumi up` "
    "takes a value to be that, and does not put it. Later it is put when you give another one or "
    "another `version`, or when somebody else has put the secret."
)


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    """A workspace on loopback, with credentials in the environment and an empty directory."""
    made = Workspace(strict=True, foundation_models=(CLAUDE,))
    with RunningServer(made) as server:
        for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "DBSERVING_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("DATABRICKS_HOST", server.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", made.settings.token)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        yield made
    assert made.writes == ()


@pytest.fixture
def engine(tmp_path):
    """Puts a `pulumi` on PATH that says it is of some version."""

    def put(version):
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin" / "pulumi"
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return put


def scope(workspace, name="llm", key="openai"):
    workspace.ui("POST", f"{SECRETS}/scopes/create", {"scope": name})
    workspace.ui("POST", f"{SECRETS}/put", {"scope": name, "key": key, "string_value": CANARY})


def endpoint(workspace, name="chat", **entity):
    workspace.ui("POST", ENDPOINTS, {"name": name, "config": config({**openai(), **entity})})


def imported(capsys, **asked):
    """The program that an import writes, run; and what was said."""
    code = run_import(Asked(**asked))
    said = capsys.readouterr()
    program = Path(asked.get("out") or ".") / "__main__.py"
    made = executed(program.read_text(), AnySecret()) if program.exists() else []
    assert not program.exists() or CANARY not in program.read_text()
    assert code == 0
    assert CANARY not in said.out + said.err
    return made, said.out


class AnySecret:
    """A stack in which every secret is configured."""

    def __getitem__(self, key):
        return f"value of {key}"


def kinds_and_names(made):
    return [(kind, name) for kind, name, _ in made]


def test_an_import_writes_a_project_and_says_what_to_run(workspace, capsys, tmp_path, engine):
    scope(workspace)
    endpoint(workspace)
    engine("v3.254.0")

    _, said = imported(capsys)

    here = tmp_path / "here"
    assert sorted(file.name for file in here.iterdir()) == [
        "Pulumi.yaml",
        "__main__.py",
        "import.json",
        "requirements.txt",
    ]
    assert (here / "requirements.txt").read_text() == "databricks-serving\n"
    assert (here / "Pulumi.yaml").read_text() == PROJECT
    lines = said.splitlines()
    assert lines[lines.index("Next:") :] == [
        "Next:",
        "  pulumi stack init dev    # or: pulumi stack select",
        "  pulumi config set --secret llmOpenai    # secret llm/openai",
        "  pulumi import --file import.json --yes --protect=false --generate-code=false",
        "  pulumi preview    # nothing to do",
        "  pulumi up    # records how the resources hang together",
        "",
        OF_SECRETS,
    ]


def test_names_and_references_are_links_within_the_program(workspace, capsys, tmp_path):
    scope(workspace)
    endpoint(workspace)

    imported(capsys)

    source = (tmp_path / "here" / "__main__.py").read_text()
    assert '"openai_config": {"openai_api_key": llm_openai.reference},' in source
    assert "{{secrets" not in source
    assert "scope=llm.name," in source
    assert "endpoint_name=chat.name," in source


def test_a_reference_to_a_scope_that_is_not_imported_stays_as_it_is(workspace, capsys):
    scope(workspace)
    endpoint(workspace)

    made, _ = imported(capsys, exclude=("llm",), kinds=("SecretScope,ServingEndpoint",))

    (one,) = made
    entity = one[2]["config"]["served_entities"][0]
    assert entity["external_model"]["openai_config"] == {"openai_api_key": "{{secrets/llm/openai}}"}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"select": ("c*",)}, {"chat", "churn", "chat-gateway"}),
        ({"select": ("chat", "llm")}, {"chat", "llm", "llm/openai", "llm/somebody@example.com"}),
        ({"select": ("c*",), "exclude": ("*-gateway",)}, {"chat", "churn"}),
        ({"kinds": ("SecretScope",)}, {"llm"}),
        ({"kinds": ("SecretScope,Secret",)}, {"llm", "llm/openai"}),
    ],
)
def test_only_what_is_selected_is_imported(workspace, capsys, asked, names):
    scope(workspace)
    for name in ("chat", "churn", "chat-gateway", "other"):
        endpoint(workspace, name)

    made, _ = imported(capsys, **asked)

    assert {name for kind, name, _ in made if kind != "EndpointPermissions"} == names


@pytest.mark.usefixtures("workspace")
def test_databricks_own_endpoints_are_left_out_and_said(capsys):
    made, said = imported(capsys)

    assert made == []
    assert "1 endpoint(s) of Databricks' own (databricks-…) were left out; --include-system" in said
    assert "no file was written" in said


def test_of_databricks_own_endpoints_the_gateway_is_imported(workspace, capsys):
    limits = [{"calls": 7, "key": "user", "renewal_period": "minute"}]
    workspace.ui("PUT", f"{ENDPOINTS}/{CLAUDE}/ai-gateway", {"rate_limits": limits})

    made, _ = imported(capsys, include_system=True)

    assert made == [("AiGateway", CLAUDE, {"endpoint_name": CLAUDE, "rate_limits": limits})]


@pytest.mark.parametrize("kind", ["AiGateway", "RateLimits"])
def test_a_gateway_alone_is_imported_where_its_endpoint_is_not(workspace, capsys, kind):
    scope(workspace)
    endpoint(workspace)
    limits = [{"calls": 7, "key": "user", "renewal_period": "minute"}]
    workspace.ui("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"rate_limits": limits})

    made, _ = imported(capsys, kinds=(kind,))

    assert made == [(kind, "chat", {"endpoint_name": "chat", "rate_limits": limits})]


def test_an_endpoint_in_motion_is_written_to_be_adopted_and_said(workspace, capsys, tmp_path):
    body = {"entity_name": "ml.prod.churn", "entity_version": "1", "workload_size": "Small"}
    entity = {"name": "churn", "scale_to_zero_enabled": True, **body}
    workspace.deployments.plan(polls=50)
    workspace.ui("POST", ENDPOINTS, {"name": "churn", "config": {"served_entities": [entity]}})

    made, said = imported(capsys, kinds=("ServingEndpoint",))

    assert made[0][2]["adopt"] is True
    assert (
        "- ServingEndpoint churn is in the program and not in the import file, for an update of it "
        "is under way: it says adopt=True, and the next `pulumi up` brings it under the stack."
    ) in said
    assert not (tmp_path / "here" / "import.json").exists()


def test_a_plaintext_credential_is_asked_for_and_the_endpoint_adopted(workspace, capsys):
    model = {"openai_config": {"openai_api_key_plaintext": CANARY}}
    workspace.ui("POST", ENDPOINTS, {"name": "chat", "config": config(openai(model=model))})

    made, said = imported(capsys, kinds=("ServingEndpoint",))

    (_, _, arguments) = made[0]
    entity = arguments["config"]["served_entities"][0]
    assert arguments["adopt"] is True
    assert entity["external_model"]["openai_config"] == {
        "openai_api_key_plaintext": "value of chatGptOpenaiApiKey"
    }
    assert (
        "for no answer tells its config.served_entities[0].external_model.openai_config."
        "openai_api_key_plaintext: it says adopt=True"
    ) in said
    assert (
        "pulumi config set --secret chatGptOpenaiApiKey    "
        "# openai_api_key of gpt in endpoint chat, sent by the next `pulumi up`"
    ) in said


def test_several_external_models_are_said_to_be_allowed(workspace, capsys):
    furnish(workspace)

    made, _ = imported(capsys, select=("chat-gateway", "openai_endpoint"))

    told = {
        name: "allow_multiple_external_models" in a
        for kind, name, a in made
        if kind == "ServingEndpoint"
    }
    assert told == {"chat-gateway": True, "openai_endpoint": False}


def test_secrets_can_come_from_the_environment(workspace, capsys):
    scope(workspace, "llm-keys", "openai")

    made, said = imported(capsys, kinds=("Secret",), secrets_from="environment")

    assert made == [
        (
            "Secret",
            "llm-keys/openai",
            {"scope": "llm-keys", "key": "openai", "value_from_env": "LLM_KEYS_OPENAI"},
        )
    ]
    assert "Set these variables where a secret is to be put: LLM_KEYS_OPENAI." in said
    assert "config set --secret" not in said


def test_without_importing_the_program_adopts(workspace, capsys, tmp_path):
    scope(workspace)
    endpoint(workspace)

    made, said = imported(capsys, adopt=True)

    assert {kind: arguments.get("adopt") for kind, _, arguments in made} == {
        "SecretScope": True,
        "Secret": True,
        "SecretAcl": None,
        "ServingEndpoint": True,
        "EndpointPermissions": None,
    }
    assert not (tmp_path / "here" / "import.json").exists()
    assert "  pulumi up    # takes over what is there" in said
    assert "pulumi import" not in said


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("v3.253.1", "The `pulumi` on PATH is v3.253.1. Importing needs 3.254."),
        ("v3.254.0", None),
        ("3.300.0-alpha", None),
        (None, "There is no `pulumi` on PATH. Importing needs 3.254."),
    ],
)
def test_an_engine_that_cannot_import_is_told_with_the_way_out(
    workspace, capsys, engine, version, told
):
    scope(workspace)
    if version is not None:
        engine(version)

    _, said = imported(capsys)

    assert ("Importing needs" in said) is (told is not None)
    assert (told or "") in said
    assert ("--adopt" in said) is (told is not None)


def test_the_callers_own_rights_are_not_in_the_program(workspace, capsys):
    scope(workspace)
    endpoint(workspace)
    caller = workspace.settings.user
    put = {"scope": "llm", "principal": caller, "permission": "MANAGE"}
    workspace.ui("POST", f"{SECRETS}/acls/put", put)

    made, _ = imported(capsys, kinds=("SecretAcl", "EndpointPermissions"))

    assert caller not in str(made)
    assert kinds_and_names(made) == [
        ("SecretAcl", "llm/somebody@example.com"),
        ("EndpointPermissions", "chat"),
    ]


@pytest.mark.parametrize("name", ["__main__.py", "import.json"])
def test_nothing_of_a_persons_is_overwritten(workspace, capsys, tmp_path, name):
    scope(workspace)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / name).write_text("mine")

    with pytest.raises(UsageMistake, match=f"{name} in .*there would be overwritten.*--force"):
        run_import(Asked(out=tmp_path / "there"))
    assert [file.name for file in (tmp_path / "there").iterdir()] == [name]

    imported(capsys, out=tmp_path / "there", force=True)
    assert (tmp_path / "there" / name).read_text() != "mine"


def test_a_projects_own_files_are_left_alone_even_by_force(workspace, capsys, tmp_path):
    scope(workspace)
    (tmp_path / "there").mkdir()
    for name in ("Pulumi.yaml", "requirements.txt"):
        (tmp_path / "there" / name).write_text("mine")

    _, said = imported(capsys, out=tmp_path / "there", force=True)

    for name in ("Pulumi.yaml", "requirements.txt"):
        assert (tmp_path / "there" / name).read_text() == "mine"
        assert f"{name} was left alone" in said


@pytest.mark.usefixtures("workspace")
def test_a_directory_with_something_in_it_has_to_be_named(tmp_path):
    (tmp_path / "here" / "notes.txt").write_text("")

    with pytest.raises(
        UsageMistake, match=r"not empty\. Say where to write the program: --out DIR"
    ):
        run_import(Asked())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"kinds": ("Secrets",)}, "--kinds Secrets: there is no such; did you mean Secret?"),
        ({"kinds": ("Warehouse",)}, "say one of ServingEndpoint, SecretScope, Secret"),
        ({"secrets_from": "vault"}, "--secrets-from vault: there is no such; say one of config"),
    ],
)
def test_a_mistake_in_an_option_is_told_before_anything_is_asked(workspace, asked, told):
    with pytest.raises(UsageMistake) as caught:
        run_import(Asked(**asked))

    assert told in str(caught.value)
    assert workspace.calls == ()


def test_the_workspace_that_was_chosen_is_said_for_the_stack(workspace, capsys):
    scope(workspace)
    host = os.environ["DATABRICKS_HOST"]

    _, said = imported(capsys, workspace=host)

    assert f"  pulumi config set databricks-serving:host {host}\n" in said


def test_what_these_credentials_may_not_see_is_told_and_the_rest_imported(workspace, capsys):
    scope(workspace)
    endpoint(workspace)
    hidden = {"status": 403, "error_code": "PERMISSION_DENIED", "message": "Ask MANAGE."}
    workspace.faults.add(Fault(method="GET", path=f"{SECRETS}/acls/list", **hidden))

    made, said = imported(capsys)

    assert [kind for kind, _ in kinds_and_names(made)] == [
        "SecretScope",
        "Secret",
        "ServingEndpoint",
        "EndpointPermissions",
    ]
    assert "- Who has access to scope llm: left out, for these credentials may not see it." in said
