"""The wheel: its packages, their types, and its life beside a package called `schema`."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("databricks_serving", "databricks_serving_emulator", "databricks_serving_schema")


def run(*command, cwd=ROOT):
    ran = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_three_packages_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}

    assert {name for name in folders if not name.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in names if name.endswith(".pyc")]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed(wheel, package):
    assert f"{package}/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_every_module_of_the_checkout_is_in_it(wheel):
    sources = (ROOT / "provider", ROOT / "schema")
    modules = {
        path.relative_to(source).as_posix() for source in sources for path in source.rglob("*.py")
    }

    assert modules <= set(zipfile.ZipFile(wheel).namelist())


def test_it_brings_the_license_that_it_declares(wheel):
    archive = zipfile.ZipFile(wheel)
    (license_,) = (name for name in archive.namelist() if name.endswith("/licenses/LICENSE"))
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))

    assert "Apache License" in archive.read(license_).decode()
    assert "License-Expression: Apache-2.0" in archive.read(metadata).decode().splitlines()


def test_it_lives_beside_packages_called_schema_and_provider(wheel, tmp_path):
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path)
    python = next(tmp_path.glob("bin/python"), tmp_path / "Scripts" / "python.exe")
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # PyPI has packages of these names, and others' programs use them.
    for name in ("schema", "provider"):
        (site / f"{name}.py").write_text(f"WHOSE = 'the other {name}'\n", encoding="utf-8")
    # The dependencies come from here, behind what is installed there; a `.pth` of theirs, such as
    # that of this checkout, is not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    run(
        *(sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"),
        *("install", "--quiet", "--no-index", "--no-deps", wheel),
    )

    seen = run(
        python,
        "-c",
        f"import schema, provider, {', '.join(PACKAGES)}\n"
        "from databricks_serving import ServingEndpoint, ServingEndpointArgs\n"
        "print(schema.WHOSE, provider.WHOSE, sep='\\n')\n"
        f"for package in ({', '.join(PACKAGES)}): print(package.__file__)",
        cwd=tmp_path,
    ).splitlines()
    assert seen[:2] == ["the other schema", "the other provider"]
    assert [Path(each).resolve() for each in seen[2:]] == [
        (site / package / "__init__.py").resolve() for package in PACKAGES
    ]
