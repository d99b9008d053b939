"""What contributors are told: every target, forms that the host of the code accepts, hooks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_contributing_page_explains_every_make_target_and_no_other():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    page = (ROOT / "CONTRIBUTING.md").read_text()
    section = page.split("## What make can do\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)
    explained = [name for row in rows for name in named(row)]

    assert sorted(explained) == sorted(set(targets) - {"help"})


def named(row):
    return [] if "…" in row else re.findall(r"`([a-z-]+)`", row)


def test_the_forms_of_new_issues_are_what_their_host_accepts():
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))

    checked = run("check_jsonschema", "--builtin-schema", "vendor.github-issue-forms", *forms)

    assert [form.name for form in forms] == ["bug.yml", "feature.yml", "workspace-differs.yml"]
    assert checked.returncode == 0, checked.stdout


def test_the_hooks_at_a_commit_are_what_pre_commit_accepts():
    checked = run("pre_commit", "validate-config", ROOT / ".pre-commit-config.yaml")

    assert checked.returncode == 0, checked.stdout + checked.stderr


def run(module, *arguments):
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
