"""Guardrails in force, on what goes to a model and on what comes from it (contract §6.2).

The service asks models what a text is about. Here words stand in for them: see `UNSAFE_WORDS`,
and the patterns in `personal`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..wire import JsonObject
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


@dataclass(frozen=True)
class Verdict:
    """What guardrails make of texts.

    texts: as they go on, personal information masked where that is wanted
    report: what was found, as answers tell it; None: nothing
    """

    texts: tuple[str, ...]
    is_blocked: bool = False
    report: JsonObject | None = None


def examined(guards: JsonObject, texts: tuple[str, ...]) -> Verdict:
    """The verdict of one side's guardrails on its texts; no text is on every topic."""
    behavior = guards.get("pii", {}).get("behavior", "NONE")
    unsafe = unsafe_categories(texts) if guards.get("safety") else frozenset()
    keyword = has_any_phrase(texts, guards.get("invalid_keywords", ()))
    off_topic = is_off_topic(texts, guards.get("valid_topics", ()))
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


def unsafe_categories(texts: Sequence[str]) -> frozenset[str]:
    """The categories in which a text says one of the unsafe words."""
    return frozenset(
        category for category, words in UNSAFE_WORDS.items() if has_any_phrase(texts, words)
    )


def has_any_phrase(texts: Sequence[str], phrases: Sequence[str] | frozenset[str]) -> bool:
    """Whether a text says one of the phrases, as whole words and in any case."""
    spelled = [r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in phrases]
    wanted = [phrase for phrase in spelled if phrase]
    if not wanted:
        return False
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)", re.IGNORECASE)
    return any(pattern.search(text) for text in texts)


def is_off_topic(texts: Sequence[str], topics: Sequence[str]) -> bool:
    """Whether there are topics, and no text has a word of any of them."""
    words = [word for topic in topics for word in topic.split()]
    return bool(words) and not has_any_phrase(texts, words)
