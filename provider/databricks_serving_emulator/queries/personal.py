"""Personal information by well-known patterns: what only looks like it has the wrong checksum.

Each pattern starts where nothing of its kind stands before and repeats a bounded number of times,
so that no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_IBAN_MODULUS = 97


def _always(_text: str) -> bool:
    return True


def has_luhn_checksum(text: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812)."""
    digits = [int(character) for character in text if character.isdigit()][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def has_iban_checksum(text: str) -> bool:
    """Whether the two digits after the country are the check digits of the rest (ISO 13616)."""
    bare = text.replace(" ", "")
    return int("".join(str(int(one, 36)) for one in bare[4:] + bare[:4])) % _IBAN_MODULUS == 1


@dataclass(frozen=True)
class _Kind:
    """A kind of information: what stands in its place, what it looks like, and its checksum."""

    label: str
    pattern: re.Pattern[str]
    genuine: Callable[[str], bool] = _always


# The labels for addresses, cards and phones were seen in answers of the service; the other two are
# those of Presidio, which has the same labels for these three.
_KINDS = (
    _Kind(
        "<IBAN_CODE>",
        re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        has_iban_checksum,
    ),
    _Kind(
        "<CREDIT_CARD>",
        re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])"),
        has_luhn_checksum,
    ),
    _Kind(
        "<US_SSN>",
        re.compile(r"(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])"),
    ),
    _Kind(
        "<EMAIL_ADDRESS>",
        re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"),
    ),
    _Kind(
        "<PHONE_NUMBER>",
        re.compile(
            r"(?<![\w+.-])(?:"
            r"\+[0-9]{1,3}(?:[ .-]?\(?[0-9]{2,4}\)?){2,4}"
            r"|(?:1[ .-])?(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}"
            r")(?![\w-])"
        ),
    ),
)


def masked(text: str) -> str:
    """The text with a label such as `<EMAIL_ADDRESS>` in place of each piece of information."""
    for kind in _KINDS:
        text = _without(kind, text)
    return text


def _without(kind: _Kind, text: str) -> str:
    def replaced(found: re.Match[str]) -> str:
        return kind.label if kind.genuine(found[0]) else found[0]

    return kind.pattern.sub(replaced, text)


def has_personal_information(texts: Sequence[str]) -> bool:
    """Whether anything in the texts would be masked."""
    return any(masked(text) != text for text in texts)
