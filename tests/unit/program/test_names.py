"""Names that a generated program gives to variables and to what it asks for."""

from __future__ import annotations

import builtins
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databricks_serving.program.names import Taken, config_key, identifier, variable


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("chat-gateway.2", "chat_gateway_2"),
        ("llm-keys/openai_API", "llm_keys_openai_api"),
        ("2fast", "_2fast"),
        ("class", "class_"),
        ("Config", "config_"),
        ("pulumi", "pulumi_"),
        ("print", "print_"),
        ("ünïcode", "n_code"),
        ("日本", "thing"),
        ("", "thing"),
    ],
)
def test_a_variable_is_named_after_the_thing(text, name):
    assert identifier(text) == name


@given(st.text())
def test_any_text_becomes_a_name_that_shadows_nothing(text):
    name = identifier(text)

    assert name.isidentifier()
    assert name.isascii()
    assert not keyword.iskeyword(name)
    assert name not in {"pulumi", "config", *dir(builtins)}


@pytest.mark.parametrize(
    ("text", "key", "name"),
    [
        ("llm-keys/openai", "llmKeysOpenai", "LLM_KEYS_OPENAI"),
        ("llm/OPENAI_KEY", "llmOpenaiKey", "LLM_OPENAI_KEY"),
        ("1st/key", "1stKey", "_1ST_KEY"),
        ("日本/本", "secret", "SECRET"),
    ],
)
def test_a_secret_names_its_configuration_and_its_variable(text, key, name):
    assert (config_key(text), variable(text)) == (key, name)


def test_a_name_is_given_once_whatever_its_case():
    taken = Taken()

    given_out = [taken.unique(name) for name in ("chat", "Chat", "chat", "class_", "class_")]

    assert given_out == ["chat", "Chat_2", "chat_3", "class_", "class_2"]


@given(st.lists(st.text(alphabet="aA_2", max_size=4)))
def test_no_two_names_are_one(wanted):
    taken = Taken("")

    given_out = [taken.unique(name).casefold() for name in wanted]

    assert len(set(given_out)) == len(wanted)
