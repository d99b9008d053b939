"""Property values as the engine has them: JSON, with marks for what is secret and what is unknown.

A secret is Pulumi's object `{signature: …, "value": …}`, unknown is the text `rpc.UNKNOWN`, so that
what comes from the program's side and from the provider needs no translation.
Source of the rules: `annotateSecrets` in the engine's provider_plugin.go.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

Json = dict[str, Any]

UNKNOWN = rpc.UNKNOWN
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


def to_wire(bag: Json) -> struct_pb2.Struct:
    """A property bag as a message."""
    made = struct_pb2.Struct()
    json_format.ParseDict(bag, made)
    return made


def from_wire(bag: struct_pb2.Struct) -> Json:
    """A message as a property bag; whole numbers are integers, nulls at the top are left out."""
    read = _whole(json_format.MessageToDict(bag))
    return {name: value for name, value in read.items() if value is not None}


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _each(value, _whole)


def secret(value: Any) -> Json:
    """The value, marked as secret."""
    return {_SIGNATURE: _SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether this very value is marked."""
    return isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET


def revealed(value: Any) -> Any:
    """The value without marks, at any depth: what a provider gets that takes no secrets."""
    if is_secret(value):
        return revealed(value["value"])
    return _each(value, revealed)


def hidden(value: Any) -> Any:
    """The value with `[secret]` for each marked one: what stands in a state file for a reader."""
    return "[secret]" if is_secret(value) else _each(value, hidden)


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: change(inner) for name, inner in value.items()}
    return [change(inner) for inner in value] if isinstance(value, list) else value


def annotated(outs: Json, ins: Json) -> Json:
    """The bag with the marks of another, by path; a list with a marked element is marked whole."""
    found = dict(outs)
    for name, value in ins.items():
        if name not in found or is_secret(found[name]):
            continue
        if isinstance(found[name], dict) and isinstance(value, dict) and not is_secret(value):
            found[name] = annotated(found[name], value)
        elif _has_secret(value):
            found[name] = secret(found[name])
    return found


def _has_secret(value: Any) -> bool:
    if is_secret(value):
        return True
    if isinstance(value, dict):
        return any(map(_has_secret, value.values()))
    return isinstance(value, list) and any(map(_has_secret, value))


def has_unknown(value: Any) -> bool:
    """Whether anything in it is not known yet."""
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    if isinstance(value, list):
        return any(map(has_unknown, value))
    return value == UNKNOWN


def differences(before: Any, after: Any, path: str = "") -> set[str]:
    """Where two values differ, as the engine writes the paths of its detailed diff."""
    before, after = revealed(before), revealed(after)
    if isinstance(before, dict) and isinstance(after, dict):
        both = {*before, *after}
        found = (_at(before, after, name, f"{path}.{name}" if path else name) for name in both)
        return set().union(*found)
    if isinstance(before, list) and isinstance(after, list):
        shared = zip(before, after, strict=False)
        found = (differences(b, a, f"{path}[{n}]") for n, (b, a) in enumerate(shared))
        longer = range(min(len(before), len(after)), max(len(before), len(after)))
        return set().union(*found) | {f"{path}[{n}]" for n in longer}
    return set() if before == after else {path}


def _at(before: Json, after: Json, name: str, path: str) -> set[str]:
    if name in before and name in after:
        return differences(before[name], after[name], path)
    return {path}
