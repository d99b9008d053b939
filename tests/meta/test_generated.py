"""Everything that is generated from the schema: current, and told apart where it is not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import generate
import pytest
from schema_facts import Undescribed, described, entries_of

from databricks_serving_schema import RESOURCES, Value
from databricks_serving_schema.policy import setting
from databricks_serving_schema.values import Said

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("provider/databricks_serving/__init__.py")


@pytest.fixture
def checkout(tmp_path):
    """All that is generated, as it should be, whatever it is in this checkout."""
    for path, content in generate.generated(ROOT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    shutil.copy(ROOT / "docs" / "exit-codes.md", tmp_path / "docs")  # for cli.md
    return tmp_path


def test_every_file_is_what_the_schema_says(capsys):
    assert generate.main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    "path",
    [
        "provider/databricks_serving/dynamic/inputs.py",
        "provider/databricks_serving/dynamic/plaintext.py",
        "schema/Secret.schema.json",
        "docs/fields.md",
        "docs/rules.md",
        "docs/reference/cli.md",
    ],
)
def test_a_file_that_somebody_edited_is_named(path, checkout, capsys):
    (checkout / path).write_text("edited", encoding="utf-8")

    assert generate.main(["--check"], checkout) == 1
    assert capsys.readouterr().err == f"{path} is not what the schema says; run `make generate`\n"


@pytest.mark.parametrize("name", ["TagArgs", "SecretAcl"])
def test_a_name_that_the_package_leaves_out_is_written_into_it(name, checkout):
    whole = (checkout / PACKAGE).read_text(encoding="utf-8")
    without = whole.replace(f"        {name},\n", "").replace(f'    "{name}",\n', "")
    (checkout / PACKAGE).write_text(without, encoding="utf-8")

    assert generate.main([], checkout) == 0
    assert (checkout / PACKAGE).read_text(encoding="utf-8") == whole


def test_each_resource_has_a_schema_of_its_own():
    written = {path.name for path in (ROOT / "schema").glob("*.schema.json")}

    assert written == {f"{resource.name}.schema.json" for resource in RESOURCES}


class Undocumented(Value):
    name: Annotated[Said[str], setting("says where to")] = None
    other: Annotated[Said[str], setting("says where to")] = None
    """This one says what it is."""


def test_a_field_without_a_docstring_is_an_error_of_ours():
    with pytest.raises(Undescribed, match=r"Undocumented\.name: say in a docstring below it"):
        list(entries_of(Undocumented, {}))


def test_an_inherited_field_is_described_by_the_class_that_defines_it():
    (gateway,) = (thing for thing in described().resources if thing.name == "AiGateway")

    said = {entry.name: entry.doc for entry in gateway.entries}

    assert said["guardrails"] == "What is kept out of prompts and answers."
