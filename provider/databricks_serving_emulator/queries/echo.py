"""The model behind every endpoint: it says what it was told, and always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from .asked import Asked
from .tokens import estimated_tokens, longest

#: How many numbers the vector of a text has.
DIMENSIONS = 8


@dataclass(frozen=True)
class Reply:
    """What a model answers: texts, each with why it ended; or vectors; or rows."""

    texts: tuple[str, ...] = ()
    finishes: tuple[str, ...] = ()
    vectors: tuple[tuple[float, ...], ...] = ()
    rows: tuple[object, ...] = ()

    @property
    def characters(self) -> int:
        """How many characters it says."""
        return sum(len(text) for text in self.texts)

    @property
    def tokens(self) -> int:
        """How many tokens it says, by the estimate."""
        return sum(estimated_tokens(text) for text in self.texts)


def reply_to(asked: Asked) -> Reply:
    """The last message of the user once more; every prompt; a vector for a text; the rows."""
    if asked.form == "embeddings":
        return Reply(vectors=tuple(vector(text) for text in asked.texts))
    if asked.form in {"model", "features"}:
        return Reply(rows=asked.rows)
    said = asked.texts if asked.form == "completions" else asked.of_user[-1:]
    ended = [_ended(text, asked) for text in said for _ in range(asked.choices)]
    return Reply(tuple(text for text, _ in ended), tuple(why for _, why in ended))


def vector(text: str) -> tuple[float, ...]:
    """Numbers between -1 and 1 that are the same for the same text, and mean nothing."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return tuple(round(byte / 127.5 - 1, 6) for byte in digest[:DIMENSIONS])


def _ended(text: str, asked: Asked) -> tuple[str, str]:
    kept = text[: _first_stop(text, asked.stops)]
    if asked.most_tokens is not None and estimated_tokens(kept) > asked.most_tokens:
        return kept[: longest(asked.most_tokens)], "length"
    return kept, "stop"


def _first_stop(text: str, stops: Sequence[str]) -> int:
    places = [text.find(stop) for stop in stops if stop]
    return min((place for place in places if place >= 0), default=len(text))
