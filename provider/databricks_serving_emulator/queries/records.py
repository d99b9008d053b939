"""What is kept of each query: what usage tracking and inference tables are made of.

Everything here is called by whoever holds the workspace's lock.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TypeAlias

#: How many queries are kept, and how many characters of their texts; the oldest go first.
MOST_KEPT = 10_000
MOST_CHARACTERS = 64 * 1024 * 1024
#: Source: documentation, usage tracking (10 KiB) and inference tables (1 MiB).
_MOST_CONTEXT_BYTES = 10 * 1024
_MOST_LOGGED_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Query:
    """One query as it was answered. Refused ones count too, where they reached an endpoint.

    served_entity_id: 32 hexadecimal digits, the same for an entity of one endpoint and config
        version; `""`, as is the name, where no entity was asked
    requester: a user's e-mail address, or a service principal's application id
    requested_at: seconds since the epoch
    input_tokens, output_tokens: whole numbers by the documentation's estimate
    input_characters, output_characters: of the text that a model reads and writes
    duration_ms: how long it took, in whole milliseconds
    request, response: the bodies as logged; `""` for one that is too large to be
    sampled: whether it belongs to the fraction of queries that an inference table logs
    logging_error_codes: why a body was not logged
    """

    endpoint_name: str
    endpoint_id: str
    served_entity_id: str
    served_entity_name: str
    requester: str
    requested_at: float
    status_code: int
    databricks_request_id: str
    client_request_id: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    input_characters: int = 0
    output_characters: int = 0
    usage_context: Mapping[str, str] = field(default_factory=dict)
    streaming: bool = False
    duration_ms: int = 0
    request: str = ""
    response: str = ""
    sampled: bool = True
    logging_error_codes: tuple[str, ...] = ()


def served_entity_id(endpoint_id: str, config_version: int, entity_name: str) -> str:
    """The id of an entity of one config version, by which queries and tables name it."""
    named = f"{endpoint_id}/{config_version}/{entity_name}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def is_context(context: Mapping[str, str]) -> bool:
    """Whether a usage_context is small enough to be one."""
    return len(json.dumps(dict(context), ensure_ascii=False).encode()) <= _MOST_CONTEXT_BYTES


def logged(body: bytes, side: str) -> tuple[str, tuple[str, ...]]:
    """A body as it is logged, and why it is not. `side`: `REQUEST` or `RESPONSE`."""
    if len(body) > _MOST_LOGGED_BYTES:
        return "", (f"MAX_{side}_SIZE_EXCEEDED",)
    return body.decode("utf-8", "replace"), ()


Observer: TypeAlias = "Callable[[Query], None]"


class QueryRecords:
    """The queries in their order, the oldest of too many forgotten.

    An observer is called with each as it is recorded, while the endpoint is as it was asked.
    """

    def __init__(self) -> None:
        self._kept: deque[Query] = deque()
        self._characters = 0
        self._observers: list[Observer] = []

    def observe(self, observer: Observer) -> None:
        """Call the observer with each query from now on; `clear` does not stop that."""
        self._observers.append(observer)

    def add(self, query: Query) -> None:
        """One more was answered."""
        self._kept.append(query)
        self._characters += _size(query)
        while len(self._kept) > MOST_KEPT or self._characters > MOST_CHARACTERS:
            self._characters -= _size(self._kept.popleft())
        for observer in self._observers:
            observer(query)

    def all(self) -> tuple[Query, ...]:
        """Those that are kept, the oldest first."""
        return tuple(self._kept)

    def since(self, seconds: float) -> Iterator[Query]:
        """Those after a time, in seconds since the epoch; the latest first."""
        return takewhile(lambda query: query.requested_at > seconds, reversed(self._kept))

    def clear(self) -> None:
        """Nothing was asked."""
        self._kept.clear()
        self._characters = 0


def _size(query: Query) -> int:
    context = sum(len(key) + len(text) for key, text in query.usage_context.items())
    return len(query.request) + len(query.response) + len(query.client_request_id) + context
