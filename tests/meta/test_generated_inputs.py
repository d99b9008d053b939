"""The generated TypedDicts: current, exported, and at one with the constructors."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from typing_extensions import is_typeddict

import databricks_serving
from databricks_serving import ServingEndpoint, ServingEndpointArgs
from databricks_serving.dynamic import inputs

ROOT = Path(__file__).resolve().parents[2]
TYPED_DICTS = sorted(name for name, kind in vars(inputs).items() if is_typeddict(kind))


def test_the_file_is_what_the_schema_says():
    checked = subprocess.run(
        [sys.executable, "tools/generate_inputs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_all_of_them_are_exported():
    exported = sorted(name for name in databricks_serving.__all__ if name.endswith("Args"))

    assert exported == TYPED_DICTS, "bring databricks_serving/__init__.py up to date, by hand"


@pytest.mark.parametrize("name", databricks_serving.__all__)
def test_an_exported_name_leads_somewhere(name):
    assert getattr(databricks_serving, name).__name__ == name


def test_a_name_that_is_not_exported_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'ServngEndpoint'"):
        _ = databricks_serving.ServngEndpoint


def test_an_endpoint_as_a_dict_has_the_keys_that_the_constructor_takes():
    parameters = inspect.signature(ServingEndpoint.__init__).parameters.values()
    keywords = [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]

    assert sorted(ServingEndpointArgs.__annotations__) == sorted(keywords)
