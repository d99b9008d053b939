"""Answers of queries in the shapes of the service (contract §8), whole and in events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..wire import JsonObject, Response, json_response
from .asked import Asked
from .echo import Reply

#: A stream has at most so many events with text, however long the text is.
MOST_PIECES = 100
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Told:
    """What an answer says beside the reply.

    created: seconds since the epoch
    model: the name of the model that was asked
    reports: what guardrails found, by the field of the answer
    """

    request_id: str
    created: int
    model: str
    reports: Mapping[str, JsonObject] = field(default_factory=dict)


def whole_answer(asked: Asked, reply: Reply, told: Told) -> Response:
    """The answer as one JSON object."""
    return json_response({**_content(asked, reply, told), **_guards(told)})


def streamed_answer(asked: Asked, reply: Reply, told: Told) -> Response:
    """The answer as server-sent events: word by word, then how many tokens, then the end."""
    events = [f"data: {json.dumps(event)}\n\n" for event in _events(asked, reply, told)]
    parts = tuple(event.encode() for event in (*events, "data: [DONE]\n\n"))
    kind = {"content-type": "text/event-stream; charset=utf-8"}
    return Response(200, kind, b"".join(parts), parts=parts)


def _content(asked: Asked, reply: Reply, told: Told) -> JsonObject:
    if asked.form == "model":
        return {"predictions": list(reply.rows)}
    if asked.form == "features":
        return {"outputs": list(reply.rows)}
    usage = _usage(asked, reply)
    if asked.form == "embeddings":
        found = [
            {"object": "embedding", "index": index, "embedding": list(vector)}
            for index, vector in enumerate(reply.vectors)
        ]
        return {"object": "list", "data": found, "model": told.model, "usage": usage}
    is_chat = asked.form == "chat"
    choices = [
        {
            "index": index,
            **({"message": {"role": "assistant", "content": text}} if is_chat else {"text": text}),
            "finish_reason": why,
        }
        for index, (text, why) in enumerate(zip(reply.texts, reply.finishes, strict=True))
    ]
    head = _head(asked, told, "chat.completion" if is_chat else "text_completion")
    return {**head, "choices": choices, "usage": usage}


def _usage(asked: Asked, reply: Reply) -> JsonObject:
    counts: JsonObject = {"prompt_tokens": asked.tokens}
    if asked.form != "embeddings":
        counts["completion_tokens"] = reply.tokens
    return {**counts, "total_tokens": sum(counts.values())}


def _guards(told: Told) -> JsonObject:
    return {name: [report] for name, report in told.reports.items()}


def _head(asked: Asked, told: Told, kind: str) -> JsonObject:
    prefix = "chatcmpl" if asked.form == "chat" else "cmpl"
    name = f"{prefix}-{told.request_id}"
    return {"id": name, "object": kind, "created": told.created, "model": told.model}


def _events(asked: Asked, reply: Reply, told: Told) -> Iterator[JsonObject]:
    is_chat = asked.form == "chat"
    head = _head(asked, told, "chat.completion.chunk" if is_chat else "text_completion")

    def event(index: int, piece: str, why: str | None, *, first: bool = False) -> JsonObject:
        role = {"role": "assistant"} if first else {}
        said: JsonObject = {"delta": {**role, "content": piece}} if is_chat else {"text": piece}
        return {**head, "choices": [{"index": index, **said, "finish_reason": why}]}

    last = len(reply.texts) - 1
    for index, (text, why) in enumerate(zip(reply.texts, reply.finishes, strict=True)):
        for place, piece in enumerate(pieces(text)):
            yield event(index, piece, None, first=place == 0)
        ending = {"usage": _usage(asked, reply), **_guards(told)} if index == last else {}
        yield {**event(index, "", why), **ending}


def pieces(text: str) -> list[str]:
    """A text in words, several of them together where it has many; never none."""
    words = _WORD.findall(text) or [""]
    step = -(-len(words) // MOST_PIECES)
    return ["".join(words[place : place + step]) for place in range(0, len(words), step)]
