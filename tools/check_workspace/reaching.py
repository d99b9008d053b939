"""The workspace that is asked: how it is reached, and as whom."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from databricks_serving.api.auth import Credentials, Where, resolve_credentials, with_scheme
from databricks_serving.clock import Clock, SystemClock

from .conversations import Conversation
from .guard import Bounds, Guarded
from .naming import Caller, new_prefix
from .sides import Answer, LostError

_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class StoppedError(RuntimeError):
    """Nothing was asked; the text says why and what to do."""


@dataclass(frozen=True)
class Around:
    """What tests put in place of the world.

    transport: the way to the workspace; None: the network
    conversations: what is asked; None: what the emulator's tests ask
    answer: reads a line from the person; None: nobody is there
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = field(default_factory=SystemClock)
    transport: httpx.BaseTransport | None = None
    conversations: Sequence[Conversation] | None = None
    answer: Callable[[str], str] | None = None


class _Auth(httpx.Auth):
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the headers that authenticate it."""
        request.headers.update(self._credentials.authenticate())
        yield request


@dataclass(frozen=True)
class Place:
    """The workspace that is asked, and as whom.

    private: what no report may say
    """

    where: Where
    credentials: Credentials
    caller: Caller
    private: tuple[str, ...]
    around: Around

    @property
    def host(self) -> str:
        """Its host, and its port if there is one."""
        return self.credentials.host.partition("://")[2]

    @property
    def which(self) -> str:
        """As the make target is told."""
        profile = self.where.profile
        return f"PROFILE={profile}" if profile else f"HOST={self.credentials.host}"

    def client(self, bounds: Bounds) -> Guarded:
        """A client that writes within those bounds only."""
        return _client_of(self.credentials, bounds, self.around)


def origin(address: str) -> str:
    """The address of the workspace alone: one copied from a browser has a path and a query.

    Raises `ValueError` saying what is wrong.
    """
    # With a user or a password, what reads credentials refuses it, and says why.
    text = address.strip()
    if not text or "@" in text:
        return text
    try:
        url = httpx.URL(text if "://" in text else with_scheme(text))
    except httpx.InvalidURL as wrong:
        raise ValueError(str(wrong)) from None
    if url.scheme not in ("https", "http") or not url.host or re.search(r"[\s%]", url.host):
        raise ValueError("it takes https://HOST")
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def reached(where: Where, around: Around, people: Sequence[str]) -> Place:
    """That workspace, and who asks there. Raises `LostError`, `StoppedError` and `NoCredentials`.

    people: names that no report may say either
    """
    credentials = resolve_credentials(where, around.environment)
    with _client_of(credentials, Bounds(new_prefix(), Caller("nobody")), around) as client:
        try:
            response = client.get("/api/2.0/preview/scim/v2/Me")
        except httpx.RequestError as lost:
            raise LostError(
                f"{credentials.host} cannot be reached ({type(lost).__name__})."
            ) from None
    content = Answer.of(response).content
    if response.status_code != 200 or not isinstance(content, dict) or not content.get("userName"):
        raise StoppedError(
            f"{credentials.host} does not say who asks: GET of scim/v2/Me is answered with"
            f" {response.status_code}. Check the credentials."
        )
    name = str(content["userName"])
    host = credentials.host.partition("://")[2]
    told = (host, host.partition(".")[0], name, name.partition("@")[0], content.get("displayName"))
    ids = (response.headers.get("X-Databricks-Org-Id"), content.get("id"))
    private = (*told, *ids, *people)
    return Place(
        where,
        credentials,
        Caller(name, _UUID.fullmatch(name) is not None),
        # Shorter ones are words that stand in answers for other reasons.
        tuple(str(one) for one in private if one and len(str(one)) > 4),
        around,
    )


def _client_of(credentials: Credentials, bounds: Bounds, around: Around) -> Guarded:
    return Guarded(
        bounds,
        base_url=credentials.host,
        auth=_Auth(credentials),
        timeout=_TIMEOUT,
        transport=around.transport,
    )


def say(text: str) -> None:
    """Tell the person, beside what the command prints."""
    print(f"check-workspace: {text}", file=sys.stderr, flush=True)
