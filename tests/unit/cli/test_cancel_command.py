"""`dbserving cancel`, as a user runs it, against a workspace on loopback."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys

import pytest

from databricks_serving.cli.jobs.cancel import Progress
from databricks_serving_emulator import RunningServer, Workspace
from support.clock import FakeClock

DBSERVING = [sys.executable, "-m", "databricks_serving.cli.main"]
TOKEN = "dapi-0123456789abcdef"
ENDPOINTS = "/api/2.0/serving-endpoints"
CONFIG = f"{ENDPOINTS}/chat/config"
PUT = ("PUT", CONFIG)
HOUR = 3600.0
URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/databricks_serving:ServingEndpoint::chat"


def churn(version="1"):
    return {
        "name": "churn",
        "entity_name": "ml.prod.churn",
        "entity_version": version,
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
    }


@pytest.fixture
def workspace():
    """A workspace with the endpoint `chat`, which serves version 1."""
    made = Workspace(token=TOKEN, strict=True)
    made.deployments.plan(polls=0, times=1)
    made.ui("POST", ENDPOINTS, {"name": "chat", "config": {"served_entities": [churn()]}})
    return made


@pytest.fixture
def address(workspace):
    with RunningServer(workspace) as server:
        yield server.url


def environment(address, **more):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DATABRICKS_", "DBS"))}
    own = {"DATABRICKS_HOST": address, "DATABRICKS_TOKEN": TOKEN, "COLUMNS": "80"}
    return {**inherited, **own, **more}


def run(address, *arguments, **more):
    ended = subprocess.run(
        [*DBSERVING, "cancel", "chat", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env=environment(address, **more),
    )
    assert TOKEN not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


def started(address, *arguments):
    """The command, once it says that it waits."""
    process = subprocess.Popen(
        [*DBSERVING, "cancel", "chat", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(address),
    )
    assert process.stderr.readline().startswith("Waiting until the update of endpoint chat has")
    return process


def hangs(workspace, version="2", **more):
    """Somebody's update of the endpoint begins, and takes long."""
    plan = more or {"seconds": HOUR}
    workspace.deployments.plan(times=1, **plan)
    workspace.ui("PUT", CONFIG, {"served_entities": [churn(version)]})
    workspace.deployments.plan(polls=0)


def state(workspace, tmp_path, **overrides):
    """A state file of the stack that made the endpoint; `overrides`: of what it applied."""
    id_ = workspace.ui("GET", f"{ENDPOINTS}/chat").json()["id"]
    applied = {
        "name": "chat",
        "config": {"served_entities": {"churn": churn()}},
        "endpoint_id": id_,
        **overrides,
    }
    resource = {
        "urn": URN,
        "type": "pulumi-python:dynamic/databricks_serving:ServingEndpoint",
        "id": "chat",
        "inputs": {"name": "chat"},
        "outputs": {"name": "chat", "__applied": applied, "__format": 1},
    }
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": [resource]}}))
    return path


def sent(workspace):
    return [(call.method, call.path) for call in workspace.writes]


def served(workspace):
    config = workspace.ui("GET", f"{ENDPOINTS}/chat").json()["config"]
    return [entity["entity_version"] for entity in config["served_entities"]]


def test_without_a_strategy_it_says_what_is_under_way_and_where_the_button_is(workspace, address):
    hangs(workspace)

    ended = run(address)

    lines = ended.stdout.splitlines()
    assert ended.returncode == 64
    assert re.fullmatch(
        r"Endpoint chat: an update is under way since \d{4}-\d\d-\d\d \d\d:\d\dZ \(\d+s\)\.",
        lines[0],
    )
    assert lines[1:] == [
        "  churn  DEPLOYMENT_CREATING  Creating resources for served entity.",
        "What served before keeps serving meanwhile.",
        "",
        "No call of Databricks' API cancels an update. What can be done:",
        "  the button   cancels it at once: Cancel update, on",
        f"               {address}/ml/endpoints/chat",
        "  --supersede  wait until it has ended, then send what is wanted",
        "  --abandon    not here: it deletes a first deployment that never served",
        "  waiting      `pulumi up` does it by itself; Ctrl-C there stops waiting only",
    ]
    assert max(len(line) for line in lines) <= 80
    assert ended.stderr == (
        "Nothing was done. Say which strategy: --supersede or --abandon. [no-strategy]\n"
    )
    assert workspace.writes == ()


@pytest.mark.parametrize("strategy", [(), ("--supersede",), ("--abandon", "--yes")])
def test_where_nothing_is_under_way_it_says_so_and_writes_nothing(workspace, address, strategy):
    ended = run(address, *strategy)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == (
        "Nothing is under way at endpoint chat: there is nothing to cancel, and nothing sent.\n"
    )
    assert workspace.writes == ()


def test_an_update_that_somebody_cancelled_before_is_named(workspace, address):
    hangs(workspace)
    workspace.press_cancel_update("chat")

    ended = run(address, "--supersede")

    assert ended.returncode == 0
    assert "Its last update was cancelled; what served before keeps serving." in ended.stdout
    assert workspace.writes == ()


def test_superseding_sends_what_served_before_and_says_so(workspace, address):
    hangs(workspace, polls=2)

    ended = run(address, "--supersede")

    assert (ended.returncode, ended.stdout) == (
        0,
        "Endpoint chat is ready: it serves the configuration that served before.\n",
    )
    assert ended.stderr.splitlines()[0] == (
        "Waiting until the update of endpoint chat has ended; then the configuration that served "
        "before is sent. Ctrl-C stops waiting. The button that cancels the update at once: "
        f"{address}/ml/endpoints/chat"
    )
    assert sent(workspace) == [PUT]
    assert served(workspace) == ["1"]


def test_superseding_with_a_state_sends_what_the_stack_applied(workspace, address, tmp_path):
    hangs(workspace, polls=2)

    ended = run(address, "--supersede", "--state", str(state(workspace, tmp_path)))

    assert (ended.returncode, ended.stdout) == (
        0,
        "Endpoint chat is ready: it serves the configuration that the stack applied.\n",
    )
    assert sent(workspace) == [PUT]
    assert served(workspace) == ["1"]


def test_a_fingerprint_in_the_state_points_to_pulumi_up(workspace, address, tmp_path):
    hangs(workspace)
    openai = {"openai_api_key_plaintext": f"hmac-sha256:{'0' * 64}"}
    model = {"name": "gpt-4", "provider": "openai", "openai_config": openai}
    entities = {"churn": {"name": "churn", "external_model": model}}
    path = state(workspace, tmp_path, config={"served_entities": entities})

    ended = run(address, "--supersede", "--state", str(path))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "Error: The state holds no credentials of endpoint chat that could be sent, only "
        "fingerprints: "
        "config.served_entities.churn.external_model.openai_config.openai_api_key_plaintext. "
        "Nothing was sent. `pulumi up` has them: it waits for the update under way, then sends the "
        "whole configuration. [credentials-not-known]\n"
    )
    assert workspace.writes == ()


def test_a_name_that_the_state_does_not_know_is_told_with_the_nearest(workspace, address, tmp_path):
    hangs(workspace)
    path = state(workspace, tmp_path)
    path.write_text(path.read_text().replace('"id": "chat"', '"id": "chat2"'))

    ended = run(address, "--supersede", "--state", str(path))

    assert ended.returncode == 1
    assert "Stack dev records no ServingEndpoint called chat. Did you mean chat2?" in ended.stderr
    assert workspace.writes == ()


def test_a_state_that_is_not_there_is_exit_6(address, tmp_path):
    ended = run(address, "--supersede", "--state", str(tmp_path / "none.json"))

    assert ended.returncode == 6


def test_credentials_for_another_workspace_touch_nothing(workspace, address, tmp_path):
    hangs(workspace)
    path = state(workspace, tmp_path)
    here = '"name": "chat", "__applied"'
    there = f'"workspace_id": "1", "workspace_host": "https://x.example.com", {here}'
    path.write_text(path.read_text().replace(here, there))

    ended = run(address, "--supersede", "--state", str(path))

    assert ended.returncode == 1
    assert "recorded in workspace 1 (https://x.example.com)" in ended.stderr
    assert workspace.writes == ()


def test_the_button_pressed_meanwhile_is_exit_8(workspace, address):
    hangs(workspace)
    process = started(address, "--supersede")
    assert process.stderr.readline().startswith("churn DEPLOYMENT_CREATING")

    workspace.press_cancel_update("chat")
    _, complaints = process.communicate(timeout=30)

    assert process.returncode == 8
    assert "The update of endpoint chat was cancelled with the button" in complaints
    assert workspace.writes == ()


def test_when_the_time_is_up_it_is_exit_9(workspace, address):
    hangs(workspace)

    ended = run(address, "--supersede", "--timeout", "1s")

    assert ended.returncode == 9
    assert "Endpoint chat is still updating after 1s. Nothing was sent." in ended.stderr
    assert workspace.writes == ()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_waiting_and_what_served_before_keeps_serving(
    workspace, address, number, code
):
    hangs(workspace)
    process = started(address, "--supersede")
    assert process.stderr.readline().startswith("churn DEPLOYMENT_CREATING")

    process.send_signal(number)
    printed, complaints = process.communicate(timeout=30)

    assert (process.returncode, printed) == (code, "")
    assert "Stopped waiting for endpoint chat; the update goes on" in complaints
    assert "Traceback" not in complaints
    assert workspace.writes == ()
    assert served(workspace) == ["1"]


@pytest.fixture
def first(workspace):
    """The same workspace, where nothing has ever served at `chat`."""
    workspace.ui("DELETE", f"{ENDPOINTS}/chat")
    workspace.deployments.plan(seconds=HOUR)
    workspace.ui("POST", ENDPOINTS, {"name": "chat", "config": {"served_entities": [churn()]}})
    return workspace


def test_abandoning_deletes_a_first_deployment(first, address):
    ended = run(address, "--abandon", "--yes")

    assert (ended.returncode, ended.stdout) == (
        0,
        (
            "Endpoint chat is deleted. Where a stack declares it, `pulumi up --refresh` creates it "
            "again.\n"
        ),
    )
    assert sent(first) == [("DELETE", f"{ENDPOINTS}/chat")]


def test_abandoning_where_nobody_can_be_asked_needs_yes(first, address):
    ended = run(address, "--abandon")

    assert ended.returncode == 64
    assert "--abandon deletes endpoint chat, and nobody can be asked here." in ended.stderr
    assert first.writes == ()


@pytest.mark.parametrize(("answer", "code", "writes"), [(b"n\n", 1, 0), (b"y\n", 0, 1)])
def test_on_a_terminal_it_asks_before_it_deletes(first, address, answer, code, writes):
    keyboard, screen = pty.openpty()
    process = subprocess.Popen(
        [*DBSERVING, "cancel", "chat", "--abandon"],
        stdin=screen,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(address),
    )
    os.write(keyboard, answer)
    printed, complaints = process.communicate(timeout=30)
    os.close(keyboard)
    os.close(screen)

    assert process.returncode == code
    assert "It has never served: this is its first deployment." in printed
    assert "Delete endpoint chat?" in complaints
    assert len(first.writes) == writes


def test_ctrl_c_at_the_question_deletes_nothing(first, address):
    keyboard, screen = pty.openpty()
    process = subprocess.Popen(
        [*DBSERVING, "cancel", "chat", "--abandon"],
        stdin=screen,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(address),
    )
    assert process.stderr.read(len("Delete")) == "Delete"

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    os.close(keyboard)
    os.close(screen)

    assert process.returncode == 130
    assert first.writes == ()


def test_a_line_of_progress_that_says_nothing_new_comes_again_only_now_and_then():
    clock, lines = FakeClock(), []
    say = Progress(clock, lines.append)

    for seconds in range(0, 50, 10):
        say(f"churn DEPLOYMENT_CREATING ({seconds}s)")
        clock.advance(10)
    say("ready (50s)")

    assert lines == [
        "churn DEPLOYMENT_CREATING (0s)",
        "churn DEPLOYMENT_CREATING (30s)",
        "ready (50s)",
    ]


def test_abandoning_what_has_served_is_refused(workspace, address):
    hangs(workspace)

    ended = run(address, "--abandon", "--yes")

    assert ended.returncode == 1
    assert "has a configuration that served before: it is not deleted" in ended.stderr
    assert workspace.writes == ()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--supersede", "--abandon"), "--supersede and --abandon exclude each other"),
        (("--supersede", "--timeout", "soon"), "--timeout: 'soon' takes a duration such as 2h"),
        (("--superseed",), "No such option"),
    ],
)
def test_a_mistake_in_the_arguments_is_exit_64(workspace, address, arguments, says):
    ended = run(address, *arguments)

    assert ended.returncode == 64
    assert says in ended.stderr
    assert workspace.writes == ()


def test_an_endpoint_that_is_not_there_and_a_refused_token_end_the_run(workspace, address):
    workspace.ui("DELETE", f"{ENDPOINTS}/chat")

    gone = run(address)
    refused = run(address, DATABRICKS_TOKEN="dapi-of-nobody")

    assert gone.returncode == 1
    assert f"There is no endpoint called chat at {address}." in gone.stderr
    assert refused.returncode == 3
    assert "dapi-of-nobody" not in refused.stderr
