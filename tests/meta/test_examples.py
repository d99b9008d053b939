"""Every example has all that a reader needs, and its README says what is so.

`DBSERVING_RECORD=examples pytest tests/meta/test_examples.py` writes the table of the README anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from databricks_serving_emulator import Workspace
from databricks_serving_schema import ExternalModel, config_of
from support import examples

ANEW = os.environ.get("DBSERVING_RECORD") == "examples"
README = examples.EXAMPLES / "README.md"
ROWS = re.compile(r"(?<=\n\|---\|---\|---\|\n)(?:\|.*\n)+")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
EACH = pytest.mark.parametrize("example", examples.found(), ids=lambda each: each.name)


def fences(readme, language):
    """The lines of a page's code blocks in that language."""
    texts = [text for kind, text in FENCE.findall(readme) if kind == language]
    return [line for text in texts for line in text.splitlines()]


def table():
    """A row for each example: what it shows, and what runs it, on each of its stacks."""
    runs = {}
    for each in examples.found():
        runs.setdefault(each.directory.name, []).append(each)
    return "".join(
        f"| [{name}]({name}/) | {stacks[0].description} | {', '.join(run_by(name, stacks))} |\n"
        for name, stacks in runs.items()
    )


def run_by(name, stacks):
    """The tests of an example: one for each stack, and its own."""
    yield from (f"`test_examples.py[{each.name}]`" for each in stacks)
    yield from (f"[{test.name}]({name}/{test.name})" for test in stacks[0].tests)


@EACH
def test_an_example_has_all_its_files_and_looks_at_the_workspace_first(example):
    project = example.project_file.read_text()

    assert example.description
    assert (example.directory / "README.md").is_file()
    assert example.expected_preview.is_file()
    assert re.search(r"^options:\n(?:  #.*\n)*  refresh: always$", project, re.MULTILINE)


def test_the_stack_of_a_reader_is_no_part_of_an_example_neither_for_tests_nor_for_git(tmp_path):
    copy = shutil.copytree(examples.EXAMPLES / "traffic-split", tmp_path / "traffic-split")
    (copy / "Pulumi.dev.yaml").write_text("config:\n  traffic-split:challengerShare: 50\n")
    (tmp_path / "project").mkdir()
    directories = {each.directory for each in examples.found()}

    examples.Example(copy).copy(tmp_path / "project", addresses=["http://127.0.0.1:1"])
    told = subprocess.run(
        ["git", "check-ignore", *(each / "Pulumi.dev.yaml" for each in directories)],
        cwd=examples.ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert not (tmp_path / "project" / "Pulumi.dev.yaml").exists()
    shown = {path.split("/")[-2] for path in told.stdout.splitlines()}
    assert len(shown) > 5
    assert shown == {each.name for each in directories if not examples.shipped(each)}
    assert all(file.exists() for each in directories for file in examples.shipped(each))


@EACH
def test_the_readme_says_what_to_set_and_how_to_seed_the_emulator(example):
    commands = "\n".join(fences((example.directory / "README.md").read_text(), "sh"))

    assert "pulumi stack init" in commands or "pulumi stack select" in commands
    assert "pulumi up" in commands
    for key in example.secrets:
        assert f"pulumi config set --secret {key} " in commands
    for variable in example.variables:
        assert f"export {variable}=" in commands
    seeded = (example.directory / "workspace.json").exists()
    assert ("dbserving emulator --seed workspace.json" in commands) == seeded


@EACH
def test_the_preview_in_the_readme_is_what_a_preview_prints(example):
    pages = example.directory.glob("expected-preview*.txt")
    printed = {line.strip() for page in pages for line in page.read_text().splitlines()}
    shown = fences((example.directory / "README.md").read_text(), "text")

    assert len(shown) > 2
    assert [line for line in shown if line.strip() not in {*printed, "…"}] == []


@EACH
def test_the_seed_of_an_example_is_one_that_a_strict_workspace_takes(example):
    seed = example.seed
    workspace = Workspace(strict=True, foundation_models=tuple(seed.foundation_models))

    seed.sow(workspace)

    assert workspace.ignored_fields == ()


def test_each_vendor_of_external_models_has_an_example():
    vendors = {f"vendor-{vendor}" for vendor in [*config_of(ExternalModel), "azure-openai"]}
    shown = {each.directory.name for each in examples.found()}

    assert {name for name in shown if name.startswith("vendor-")} == vendors


def test_the_table_of_examples_names_each_and_what_runs_it():
    page = README.read_text()
    if ANEW:
        README.write_text(ROWS.sub(lambda _: table(), page))
        page = README.read_text()

    assert ROWS.findall(page) == [table()]
