"""What may be shown of an answer: what the tests or the emulator said too, and little else.

Names, hosts and ids of a workspace have no common form, so nothing is looked for and struck out:
what is not known to be harmless is described.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .conversations import Json

_ENUM = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_FIELD = re.compile(r"@?[A-Za-z_]\w{0,60}")
_SPELLINGS = (
    (re.compile(r"[0-9a-f]{32}"), "32 hex digits"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "a UUID"),
    (re.compile(r"\d+"), "digits"),
    (re.compile(r"\{\{secrets/.*\}\}"), "a secret reference"),
    (re.compile(r"https?://\S+"), "an address"),
    (re.compile(r"\S+@\S+"), "an e-mail address"),
)
_LONG_NUMBER = 6

#: In a sentence, what could tell whose workspace it is. Most special first.
_ADDRESS = re.compile(r"https?://[^\s'\"<>,]+")
_IN_WORDS = (
    (re.compile(r"[^\s'\"<>(\[]+@[^\s'\"<>)\]]+"), "<e-mail>"),
    (re.compile(r"\b(?:[\w-]+\.)+(?:com|net|ms|io|azure|cloud|us|org|local)\b"), "<host>"),
    (re.compile(r"\b(?:dapi|dkea|dose|sk-|eyJ)[\w.-]{6,}"), "<token>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b(?=\w*\d)[0-9A-Za-z]{16,}\b"), "<id>"),
    (re.compile(r"\b\d{7,}\b"), "<number>"),
)


def texts(value: Json) -> Iterator[str]:
    """All texts in a value, of names and of leaves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)


def secrets_in(value: Json) -> Iterator[str]:
    """The values of a request body that no answer may repeat."""
    if isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            is_secret = name.endswith("_plaintext") or name in ("string_value", "bytes_value")
            if is_secret and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from secrets_in(inner)


@dataclass(frozen=True)
class Known:
    """What may be shown, for one conversation.

    harmless: texts that the tests or the emulator said
    secrets: that were sent
    private: of this run: the host, the caller, ids
    """

    harmless: frozenset[str]
    secrets: frozenset[str]
    private: tuple[str, ...]

    def shown(self, value: Json) -> str:
        """A value as the report has it."""
        if isinstance(value, bool) or value is None:
            return {True: "true", False: "false", None: "null"}[value]
        if isinstance(value, (int, float)):
            long = len(str(value)) >= _LONG_NUMBER and str(value) not in self.harmless
            return spelled(value) if long else str(value)
        if isinstance(value, str):
            return self._text(value)
        return spelled(value)

    def named(self, field: str) -> str:
        """The name of a field."""
        is_plain = _FIELD.fullmatch(field) and not self._tells(field)
        return field if is_plain or field in self.harmless else "<a name>"

    def words(self, text: str) -> str:
        """A sentence of the workspace, without what could tell whose it is."""
        return scrubbed(text, [*self.secrets, *self.private])

    def _text(self, value: str) -> str:
        if value in self.secrets:
            return "<a secret>"
        if value in self.harmless and not self._tells(value):
            return f'"{value}"'
        return f'"{value}"' if _ENUM.fullmatch(value) and not self._tells(value) else spelled(value)

    def _tells(self, value: str) -> bool:
        return any(private.lower() in value.lower() for private in self.private)


def known(asked: Iterable[Json], answered: Json, private: Iterable[str]) -> Known:
    """What may be shown where that was asked, and the emulator answered so."""
    bodies = list(asked)
    secret = frozenset(secret for body in bodies for secret in secrets_in(body))
    harmless = {text for body in [*bodies, answered] for text in texts(body)}
    numbers = set(re.findall(r"\d+", str(bodies)))
    return Known(frozenset(harmless - secret | numbers), secret, tuple(filter(None, private)))


def spelled(value: Json) -> str:
    """The form of a value whose content says nothing."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return f"<a number of {len(str(abs(value)))} digits>"
    if isinstance(value, float):
        return "<a number>"
    if isinstance(value, list):
        return "<a list>" if value else "[]"
    if isinstance(value, dict):
        return "<an object>" if value else "{}"
    found = (what for pattern, what in _SPELLINGS if pattern.fullmatch(value))
    return f"<{next(found, 'a text' if value else 'an empty text')}>"


def scrubbed(text: str, private: Iterable[str]) -> str:
    """The text without those, and without what looks like an address, a token or an id."""
    text = _ADDRESS.sub("<address>", text)
    for said in sorted(filter(None, private), key=len, reverse=True):
        text = re.sub(re.escape(said), "<private>", text, flags=re.IGNORECASE)
    for pattern, instead in _IN_WORDS:
        text = pattern.sub(instead, text)
    return text
