"""Names in a program: of variables, of the stack's configuration, of environment variables."""

from __future__ import annotations

import builtins
import keyword
import re

#: What a program has by itself, whatever it declares.
_TAKEN = frozenset({"pulumi", "config", *dir(builtins), *keyword.kwlist, *keyword.softkwlist})
_WORD = re.compile(r"[A-Za-z0-9]+")


def identifier(text: str) -> str:
    """`chat-gateway.2` as `chat_gateway_2`: a legal name of a variable that shadows nothing."""
    name = "_".join(words(text)).lower() or "thing"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if name in _TAKEN else name


def config_key(text: str) -> str:
    """`llm-keys/openai` as `llmKeysOpenai`: a key of the stack's configuration."""
    first, *rest = words(text) or ["secret"]
    return first.lower() + "".join(word[0].upper() + word[1:].lower() for word in rest)


def variable(text: str) -> str:
    """`llm-keys/openai` as `LLM_KEYS_OPENAI`: a name of an environment variable."""
    name = "_".join(words(text)).upper() or "SECRET"
    return f"_{name}" if name[0].isdigit() else name


def words(text: str) -> list[str]:
    """The words of a text: its ASCII letters and digits, split at all else.

    Other letters are legal in Python's names too, but two of them may be one to Python (NFKC).
    """
    return _WORD.findall(text)


class Taken:
    """Gives out names, each once: the second `chat` is `chat_2`."""

    def __init__(self, separator: str = "_") -> None:
        self._separator = separator
        self._given: set[str] = set()

    def unique(self, wanted: str) -> str:
        """`wanted`, or with the first number that is free; case does not make two of one."""
        name, number = wanted, 1
        while name.casefold() in self._given:
            number += 1
            name = f"{wanted.rstrip(self._separator or None)}{self._separator}{number}"
        self._given.add(name.casefold())
        return name
