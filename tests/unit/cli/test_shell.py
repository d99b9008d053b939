"""What every command has: quick help, completion, schemas, errors in one paragraph."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import jsonschema
import pytest
import typer

from databricks_serving.cli.app import app
from support.loaded import libraries, ours

#: typer and what its releases bring along, newer ones pydantic where an option has a type.
OF_TYPER = {
    "typer",
    "annotated_doc",
    "click",
    "colorama",
    "shellingham",
    "typing_extensions",
    *("rich", "attr", "markdown_it", "mdurl", "pygments"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_inspection"),
}
#: Each command's module of options: all are there, for the list of commands.
OPTIONS = re.compile(r"databricks_serving\.cli\.(?!jobs)\w+")
OURS = {
    "databricks_serving",
    "databricks_serving.cli",
    "databricks_serving.report",
    "databricks_serving.report.shown",
}
PROBE = """
import sys
before = set(sys.modules)
sys.argv = ["dbserving", *{arguments!r}]
from databricks_serving.cli.app import run
code = run()
print(code, *sorted(set(sys.modules) - before), file=sys.stderr)
"""


def commands(group=None, before=()):
    """Each command of `dbserving`, and of its groups, as arguments."""
    command = group or typer.main.get_command(app)
    yield before
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*before, name))


def run(*arguments, **more):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DBSERVING_")}
    return subprocess.run(
        [sys.executable, "-m", "databricks_serving.cli.main", *arguments],
        env={**inherited, **more},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", list(commands()), ids=" ".join)
def test_help_loads_typer_and_the_options_alone(arguments):
    probe = PROBE.format(arguments=[*arguments, "--help"])

    ended = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, encoding="utf-8", check=False
    )

    code, *loaded = ended.stderr.split()
    assert (code, libraries(loaded) - OF_TYPER) == ("0", set())
    assert {name for name in ours(loaded) if not OPTIONS.fullmatch(name)} == OURS
    assert "Usage: dbserving" in ended.stdout


def test_all_commands_are_found():
    names = {arguments[0] for arguments in commands() if arguments}

    assert {"drift", "plan", "usage", "report", "schema", "completion", "emulator"} <= names


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_completion_script_for(shell):
    ended = run("completion", shell)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"_DBSERVING_COMPLETE=complete_{shell}" in ended.stdout


def test_a_shell_that_asks_is_answered():
    ended = run(
        _DBSERVING_COMPLETE="complete_bash", COMP_WORDS="dbserving drift --sta", COMP_CWORD="2"
    )

    assert (ended.returncode, ended.stdout.split()) == (0, ["--stack", "--state"])


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        ("dbserving drift -f ma", ["markdown"]),
        ("dbserving drift --fail-on missing,in_f", ["missing,in_flux"]),
        ("dbserving plan --fail-on over", ["overwrites"]),
        ("dbserving plan --min-severity h", ["high"]),
        ("dbserving notify --to github-i", ["github-issue"]),
    ],
)
def test_values_of_options_are_completed(words, answers):
    last = str(len(words.split()) - 1)

    ended = run(_DBSERVING_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=last)

    assert (ended.returncode, ended.stdout.split()) == (0, answers)


def test_bash_runs_the_script():
    script = run("completion", "bash").stdout

    ended = subprocess.run(
        ["bash", "-c", f"{script}\ncomplete -p dbserving"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert ended.stdout.strip() == "complete -o default -F _dbserving_completion dbserving"


@pytest.mark.parametrize("what", ["report", "ignore", "config", "usage"])
def test_schemas_are_schemas(what):
    ended = run("schema", what)

    jsonschema.Draft202012Validator.check_schema(json.loads(ended.stdout))
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("drft",), "drift"),
        (("drift", "--stat"), "--state"),
        (("schema", "reports"), "report"),
        (("drift", "--parallel", "many"), "--parallel"),
    ],
)
def test_a_typo_is_64_and_never_2(arguments, says):
    ended = run(*arguments)

    assert (ended.returncode, ended.stdout) == (64, "")
    assert says in ended.stderr


def test_every_report_fits_the_schema_that_is_printed(shop):
    shop.block_claude()
    shop.make_rogue()
    schema = json.loads(run("schema", "report").stdout)

    for ended in (shop.drift("-f", "json"), shop.run("drift", "--state", "no", "-f", "json")):
        jsonschema.Draft202012Validator(schema).validate(json.loads(ended.stdout))


def test_a_package_that_is_missing_is_named_with_what_installs_it(shop):
    (shop.directory / "jinja2.py").write_text("raise ModuleNotFoundError(name='jinja2')")

    ended = shop.drift("-f", "markdown", PYTHONPATH=str(shop.directory))

    assert ended.returncode == 1
    assert "pip install 'databricks-serving[cli,emulator]'" in ended.stderr


DEFECT = """
import sys
from databricks_serving.cli import app

@app.app.command()
def broken():
    raise RuntimeError("a defect\\n::error::of ours")

sys.argv = ["dbserving", "broken"]
sys.exit(app.run())
"""


def test_a_defect_is_one_line_and_its_traceback_is_for_those_who_ask():
    told, asked = (
        subprocess.run(
            [sys.executable, "-c", DEFECT],
            env={**os.environ, **more},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        for more in ({}, {"DBSERVING_TRACEBACK": "1"})
    )

    assert (told.returncode, len(told.stderr.splitlines())) == (1, 1)
    assert "DBSERVING_TRACEBACK=1 shows where" in told.stderr
    assert "Traceback" in asked.stderr
