"""The generated TypedDicts: exported, and at one with the constructors."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import pytest
from typing_extensions import is_typeddict

import databricks_serving
from databricks_serving.dynamic import inputs, resources
from databricks_serving_schema import RESOURCES as DESCRIBED

TYPED_DICTS = sorted(name for name, kind in vars(inputs).items() if is_typeddict(kind))


def test_all_of_them_are_exported():
    exported = sorted(name for name in databricks_serving.__all__ if name.endswith("Args"))

    assert exported == TYPED_DICTS


@pytest.mark.parametrize("name", databricks_serving.__all__)
def test_an_exported_name_leads_somewhere(name):
    assert getattr(databricks_serving, name).__name__ == name


def test_a_name_that_is_not_exported_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute 'ServngEndpoint'"):
        _ = databricks_serving.ServngEndpoint


RESOURCES = [getattr(resources, described.name) for described in DESCRIBED]


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_passes_on_all_that_it_takes(resource):
    (constructor,) = ast.parse(textwrap.dedent(inspect.getsource(resource.__init__))).body
    (said, *_) = (node.value for node in ast.walk(constructor) if isinstance(node, ast.Assign))

    assert [key and key.value for key in said.keys] == [
        *(argument.arg for argument in constructor.args.kwonlyargs),
        None,  # what is newer
    ]


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_takes_what_its_dict_says(resource):
    annotations = getattr(inputs, f"{resource.__name__}Args").__annotations__
    parameters = inspect.signature(resource.__init__).parameters.values()

    assert {
        each.name: _value(each.annotation)
        for each in parameters
        if each.kind is inspect.Parameter.KEYWORD_ONLY
    } == {name: _value(reference.__forward_arg__) for name, reference in annotations.items()}


def _value(annotation):
    """The annotation without what says that a dict must have it, or that an argument need not."""
    inner = re.fullmatch(r"Required\[(.*)\]", annotation)
    return inner[1] if inner else annotation.removesuffix(" | None")
