"""The code of the docs: programs run, tests pass, data parses, command lines are understood."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from docs_markdown import Block

from databricks_serving_emulator import Workspace, read_seed
from support.docs_code import (
    ROOT,
    SHELL,
    Code,
    code,
    command_lines,
    inline,
    misspelt_option,
    misunderstood,
    targets,
    unresolved,
)
from support.dynamic_server import TOKEN
from support.endpoints import config, registered
from support.mini_engine.processes import Nursery
from support.mini_engine.programs import program
from support.mini_engine.stand import stand

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.mini_engine.stand import Stand

PYTHON = [each for each in code("python", "py") if each.page != "docs/tutorial.md"]
FRAGMENTS = [each for each in PYTHON if each.is_fragment]
TESTS = [each for each in PYTHON if each not in FRAGMENTS and "def test_" in each.block.text]
PROGRAMS = [each for each in PYTHON if each not in FRAGMENTS and each not in TESTS]


def place(each: Code) -> str:
    return each.place


@pytest.fixture(scope="module")
def one_stand() -> Iterator[Stand]:
    """A stack of the tests' own engine, and a workspace."""
    with Nursery() as nursery, stand(nursery) as made:
        yield made


def prepared(text: str) -> Workspace:
    """A workspace with what a program names and does not make: secrets, endpoints, models."""
    models = set(re.findall(r"\"(databricks-[\w-]+)\"", text))
    workspace = Workspace(token=TOKEN, strict=True, foundation_models=tuple(sorted(models)))
    workspace.deployments.plan(polls=0)
    for scope, key in set(re.findall(r"\{\{secrets/([\w-]+)/([\w-]+)\}\}", text)):
        # The second one of a scope is refused, and changes nothing.
        workspace.ui("POST", "/api/2.0/secrets/scopes/create", {"scope": scope})
        secret = {"scope": scope, "key": key, "string_value": "made-up"}
        workspace.ui("POST", "/api/2.0/secrets/put", secret)
    for name in set(re.findall(r"endpoint_name=\"([\w-]+)\"", text)) - models:
        body = {"name": name, "config": config(registered())}
        assert workspace.ui("POST", "/api/2.0/serving-endpoints", body).status == 200
    return workspace


@pytest.mark.parametrize("each", PROGRAMS, ids=place)
def test_a_program_goes_through(each, one_stand):
    text = each.block.text
    names = re.findall(r"\.(?:require|get)(?:_secret)?\(\"(\w+)\"\)", text)
    one_stand.begin(prepared(text), **dict.fromkeys(names, "made-up"))
    variables = re.findall(r"value_from_env=\"(\w+)\"", text)
    one_stand.environment = dict.fromkeys(variables, "made-up")

    report = one_stand.engine.up(program(text, header=""))

    assert report.error is None, report.error
    assert report.steps


def test_the_tests_of_the_pages_pass(tmp_path):
    for number, each in enumerate(TESTS):
        (tmp_path / f"test_{number}.py").write_text(each.block.text, encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:schemathesis", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(TESTS) >= 2
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("each", FRAGMENTS, ids=place)
def test_a_fragment_compiles_and_names_what_is_there(each):
    assert unresolved(each) == []


@pytest.mark.parametrize("each", code("json", "yaml", "toml", "yml"), ids=place)
def test_data_parses(each):
    match each.block.language:
        case "json":
            json.loads(each.block.text)
        case "toml":
            tomllib.loads(each.block.text)
        case _:
            list(yaml.safe_load_all(each.block.text))


def test_a_seed_can_be_pasted(tmp_path):
    seeds = [each for each in code("json") if '"control"' in each.block.text]

    for each in seeds:
        (tmp_path / "workspace.json").write_text(each.block.text, encoding="utf-8")
        seed = read_seed(tmp_path / "workspace.json")
        seed.sow(Workspace(foundation_models=tuple(seed.foundation_models)))

    assert seeds


def test_every_command_line_is_one_that_dbserving_understands():
    asked, wrong = 0, []
    for each in code(*SHELL):
        for words in command_lines(each.block):
            if words[0] == "dbserving" and "…" not in words:
                asked += 1
                if refused := misunderstood(words):
                    wrong.append(f"{each.place}: {' '.join(words)}: {refused}")

    assert wrong == []
    assert asked > 25


def test_every_command_that_a_sentence_names_is_there():
    mentioned = [(page, text) for page, text in inline() if text.startswith("dbserving ")]

    wrong = [(page, text) for page, text in mentioned if misspelt_option(text.split())]

    assert wrong == []
    assert len(mentioned) > 60


def test_every_make_target_is_in_the_makefile():
    said = [(page, block(text)) for page, text in inline() if text.startswith("make ")]
    said += ((each.place, each.block) for each in code(*SHELL))
    named = [
        (where, words)
        for where, shell in said
        for words in command_lines(shell)
        if words[0] == "make"
    ]

    known = targets()
    wrong = [(where, words) for where, words in named if not {*_targets(words)} <= known]

    assert wrong == []
    assert len(named) > 20


def test_bodies_that_a_reader_sends_are_json():
    bodies = [
        (each.place, body)
        for each in code(*SHELL)
        for words in command_lines(each.block)
        if words[0] == "curl"
        for flag, body in itertools.pairwise(words)
        if flag in ("-d", "--data")
    ]

    for where, body in bodies:
        assert json.loads(body), where
    assert len(bodies) > 20


def _targets(words: list[str]) -> list[str]:
    """The targets of a `make` command: neither options nor variables nor their pasted values."""
    return [word for word in words[1:] if re.fullmatch(r"[a-z][\w-]*", word)]


INTEGER = "Input should be a valid integer, unable to parse string as an integer"


def block(text: str, language: str = "sh") -> Block:
    return Block(1, language, "", text)


def test_command_lines_are_taken_apart_at_what_joins_them():
    text = """\
A=1 dbserving plan \\
  --stack "$X" -f text > plan.txt && pulumi up  # and so on
sed -n 1p x | dbserving report render - &
"""

    assert list(command_lines(block(text))) == [
        ["dbserving", "plan", "--stack", "$X", "-f", "text"],
        ["plan.txt"],
        ["pulumi", "up"],
        ["sed", "-n", "1p", "x"],
        ["dbserving", "report", "render", "-"],
    ]
    console = block("$ dbserving emulator\nhttp://127.0.0.1:8765\n$ a '{\n}'\n", "console")
    assert list(command_lines(console)) == [["dbserving", "emulator"], ["a", "{\n}"]]


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("dbserving drift --stack prod -f text", None),
        ("dbserving drift --stak prod", "No such option: --stak"),
        ("dbserving drfit", "there is no command 'drfit'"),
        ("dbserving emulator --port many", INTEGER),
    ],
)
def test_a_command_line_is_refused_as_the_command_would(line, refused):
    assert misunderstood(line.split()) == refused


def test_a_fragment_may_not_use_what_nobody_gives():
    known = Block(1, "python", "", "scope = SecretScope('a')\n")
    text = "Secret('b', scope=scope.name, kye='k', value=nobody)\nServingEndpoit('c')\n"

    found = unresolved(Code("page.md", Block(5, "python", "fragment", text), (known,)))

    assert found == ["ServingEndpoit", "nobody", "Secret(kye=)"]
    left_out = Block(5, "python", "fragment: chat, grants", "grant(chat, grants)\n")
    assert unresolved(Code("page.md", left_out, ())) == ["grant"]


def test_all_pages_are_read():
    names = {each.page for each in code("python", "sh", "toml", "json", "yaml")}

    assert {"README.md", "docs/emulator.md", "docs/drift.md"} <= names
    assert (ROOT / "docs").is_dir()
