"""The contracts between the layers hold, and would notice if they did not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
STRAY = {
    "provider/databricks_serving/plan/plan.py": "import httpx",
    "provider/databricks_serving/state/bag.py": "import pulumi",
    "schema/databricks_serving_schema/parse.py": "import databricks_serving.errors",
    "provider/databricks_serving/plan/parts.py": "import deepdiff",
    "provider/databricks_serving_emulator/clock.py": "import databricks_serving_schema",
    "provider/databricks_serving_emulator/sql.py": "import duckdb",
    "provider/databricks_serving_emulator/tables/engine.py": "import sqlglot",
}


@pytest.fixture
def checkout(tmp_path):
    """A copy of what the contracts are about."""
    for root in ("provider", "schema"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / root, tmp_path / root, ignore=ignored)
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(checkout):
    roots = os.pathsep.join(str(checkout / root) for root in ("provider", "schema"))
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_hold(checkout):
    linted = lint(checkout)

    assert linted.returncode == 0, linted.stdout
    assert " 0 broken." in linted.stdout


@pytest.mark.parametrize(("module", "stray"), STRAY.items(), ids=STRAY.values())
def test_a_stray_import_breaks_a_contract(checkout, module, stray):
    path = checkout / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{stray}\n", encoding="utf-8")

    linted = lint(checkout)

    assert linted.returncode == 1, linted.stdout
    assert "BROKEN" in linted.stdout
