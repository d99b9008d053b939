"""What may be shown of an answer: what the tests or the emulator said too, and what is published.

Names, hosts and ids of a workspace have no common form, so nothing is looked for and struck out:
what is not known to be harmless is described. That goes for each word of a refusal, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import public
from .conversations import Json
from .public import Shape

#: As the API names its fields: words in small letters, which a key or an id has not.
_FIELD = re.compile(r"(?=.{1,60}\Z)[a-z]{1,24}\d{0,2}(_[a-z]{1,24}\d{0,2})*")
_SPELLINGS = (
    (re.compile(r"[0-9a-f]{32}"), "32 hex digits"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "a UUID"),
    (re.compile(r"\d+"), "digits"),
    (re.compile(r"\{\{secrets/.*\}\}"), "a secret reference"),
    (re.compile(r"https?://\S+"), "an address"),
    (re.compile(r"\S+@\S+"), "an e-mail address"),
    (re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"), "a text in capitals"),
)
_AROUND_WORDS = "'\"`<>()[]{}.,:;!?"
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

    def named(self, field: str, shape: Shape) -> str:
        """The name of a field; shape: what is described of the object that has it."""
        # The keys of a map are names that somebody gave.
        is_plain = shape.is_object and _FIELD.fullmatch(field) and not self._tells(field)
        return field if is_plain or self._is_known(field) else "<a name>"

    def words(self, text: str) -> str:
        """A sentence of the emulator, without what is this run's; what both say is the same."""
        return scrubbed(text, [*self.secrets, *self.private])

    def reworded(self, text: str, ours: str) -> str:
        """A sentence of the workspace: its length, and of its words those that are known.

        ours: what the emulator says instead; empty if nothing
        """
        known = {word.strip(_AROUND_WORDS) for word in ours.lower().split()}
        words = [word.strip(_AROUND_WORDS) for word in text.split()]
        told: list[str] = []
        for word in words:
            is_ours = word.lower() in known and not self._tells(word)
            is_known = bool(word) and (is_ours or self._is_known(word))
            if is_known or told[-1:] != ["…"]:
                told.append(word if is_known else "…")
        count = f"{len(words)} word{'' if len(words) == 1 else 's'}"
        return f"otherwise, in {count}" + (f": {' '.join(told)}" if told != ["…"] else "")

    def _is_known(self, word: str) -> bool:
        if word in self.secrets or self._tells(word):
            return False
        return word in self.harmless or word in public.words()

    def _text(self, value: str) -> str:
        if value in self.secrets:
            return "<a secret>"
        return f'"{value}"' if self._is_known(value) else spelled(value)

    def _tells(self, value: str) -> bool:
        return any(private.lower() in value.lower() for private in self.private)


def known(
    asked: Iterable[Json], answered: Json, private: Iterable[str], people: Iterable[str] = ()
) -> Known:
    """What may be shown where that was asked, and the emulator answered so.

    people: who is asked about in place of the tests' made-up ones, however short the name
    """
    bodies = list(asked)
    secret = frozenset(secret for body in bodies for secret in secrets_in(body))
    harmless = {text for body in [*bodies, answered] for text in texts(body)}
    numbers = set(re.findall(r"\d+", str(bodies)))
    said = harmless - secret - set(people) | numbers
    return Known(frozenset(said), secret, tuple(filter(None, private)))


def spelled(value: Json) -> str:
    """The form of a value whose content says nothing."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        count = len(str(abs(value)))
        return f"<a number of {count} digit{'' if count == 1 else 's'}>"
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
