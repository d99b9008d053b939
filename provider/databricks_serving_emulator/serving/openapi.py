"""The OpenAPI document of an endpoint: how it is queried (contract §4, §8)."""

from __future__ import annotations

from ..json_schema import ANYTHING, NUMBER, TEXT, WHOLE, list_of, object_of
from ..wire import JsonObject
from .model import Config, EntityKind

_MESSAGE = object_of(("role", "content"), role=TEXT, content=TEXT)
_USAGE = object_of(prompt_tokens=WHOLE, completion_tokens=WHOLE, total_tokens=WHOLE)
_SAMPLING = {"max_tokens": WHOLE, "temperature": NUMBER, "n": WHOLE}
_CHAT = object_of(("messages",), messages=list_of(_MESSAGE), **_SAMPLING)
_CHAT_ANSWER = object_of(id=TEXT, choices=list_of(object_of(message=_MESSAGE)), usage=_USAGE)
_RECORDS: JsonObject = list_of({"type": "object"})

#: What is sent and what comes back, by task.
_BY_TASK: dict[str, tuple[JsonObject, JsonObject]] = {
    "llm/v1/chat": (_CHAT, _CHAT_ANSWER),
    "agent/v1/chat": (_CHAT, _CHAT_ANSWER),
    "llm/v1/completions": (
        object_of(("prompt",), prompt=TEXT, **_SAMPLING),
        object_of(id=TEXT, choices=list_of(object_of(text=TEXT)), usage=_USAGE),
    ),
    "llm/v1/embeddings": (
        object_of(("input",), input={"oneOf": [TEXT, list_of(TEXT)]}),
        object_of(data=list_of(object_of(index=WHOLE, embedding=list_of(NUMBER))), usage=_USAGE),
    ),
}
_MODEL = (
    object_of(
        dataframe_records=_RECORDS,
        dataframe_split=object_of(columns=list_of(TEXT), data=list_of(list_of(ANYTHING))),
        inputs=ANYTHING,
        instances=list_of(ANYTHING),
    ),
    object_of(predictions=list_of(ANYTHING)),
)
_FEATURES = (
    object_of(("dataframe_records",), dataframe_records=_RECORDS),
    object_of(outputs=_RECORDS),
)


def interface(name: str, config: Config) -> JsonObject:
    """The document for an endpoint of that name that serves this config."""
    asked, answered = _shapes(config)
    operation: JsonObject = {
        "requestBody": {"required": True, "content": _json(asked)},
        "responses": {"200": {"description": "The answer.", "content": _json(answered)}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": str(config.version)},
        "servers": [{"url": f"/serving-endpoints/{name}"}],
        "paths": {"/invocations": {"post": operation}},
    }


def _shapes(config: Config) -> tuple[JsonObject, JsonObject]:
    if config.entities[0].kind is EntityKind.FEATURE_SPEC:
        return _FEATURES
    return _BY_TASK.get(config.task or "", _MODEL)


def _json(schema: JsonObject) -> JsonObject:
    return {"application/json": {"schema": schema}}
