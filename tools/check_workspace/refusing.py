"""What differs between two refusals, or a refusal and what is taken."""

from __future__ import annotations

from collections.abc import Iterator

from .conversations import Json
from .differing import Difference, Kind
from .redaction import Known
from .sides import Answer


def judged(route: str, one: Answer, other: Answer, known: Known) -> Iterator[Difference]:
    """What differs in status, code and words; what else they have is not looked at here."""
    if one.status != other.status:
        yield Difference(Kind.STATUS, route, "", told(one, known), _theirs(one, other, known))
        return
    codes = [_member(answer, "error_code") for answer in (one, other)]
    if codes[0] != codes[1] or type(codes[0]) is not type(codes[1]):
        yield Difference(Kind.CODE, route, "error_code", *map(known.shown, codes))
        return
    said = [_member(answer, "message") for answer in (one, other)]
    texts = [known.words(text) for text in said if isinstance(text, str)]
    if len(texts) == 1:
        yield Difference(Kind.TYPE, route, "message", *map(known.shown, said))
    elif texts and texts[0] != texts[1]:
        yield Difference(Kind.WORDS, route, "message", texts[0], known.reworded(said[1], texts[0]))


def told(answer: Answer, known: Known) -> str:
    """An answer of the emulator in one line."""
    text = _member(answer, "message")
    said = f": {known.words(text)}" if text and isinstance(text, str) else ""
    return f"{_status(answer, known)}{said if not answer.is_accepted else ''}"


def _theirs(one: Answer, other: Answer, known: Known) -> str:
    """An answer of the workspace in one line, where the emulator answers so."""
    status, text = _status(other, known), _member(other, "message")
    if other.is_accepted or not text:
        return status
    if not isinstance(text, str):
        return f"{status}: {known.shown(text)}"
    ours = _member(one, "message")
    ours = known.words(ours) if isinstance(ours, str) else ""
    is_same = known.words(text) == ours
    return f"{status}: {ours if is_same else known.reworded(text, ours)}"


def _status(answer: Answer, known: Known) -> str:
    code = _member(answer, "error_code")
    if answer.is_accepted or code is None:
        return str(answer.status)
    return f"{answer.status} {known.shown(code).strip(chr(34))}"


def _member(answer: Answer, name: str) -> Json:
    return answer.content.get(name) if isinstance(answer.content, dict) else None
