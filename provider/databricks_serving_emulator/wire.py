"""What goes into the emulator and what comes out, whichever door it came through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast
from urllib.parse import urlencode

JsonObject: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True)
class Request:
    """One HTTP request. `path` is as sent: percent-encoded, without the query string."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value of a header, its name in any case; `""` when it was not sent."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), "")

    @property
    def target(self) -> str:
        """The path with its query string, if any."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def origin(self) -> str:
        """Scheme, host and port by which the client reached the workspace."""
        scheme = self.header("x-forwarded-proto") or "http"
        return f"{scheme}://{self.header('host') or 'localhost'}"

    @property
    def content(self) -> object:
        """The body as JSON; None when there is none, or when it is not JSON."""
        try:
            return cast("object", json.loads(self.body)) if self.body.strip() else None
        except (ValueError, RecursionError):
            return None  # nested deeper than anybody means it


@dataclass(frozen=True)
class Response:
    """One HTTP answer.

    delay: seconds that pass before the client gets it
    parts: the body in the pieces in which a server sends it; none: as a whole
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay: float = 0.0
    parts: tuple[bytes, ...] = ()

    def json(self) -> JsonObject:
        """The body as a JSON object; `{}` when it is empty."""
        return cast("JsonObject", json.loads(self.body)) if self.body else {}


def json_response(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a JSON body."""
    body = json.dumps(content).encode()
    return Response(status, {"content-type": "application/json", **(headers or {})}, body)


def text_response(text: str, status: int = 200) -> Response:
    """An answer for people."""
    return Response(status, {"content-type": "text/plain; charset=utf-8"}, text.encode())
