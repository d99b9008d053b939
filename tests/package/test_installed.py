"""The distribution as users get it: `make package` builds it, and this installs it from an index.

Each environment is a clean one, in a directory without a checkout. Packages come from wherever pip
gets them, so it takes minutes and is not among the tests of every commit.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from offline import engine_directory

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
CLI_LIBRARIES = {
    *("typer", "click", "rich", "jinja2", "junitparser", "pydantic-settings", "tenacity", "tomli"),
}
EMULATOR_LIBRARIES = {"starlette", "uvicorn", "duckdb", "sqlglot"}


@dataclass(frozen=True)
class Installed:
    """A virtual environment and an empty directory to be in."""

    folder: Path

    def pip(self, *arguments):
        self.run("python", "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments)

    def ended(self, *command, path="", **more):
        """A program of the environment, with nothing of the person's own around it."""
        bin_ = self.folder / "venv" / "bin"
        kept = ("PIP_", "SSL_", "REQUESTS_", "LANG", "LC_", "TMPDIR")
        inherited = {name: value for name, value in os.environ.items() if name.startswith(kept)}
        return subprocess.run(
            [str(bin_ / command[0]), *map(str, command[1:])],
            cwd=more.get("cwd", self.folder / "empty"),
            env={
                **inherited,
                "HOME": str(self.folder / "home"),
                "PATH": os.pathsep.join(filter(None, (str(bin_), path))),
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def run(self, *command, **more):
        """What a program printed that ended well."""
        ended = self.ended(*command, **more)
        assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-8000:]
        return ended.stdout

    def packages(self):
        """The names of all that is installed."""
        listed = self.run("python", "-m", "pip", "list", "--format=freeze")
        return {line.partition("==")[0].lower().replace("_", "-") for line in listed.splitlines()}


def environment(folder):
    for name in ("empty", "home"):
        (folder / name).mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    return Installed(folder)


def the_only(pattern):
    (found,) = DIST.glob(pattern)
    return found


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The provider alone, beside the packages of PyPI that have our source roots' names."""
    made = environment(tmp_path_factory.mktemp("core"))
    made.pip("install", the_only("*.whl"), "schema", "provider")
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """With both extras."""
    made = environment(tmp_path_factory.mktemp("whole"))
    made.pip("install", f"{the_only('*.whl')}[cli,emulator]")
    return made


def test_the_provider_alone_brings_no_library_of_the_command_or_the_emulator(core):
    present = core.packages()

    assert "pulumi" in present
    assert present & (CLI_LIBRARIES | EMULATOR_LIBRARIES) == set()
    core.pip("check")


def test_it_lives_beside_the_packages_schema_and_provider_of_the_index(core):
    printed = core.run(
        *("python", "-c"),
        "import schema, provider, databricks_serving_schema\n"
        "from databricks_serving import ServingEndpoint\n"
        "print(schema.Schema(int).validate(1), provider.__name__, ServingEndpoint.__module__)",
    )

    assert printed.split() == ["1", "provider", "databricks_serving.dynamic.resources.endpoint"]


def test_the_command_without_its_extra_says_what_to_install(core):
    ended = core.ended("dbserving", "--help")

    assert ended.returncode == 1
    assert "pip install 'databricks-serving[cli,emulator]'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demo_runs_in_an_empty_directory(whole):
    told = whole.run("dbserving", "demo", path=f"{engine_directory()}{os.pathsep}/usr/bin:/bin")

    assert "That was the whole job" in told
    assert list((whole.folder / "empty").iterdir()) == []


def test_without_an_engine_the_demo_says_how_to_get_one(whole):
    ended = whole.ended("dbserving", "demo")

    assert ended.returncode == 64
    assert "Install Pulumi 3.227 or newer" in ended.stderr


def test_the_sdist_makes_the_same_wheel(tmp_path):
    with tarfile.open(the_only("*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    building = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "again"]

    subprocess.run(building, cwd=source, check=True, capture_output=True)

    (again,) = (source / "again").glob("*.whl")
    assert contents(again) == contents(the_only("*.whl"))


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_unit_tests_of_the_sdist_pass_against_the_wheel(tmp_path):
    made = environment(tmp_path)
    made.pip("install", "-r", ROOT / "requirements.lock", "schema", "provider")
    made.pip("install", "--no-deps", the_only("*.whl"))
    with tarfile.open(the_only("*.tar.gz")) as archive:
        archive.extractall(tmp_path / "sdist", filter="data")
    (tree,) = (tmp_path / "sdist").iterdir()
    for source in ("provider", "schema/databricks_serving_schema"):
        shutil.rmtree(tree / source)

    printed = made.run(
        *("python", "-m", "pytest", "-q", "-n", "auto", "--maxprocesses", "8", "tests/unit"),
        cwd=tree,
        path=f"{engine_directory()}{os.pathsep}/usr/bin:/bin",
    )

    assert " passed" in printed.splitlines()[-1]
