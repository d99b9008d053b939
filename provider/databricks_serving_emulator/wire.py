"""What goes into the emulator and what comes out, whichever door it came through."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeAlias, cast
from urllib.parse import urlencode

JsonObject: TypeAlias = "dict[str, Any]"

#: How deep the content of a body may be nested: the default of parsers of proto-style JSON, and far
#: from where Python's own writer of JSON gives up.
MOST_NESTED = 100
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class NotJsonError(ValueError):
    """A body that is no JSON, or that no JSON could repeat; the text completes `The body …`."""


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
        if name in self.headers:
            return self.headers[name]
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
        """The body as JSON; None when there is none, or when `read_json` refuses it."""
        try:
            return read_json(self.body) if self.body.strip() else None
        except NotJsonError:
            return None


@dataclass(frozen=True)
class Waited:
    """A body that takes its time.

    ended: done as soon as there is nothing to wait for any more
    seconds: how long it is waited for at most
    body: makes it, however the wait has ended; without the workspace's lock
    """

    ended: Future[None]
    seconds: float
    body: Callable[[], bytes]


@dataclass(frozen=True)
class Response:
    """One HTTP answer.

    delay: seconds that pass before the client gets it
    parts: the body in the pieces in which a server sends it; none: as a whole
    waited: what takes the place of the body
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay: float = 0.0
    parts: tuple[bytes, ...] = ()
    waited: Waited | None = None

    def whole(self) -> Response:
        """The answer once it was waited for. Whoever calls does not hold the workspace's lock."""
        if self.waited:
            wait_for([self.waited.ended], self.waited.seconds)
        return self.arrived()

    def arrived(self) -> Response:
        """The answer as it is now that nobody waits any more."""
        return replace(self, body=self.waited.body(), waited=None) if self.waited else self

    def json(self) -> JsonObject:
        """The body as a JSON object; `{}` when it is empty."""
        return cast("JsonObject", json.loads(self.body)) if self.body else {}


def read_json(body: bytes) -> object:
    """The content of a body; `NotJsonError` for one whose content could not be written as JSON."""
    try:
        text = body.decode(json.detect_encoding(body))
        content = cast("object", _DECODER.decode(text))
    except NotJsonError:
        raise
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise NotJsonError("must be a JSON object") from None
    # What these look for is so rare that not even one place of it is in most bodies.
    if text.count("[") + text.count("{") > MOST_NESTED:
        _check_depth(content)
    if _SURROGATE.search(text):
        _check_unicode(content)
    return content


def _check_depth(content: object) -> None:
    level = [content]
    for _ in range(MOST_NESTED):
        level = [inner for outer in level for inner in _containers(outer)]
        if not level:
            return
    raise _too_deep()


def _containers(outer: object) -> Iterator[object]:
    found = outer.values() if isinstance(outer, dict) else cast("list[object]", outer)
    return (inner for inner in found if isinstance(inner, (dict, list)))


def _too_deep() -> NotJsonError:
    return NotJsonError(f"is nested deeper than {MOST_NESTED} levels")


def _check_unicode(content: object) -> None:
    try:
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJsonError("holds text that is no Unicode") from None


def _no_number(_text: str) -> NoReturn:
    raise NotJsonError("holds a number that JSON does not have, such as NaN or 1e999")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _no_number(text)
    return number


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_no_number)


def json_response(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a JSON body."""
    body = json.dumps(content).encode()
    return Response(status, {"content-type": "application/json", **(headers or {})}, body)


def text_response(text: str, status: int = 200) -> Response:
    """An answer for people."""
    return Response(status, {"content-type": "text/plain; charset=utf-8"}, text.encode())
