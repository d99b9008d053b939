"""The hook before a commit, in a repository of its own, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from support.ci_stage import is_told
from support.workflows import loaded

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "examples/ci/pre-commit/.pre-commit-config.yaml"
RULE = """\
[[ignore]]
resource = "ServingEndpoint/chat-*"
path = "/config/served_entities/*/workload_size"
reason = "the autoscaler owns the size"
owner = "ml-platform"
until = {until}
"""


@pytest.fixture
def commit(tmp_path):
    """Commits files in a repository that has the hook; exit code and what was printed."""
    config = loaded(RECIPE)
    [hook] = config["repos"][0]["hooks"]
    # pre-commit would install the package into an environment of its own: here it is installed.
    hook["language"] = "system"
    assert hook.pop("additional_dependencies") == ["databricks-serving[cli]"]
    YAML().dump(config, tmp_path / RECIPE.name)
    (tmp_path / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\noptions:\n  refresh: always\n"
    )
    own = Path(sys.executable).parent
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    env = {
        **kept,
        "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "PRE_COMMIT_HOME": str(tmp_path / "home"),
        # Whatever the hook asks of a network is refused.
        "DATABRICKS_HOST": "http://127.0.0.1:9",
        "DATABRICKS_TOKEN": "dapi-nobody",
    }

    def run(*command):
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False
        )

    run("git", "init", "--quiet")

    def committed(name, text):
        (tmp_path / name).write_text(text)
        run("git", "add", "--all")
        ran = run("pre-commit", "run")
        return ran.returncode, ran.stdout

    committed.run = run
    return committed


def test_a_commit_is_refused_where_an_ignore_rule_cannot_be_used_or_has_expired(commit):
    fine, _ = commit(".dbserving-ignore.toml", RULE.format(until="2999-01-31"))
    wrong, why_wrong = commit(".dbserving-ignore.toml", RULE.replace("owner", "owner_of"))
    expired, why_expired = commit(".dbserving-ignore.toml", RULE.format(until="2026-01-31"))
    commit.run(
        "git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--no-verify", "-m", "x"
    )
    elsewhere, why_elsewhere = commit("__main__.py", "import pulumi\n")

    assert fine == 0
    assert wrong == 1
    assert "is no TOML" in why_wrong
    assert expired == 1
    assert is_told("pre-commit", why_expired)
    # It has been committed, and has expired all the same.
    assert elsewhere == 1
    assert is_told("pre-commit", why_elsewhere)


def test_what_the_repository_offers_is_the_recipe_s_own_hook():
    [offered] = loaded(ROOT / ".pre-commit-hooks.yaml")
    [recipe] = loaded(RECIPE)["repos"][0]["hooks"]

    same = ("id", "name", "entry", "language", "always_run", "pass_filenames")

    assert {key: offered[key] for key in same} == {key: recipe[key] for key in same}
