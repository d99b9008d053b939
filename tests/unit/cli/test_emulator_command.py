"""`dbserving emulator`, as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from importlib.metadata import version

import httpx
import pytest

DBSERVING = [sys.executable, "-m", "databricks_serving.cli.main"]
# Stands in for an environment where the extra was not installed.
WITHOUT = (
    "import sys; sys.modules[{package!r}] = None; sys.argv = ['dbserving', 'emulator'];"
    "from databricks_serving.cli.main import main; main()"
)


def dbserving(*arguments):
    return subprocess.run(
        [*DBSERVING, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@contextlib.contextmanager
def emulator(*arguments):
    process = subprocess.Popen(
        [*DBSERVING, "emulator", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def test_the_first_line_is_the_url_of_a_workspace_that_answers():
    with emulator("--token", "dapi-mine") as (process, url):
        exports = [process.stdout.readline().strip() for _ in range(2)]
        answer = httpx.get(
            f"{url}/api/2.0/serving-endpoints", headers={"Authorization": "Bearer dapi-mine"}
        )

    assert exports == [f"export DATABRICKS_HOST={url}", "export DATABRICKS_TOKEN=dapi-mine"]
    assert (answer.status_code, answer.json()) == (200, {})


def test_two_workspaces_may_have_ids_of_their_own():
    with emulator("--workspace-id", "9876543210987654") as (_process, url):
        answer = httpx.get(f"{url}/.well-known/databricks-config")

    assert answer.json()["workspace_id"] == "9876543210987654"


def test_an_id_that_no_workspace_has_ends_it_with_the_reason():
    ended = dbserving("emulator", "--workspace-id", "eu")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert '"workspace_id" must be a string of digits' in ended.stderr


def test_a_workspace_begins_with_its_seed_and_is_not_sown_again(tmp_path):
    seed = tmp_path / "workspace.json"
    user = {"user_name": "ann@example.com", "token": "dapi-ann"}
    steps = [{"control": "/_emulator/users", "body": user}]
    seed.write_text(json.dumps({"foundation_models": ["databricks-gte-large-en"], "steps": steps}))
    options = ("--seed", str(seed), "--db", str(tmp_path / "kept.db"))
    removed = {"name": "ann@example.com"}
    with emulator(*options) as (_process, url):
        ann = {"Authorization": "Bearer dapi-ann"}
        seen = httpx.get(f"{url}/api/2.0/serving-endpoints", headers=ann).json()
        httpx.request("DELETE", f"{url}/_emulator/identities", json=removed)

    with emulator(*options) as (_process, url):
        again = httpx.get(f"{url}/api/2.0/serving-endpoints", headers=ann).status_code

    assert [one["name"] for one in seen["endpoints"]] == ["databricks-gte-large-en"]
    assert again == 403


def test_a_seed_that_the_workspace_refuses_ends_it_with_the_reason(tmp_path):
    seed = tmp_path / "workspace.json"
    seed.write_text('{"steps": [{"control": "/_emulator/nothing", "body": {}}]}')

    ended = dbserving("emulator", "--seed", str(seed))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Step 1 of the seed failed: POST /_emulator/nothing: there is no such control" in (
        ended.stderr
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_stops_it_without_a_traceback(number, code):
    with emulator() as (process, _url):
        process.send_signal(number)
        _, complaints = process.communicate(timeout=30)

    assert (process.returncode, complaints) == (code, "")


SLOW = {
    "an answer that is late": ("/_emulator/faults", {"status": None, "delay": 600}),
    "a connection that is lost late": ("/_emulator/faults", {"drop": True, "delay": 600}),
    "a write that is held open": ("/_emulator/behaviour", {"lost_acl_writes_seconds": 600}),
}
ADMIN = {"Authorization": "Bearer dapi-emulator"}


def sent(url, body, length):
    """A connection by which a grant was asked for, in a body that is said to be that long."""
    at = httpx.URL(url)
    connection = socket.create_connection((at.host, at.port), timeout=30)
    head = (
        "POST /api/2.0/secrets/acls/put HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {ADMIN['Authorization']}\r\nContent-Length: {length}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def read_to_the_end(connection):
    with connection, contextlib.suppress(ConnectionResetError):
        while connection.recv(4096):
            pass


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
@pytest.mark.parametrize("slow", SLOW)
def test_what_is_slow_on_purpose_does_not_hold_up_a_signal(number, code, slow):
    path, steer = SLOW[slow]
    grant = b'{"scope": "llm", "principal": "users", "permission": "READ"}'
    with emulator() as (process, url), httpx.Client(base_url=url, headers=ADMIN) as http:
        http.post("/api/2.0/secrets/scopes/create", json={"scope": "llm"}).raise_for_status()
        method = "PATCH" if "behaviour" in path else "POST"
        http.request(method, path, json=steer).raise_for_status()
        connection = sent(url, grant, len(grant))
        while http.get("/_emulator/faults").json()["faults"]:
            pass  # it has not come yet
        process.send_signal(number)
        _, complaints = process.communicate(timeout=30)
        read_to_the_end(connection)

    assert (process.returncode, complaints) == (code, "")


def test_a_request_that_never_comes_whole_does_not_hold_up_a_signal():
    with emulator() as (process, url):
        connection = sent(url, b"{", 100)
        httpx.get(url)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
        read_to_the_end(connection)

    assert (process.returncode, complaints) == (130, "")


def test_a_client_that_goes_away_in_the_middle_of_a_request_is_no_complaint():
    with emulator() as (process, url):
        sent(url, b"{", 100).close()
        httpx.get(url)
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=30)

    assert (process.returncode, complaints) == (0, "")


def test_a_port_in_use_is_said_in_one_paragraph():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        done = dbserving("emulator", "--port", port)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_address_that_others_reach_needs_a_flag():
    done = dbserving("emulator", "--host", "0.0.0.0")

    assert (done.returncode, done.stdout) == (1, "")
    assert "--allow-remote" in done.stderr


@pytest.mark.parametrize("host", ["", "::", "0", "example.com"])
def test_so_does_every_address_that_is_not_known_to_be_this_machine_s(host):
    done = dbserving("emulator", "--host", host)

    assert (done.returncode, done.stdout) == (1, "")
    assert "--allow-remote" in done.stderr


def test_with_the_flag_others_reach_it_and_its_controls_need_the_token():
    with emulator("--host", "0.0.0.0", "--allow-remote") as (_process, url):
        local = url.replace("0.0.0.0", "127.0.0.1")
        without = httpx.get(f"{local}/_emulator/calls")
        known = httpx.get(
            f"{local}/_emulator/calls", headers={"Authorization": "Bearer dapi-emulator"}
        )

    assert (without.status_code, known.status_code) == (401, 200)


def test_without_an_option_only_this_machine_reaches_it():
    with emulator() as (_process, url):
        answer = httpx.get(f"{url}/api/2.0/serving-endpoints")

    assert url.startswith("http://127.0.0.1:")
    assert answer.status_code == 401


def test_there_is_no_emulator_without_a_token():
    done = dbserving("emulator", "--port", "0", "--token", "")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "dbserving emulator: The token must be ASCII text without blanks, and not empty. "
        "[emulator-not-opened]\n"
    )


def test_a_command_line_that_makes_no_sense_has_a_code_of_its_own():
    assert dbserving("emulator", "--port", "many").returncode == 64


@pytest.mark.parametrize(("said", "seconds"), [("50ms", 0.05), ("2s", 2.0), ("0s", 0.0)])
def test_answers_can_be_held_back_from_the_start(said, seconds):
    with emulator("--latency", said) as (_process, url):
        behaviour = httpx.get(f"{url}/_emulator/behaviour").json()

    assert behaviour["latency"] == seconds


@pytest.mark.parametrize("said", ["50", "ms", "-1s", "1.5s", "2 s", "2m", "1234567s"])
def test_what_is_no_latency_is_refused(said):
    done = dbserving("emulator", "--port", "0", f"--latency={said}")

    assert done.returncode == 64
    assert f"{said!r} is no duration such as 50ms or 2s." in done.stderr


def test_the_help_says_whose_token_it_is_and_what_every_option_does():
    done = subprocess.run(
        [*DBSERVING, "emulator", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"},
    )

    said = " ".join(re.sub(r"[^\x20-\x7e]", " ", done.stdout).split())
    assert "The admin's personal access token, one of several" in said
    for option in ("--host", "--port", "--token", "--db", "--latency", "--allow-remote"):
        assert option in said


def test_with_a_file_the_workspace_survives_a_restart(tmp_path):
    db = str(tmp_path / "workspace.db")
    headers = {"Authorization": "Bearer dapi-emulator"}
    body = {"scope": "llm"}
    with emulator("--db", db) as (process, url):
        httpx.post(f"{url}/api/2.0/secrets/scopes/create", headers=headers, json=body)
        before = httpx.get(f"{url}/api/2.0/secrets/scopes/list", headers=headers)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    with emulator("--db", db) as (_process, url):
        after = httpx.get(f"{url}/api/2.0/secrets/scopes/list", headers=headers)

    assert process.returncode == 0
    assert [scope["name"] for scope in after.json()["scopes"]] == ["llm"]
    assert after.json() == before.json()


def no_room():
    """Let the process write no file at all, whoever runs it: root may write to any folder."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_file_that_cannot_be_written_is_said_before_anything_is_answered(tmp_path):
    db = tmp_path / "workspace.db"
    with emulator("--db", str(db)):
        pass
    before = db.read_bytes()

    done = subprocess.run(
        [*DBSERVING, "emulator", "--port", "0", "--db", str(db)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=no_room,
    )

    assert (done.returncode, done.stdout) == (1, "")
    sentence = f"dbserving emulator: Cannot keep a workspace in {db}: disk I/O error."
    assert done.stderr == f"{sentence} [emulator-not-opened]\n"
    assert db.read_bytes() == before


def test_a_bad_file_is_said_in_one_sentence(tmp_path):
    db = tmp_path / "notes.txt"
    db.write_text("my shopping list, " * 100)

    done = dbserving("emulator", "--port", "0", "--db", str(db))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"dbserving emulator: Cannot keep a workspace in {db}: file is not a database. "
        "[emulator-not-opened]\n"
    )


@pytest.mark.parametrize("package", ["typer", "starlette", "uvicorn"])
def test_a_missing_extra_names_the_line_that_installs_it(package):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(package=package)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert package in done.stderr
    assert "pip install 'databricks-serving[cli,emulator]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_the_distribution_s():
    done = dbserving("--version")

    assert (done.returncode, done.stdout) == (0, f"dbserving {version('databricks-serving')}\n")
