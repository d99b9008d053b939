"""Planned failures: an answer that never comes, or one that says no."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import RLock
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from .errors import ApiError
from .values import (
    METHODS,
    Count,
    HeaderName,
    HeaderValue,
    Method,
    Seconds,
    Switch,
    Text,
    Times,
    check,
)
from .wire import JsonObject, Request, Response, json_response, text_response

# What says where an answer ends: with two opinions on that, a client waits for ever.
_FRAMING = frozenset(
    ("connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)


def _frames_nothing(name: str) -> str:
    if name.lower() in _FRAMING:
        raise ValueError(name)
    return name


Form = Literal["json", "api-1.2", "scim", "text", "html", "empty"]
_Method = Annotated[Method | Literal["*"], Field(description=f'{METHODS}, or "*" for any of them')]
# What a request line can carry before its query, where planned failures are looked up.
_Path = Annotated[
    str,
    StringConstraints(pattern=r"^/(api/|oidc/|serving-endpoints/|\*/|\*\*)[!-\"$->@-~]*$"),
    Field(
        description="a path under /api/, /oidc/ or /serving-endpoints/ without its query, in "
        "which * is one segment and ** many"
    ),
]
_Moment = Annotated[Literal["before", "after"], Field(description='"before" or "after"')]
_Status = Annotated[
    Annotated[int, Field(ge=400, le=599)] | None,
    Field(description="an HTTP status from 400 to 599, or null for the service's own answer"),
]
_Headers = Annotated[
    Mapping[Annotated[HeaderName, AfterValidator(_frames_nothing)], HeaderValue],
    Field(
        description='an object of ASCII strings such as {"Retry-After": "2"}, without what the '
        "server itself says of the connection and the length (Content-Length, Transfer-Encoding, "
        "Connection and their like)"
    ),
]
_Form = Annotated[Form, Field(description='"json", "api-1.2", "scim", "text", "html" or "empty"')]


@dataclass(frozen=True)
class Fault:
    """What happens to the next requests that match.

    method: an HTTP method, or `*`
    path: a path under /api, /oidc or /serving-endpoints without its query; `*` stands for one
        segment or a part of it, `**` for any number of segments
    times: how many requests it hits; None: all
    skip: how many matching requests it lets pass first
    when: `before` the request has its effect (it then has none), or `after`
    status, error_code, message, headers: the answer instead; status None: the service's own answer
    drop: no answer at all, the connection is lost
    delay: seconds until the answer comes, or until the connection is lost
    form: what the answer looks like: the service's usual JSON, or what proxies and older parts of
        the service are known to send (contract §2)
    echo: the message repeats the request's body

    Raises ValueError for one that could never hit, or never be sent.
    """

    method: _Method = "*"
    path: _Path = "/api/**"
    times: Times = 1
    skip: Count = 0
    when: _Moment = "before"
    status: _Status = 503
    error_code: Text = "TEMPORARILY_UNAVAILABLE"
    message: Text = "The service is temporarily unavailable."
    headers: _Headers = field(default_factory=dict)
    drop: Switch = False
    delay: Seconds = 0.0
    form: _Form = "json"
    echo: Switch = False

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        check(self)

    def matches(self, method: str, path: str) -> bool:
        """Whether this fault is about such a request."""
        if self.method not in {"*", method.upper()}:
            return False
        pattern = re.escape(self.path).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        return re.fullmatch(pattern, path) is not None

    @property
    def has_effect(self) -> bool:
        """Whether the service carries the request out all the same."""
        return self.when == "after" or (self.status is None and not self.drop)

    def answer(self, request: Request, own: Response) -> Response:
        """What the client gets; `own`: the service's own answer, if the request had its effect."""
        failed = own if self.status is None else self._failure(request, self.status)
        return replace(failed, delay=self.delay)

    def _failure(self, request: Request, status: int) -> Response:
        text = self.message
        if self.echo:
            text = f"{text} The request was: {request.body.decode(errors='replace')}"
        if self.form == "json":
            return ApiError(status, self.error_code, text, headers=self.headers).response()
        return _in_form(self.form, status, self.error_code, text, self.headers)


def _in_form(form: Form, status: int, code: str, text: str, headers: Mapping[str, str]) -> Response:
    if form == "api-1.2":
        return json_response({"error": text}, status, headers)
    if form == "scim":
        schema = "urn:ietf:params:scim:api:messages:2.0:Error"
        content = {"schemas": [schema], "detail": text, "status": str(status), "scimType": code}
        return json_response(content, status, headers)
    if form == "empty":
        return Response(status, dict(headers), b"")
    if form == "text":
        plain = text_response(f"{code}: {text}", status)
        return replace(plain, headers={**plain.headers, **headers})
    head = f"<head><title>{status}</title></head>"
    page = f"<html>{head}<body><h1>{html.escape(text)}</h1></body></html>"
    kind = {"content-type": "text/html; charset=utf-8"}
    return Response(status, {**kind, **headers}, page.encode())


@dataclass
class _Armed:
    fault: Fault
    skip: int
    times: int | None


class Faults:
    """The faults still to come, in the order in which they were added."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Plan one more."""
        with self._lock:
            self._armed.append(_Armed(fault, fault.skip, fault.times))

    def listed(self) -> list[JsonObject]:
        """The faults still to come, in their order, each as planned, and how often it is left.

        left_to_skip: how many requests it lets pass from now on
        left: how many it hits after that; None: all
        """
        with self._lock:
            return [
                {**asdict(armed.fault), "left_to_skip": armed.skip, "left": armed.times}
                for armed in self._armed
            ]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._armed.clear()

    def next_for(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any: the first that matches and is not used up."""
        with self._lock:
            for armed in self._armed:
                if not armed.fault.matches(method, path):
                    continue
                if armed.skip:
                    armed.skip -= 1
                    continue
                if armed.times is not None:
                    armed.times -= 1
                    if not armed.times:
                        self._armed.remove(armed)
                return armed.fault
            return None
