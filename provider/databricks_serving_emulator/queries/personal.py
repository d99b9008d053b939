"""Personal information by well-known patterns: what only looks like it has the wrong checksum.

Each pattern starts where nothing of its kind stands before and repeats a bounded number of times,
so that no text takes long. The search goes on right after the start of what was found: a number
that stands before a card's, or after it, does not hide it. Of what overlaps, nobody knows which is
meant: it is masked together. Two cards side by side stay two, whatever their middle looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_IBAN_MODULUS = 97
#: What people write between groups: blanks of several kinds, dots, and hyphens.
_BETWEEN = " \t\u00a0\u2009\u202f.\u2010\u2011\u2013-"
_GAP = rf"[{_BETWEEN}]{{0,2}}"
_BESIDE = re.compile(_GAP)
_NOTHING_BETWEEN = str.maketrans("", "", _BETWEEN)
_DOUBLED = str.maketrans("0123456789", "0246813579")

#: The countries whose IBANs have so many characters. Source: SWIFT, IBAN registry.
_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}


def has_luhn_checksum(text: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812)."""
    digits = text.translate(_NOTHING_BETWEEN)
    return sum(map(int, digits[::-2] + digits[-2::-2].translate(_DOUBLED))) % 10 == 0


def has_iban_checksum(text: str) -> bool:
    """Whether the two digits after the country are the check digits of the rest (ISO 13616)."""
    bare = text.translate(_NOTHING_BETWEEN)
    return int("".join([str(int(one, 36)) for one in bare[4:] + bare[:4]])) % _IBAN_MODULUS == 1


def _iban(length: int, countries: str) -> str:
    fours, rest = divmod(length - 4, 4)
    group = rf"{_GAP}[A-Z0-9]"
    groups = rf"(?:{group}{{4}}){{{fours}}}" + (rf"{group}{{{rest}}}" if rest else "")
    return rf"(?:{countries.replace(' ', '|')})[0-9]{{2}}{groups}"


_IBANS = "|".join(_iban(length, countries) for length, countries in _IBAN_COUNTRIES.items())
_FOURS = rf"[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}"
_CARDS = rf"{_FOURS}|[0-9]{{4}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4,5}}|[0-9]{{13,19}}"


@dataclass(frozen=True)
class _Kind:
    """A kind of information: what stands in its place, what it looks like, and its checksum."""

    label: str
    pattern: re.Pattern[str]
    genuine: Callable[[str], bool] | None = None


# The labels for addresses, cards and phones were seen in answers of the service; the other two are
# those of Presidio, which has the same labels for these three.
_KINDS = (
    _Kind(
        "<IBAN_CODE>",
        re.compile(rf"\b(?=[A-Z]{{2}}[0-9]{{2}})(?:{_IBANS})\b", re.IGNORECASE | re.ASCII),
        has_iban_checksum,
    ),
    # Nineteen digits in groups first, or the sixteen that they begin with could be taken for them.
    _Kind(
        "<CREDIT_CARD>",
        re.compile(rf"(?<![0-9]){_FOURS}{_GAP}[0-9]{{3}}(?![0-9])"),
        has_luhn_checksum,
    ),
    _Kind("<CREDIT_CARD>", re.compile(rf"(?<![0-9])(?:{_CARDS})(?![0-9])"), has_luhn_checksum),
    _Kind(
        "<US_SSN>",
        re.compile(r"(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9-])"),
    ),
    _Kind(
        "<EMAIL_ADDRESS>",
        re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
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
    if kind.genuine is None:
        return kind.pattern.sub(kind.label, text)
    kept: list[str] = []
    # Up to where text is masked, and up to where the latest label stands for it.
    done = labelled = at = 0
    while found := kind.pattern.search(text, at):
        start, end = found.span()
        at = start + 1
        if not kind.genuine(found[0]):
            continue
        if start >= done or _BESIDE.fullmatch(text, labelled, start):
            kept += (text[done if start >= done else labelled : start], kind.label)
            labelled = end
        done = max(done, end)
    return "".join((*kept, text[done:]))


def has_personal_information(texts: Sequence[str]) -> bool:
    """Whether anything in the texts would be masked."""
    return any(masked(text) != text for text in texts)
