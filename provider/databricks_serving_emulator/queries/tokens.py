"""How many tokens a text has."""

from __future__ import annotations

_CHARACTERS_PER_TOKEN = 4


def estimated_tokens(text: str) -> int:
    """(text length + 1) / 4, rounded up to a whole number; an empty text has none.

    The estimate is the documentation's, for models that do not tell (contract §8); that it is
    rounded up is the emulator's choice, so that no text is free.
    """
    return -(-(len(text) + 1) // _CHARACTERS_PER_TOKEN) if text else 0


def longest(tokens: int) -> int:
    """The most characters that a text of that many tokens has."""
    return max(0, _CHARACTERS_PER_TOKEN * tokens - 1)
