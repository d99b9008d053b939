"""`dbserving demo` where the engine is not what it has to be; the story is in tests/engine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

DEMO = [sys.executable, "-m", "databricks_serving.cli.main", "demo"]
REMEDY = (
    "Install Pulumi 3.227 or newer: https://www.pulumi.com/docs/install/ (in a checkout of this "
    "project, `make setup` obtains one, and `make demo` uses it), then run this again."
)
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


def demo(folder, *arguments):
    return subprocess.run(
        [*DEMO, *arguments],
        env={**os.environ, "PATH": str(folder)},
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
    assert "dbserving doctor" in ended.stderr


def test_an_address_where_no_emulator_answers_is_said(folder):
    program(folder, "pulumi", NEW_ENOUGH)
    program(folder, "pulumi-language-python", "")

    ended = demo(folder, "--emulator", "http://127.0.0.1:9")

    assert ended.returncode == 1
    assert "http://127.0.0.1:9 does not answer as an emulator does" in ended.stderr
    assert "leave out --emulator" in ended.stderr
