"""docs/emulator.md says what is so, and its examples work."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from databricks_serving_emulator import (
    Behaviour,
    Deployments,
    Fault,
    RegisteredModel,
    Request,
    RunningServer,
    Workspace,
)

pytestmark = pytest.mark.one_door("a document goes through none")

GUIDE = (Path(__file__).parents[3] / "docs" / "emulator.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part for part in re.split(r"^##+ ", GUIDE, flags=re.MULTILINE)[1:]
}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^curl (?:.*\\\n)*(?:[^']|'[^']*')*?$", re.MULTILINE)
#: curl fails where the emulator refuses.
PREAMBLE = 'set -eu; curl() { command curl --silent --show-error --fail "$@"; }\n'


def blocks(language, section=GUIDE):
    return [text for kind, text in FENCE.findall(section) if kind == language]


def scripts(*words):
    """The shell examples of the sections in which one of the words occurs, by section."""
    found = {name: "\n".join(blocks("sh", section)) for name, section in SECTIONS.items()}
    return {name: text for name, text in found.items() if any(word in text for word in words)}


def run(script, folder, **variables):
    known = {**os.environ, "NO_PROXY": "*", **variables}
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=known,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


CURLS = scripts("curl")


@pytest.mark.parametrize("script", CURLS.values(), ids=CURLS.keys())
def test_the_examples_of_a_section_work_one_after_the_other(script, tmp_path):
    workspace = Workspace()
    with RunningServer(workspace) as server:
        done = run(
            PREAMBLE + script,
            tmp_path,
            DATABRICKS_HOST=server.url,
            DATABRICKS_TOKEN="dapi-emulator",
        )

    assert (done.returncode, done.stderr) == (0, "")
    assert workspace.unknown_calls == ()
    assert workspace.ignored_fields == ()


def asked(command):
    """Method and path of a curl command of the guide."""
    words = shlex.split(command)
    given = words[words.index("-X") + 1] if "-X" in words else None
    method = given or ("POST" if "-d" in words else "GET")
    url = next(word for word in words if word.startswith("$DATABRICKS_HOST"))
    path = url.removeprefix("$DATABRICKS_HOST").partition("?")[0]
    return method, re.sub(r"(/endpoints/)\w+/", r"\1NAME/", path)


def test_there_is_an_example_of_every_control():
    listing = Workspace().answer(Request("GET", "/_emulator")).body.decode()
    controls = {tuple(line.split()) for line in listing.splitlines() if not line.startswith(" ")}
    commands = re.findall(
        r"^curl (?:.*\\\n)*(?:[^']|'[^']*')*?$", "\n".join(CURLS.values()), re.MULTILINE
    )

    shown = {asked(command) for command in commands}

    assert controls - shown == set()
    assert {path for _, path in shown - controls} == {
        "/api/2.0/serving-endpoints",
        "/api/2.0/preview/scim/v2/Me",
        "/serving-endpoints/chat/invocations",
        "/serving-endpoints/tracked/invocations",
        "/api/2.0/sql/statements",
    }


def said(text):
    """What the docstring says of each switch: what it does, and its source."""
    entries = re.split(
        r"^    (?=\w+: )", inspect.cleandoc(text).replace("\n", "\n    "), flags=re.MULTILINE
    )
    for entry in entries[1:]:
        name, _, rest = " ".join(entry.split()).partition(": ")
        what, _, source = rest.partition(" Source: ")
        yield name, what, source


def table_of_switches():
    """The guide's table, as the dataclass has it."""
    usual = json.loads(json.dumps(dataclasses.asdict(Behaviour())))
    told = {name: (what, source) for name, what, source in said(Behaviour.__doc__)}
    assert list(told) == list(usual)
    rows = [
        f"| `{name}` | `{json.dumps(usual[name])}` | {what[0].upper()}{what[1:]} | {source} |"
        for name, (what, source) in told.items()
    ]
    return "\n".join(["| Switch | Default | What it does | Source |", "|---|---|---|---|", *rows])


def test_the_table_of_switches_is_that_of_the_dataclass():
    assert table_of_switches() in SECTIONS["Switches"]


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("Faults", [field.name for field in dataclasses.fields(Fault)]),
        ("Models", [field.name for field in dataclasses.fields(RegisteredModel)]),
        ("Deployments and the clock", list(inspect.signature(Deployments.plan).parameters)[1:]),
        ("In pytest", list(inspect.signature(Workspace).parameters)),
    ],
)
def test_a_section_tells_of_every_field(section, names):
    rows = re.findall(r"^\| (`.*?) \|", SECTIONS[section], re.MULTILINE)

    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(names)


SNIPPETS = blocks("python")


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["over HTTP", "in process"])
def test_a_snippet_for_pytest_passes(snippet, tmp_path):
    (tmp_path / "test_snippet.py").write_text(snippet)

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            tmp_path,
            ".",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr


def in_shell(script, folder, **variables):
    """Run it where `dbserving` is on the PATH; the emulator that it starts ends with the shell."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ends = "trap 'kill $(jobs -p)' EXIT\n"
    return run(f"set -eu\n{ends}{script}", folder, PATH=path, **variables)


def test_what_a_workflow_s_step_hands_on_is_where_and_with_what(tmp_path):
    handed = tmp_path / "github.env"
    script, _ = blocks("sh", SECTIONS["In CI"])

    done = in_shell(script, tmp_path, GITHUB_ENV=str(handed))

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"DATABRICKS_HOST=http://127\.0\.0\.1:\d+\nDATABRICKS_TOKEN=dapi-emulator\n",
        handed.read_text(),
    )


def test_in_a_job_s_shell_the_emulator_answers(tmp_path):
    _, script = blocks("sh", SECTIONS["In CI"])
    ask = (
        'curl --silent --fail -H "Authorization: Bearer $DATABRICKS_TOKEN" '
        '"$DATABRICKS_HOST/api/2.0/serving-endpoints"'
    )

    done = in_shell(script + ask, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "{}", "")
