"""`dbserving doctor`: each check once well and once not, and what may be pasted into an issue."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from databricks_serving.api import Credentials, Where, WorkspaceApi
from databricks_serving.cli.connections import Connections
from databricks_serving.cli.jobs.doctor import CHECKS, examine
from databricks_serving.cli.jobs.doctor.check import Check, Surroundings, Verdict, skipped
from databricks_serving.cli.jobs.stack import recorded_state
from databricks_serving.clock import SystemClock
from databricks_serving_emulator import Behaviour, Fault, RunningServer
from support import golden_stack

DBSERVING = [sys.executable, "-m", "databricks_serving.cli.main"]
TOKEN = golden_stack.TOKEN
CANARY = "sk-C4N4RY-that-nobody-may-see"
SECRETS = "/api/2.0/secrets"
ENDPOINTS = "/api/2.0/serving-endpoints"
PERMISSIONS = "/api/2.0/permissions/serving-endpoints"
GOLDEN = Path(__file__).parents[2] / "engine" / "golden" / "0.1.0"
CALLER = "serving.admin@example.com"


class Clinic:
    """A workspace with the recorded stack of all seven kinds, and the state of that."""

    def __init__(self, workspace, address, directory):
        self.workspace = workspace
        self.address = address
        self.directory = directory
        self.connections = Connections(SystemClock(), read_only=True)
        found = golden_stack.made_up(workspace, address)
        self.stack = json.loads(golden_stack.fitted((GOLDEN / "stack.json").read_text(), found))
        self.environment = {
            "PATH": str(directory / "bin"),
            "DATABRICKS_HOST": address,
            "DATABRICKS_TOKEN": TOKEN,
            "DATABRICKS_CONFIG_FILE": str(directory / "no-databrickscfg"),
        }
        (directory / "Pulumi.yaml").write_text(golden_stack.PROJECT)
        self.engine("v3.259.0")

    def engine(self, version):
        """Put a `pulumi` of that version on PATH; None: take it away."""
        program = self.directory / "bin" / "pulumi"
        program.parent.mkdir(exist_ok=True)
        program.unlink(missing_ok=True)
        if version is not None:
            program.write_text(f"#!/bin/sh\n[ $1 = version ] && echo {version}\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def entry(self, kind):
        """The state's entry of the first resource of that kind, to be changed."""
        entries = self.stack["deployment"]["resources"]
        return next(entry for entry in entries if entry["type"].endswith(f":{kind}"))

    @property
    def state(self):
        """The state as a file."""
        path = self.directory / "state.json"
        path.write_text(json.dumps(self.stack))
        return path

    def around(self, monkeypatch, **changes):
        """What the checks look at, in this process."""
        for name in [name for name in os.environ if name.startswith("DATABRICKS_")]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        path = self.state
        own = {
            "environment": self.environment,
            "directory": self.directory,
            "now": lambda: datetime.now(timezone.utc),
            "stdout": io.TextIOWrapper(io.BytesIO(), encoding="utf-8"),
            "connections": self.connections,
            "installed": version,
            "read_state": lambda: recorded_state(None, path),
        }
        return Surroundings(**{**own, **changes})

    def doctor(self, *arguments, **more):
        """The command itself, with the state."""
        ended = subprocess.run(
            [*DBSERVING, "doctor", "--state", str(self.state), *arguments],
            cwd=self.directory,
            env={**self.environment, "PYTHONUTF8": "1", "COLUMNS": "80", **more},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
        assert "Traceback" not in ended.stderr
        return ended


@pytest.fixture
def clinic(tmp_path):
    workspace = golden_stack.new_workspace()
    with RunningServer(workspace) as server:
        calls = json.loads((GOLDEN / "calls.json").read_text())
        golden_stack.replay(workspace, calls, server.url)
        clinic = Clinic(workspace, server.url, tmp_path)
        yield clinic
        clinic.connections.close()
    assert workspace.writes == (), "it only reads"


@pytest.fixture
def examined(clinic, monkeypatch):
    """What one check finds: verdict, words and remedy."""

    def of(id_, **changes):
        check = next(check for check in CHECKS if check.id == id_)
        [checked] = examine(clinic.around(monkeypatch, **changes), (check,))
        finding = checked.finding
        assert (finding.remedy != "") is (finding.verdict in (Verdict.WARNING, Verdict.FAILED))
        return finding.verdict.value, finding.found, finding.remedy

    return of


def test_all_is_well_with_a_stack_as_the_engine_left_it(clinic):
    ended = clinic.doctor()

    lines = ended.stdout.splitlines()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "✖" not in ended.stdout
    assert "▲" not in ended.stdout
    assert "  ✔ Pulumi CLI      3.259.0" in lines
    assert f"  ✔ Caller          {CALLER}, in admins, users" in lines
    assert "  ✔ State           shop/dev: 9 resources of ours, 0 others" in lines
    assert "  ✔ Endpoints       can be read: endpoint plain, databricks-claude, chat" in lines
    assert lines[-1] == "0 failed, 0 warnings, 26 ok, 2 skipped."
    assert max(map(len, lines)) <= 80


def test_json_has_every_check_with_its_verdict(clinic):
    clinic.engine(None)

    ended = clinic.doctor("--json")

    document = json.loads(ended.stdout)
    assert (ended.returncode, document["exit_code"]) == (0, 0)
    assert document["tool"] == {"name": "dbserving", "version": "0.1.0"}
    assert [one["id"] for one in document["checks"]] == [check.id for check in CHECKS]
    assert {one["error_id"] for one in document["checks"] if one["verdict"] == "ok"} == {""}
    [engine] = [one for one in document["checks"] if one["id"] == "pulumi-cli"]
    assert engine == {
        "id": "pulumi-cli",
        "group": "Versions",
        "title": "Pulumi CLI",
        "verdict": "warning",
        "error_id": "doctor-pulumi-cli",
        "found": "not on PATH; with --state, `drift` needs none",
        "remedy": "Install it (https://www.pulumi.com/docs/install/), or put it on PATH.",
    }


def test_only_the_checks_that_are_asked_for_are_made_and_strict_fails_for_a_warning(clinic):
    (clinic.directory / "Pulumi.yaml").write_text("name: shop\n")
    nowhere = {"DATABRICKS_HOST": "http://127.0.0.1:9"}
    only = ("--json", "--only", "configuration,ignore-file", "--only", "refresh-always")

    warned = clinic.doctor(*only, **nowhere)
    strict = clinic.doctor(*only, "--strict", **nowhere)

    checks = json.loads(warned.stdout)["checks"]
    assert [(check["id"], check["verdict"]) for check in checks] == [
        ("refresh-always", "warning"),
        ("ignore-file", "skipped"),
        ("configuration", "ok"),
    ]
    assert [warned.returncode, strict.returncode] == [0, 1]
    assert json.loads(strict.stdout)["exit_code"] == 1


def test_a_check_that_there_is_not_is_a_mistake_with_the_one_that_was_meant(clinic):
    ended = clinic.doctor("--only", "ignorefile")

    assert ended.returncode == 64
    assert "--only ignorefile: there is no such check; did you mean ignore-file?" in ended.stderr


def test_ids_are_each_its_own():
    ids = [check.id for check in CHECKS]

    assert sorted(set(ids)) == sorted(ids)


def test_the_guide_names_every_check():
    guide = Path(__file__).parents[3] / "docs" / "cancel-and-doctor.md"
    rows = [line for line in guide.read_text().splitlines() if line.startswith("| `")]
    first_cells = " ".join(row.split("|")[1] for row in rows if "--" not in row.split("|")[1])

    assert sorted(re.findall(r"`([\w-]+)`", first_cells)) == sorted(check.id for check in CHECKS)


def test_nothing_that_is_secret_is_told_whatever_goes_wrong(clinic):
    chat = clinic.entry("ServingEndpoint")
    chat["inputs"]["credentials"] = {"gpt": {"external_model.openai_config.x": CANARY}}
    clinic.entry("Secret")["inputs"]["value"] = CANARY
    said = f"token {TOKEN} and {CANARY} are wrong"
    fault = Fault("GET", f"{SECRETS}/**", status=400, error_code="BAD", message=said, times=None)
    clinic.workspace.faults.add(fault)
    proxy = "http://somebody:" + CANARY + "@127.0.0.1:1"
    more = {"OPENAI_API_KEY": CANARY, "ALL_PROXY": "", "HTTPS_PROXY": proxy, "NO_PROXY": "*"}

    text = clinic.doctor(**more)
    document = clinic.doctor("--json", **more)

    assert (text.returncode, document.returncode) == (1, 1)
    assert "in clear in the state: Secret openai: value" in text.stdout
    assert "BAD: token *** and *** are wrong" in json.dumps(json.loads(document.stdout))
    for shown in (text.stdout, text.stderr, document.stdout, document.stderr):
        assert CANARY not in shown
        assert TOKEN not in shown


def test_an_error_nobody_thought_of_is_one_failed_line(clinic, monkeypatch):
    def ask(_):
        raise RuntimeError("the roof is on fire")

    odd = Check("odd", "Odd", "Odd", ask)

    [first, then] = examine(clinic.around(monkeypatch), (odd, CHECKS[0]))

    assert first.finding.verdict is Verdict.FAILED
    assert first.finding.found == "could not be looked at: RuntimeError: the roof is on fire"
    assert then.finding.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("version", "verdict", "found"),
    [
        ("v3.259.0", "ok", "3.259.0"),
        (
            "v3.253.1",
            "warning",
            "3.253.1: too old for import files with outputs, which `dbserving import` writes",
        ),
        (
            "v3.228.0-dev.7",
            "warning",
            (
                "3.228.0-dev.7: too old for a refresh preview that takes no lock; import files "
                "with outputs, which `dbserving import` writes"
            ),
        ),
        ("garbage", "failed", "`pulumi version` tells none"),
        (None, "failed", "there is no `pulumi` on PATH"),
    ],
)
def test_the_engines_version_says_what_it_can_do(clinic, examined, version, verdict, found):
    clinic.engine(version)

    assert examined("pulumi-cli")[:2] == (verdict, found)


def test_an_old_sdk_and_a_missing_package_are_named_with_the_command_that_installs_them(examined):
    versions = {"pulumi": "3.215.0", "httpx": "0.20.0", "rich": None}

    def installed(name):
        return versions[name] if name in versions else version(name)

    sdk = examined("pulumi-sdk", installed=installed)
    packages = examined("packages", installed=installed)

    assert sdk == (
        "failed",
        "3.215.0: before 3.216 a refresh cannot answer inputs",
        "Upgrade it: pip install --upgrade pulumi",
    )
    assert packages[:2] == (
        "failed",
        "httpx is 0.20.0, and <1,>=0.27 is needed; rich is not installed",
    )
    assert packages[2].endswith("pip install --upgrade 'databricks-serving[cli,emulator]'")


def test_an_environment_without_pip_is_told_but_where_another_toolchain_is_said(clinic, examined):
    def installed(name):
        return None if name == "pip" else version(name)

    without = examined("pip", installed=installed)
    (clinic.directory / "Pulumi.yaml").write_text(
        "name: shop\nruntime:\n  name: python\n  options: {toolchain: uv}\n"
    )
    by_uv = examined("pip", installed=installed)

    assert without == (
        "warning",
        (
            "not in this environment: `pulumi` cannot list a program's packages without, so that "
            "neither the demo nor a project without another toolchain runs"
        ),
        "Install it: python -m ensurepip, or make the environment with uv venv --seed",
    )
    assert by_uv == ("skipped", "Pulumi.yaml has the toolchain uv", "")


def test_without_credentials_it_says_what_to_set_and_skips_what_needs_them(clinic, monkeypatch):
    del clinic.environment["DATABRICKS_HOST"], clinic.environment["DATABRICKS_TOKEN"]
    around = clinic.around(monkeypatch)

    checked = {one.check.id: one.finding for one in examine(around, CHECKS)}

    assert checked["authentication"].verdict is Verdict.FAILED
    assert "Set DATABRICKS_HOST and DATABRICKS_TOKEN" in checked["authentication"].remedy
    for id_ in ("caller", "workspace", "clock", "list-endpoints", "view-endpoints"):
        assert checked[id_].verdict is Verdict.SKIPPED
    assert checked["providers"].verdict is Verdict.OK


@pytest.mark.parametrize("credentials", [True, False])
def test_of_an_empty_stack_nothing_is_said_to_be_well_that_nobody_looked_at(
    clinic, monkeypatch, credentials
):
    clinic.stack["deployment"]["resources"] = []
    if not credentials:
        del clinic.environment["DATABRICKS_HOST"], clinic.environment["DATABRICKS_TOKEN"]
    around = clinic.around(monkeypatch)

    checked = {one.check.id: one.finding for one in examine(around, CHECKS)}

    assert checked["newer-fields"] == skipped("there is no endpoint to look at")
    assert checked["recorded-workspace"] == skipped(
        "the state has no resource that is recorded in a workspace"
    )


def test_a_refused_token_fails_once_and_the_rest_is_skipped(clinic, monkeypatch):
    clinic.environment["DATABRICKS_TOKEN"] = "dapi-of-nobody"
    around = clinic.around(monkeypatch)

    checked = {one.check.id: one.finding for one in examine(around, CHECKS)}

    assert checked["authentication"].found == f"pat, {clinic.address}"
    assert checked["caller"].found == "the workspace does not say who we are"
    assert "Set DATABRICKS_HOST and DATABRICKS_TOKEN" in checked["caller"].remedy
    assert checked["recorded-workspace"].verdict is Verdict.SKIPPED
    failed = [id_ for id_, finding in checked.items() if finding.verdict is Verdict.FAILED]
    assert failed == ["caller"]


def test_a_host_without_encryption_is_warned_of(clinic, examined):
    clinic.environment["DATABRICKS_HOST"] = "http://dbc.example.com"

    assert examined("authentication", read_state=None) == (
        "warning",
        "pat, http://dbc.example.com: tokens and secrets travel in clear",
        "Say https:// in the host.",
    )


def test_the_workspace_on_the_command_line_wins(examined):
    found = examined("authentication", chosen=Where(host="http://127.0.0.1:9"))

    assert found[:2] == ("ok", "pat, http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("seconds", "verdict", "found"),
    [
        (-20, "ok", "agrees with the workspace's"),
        (95, "warning", "this machine's clock is 1m3"),
        (-3630, "failed", "this machine's clock is 1h"),
    ],
)
def test_a_wrong_clock_is_told_with_how_wrong_it_is(examined, seconds, verdict, found):
    wrong = timedelta(seconds=seconds)

    told = examined("clock", now=lambda: datetime.now(timezone.utc) + wrong)

    assert told[0] == verdict
    assert told[1].startswith(found)


class OneWorkspace:
    """Connections that all lead to what answers so."""

    def __init__(self, answer):
        transport = httpx.MockTransport(answer)
        self.api = WorkspaceApi(Credentials("https://x", dict), SystemClock(), transport)

    def at(self, _where):
        return self.api


def test_a_workspace_that_does_not_tell_its_id_or_its_time_is_known_by_its_address(examined):
    def answer(request):
        return httpx.Response(200 if request.url.path.endswith("/Me") else 404, json={})

    connections = OneWorkspace(answer)

    identity = examined("workspace", connections=connections)
    clock = examined("clock", connections=connections)
    connections.api.close()

    assert identity[:2] == ("warning", "https://x does not tell its workspace id")
    assert clock[:2] == ("skipped", "the workspace's answers have no Date")


def test_certificates_that_are_not_there_or_half_set_are_told(clinic, examined):
    bundle = clinic.directory / "ca.pem"
    bundle.write_text("")
    clinic.environment["REQUESTS_CA_BUNDLE"] = str(bundle)
    half = examined("network", environment={"REQUESTS_CA_BUNDLE": str(bundle)})
    gone = examined("network", environment={"SSL_CERT_FILE": "/no/such.pem"})
    proxy = examined("network", environment={"https_proxy": "http://me:pw@proxy.example.com:3128"})
    nothing = examined("network", environment={})

    assert half[0] == "warning"
    assert half[2] == "Set SSL_CERT_FILE to the same file."
    assert gone[:2] == ("failed", "no such file: SSL_CERT_FILE=/no/such.pem")
    assert proxy[:2] == ("ok", "HTTPS_PROXY=http://***@proxy.example.com:3128")
    assert nothing[:2] == ("ok", "no proxy, no certificates of one's own")


@pytest.mark.parametrize(
    ("id_", "path", "found", "right"),
    [
        ("list-endpoints", ENDPOINTS, "endpoints cannot be listed: ", "CAN VIEW"),
        ("view-endpoints", f"{ENDPOINTS}/chat", "endpoint chat cannot be read: ", "CAN VIEW"),
        (
            "view-permissions",
            f"{PERMISSIONS}/*",
            "access list of chat cannot be read: ",
            "CAN MANAGE",
        ),
        ("read-scopes", f"{SECRETS}/list", "scope llm-keys cannot be read: ", "READ"),
        ("read-acls", f"{SECRETS}/acls/list", "scope llm-keys cannot be read: ", "MANAGE"),
    ],
)
def test_each_right_that_lacks_is_named_with_what_to_ask_for(
    clinic, examined, id_, path, found, right
):
    lacking = Fault(
        "GET", path, status=403, error_code="PERMISSION_DENIED", message="no", times=None
    )
    clinic.workspace.faults.add(lacking)

    verdict, told, remedy = examined(id_)

    assert verdict == "failed"
    assert told.startswith(found)
    assert right in remedy


def test_an_endpoint_that_is_gone_is_a_warning(clinic, examined):
    clinic.workspace.ui("DELETE", f"{ENDPOINTS}/plain")

    assert examined("view-endpoints")[:2] == (
        "warning",
        "endpoint plain: not there, or not visible",
    )


def test_fields_of_a_newer_api_are_named(clinic, examined):
    clinic.workspace.behaviour = Behaviour(unknown_fields=True)

    of_stack = examined("newer-fields")
    of_workspace = examined("newer-fields", read_state=None)

    for verdict, found, remedy in (of_stack, of_workspace):
        assert verdict == "warning"
        assert found.startswith("the API answers fields that this release does not know: ")
        assert "pip install --upgrade databricks-serving" in remedy


def test_a_state_that_cannot_be_read_fails_once(clinic, monkeypatch):
    gone = clinic.directory / "gone.json"
    around = clinic.around(monkeypatch, read_state=lambda: recorded_state(None, gone))

    checked = {one.check.id: one.finding for one in examine(around, CHECKS)}

    assert checked["state"].verdict is Verdict.FAILED
    assert "gone.json cannot be read" in checked["state"].remedy
    assert checked["secrets-in-clear"].found == "the state could not be read"
    assert checked["caller"].verdict is Verdict.OK


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_provider_by_value_is_found_on_either_side(clinic, examined, side):
    clinic.entry("AiGateway")[side]["__provider"] = "gASVnQEAAAAAAACMF2Nsb3VkcGlja2xl"

    verdict, found, remedy = examined("providers")

    assert verdict == "failed"
    assert found.startswith("AiGateway claude: the provider stands in the state as code by value")
    assert "`pulumi up`" in remedy


def test_a_format_of_a_newer_release_is_found(clinic, examined):
    clinic.entry("Secret")["outputs"]["__format"] = 2

    assert examined("formats") == (
        "failed",
        "Secret openai: written by a newer release than this one",
        "Install the newer release here too: pip install --upgrade databricks-serving",
    )


def test_pending_operations_and_unfinished_resources_are_found(clinic, examined):
    chat = clinic.entry("ServingEndpoint")
    chat["initErrors"] = ["endpoint plain is still being updated"]
    operation = {"type": "creating", "resource": {"urn": chat["urn"], "type": chat["type"]}}
    clinic.stack["deployment"]["pending_operations"] = [operation]

    pending, unfinished = examined("pending-operations"), examined("unfinished")

    assert pending[:2] == ("failed", "a run was killed in the middle of plain")
    assert "`pulumi cancel`, then `pulumi refresh --clear-pending-creates`" in pending[2]
    assert unfinished[:2] == ("warning", "the last run did not finish ServingEndpoint plain")
    assert "`pulumi up` goes on from there" in unfinished[2]


def test_resources_of_another_workspace_are_found(clinic, examined):
    outputs = clinic.entry("SecretScope")["outputs"]
    outputs["workspace_id"], outputs["workspace_host"] = "42", "https://other.example.com"

    verdict, found, remedy = examined("recorded-workspace")

    assert verdict == "failed"
    assert found == (
        "SecretScope keys: recorded in workspace 42 (https://other.example.com), and the "
        "credentials lead elsewhere"
    )
    assert remedy.startswith("Set credentials for that workspace")


@pytest.mark.parametrize(
    ("kind", "side", "name", "value", "where"),
    [
        ("Secret", "inputs", "value", CANARY, "Secret openai: value"),
        ("Secret", "outputs", "value_base64", CANARY, "Secret openai: value_base64"),
        ("AiGateway", "outputs", "__key", CANARY, "AiGateway claude: __key"),
        ("AiGateway", "outputs", "__before", {"x": CANARY}, "AiGateway claude: __before"),
        (
            "ServingEndpoint",
            "inputs",
            "credentials",
            {"gpt": {"path": CANARY}},
            "ServingEndpoint plain: credentials.gpt.path",
        ),
        (
            "ServingEndpoint",
            "outputs",
            "config",
            {
                "served_entities": [
                    {"external_model": {"openai_config": {"openai_api_key_plaintext": CANARY}}}
                ]
            },
            (
                "ServingEndpoint plain: "
                "config.served_entities.external_model.openai_config.openai_api_key_plaintext"
            ),
        ),
    ],
)
def test_a_secret_in_clear_is_found_and_not_repeated(
    clinic, examined, kind, side, name, value, where
):
    clinic.entry(kind)[side][name] = value

    verdict, found, remedy = examined("secrets-in-clear")

    assert (verdict, found) == ("failed", f"in clear in the state: {where}")
    assert CANARY not in found + remedy
    assert "replace the credential" in remedy


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ("name: shop\noptions:\n  refresh: always\n", "ok"),
        ("name: shop\noptions: {refresh: always}\nruntime: python\n", "ok"),
        ('name: shop\noptions:\n  # a note\n\n  "refresh": "always"  # why\nmain: x\n', "ok"),
        ("name: shop\n", "warning"),
        ("name: shop\noptions:\n  refresh: never\n", "warning"),
        ("name: shop\noptions:\n  # refresh: always\n", "warning"),
        ("name: shop\n# options: {refresh: always}\n", "warning"),
        ("name: shop\noptions: {}\nconfig:\n  refresh: always\n", "warning"),
    ],
)
def test_a_project_that_previews_without_looking_is_told_the_line_to_add(
    clinic, examined, content, verdict
):
    (clinic.directory / "Pulumi.yaml").write_text(content)

    told = examined("refresh-always")

    assert told[0] == verdict
    if verdict == "warning":
        assert told[2] == "Add to Pulumi.yaml: `options: {refresh: always}`"


def test_without_a_project_nothing_is_said_of_one(examined, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    assert examined("refresh-always", directory=elsewhere) == (
        "skipped",
        "there is no Pulumi.yaml here: run it in the project's directory",
        "",
    )


RULE = """
[[ignore]]
id = "sizes"
resource = "ServingEndpoint/chat-*"
reason = "the autoscaler owns it"
owner = "ml-platform"
until = {until}
"""


@pytest.mark.parametrize(
    ("content", "verdict", "found"),
    [
        (RULE.format(until="2026-01-31"), "ok", ".dbserving-ignore.toml: 1 rule"),
        (
            RULE.format(until="2026-01-01"),
            "warning",
            ".dbserving-ignore.toml: expired, and of no effect any more: sizes (ml-platform)",
        ),
        ("[[ignore]", "failed", ".dbserving-ignore.toml cannot be used"),
    ],
)
def test_the_ignore_file_is_read_and_expired_rules_are_named(
    clinic, examined, content, verdict, found
):
    (clinic.directory / ".dbserving-ignore.toml").write_text(content)

    told = examined("ignore-file", now=lambda: datetime(2026, 1, 15, tzinfo=timezone.utc))

    assert told[:2] == (verdict, found)


def test_what_is_not_well_ends_with_an_id_of_the_catalogue(clinic):
    (clinic.directory / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")

    ended = clinic.doctor()

    lines = ended.stdout.splitlines()
    assert "    → Add to Pulumi.yaml: `options: {refresh: always}` [doctor-refresh-always]" in lines
    assert ended.stdout.count("[doctor-") == 1


def test_a_configuration_that_cannot_be_used_is_told(clinic, examined):
    (clinic.directory / "dbserving.toml").write_text('stak = "dev"\n')

    verdict, found, remedy = examined("configuration")

    assert (verdict, found) == ("failed", "the configuration cannot be used")
    assert "stak" in remedy


def github(clinic, head="me/shop", **more):
    event = clinic.directory / "event.json"
    request = {"head": {"repo": {"full_name": head}}, "base": {"repo": {"full_name": "me/shop"}}}
    event.write_text(json.dumps({"pull_request": request}))
    (clinic.directory / "summary").write_text("")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_STEP_SUMMARY": str(clinic.directory / "summary"),
        "GITHUB_TOKEN": "ghs_0123456789",
        **more,
    }


def test_what_github_gives_to_a_run_is_told(clinic, examined):
    well = examined("ci", environment=github(clinic))
    forked = examined("ci", environment=github(clinic, head="you/shop"))
    silent = examined("ci", environment=github(clinic, GITHUB_TOKEN=""))
    blind = examined("ci", environment=github(clinic, GITHUB_STEP_SUMMARY="/no/such/place"))

    assert well[0] == "ok"
    assert "`pull-requests: write`" in well[1]
    assert forked[:2] == (
        "warning",
        "GitHub, a pull request from a fork: it gets no secrets, and its token only reads",
    )
    assert "workflow_run" in forked[2]
    assert silent[0] == "warning"
    assert "pull-requests: write" in silent[2]
    assert blind[:2] == ("warning", "GitHub: the step summary cannot be written")


def test_what_gitlab_and_others_give_is_told(examined):
    merge = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_PROJECT_ID": "1"}

    own = examined("ci", environment={**merge, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"})
    fork = examined("ci", environment={**merge, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"})
    other = examined("ci", environment={"CI": "true"})
    none = examined("ci", environment={})

    assert own[:2] == ("ok", "GitLab, merge request 7")
    assert fork[0] == "warning"
    assert other[0] == "ok"
    assert none[:2] == ("skipped", "not in CI")


def test_a_stream_that_is_not_unicode_gets_ascii_marks(clinic, examined):
    latin = io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-1")

    verdict, _, remedy = examined("terminal", stdout=latin, environment={})
    plain = clinic.doctor(TERM="dumb")

    assert verdict == "warning"
    assert "PYTHONUTF8=1" in remedy
    assert "  + Pulumi CLI      3.259.0" in plain.stdout
    assert plain.stdout.isascii()


def test_without_a_state_its_checks_are_one_line(clinic):
    ended = subprocess.run(
        [*DBSERVING, "doctor"],
        cwd=clinic.directory,
        env={**clinic.environment, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )

    assert ended.returncode == 0
    block = ended.stdout.split("State\n")[1].split("\n\n")[0]
    assert block == "  ○ Not looked at   no state is named; --stack or --state names one"
