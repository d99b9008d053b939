"""Where the command meets its surroundings: streams, paths, signals, files in odd encodings."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time

import pytest
import typer

from databricks_serving.cli.app import _with_its_id, app
from databricks_serving.cli.exits import complain
from databricks_serving.cli.jobs.pulumi import ended
from support.shop import DBSERVING, ENDPOINTS


def in_shell(shop, arguments, redirection):
    """A run with its streams redirected: exit code, standard output, standard error."""
    command = f"exec {shlex.join([*DBSERVING, *arguments])} {redirection}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=shop.directory,
        env=shop.environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


DRIFT = ("drift", "--state", "state.json", "--confirm-delay", "0s")


def test_what_is_said_is_one_printable_paragraph(capsys):
    complain("Error: bad\n::error::owned\n\x1b[31mred")
    complain("::stop-commands::x")
    complain("bad ##[error]owned")

    assert capsys.readouterr().err == (
        "Error: bad ::error::owned \\u001b[31mred\n\\u003a:stop-commands::x\n"
        "bad \\u0023#[error]owned\n"
    )


@pytest.mark.parametrize(
    ("redirection", "why"),
    [(">&-", "Bad file descriptor"), (">/dev/full", "No space left on device")],
)
@pytest.mark.parametrize("arguments", [DRIFT, (*DRIFT, "-f", "json"), ("doctor", "--help")])
def test_an_output_that_cannot_be_written_is_exit_code_1(shop, arguments, redirection, why):
    code, _, errors = in_shell(shop, arguments, redirection)

    assert code == 1
    assert why in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_errors_that_cannot_be_written_change_nothing(shop, redirection):
    fine, printed, _ = in_shell(shop, DRIFT, redirection)
    mistyped, _, _ = in_shell(shop, ("drift", "--nonsense"), redirection)

    assert (fine, mistyped) == (0, 64)
    assert "no drift" in printed


def test_a_report_goes_through_a_pipe_that_has_a_path(shop):
    code, printed, _ = in_shell(shop, (*DRIFT, "-f", "json=/dev/stdout"), "| cat")

    assert code == 0
    assert json.loads(printed)["summary"]["outcome"] == "clean"


@pytest.mark.parametrize(
    ("formats", "why"),
    [
        (("json=state.json",), "-f json=state.json would overwrite what --state names"),
        (("json=./x", "markdown=x"), "x is given to two formats"),
    ],
)
def test_a_report_replaces_neither_what_is_read_nor_another(shop, formats, why):
    before = (shop.directory / "state.json").read_text()

    ended_ = shop.drift(*(part for said in formats for part in ("-f", said)))

    assert ended_.returncode == 64
    assert why in ended_.stderr
    assert (shop.directory / "state.json").read_text() == before
    assert not (shop.directory / "x").exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_state_as_powershell_writes_it_is_read(shop, encoding):
    state = shop.directory / "state.json"
    state.write_bytes(state.read_text().encode(encoding))

    assert shop.drift().returncode == 0


def test_a_state_without_an_end_is_none(shop):
    (shop.directory / "state.json").write_text("[" * 100_000)

    ended_ = shop.drift()

    assert ended_.returncode == 6
    assert "nested too deep" in ended_.stderr


def test_a_pulumi_that_is_a_wrapper_is_ended_whole(tmp_path):
    wrapper = tmp_path / "pulumi"
    wrapper.write_text("#!/bin/bash\ntrap '' TERM\nsleep 40\necho late\n")
    wrapper.chmod(0o755)
    begun = time.monotonic()

    def look():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ended(
            str(wrapper), (), directory=tmp_path, environment={"PATH": "/usr/bin:/bin"}, look=look
        )

    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("command", ["import", "doctor", "cancel"])
def test_ctrl_c_ends_a_command_whose_call_hangs(shop, command):
    path = {"cancel": f"{ENDPOINTS}/chat"}.get(command, ENDPOINTS)
    arguments = {"import": ("--out", "new"), "doctor": (), "cancel": ("chat",)}[command]
    shop.door.path = path
    running = subprocess.Popen(
        [*DBSERVING, command, *arguments],
        cwd=shop.directory,
        env=shop.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert shop.door.reached.wait(30)

    running.send_signal(signal.SIGINT)
    printed, errors = running.communicate(timeout=10)

    assert running.returncode == 130
    assert "Traceback" not in errors
    assert ("not finished" in printed) is (command == "doctor")


def test_a_run_that_read_no_state_has_the_project_of_pulumi_yaml(shop):
    (shop.directory / "Pulumi.yaml").write_text('runtime: python\nname: "shop"  # ours\n')

    ended_ = shop.run("drift", "--state", "nowhere.json", "--stack", "acme/dev", "-f", "json")

    run = json.loads(ended_.stdout)["run"]
    assert (run["project"], run["stack"]) == ("shop", "dev")


@pytest.mark.parametrize("said", ["99999999999", "inf"])
def test_a_timeout_beyond_what_clocks_count_is_a_mistake(shop, said):
    ended_ = shop.drift("--timeout", said)

    assert (ended_.returncode, ended_.stdout) == (64, "")
    assert "--timeout" in ended_.stderr
    assert "Traceback" not in ended_.stderr


def test_doctor_tells_of_a_broken_configuration_and_goes_on(shop):
    (shop.directory / "dbserving.toml").write_text("x = [")

    ended_ = shop.run("doctor", "--json")

    checks = {one["id"]: one["verdict"] for one in json.loads(ended_.stdout)["checks"]}
    assert ended_.returncode == 1
    assert (checks["configuration"], checks["authentication"]) == ("failed", "ok")


@pytest.mark.parametrize("said", ['[drift]\nfail_on = ["bogus"]', 'color = "blue"'])
def test_doctor_tells_of_a_value_that_drift_would_refuse(shop, said):
    (shop.directory / "dbserving.toml").write_text(said)

    ended_ = shop.run("doctor", "--json")

    checks = {one["id"]: one for one in json.loads(ended_.stdout)["checks"]}
    assert checks["configuration"]["verdict"] == "failed"
    assert ": ." not in checks["configuration"]["remedy"]


def test_doctor_finds_the_ignore_file_that_drift_uses(shop):
    (shop.directory / ".git").mkdir()
    (shop.directory / ".dbserving-ignore.toml").write_text("nonsense")
    below = shop.directory / "below"
    below.mkdir()
    shop.directory = below

    ended_ = shop.run("doctor", "--json")

    checks = {one["id"]: one["verdict"] for one in json.loads(ended_.stdout)["checks"]}
    assert checks["ignore-file"] == "failed"


def test_cancel_goes_on_where_the_configured_stack_has_no_such_endpoint(shop):
    shop.make_rogue()
    (shop.directory / "dbserving.toml").write_text('state = "state.json"\n')

    ended_ = shop.run("cancel", "rogue")

    assert "records no ServingEndpoint called rogue: what serves now counts." in ended_.stderr
    assert "rogue" in ended_.stdout


@pytest.mark.parametrize("arguments", [[], ["report"]])
def test_a_command_without_arguments_says_its_help_and_no_error(arguments):
    # typer's own, of a module that is private to it.
    with pytest.raises(Exception) as caught:  # noqa: PT011 - newer releases give no message
        typer.main.get_command(app).main(arguments, "dbserving", standalone_mode=False)

    _with_its_id(caught.value)

    assert "bad-command-line" not in caught.value.format_message()
