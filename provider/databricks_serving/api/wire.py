"""One thread's connections to one workspace: requests made ready and sent at little cost."""

from __future__ import annotations

import ssl
import urllib.request
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What httpx reads proxies from, in the names of `urllib.request.getproxies`.
_PROXIED = frozenset({"http", "https", "all"})


class Wire:
    """Makes requests to `host` and sends them, one at a time.

    transport: sends in place of the network
    context: what verifies a connection; asked for where there is one to verify

    A client would merge addresses, keep cookies, and see to redirects, hooks and a log line: a
    third of what a GET takes, and no call of this API needs any of it. So it is asked for its usual
    headers alone, and to send where the environment names proxies, which nothing else reads.
    """

    def __init__(
        self,
        host: str,
        transport: httpx.BaseTransport | None,
        context: Callable[[], ssl.SSLContext],
    ) -> None:
        self._host = host
        how: dict[str, Any] = {"headers": {"User-Agent": "databricks-serving"}}
        self._send: Callable[[httpx.Request], httpx.Response]
        if transport is None and _PROXIED & urllib.request.getproxies().keys():
            self._client = httpx.Client(verify=context(), **how)
            self._send = self._client.send
        else:
            # Loading the authorities takes 20 ms: not where nothing is verified. This has none.
            secured = host.startswith("https:")
            verify = context() if secured else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            direct = transport or httpx.HTTPTransport(verify=verify)
            self._client = httpx.Client(transport=direct, **how)
            self._send = direct.handle_request
        self._usual = dict(self._client.headers)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: dict[str, Any] | None,
        *,
        headers: Mapping[str, str],
        timeout: httpx.Timeout,
    ) -> httpx.Request:
        """A request with these headers beside the usual ones. Raises `httpx.InvalidURL`."""
        return httpx.Request(
            method,
            f"{self._host}{path}",
            params=query,
            json=body,
            headers={**self._usual, **headers},
            extensions={"timeout": timeout.as_dict()},
        )

    def send(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Raises `httpx.RequestError`."""
        response = self._send(request)
        try:
            response.read()
        finally:
            response.close()
        return response
