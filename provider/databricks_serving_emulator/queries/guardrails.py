"""Guardrails in force, on what goes to a model and on what comes from it (contract §6.2).

The service asks models what a text is about. Here words stand in for them: see `UNSAFE_WORDS`,
and the patterns in `personal`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import ApiError
from ..wire import JsonObject
from .asked import Asked, bad_request
from .personal import has_personal_information, masked

#: What counts as unsafe, by the categories in which the service's answers tell it.
UNSAFE_WORDS: Mapping[str, frozenset[str]] = {
    "violent-crimes": frozenset({"murder", "kill", "massacre"}),
    "non-violent-crimes": frozenset({"burglary", "counterfeit", "shoplift"}),
    "sexual-content": frozenset({"pornography", "porn"}),
    "indiscriminate-weapons": frozenset({"bomb", "explosives", "nerve gas"}),
    "hate": frozenset({"genocide", "ethnic cleansing"}),
    "self-harm": frozenset({"suicide", "self-harm"}),
}

#: What a topic may be worded with and is not about.
_FILLERS = frozenset(
    {"a", "about", "all", "an", "and", "any", "as", "at", "by", "for", "from", "how", "in", "into"}
    | {"is", "it", "its", "of", "on", "or", "our", "the", "their", "to", "us", "we", "what", "with"}
)
#: Words of so many letters end in an "s" of their own: "gas", "bus".
_SHORT = 3
#: What words end in whose plural may end in "es".
_WITH_ES = ("s", "x", "z", "ch", "sh", "o")


@dataclass(frozen=True)
class Verdict:
    """What guardrails make of texts.

    texts: as they go on, personal information masked where that is wanted
    report: what was found, as answers tell it; None: nothing
    """

    texts: tuple[str, ...]
    is_blocked: bool = False
    report: JsonObject | None = None


def examined(guards: JsonObject, texts: tuple[str, ...], on_topic: Sequence[str]) -> Verdict:
    """The verdict of one side's guardrails on its texts.

    on_topic: those of the texts that say what it is about
    """
    behavior = guards.get("pii", {}).get("behavior", "NONE")
    plain = [_plain(text) for text in texts]
    unsafe = unsafe_categories(plain) if guards.get("safety") else frozenset()
    keyword = has_any_keyword(plain, guards.get("invalid_keywords", ()))
    off_topic = is_off_topic([_plain(text) for text in on_topic], guards.get("valid_topics", ()))
    personal = behavior != "NONE" and has_personal_information(texts)
    blocked = bool(unsafe) or keyword or off_topic or (personal and behavior == "BLOCK")
    if not blocked and not personal:
        return Verdict(texts)
    report: JsonObject = {
        "flagged": bool(unsafe),
        "categories": {name: name in unsafe for name in UNSAFE_WORDS} if unsafe else None,
        "category_scores": None,
        "pii_detection": personal,
    }
    if keyword:
        report["invalid_keywords"] = True
    if off_topic:
        report["off_topic"] = True
    shown = tuple(masked(text) for text in texts) if personal else texts
    return Verdict(shown, blocked, report)


def blocked(asked: Asked, side: str, verdict: Verdict) -> ApiError:
    """A refusal as one was seen in an inference table: JSON in the message of a BAD_REQUEST."""
    if side == "input" and asked.roles:
        pairs = zip(asked.roles, verdict.texts, strict=True)
        shown: list[object] = [{"role": role, "content": text} for role, text in pairs]
    else:
        shown = list(verdict.texts)
    report = {**(verdict.report or {}), f"anonymized_{side}": shown}
    told = {
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
        f"{side}_guardrail": [report],
        "finishReason": f"{side}_guardrail_triggered",
    }
    return bad_request(json.dumps(told, separators=(",", ":")))


def unsafe_categories(plain: Sequence[str]) -> frozenset[str]:
    """The categories in which a text says one of the unsafe words, as whole words."""
    return frozenset(
        category
        for category, words in UNSAFE_WORDS.items()
        if _says_any(plain, [rf"(?<!\w){re.escape(word)}(?!\w)" for word in words])
    )


def has_any_keyword(plain: Sequence[str], keywords: Sequence[str]) -> bool:
    """Whether one of the keywords stands in a text, be it in the middle of a word.

    The service matches "keyword or string" (SDK, AiGatewayGuardrailParameters).
    """
    wanted = [bare for keyword in keywords if (bare := _plain(keyword))]
    return any(keyword in text for text in plain for keyword in wanted)


def is_off_topic(plain: Sequence[str], topics: Sequence[str]) -> bool:
    """Whether there are topics, and no text has a word of any of them.

    Words such as "the" are none, unless a topic has no other; singular and regular plural are one.
    """
    words = [word for topic in topics for word in _significant(topic)]
    return bool(words) and not _says_any(plain, [_inflected(word) for word in words])


def _significant(topic: str) -> list[str]:
    words: list[str] = re.findall(r"\w+", _plain(topic))
    return [word for word in words if word not in _FILLERS] or words


def _inflected(word: str) -> str:
    if word.upper() == word:
        return re.escape(word)  # digits, or a script without cases, which may be without blanks too
    forms = {form for singular in _singulars(word) for form in _forms(singular)}
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(forms)))})(?!\w)"


def _singulars(word: str) -> Iterator[str]:
    """The word, and what it is the plural of if it is one; some of that may be no word."""
    yield word
    if len(word) <= _SHORT or not word.endswith("s") or word.endswith("ss"):
        return
    yield word[:-1]
    if word.endswith("ies"):
        yield word[:-3] + "y"
    # Not of every "es", or "notes" would be the plural of "not"; nor is "uses" that of "us".
    stem = word.removesuffix("es")
    if stem != word and stem.endswith(_WITH_ES) and len(stem) >= _SHORT:
        yield stem


def _forms(singular: str) -> tuple[str, ...]:
    if singular.endswith(_WITH_ES):
        return singular, singular + "s", singular + "es"
    if singular.endswith("y"):
        return singular, singular + "s", singular[:-1] + "ies"
    return singular, singular + "s"


def _says_any(plain: Sequence[str], patterns: Sequence[str]) -> bool:
    wanted = re.compile("|".join(patterns))
    return any(wanted.search(text) for text in plain)


def _plain(text: str) -> str:
    """A text without what makes no difference: case, how letters are composed, kinds of blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
