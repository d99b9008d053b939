"""The stack's configuration, and property bags as such."""

from __future__ import annotations

import json

import pytest

from databricks_serving.state.bag import plain_json, said, section, text
from databricks_serving.state.settings import SETTING_NAMES, StackSettings, stack_settings
from databricks_serving_schema import Allowances, InvalidResource
from support.endpoints import SEALING, endpoint, program, state


def test_a_stack_without_settings_has_the_defaults():
    assert stack_settings({"other:profile": "x"}) == StackSettings(
        profile=None,
        host=None,
        ownership_tag=True,
        allowances=Allowances(multiple_external_models=False, unknown_fields=False),
    )


def test_settings_are_texts_in_the_stack_and_typed_here():
    settings = stack_settings(
        {
            "databricks-serving:profile": "dev",
            "databricks-serving:host": "https://example.com",
            "databricks-serving:ownershipTag": "false",
            "databricks-serving:allowMultipleExternalModels": "True",
            "databricks-serving:allowUnknownFields": True,
        }
    )

    assert settings == StackSettings(
        profile="dev",
        host="https://example.com",
        ownership_tag=False,
        allowances=Allowances(multiple_external_models=True, unknown_fields=True),
    )


def test_a_setting_that_does_not_fit_is_told_with_the_line_to_type():
    with pytest.raises(InvalidResource) as raised:
        stack_settings({"databricks-serving:allowUnknownFields": "perhaps"})

    assert str(raised.value) == (
        "stack configuration databricks-serving:allowUnknownFields takes true or false; set it "
        "with `pulumi config set databricks-serving:allowUnknownFields true`"
    )


def test_all_settings_that_do_not_fit_are_told_at_once():
    with pytest.raises(InvalidResource) as raised:
        stack_settings(dict.fromkeys(SETTING_NAMES, "perhaps"))

    assert len(raised.value.problems) == 4


def test_what_is_not_kept_of_a_write_is_an_error_unless_the_stack_takes_a_warning():
    assert stack_settings({}).read_back_warns is False
    assert stack_settings({"databricks-serving:readBack": "error"}).read_back_warns is False
    assert stack_settings({"databricks-serving:readBack": "warn"}).read_back_warns is True


def test_every_setting_has_a_name_in_the_stack():
    assert SETTING_NAMES == (
        "databricks-serving:profile",
        "databricks-serving:host",
        "databricks-serving:readBack",
        "databricks-serving:ownershipTag",
        "databricks-serving:allowMultipleExternalModels",
        "databricks-serving:allowUnknownFields",
    )


def test_a_model_as_a_bag_is_what_was_said():
    bag = program(tags={"a": ""}, description="", newer={"x": [1]})

    assert said(endpoint(**bag)) == bag


def test_a_text_is_a_text_or_nothing():
    assert text({"a": "x"}, "a") == "x"
    assert text({"a": 1}, "a") is None
    assert text({}, "a") is None


def test_a_section_is_an_object_or_an_empty_one():
    assert section({"a": {"b": 1}}, "a") == {"b": 1}
    assert section({"a": "x"}, "a") == {}
    assert section({}, "a") == {}


def test_a_tree_is_stored_as_json():
    tree = state().tree

    assert json.loads(json.dumps(plain_json({**tree, "list": (1, ("a",))}))) == {
        **tree,
        "list": [1, ["a"]],
    }


def test_a_fingerprint_is_stored_as_its_text():
    stored = plain_json({"key": SEALING.seal_leaf("v")})

    assert type(stored["key"]) is str
    assert f"{stored['key']}".startswith("hmac-sha256:")
