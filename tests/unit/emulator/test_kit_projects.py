"""What the test kit takes of a project's own files. No engine is needed for that."""

from __future__ import annotations

import pytest

from databricks_serving_emulator.program import Program, ProgramError
from databricks_serving_emulator.stack_file import project_file, stack_file

pytestmark = pytest.mark.one_door("the kit reads files")

STACK = """\
secretsprovider: awskms://alias/shop
encryptedkey: AQICAHhE
encryptionsalt: v1:0qyXS0K9qJE=
config:
  shop:answer: yes
  shop:zone: 012
  shop:key:
    secure: AAABAF8W
  shop:people:
    - name: ann
      token:
        secure: AAABAF8X
  other:size: "3"
"""


def written(directory, name, text):
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def begun(project, home, **secrets):
    program = Program(project, home, "http://127.0.0.1:1", "dapi-emulator")
    program.begin({}, secrets)


def test_of_a_stack_s_file_all_is_taken_but_what_is_encrypted(tmp_path):
    path = written(tmp_path, "Pulumi.test.yaml", STACK)

    found = stack_file(path)

    assert found.encrypted == ("shop:key", "shop:people")
    assert found.text == 'config:\n  shop:answer: yes\n  shop:zone: 012\n  other:size: "3"\n'


@pytest.mark.parametrize(
    "value",
    ["{secure: true, path: /}", "{secure: x, path: /}", "{secure: true}", "{secure: [x]}"],
)
def test_a_setting_that_is_called_secure_is_no_secret(value, tmp_path):
    text = f"config:\n  shop:cookie: {value}\n"

    found = stack_file(written(tmp_path, "Pulumi.test.yaml", text))

    assert (found.encrypted, found.text) == ((), text)


def test_a_secret_in_a_setting_that_is_called_secure_is_one(tmp_path):
    text = "config:\n  shop:cookie: {path: /, secure: {secure: AAABAF8W}}\n"

    found = stack_file(written(tmp_path, "Pulumi.test.yaml", text))

    assert found.encrypted == ("shop:cookie",)


@pytest.mark.parametrize("text", ["", "config: {}\n", "config:\n"])
def test_a_stack_s_file_may_say_nothing(text, tmp_path):
    assert stack_file(written(tmp_path, "Pulumi.test.yaml", text)).encrypted == ()


@pytest.mark.parametrize(
    ("text", "directory"),
    [
        ("name: shop\n", "."),
        ("name: shop\nstackConfigDir: stacks\n", "stacks"),
        ("name: shop\nconfig: stacks\n", "stacks"),
    ],
    ids=["beside it", "in a directory", "as it was once written"],
)
def test_the_copy_of_a_project_s_file_has_the_stack_s_beside_it(text, directory, tmp_path):
    found = project_file(written(tmp_path, "Pulumi.yaml", text))

    assert (found.name, found.directory, found.alone) == ("shop", directory, "name: shop\n")


def test_a_secret_of_the_stack_s_file_without_another_value_is_named(tmp_path):
    project = tmp_path / "project"
    written(project, "Pulumi.yaml", "name: shop\nstackConfigDir: stacks\n")
    written(project, "stacks/Pulumi.test.yaml", STACK)

    with pytest.raises(ProgramError) as refused:
        begun(project, tmp_path / "home", key="sk-made-up")

    assert str(refused.value) == (
        f"{project}/stacks/Pulumi.test.yaml has secrets, which a test does not decrypt: people. "
        'Give each another value, with secrets={"people": "made-up"}.'
    )


@pytest.mark.parametrize("text", ["config: [", "- config\n"])
def test_a_file_that_is_no_yaml_object_is_named(text, tmp_path):
    written(tmp_path, "Pulumi.yaml", "name: shop\n")
    written(tmp_path, "Pulumi.test.yaml", text)

    with pytest.raises(ProgramError, match=r"Pulumi\.test\.yaml (cannot be read|is no object)"):
        begun(tmp_path, tmp_path / "home")
