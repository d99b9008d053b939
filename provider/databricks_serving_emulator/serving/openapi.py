"""The OpenAPI document of an endpoint: how it is queried (contract §4, §8)."""

from __future__ import annotations

from ..wire import JsonObject
from .model import Config, EntityKind

_TEXT: JsonObject = {"type": "string"}
_NUMBER: JsonObject = {"type": "number"}
_WHOLE: JsonObject = {"type": "integer"}
_ANY: JsonObject = {}


def _list_of(item: JsonObject) -> JsonObject:
    return {"type": "array", "items": item}


def _object(required: tuple[str, ...] = (), **members: JsonObject) -> JsonObject:
    shown: JsonObject = {"type": "object", "properties": members}
    return {**shown, "required": list(required)} if required else shown


_MESSAGE = _object(("role", "content"), role=_TEXT, content=_TEXT)
_USAGE = _object(prompt_tokens=_WHOLE, completion_tokens=_WHOLE, total_tokens=_WHOLE)
_SAMPLING = {"max_tokens": _WHOLE, "temperature": _NUMBER, "n": _WHOLE}
_CHAT = _object(("messages",), messages=_list_of(_MESSAGE), **_SAMPLING)
_CHAT_ANSWER = _object(id=_TEXT, choices=_list_of(_object(message=_MESSAGE)), usage=_USAGE)
_RECORDS: JsonObject = _list_of({"type": "object"})

#: What is sent and what comes back, by task.
_BY_TASK: dict[str, tuple[JsonObject, JsonObject]] = {
    "llm/v1/chat": (_CHAT, _CHAT_ANSWER),
    "agent/v1/chat": (_CHAT, _CHAT_ANSWER),
    "llm/v1/completions": (
        _object(("prompt",), prompt=_TEXT, **_SAMPLING),
        _object(id=_TEXT, choices=_list_of(_object(text=_TEXT)), usage=_USAGE),
    ),
    "llm/v1/embeddings": (
        _object(("input",), input={"oneOf": [_TEXT, _list_of(_TEXT)]}),
        _object(data=_list_of(_object(index=_WHOLE, embedding=_list_of(_NUMBER))), usage=_USAGE),
    ),
}
_MODEL = (
    _object(
        dataframe_records=_RECORDS,
        dataframe_split=_object(columns=_list_of(_TEXT), data=_list_of(_list_of(_ANY))),
        inputs=_ANY,
        instances=_list_of(_ANY),
    ),
    _object(predictions=_list_of(_ANY)),
)
_FEATURES = (_object(("dataframe_records",), dataframe_records=_RECORDS), _object(outputs=_RECORDS))


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
