"""Pulumi's property paths, as previews write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.state.property_paths import property_path, touches

#: From previews of the real engine, and from property_path_test.go of pulumi/pulumi.
KNOWN = {
    'credentials.gpt["external_model.openai_config.openai_api_key_plaintext"]': (
        "credentials",
        "gpt",
        "external_model.openai_config.openai_api_key_plaintext",
    ),
    "tags.a": ("tags", "a"),
    "ai_gateway.rate_limits[0].calls": ("ai_gateway", "rate_limits", 0, "calls"),
    "value": ("value",),
    'root["key with \\"escaped\\" quotes"].nested': ("root", 'key with "escaped" quotes', "nested"),
    'root["nested"].array[1][2]': ("root", "nested", "array", 1, 2),
    '["root key with a ."][100]': ("root key with a .", 100),
    'tags["]["].x': ("tags", "][", "x"),
}


@pytest.mark.parametrize(("text", "path"), KNOWN.items())
def test_a_path_is_read_as_the_engine_writes_it(text, path):
    assert property_path(text) == path


@given(st.lists(st.one_of(st.integers(0, 999), st.text(min_size=1, max_size=8)), min_size=1))
def test_any_key_in_quotes_is_found_again(path):
    said = "".join(
        f"[{step}]" if isinstance(step, int) else '["' + step.replace('"', '\\"') + '"]'
        for step in path
        # A backslash before the closing quote cannot be told from an escaped quote.
        if isinstance(step, int) or "\\" not in step
    )

    kept = tuple(step for step in path if isinstance(step, int) or "\\" not in step)

    assert property_path(said) == kept


def test_a_difference_concerns_what_it_holds_and_what_holds_it():
    assert touches(("tags",), ("tags", "a"))
    assert touches(("tags", "a"), ("tags",))
    assert touches(("tags", "a"), ("tags", "a"))
    assert not touches(("tags", "a"), ("tags", "b"))
