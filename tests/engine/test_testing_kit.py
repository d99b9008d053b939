"""The test kit for settings: a program is deployed by the engine on a workspace, and queried."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from offline import engine_directory

from databricks_serving_emulator.testing import ProgramError, deployed

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "testing-settings"
PROGRAM = """\
import pulumi
from databricks_serving import ServingEndpoint

config = pulumi.Config()
one = {"entity_name": "ml.prod.churn", "entity_version": "1", "workload_size": "Small"}
one["scale_to_zero_enabled"] = True
endpoint = ServingEndpoint(
    "churn", name=config.require("name"), config={"served_entities": [one]}
)
pulumi.export("name", endpoint.name)
pulumi.export("key", config.require_secret("key"))
"""
USED = """\
from databricks_serving_emulator.testing import deploy  # noqa: F401 - a fixture


def test_it_is_deployed(deploy):
    stack = deploy({project!r}, secrets={{"openaiKey": "sk-made-up"}})

    assert stack.outputs == {{"endpoint": "support-chat"}}
    assert stack.query("support-chat", "hi", as_user="ann@example.com").text == "hi"
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """The engine is on PATH, and keeps what it keeps below a directory of the test."""
    monkeypatch.setenv("PATH", f"{engine_directory()}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")


@pytest.fixture
def project(tmp_path):
    """A project with a model of one's own, whose name is configured in a file of the stack."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text("name: churn\nruntime: python\n")
    (directory / "Pulumi.test.yaml").write_text("config:\n  churn:name: churn\n")
    (directory / "__main__.py").write_text(PROGRAM)
    return directory


@pytest.fixture
def elsewhere_called():
    """The address of something else than the emulator, and what was asked of it."""
    called = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)
            self.send_error(401)

        do_POST = do_CONNECT = do_GET  # noqa: N815 - the same

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", called
        server.shutdown()


def files(directory):
    """Each file of a directory and what it holds, but for what Python itself leaves there."""
    found = (path for path in directory.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in found if path.suffix != ".pyc"}


def ran(directory, **more):
    """pytest in that directory, as somebody runs it who has nothing of ours around."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("CI", "PYTEST_ADDOPTS")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"],
        cwd=directory,
        # Several run in one directory: none writes what another is about to copy.
        env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", **more},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "passed"), [("testing-settings", 4), ("chat-endpoint-component", 5)]
)
def test_the_tests_of_an_example_pass_where_they_stand_and_leave_nothing_behind(name, passed):
    example = EXAMPLE.parent / name
    before = files(example)

    # Without the plugins of this repository, which a reader has not installed.
    ended = ran(example, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    assert f"{passed} passed" in ended.stdout, ended.stdout + ended.stderr
    assert files(example) == before


def test_settings_that_somebody_loosened_turn_their_tests_red(tmp_path):
    copy = shutil.copytree(EXAMPLE, tmp_path / "example")
    program = copy / "__main__.py"
    laxer = program.read_text().replace('"calls": 100', '"calls": 101').replace("MASK", "NONE")
    program.write_text(laxer)

    ended = ran(copy)

    failed = {line.strip("_ ") for line in ended.stdout.splitlines() if line.startswith("___")}
    assert failed == {
        "test_the_101st_call_of_a_user_in_a_minute_is_refused",
        "test_a_card_number_is_masked",
    }


def test_the_fixture_deploys_for_one_test(tmp_path):
    (tmp_path / "test_used.py").write_text(USED.format(project=str(EXAMPLE)))

    ended = ran(tmp_path)

    assert "1 passed" in ended.stdout, ended.stdout


def test_the_stack_has_what_its_file_and_the_test_configure(project):
    before = files(project)

    with deployed(project, secrets={"key": "-CANARY"}) as stack:
        outputs = stack.outputs
        answer = stack.query("churn", "hi")

    assert outputs == {"name": "churn", "key": "-CANARY"}
    assert answer.status == 200
    assert files(project) == before


@pytest.mark.parametrize("names_it", ["the stack", "the program"])
def test_a_workspace_that_is_named_is_never_called(names_it, project, elsewhere_called):
    address, called = elsewhere_called
    if names_it == "the stack":
        file = project / "Pulumi.test.yaml"
        file.write_text(f"{file.read_text()}  databricks-serving:host: {address}\n")
    else:
        named = f'"churn", workspace={{"host": "{address}"}}, name'
        (project / "__main__.py").write_text(PROGRAM.replace('"churn", name', named))

    with deployed(project, secrets={"key": "k"}) as stack:
        assert stack.query("churn", "hi").status == 200

    assert called == []


def test_no_proxy_stands_between_the_program_and_its_workspace(
    project, elsewhere_called, monkeypatch
):
    address, called = elsewhere_called
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, address)

    with deployed(project, secrets={"key": "k"}) as stack:
        assert stack.query("churn", "hi").status == 200

    assert called == []


def test_a_stack_s_file_is_found_where_it_is_kept_and_its_secrets_get_other_values(project):
    (project / "Pulumi.yaml").write_text("name: churn\nruntime: python\nstackConfigDir: stacks\n")
    (project / "Pulumi.test.yaml").unlink()
    (project / "stacks").mkdir()
    (project / "stacks" / "Pulumi.test.yaml").write_text(
        "encryptionsalt: v1:0qyXS0K9qJE=:v1:hO5mGY1TFyXZ8g3A:q8Eo6ZC8h5dnVZcw0Y0V6Vb4yC8pkQ==\n"
        "config:\n  churn:name: kept\n  churn:key:\n    secure: v1:aaaa:bbbb\n"
    )
    before = files(project)

    with deployed(project, secrets={"key": "made-up"}) as stack:
        outputs = stack.outputs

    assert outputs == {"name": "kept", "key": "made-up"}
    assert files(project) == before


def test_a_changed_program_is_deployed_onto_the_same_workspace(project):
    with deployed(project, config={"name": "before"}, secrets={"key": "k"}) as stack:
        more = PROGRAM.replace('"churn", name', '"churn", tags={"team": "crm"}, name')
        (project / "__main__.py").write_text(more)
        stack.workspace.clear_calls()

        stack.up()

        sent = [(call.method, call.path) for call in stack.workspace.writes]
    assert sent == [("PATCH", "/api/2.0/serving-endpoints/before/tags")]


def test_a_client_of_ones_own_has_the_address_and_a_token(project):
    with deployed(project, secrets={"key": "k"}) as stack:
        ann = stack.token("ann@example.com")

        assert stack.url.startswith("http://127.0.0.1:")
        assert stack.token("ann@example.com") == ann
        assert stack.token() == stack.workspace.settings.token != ann


def test_who_may_not_query_is_refused_and_an_endpoint_that_is_not_there_too(project):
    with deployed(project, secrets={"key": "k"}) as stack:
        stranger = stack.query("churn", "hi", as_user="ann@example.com")
        nowhere = stack.query("chrun", "hi")

    assert (stranger.status, nowhere.status) == (403, 404)
    assert stranger.text


def test_a_program_that_fails_tells_what_the_engine_said(project):
    (project / "__main__.py").write_text("raise RuntimeError('not today')\n")

    with (
        pytest.raises(ProgramError, match=r"(?s)`pulumi up` in .* failed:.*not today"),
        deployed(project),
    ):
        pass


def test_what_is_no_project_is_named(tmp_path):
    with pytest.raises(ProgramError, match=r"holds no Pulumi\.yaml"), deployed(tmp_path):
        pass


@pytest.mark.parametrize(
    ("machine", "outcome"), [({}, "4 skipped"), ({"CI": "true"}, "4 errors")], ids=["person", "CI"]
)
def test_without_an_engine_a_test_is_skipped_and_fails_in_ci(tmp_path, machine, outcome):
    copy = shutil.copytree(EXAMPLE, tmp_path / "example")

    ended = ran(copy, PATH=str(tmp_path), **machine)

    assert outcome in ended.stdout, ended.stdout
    assert "There is no `pulumi` on PATH" in ended.stdout
