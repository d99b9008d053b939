"""What a report shows of a value: nothing of what may be a credential."""

from __future__ import annotations

import pytest

from databricks_serving.report.build import val


@pytest.mark.parametrize(
    "name",
    [
        "brand_new_key_plaintext",
        "api_key",
        "x_api_key",
        "aws_secret_access_key",
        "token",
        "password",
    ],
)
def test_a_text_in_a_field_that_is_called_like_a_credential_is_not_shown(name):
    alone = val("sk-live", ("config", name))
    below = val({"region": "eu", name: "sk-live"}, ("config",))

    assert (alone.kind, alone.value) == ("hidden", None)
    assert below.value == {"region": "eu", name: "(hidden)"}


def test_a_reference_to_a_secret_is_shown():
    assert val("{{secrets/llm/openai}}", ("config", "api_key")).value == "{{secrets/llm/openai}}"


@pytest.mark.parametrize(
    ("name", "value"), [("key", "user"), ("tokens", 100), ("token", 5), ("uses_token", True)]
)
def test_what_is_called_alike_and_holds_none_is_shown(name, value):
    assert val(value, ("rate_limits", "user", name)).value == value
