"""`dbserving demo` where the engine is not what it has to be; the story is in tests/engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request

import pytest

from databricks_serving_emulator import RunningServer, Workspace

SCOPES = "/api/2.0/secrets/scopes/list"
DEMO = [sys.executable, "-m", "databricks_serving.cli.main", "demo"]
REMEDY = (
    "Install Pulumi 3.227 or newer: https://www.pulumi.com/docs/install/ (in a checkout of this "
    "project, `make setup` obtains one, and `make demo` uses it), then run this again."
)
#: An engine whose `up` makes the scope, as the real one's does, and then goes wrong.
BREAKS_AFTER_THE_SCOPE = """\
import json, os, signal, sys, time, urllib.request
if sys.argv[1] == "version":
    print("v3.259.0")
if sys.argv[1] == "up":
    request = urllib.request.Request(
        os.environ["DATABRICKS_HOST"] + "/api/2.0/secrets/scopes/create",
        data=json.dumps({"scope": "llm-keys"}).encode(),
        headers={"Authorization": "Bearer dapi-emulator"},
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    if os.environ["GOES_WRONG_BY"] == "Ctrl-C":
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(60)
if sys.argv[1] == "preview":
    sys.exit(9)
"""
NEW_ENOUGH = '[ "$1" = version ] && echo v3.259.0 && exit 0'


@pytest.fixture
def folder(tmp_path):
    """A PATH with nothing but what a test puts there."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def program(folder, name, script):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def scope(workspace, name):
    """Somebody makes a scope."""
    made = workspace.ui("POST", "/api/2.0/secrets/scopes/create", {"scope": name})
    assert made.status == 200


def scopes(workspace):
    return [one["name"] for one in workspace.ui("GET", SCOPES).json().get("scopes", [])]


@pytest.fixture
def emulator():
    """A workspace that somebody has worked with before, and its address."""
    workspace = Workspace(token="dapi-emulator")
    with RunningServer(workspace) as server:
        request = urllib.request.Request(
            f"{server.url}/api/2.0/secrets/scopes/create",
            data=json.dumps({"scope": "of-before"}).encode(),
            headers={"Authorization": "Bearer dapi-emulator"},
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
        yield workspace, server.url


def demo(folder, *arguments, **more):
    return subprocess.run(
        [*DEMO, *arguments],
        env={**os.environ, "PATH": str(folder), **more},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_an_engine_it_says_how_to_get_one(folder):
    ended = demo(folder)

    assert ended.returncode == 64
    assert ended.stderr.startswith(
        "Error: There is no `pulumi` on PATH, and the demo runs on the real engine. " + REMEDY
    )
    assert ended.stdout == ""


def test_an_engine_that_is_too_old_is_named_with_its_version(folder):
    pulumi = program(folder, "pulumi", "echo v3.226.1")

    ended = demo(folder)

    assert ended.returncode == 64
    assert f"Error: {pulumi} is 3.226.1, and too old. {REMEDY}" in ended.stderr


def test_an_engine_that_cannot_run_python_is_named_with_what_it_lacks(folder):
    pulumi = program(folder, "pulumi", "echo v3.259.0")

    ended = demo(folder)

    assert ended.returncode == 64
    lacks = f"Error: {pulumi} comes without pulumi-language-python, which runs Python programs."
    assert lacks in ended.stderr


def test_where_a_step_fails_its_output_and_what_to_do_are_said(folder):
    program(folder, "pulumi", f"{NEW_ENOUGH}\necho full disk\nexit 9")
    program(folder, "pulumi-language-python", "")

    ended = demo(folder)

    assert ended.returncode == 1
    assert "    full disk\n" in ended.stdout
    assert "`pulumi stack init dev` ended with exit code 9, not 0" in ended.stderr
    assert "`dbserving doctor` looks for what is wrong with this installation" in ended.stderr
    assert "of `pip` too" in ended.stderr


def test_an_address_where_no_emulator_answers_is_said(folder):
    program(folder, "pulumi", NEW_ENOUGH)
    program(folder, "pulumi-language-python", "")

    ended = demo(folder, "--emulator", "http://127.0.0.1:9")

    assert ended.returncode == 1
    assert "http://127.0.0.1:9 does not answer as an emulator does" in ended.stderr
    assert "leave out --emulator" in ended.stderr


@pytest.mark.parametrize(
    ("by", "code", "shown"),
    [("an error", 1, ["the workspace got POST secrets/scopes/create"]), ("Ctrl-C", 130, [])],
)
def test_what_it_made_on_a_given_emulator_is_gone_where_it_ends_early(
    folder, emulator, by, code, shown
):
    workspace, url = emulator
    program(folder, "pulumi", "").write_text(f"#!{sys.executable}\n{BREAKS_AFTER_THE_SCOPE}")
    program(folder, "pulumi-language-python", "")

    ended = demo(folder, "--emulator", url, GOES_WRONG_BY=by)

    assert ended.returncode == code, ended.stderr
    assert f"Removed from {url}: the scope llm-keys.\n" in ended.stderr
    assert scopes(workspace) == ["of-before"]
    # Nor is what was written before it told as its own.
    told = [line.strip() for line in ended.stdout.splitlines() if "the workspace got" in line]
    assert told == shown


def test_what_stands_there_already_is_named_and_left_alone(folder, emulator):
    workspace, url = emulator
    scope(workspace, "llm-keys")
    program(folder, "pulumi", NEW_ENOUGH)
    program(folder, "pulumi-language-python", "")

    ended = demo(folder, "--emulator", url)

    assert ended.returncode == 1
    assert f"{url} has the scope llm-keys already, which the demo makes itself." in ended.stderr
    assert sorted(scopes(workspace)) == ["llm-keys", "of-before"]
