"""One request and its answer: JSON in, JSON out, errors as ours, retries where they may help."""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from databricks_serving.errors import Answered, ApiError, NoCredentials, Unreachable, error_for

from .pacing import Paces, Throttled
from .retry import (
    BUDGET_SECONDS,
    MAY_PASS,
    MAY_PASS_ATTEMPTS,
    NOT_NOW,
    THROTTLED,
    TryAgain,
    retry_after,
    with_retries,
)
from .wire import Wire, authorities

if TYPE_CHECKING:
    import ssl

    from databricks_serving.clock import Clock

    from .auth import Credentials
    from .pacing import Waiting

#: A JSON object: the border beyond which types are unknown.
Json: TypeAlias = "dict[str, Any]"

#: Whether a request that is no GET does not write all the same.
Exempt: TypeAlias = "Callable[[httpx.Request], bool]"

#: The official SDK waits as long for one answer (databricks-sdk `_base_client.py`).
TIMEOUT_SECONDS = 60.0
_CONNECT_SECONDS = 10.0
_CONNECT_ATTEMPTS = 3
_CONNECT_PAUSE = 0.5
#: `RESOURCE_DOES_NOT_EXIST: Scope llm-keys does not exist!`: an error in plain text.
_PLAIN = re.compile(r"([A-Z][A-Z_]+): (\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Request:
    """One request.

    repeatable: that its effect may already have happened does no harm
    within: seconds that an answer may take, of a request that is sent at once and once, or not
    """

    method: str
    path: str
    query: Mapping[str, str] | None
    body: Json | None = field(repr=False)
    repeatable: bool
    within: float | None = None

    @property
    def call(self) -> str:
        """The request as errors name it."""
        return f"{self.method} {self.path}"


class WriteRefused(RuntimeError):
    """Something that must not write tried to: a defect of ours, and nothing was sent."""


class Transport:
    """Sends requests to one workspace; safe to use from many threads.

    waiting: told, in the thread that waits, that the workspace asks to slow down
    read_only: whatever would write raises `WriteRefused` before it is sent; but_for: what of it is
    sent all the same
    left: how many seconds are left for an answer; None: no fewer than one ever takes
    """

    def __init__(
        self,
        credentials: Credentials,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        waiting: Waiting | None = None,
        *,
        read_only: bool = False,
        but_for: Exempt | None = None,
        left: Callable[[], float] | None = None,
    ) -> None:
        self._left = left
        self._read_only, self._but_for = read_only, but_for
        self.host = credentials.host
        self._credentials = credentials
        self._clock = clock
        self._paces = Paces(clock, waiting)
        self._transport = transport
        self._tls: ssl.SSLContext | None = None
        self._tls_lock = threading.Lock()
        self._own = threading.local()
        self._wires: list[Wire] = []

    def close(self) -> None:
        """Close the connections of all threads; none may be asking any more."""
        while self._wires:
            self._wires.pop().close()

    def get(
        self, path: str, query: Mapping[str, str] | None = None, *, within: float | None = None
    ) -> Json:
        """The answer to a GET. Raises `ApiError` or `Unreachable`.

        within: seconds that it may take, asked once and not while the workspace asks to slow down
        """
        return self._ask("GET", path, query=query, within=within)

    def send(self, method: str, path: str, body: Json | None, *, repeatable: bool = True) -> Json:
        """The answer to a write. Where the answer is lost, `repeatable` ones are sent again."""
        return self._ask(method, path, body=body, repeatable=repeatable)

    def headers_of(self, path: str) -> Mapping[str, str]:
        """The headers of the answer to a GET."""
        return self._answer(Request("GET", path, None, None, repeatable=True)).headers

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        *,
        repeatable: bool = True,
        within: float | None = None,
    ) -> Json:
        request = Request(method, path, query, body, repeatable, within)
        response = self._answer(request)
        if not response.content.strip():
            return {}
        answered = _json(response)
        if isinstance(answered, list):
            # In 2024 PATCH tags answered a bare array (databricks-sdk-py pull request 713).
            return {"items": answered}
        if not isinstance(answered, dict):
            # A login page, for example.
            said = "something that is no JSON"
            raise ApiError(Answered(request.call, response.status_code, "", said))
        return answered

    def _answer(self, request: Request) -> httpx.Response:
        pace = self._paces.of(request.method, request.path)
        patient = request.within is None
        return with_retries(
            lambda: pace.ask(request.call, lambda: self._once(request), patient=patient),
            self._clock,
            budget=BUDGET_SECONDS if patient else 0.0,
        )

    def _once(self, request: Request) -> httpx.Response:
        try:
            wire = self._wire()
            prepared = wire.request(
                request.method,
                request.path,
                request.query,
                request.body,
                headers=self._credentials.authenticate(),
                timeout=self._timeout(request),
            )
            self._refuse_a_write(prepared)
            response = wire.send(prepared)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as wrong:
            raise Unreachable(
                f"{self.host} is no address of a workspace ({wrong}). One looks like "
                f"https://adb-1234567890123456.7.azuredatabricks.net, or http://127.0.0.1:8765 "
                f"for an emulator. Correct DATABRICKS_HOST, or the host that the profile, the "
                f"stack's configuration or the program gives. Nothing was sent.",
                id="not-an-address",
            ) from None
        except httpx.LocalProtocolError:
            # The library's text repeats the header that it refuses: a credential.
            raise NoCredentials(
                f"The credentials for {self.host} hold a character that no HTTP header can have, "
                f"a line break perhaps. Nothing was sent.",
                id="credentials-characters",
            ) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
            # A wrong address never answers: a few attempts, not the whole budget.
            raise TryAgain(
                self._unreachable(failed), after=_CONNECT_PAUSE, most=_CONNECT_ATTEMPTS
            ) from None
        except httpx.RequestError as lost:
            if not request.repeatable:
                raise self._unreachable(lost) from None
            raise TryAgain(self._unreachable(lost)) from None
        if response.is_success:
            return response
        raise _refusal(request, response)

    def _timeout(self, request: Request) -> httpx.Timeout:
        left = math.inf if self._left is None else self._left()
        left = left if request.within is None else min(left, request.within)
        return httpx.Timeout(min(TIMEOUT_SECONDS, left), connect=min(_CONNECT_SECONDS, left))

    def _unreachable(self, failed: Exception) -> Unreachable:
        return Unreachable(
            f"{self.host} cannot be reached ({failed}). Check DATABRICKS_HOST and the network; "
            f"if it is the emulator, start it with `dbserving emulator`. Then run again: what is "
            f"recorded stays recorded.",
            id="unreachable",
        )

    def _refuse_a_write(self, request: httpx.Request) -> None:
        if not self._read_only or request.method in ("GET", "HEAD"):
            return
        if self._but_for is None or not self._but_for(request):
            raise WriteRefused(f"{request.method} {request.url.path} in a run that only reads")

    def _wire(self) -> Wire:
        """This thread's own: a pool shared by all was measured 3 to 4 times slower."""
        wire: Wire | None = getattr(self._own, "wire", None)
        if wire is None:
            wire = self._own.wire = Wire(self.host, self._transport, self._context)
            self._wires.append(wire)
        return wire

    def _context(self) -> ssl.SSLContext:
        """One for all clients: loading the authorities takes each of them 20 ms of a core."""
        with self._tls_lock:
            if self._tls is None:
                self._tls = authorities()
            return self._tls


def _refusal(request: Request, response: httpx.Response) -> Exception:
    """What an answer other than success is raised as: the error, or that it may pass."""
    error = error_for(_answered(request.call, response))
    after = retry_after(response.headers.get("Retry-After"))
    if response.status_code == THROTTLED:
        return Throttled(error, after)
    if response.status_code == NOT_NOW:
        return TryAgain(error, after)
    if response.status_code in MAY_PASS and request.repeatable:
        return TryAgain(error, after, most=MAY_PASS_ATTEMPTS)
    return error


def _json(response: httpx.Response) -> object:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _answered(call: str, response: httpx.Response) -> Answered:
    """What an error answer says, in whichever of the known shapes it comes."""
    body = _json(response)
    code, message, request_id = "", "", response.headers.get("X-Request-Id", "")
    if isinstance(body, dict):
        code = str(body.get("error_code") or "")
        message = str(body.get("message") or body.get("detail") or body.get("error") or "")
        request_id = _request_id(body.get("details")) or request_id
    elif plain := _PLAIN.fullmatch(response.text.strip()):
        code, message = plain.groups()
    if not message:
        # An HTML page of a proxy says nothing that helps.
        message = response.headers.get("X-Databricks-Reason-Phrase") or response.reason_phrase
    return Answered(call, response.status_code, code, message, request_id)


def _request_id(details: object) -> str:
    found = [d for d in details if isinstance(d, dict)] if isinstance(details, list) else []
    return next((str(d["request_id"]) for d in found if d.get("request_id")), "")
