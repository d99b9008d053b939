"""One thread's connections to one workspace: requests made ready and sent at little cost."""

from __future__ import annotations

import os
import ssl
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from databricks_serving.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What httpx reads proxies from, in the names of `urllib.request.getproxies`.
_PROXIED = frozenset({"http", "https", "all"})


def authorities() -> ssl.SSLContext:
    """What verifies a connection. Raises `Unreachable` where the environment's is of no use."""
    named = os.environ.get("SSL_CERT_FILE")
    try:
        if named:
            # Releases of httpx before 0.28 pass over a file that is not there.
            Path(named).open("rb").close()
        return httpx.create_ssl_context()
    except OSError as wrong:
        variable = "SSL_CERT_FILE" if named else "SSL_CERT_DIR"
        if not os.environ.get(variable):
            raise
        reason = "it holds no certificate" if isinstance(wrong, ssl.SSLError) else wrong.strerror
        raise Unreachable(
            f"{variable} names {os.environ[variable]}, which cannot be used: {reason}. Set it to a "
            f"file of certificates in PEM form, or unset it: then the usual authorities count. "
            f"Nothing was sent.",
            id="unusable-authorities",
        ) from None


def _through_proxies(context: ssl.SSLContext, how: dict[str, Any]) -> httpx.Client:
    """A client that asks the environment's proxies. Raises `Unreachable` where one is of no use."""
    try:
        return httpx.Client(verify=context, **how)
    except (ImportError, ValueError, httpx.InvalidURL) as wrong:
        reason = "it is no address of an HTTP proxy, as http://proxy.example.com:3128 is"
        if isinstance(wrong, ImportError):
            reason = 'a SOCKS proxy needs the library of `pip install "httpx[socks]"`'
        # Never the address itself: it may hold a password.
        raise Unreachable(
            f"{_refused_variable(context)} cannot be used: {reason}. Correct it, or unset it; "
            f"NO_PROXY lists the hosts that are asked themselves. Nothing was sent.",
            id="unusable-proxy",
        ) from None


def _refused_variable(context: ssl.SSLContext) -> str:
    """The name of the variable that httpx refuses, each tried alone."""
    for kind, address in urllib.request.getproxies().items():
        try:
            if kind in _PROXIED:
                proxy = address if "://" in address else f"http://{address}"
                httpx.Client(proxy=proxy, verify=context, trust_env=False).close()
        except (ImportError, ValueError, httpx.InvalidURL):
            variable = f"{kind}_proxy"
            return variable if variable in os.environ else variable.upper()
    return "NO_PROXY"


class Wire:
    """Makes requests to `host` and sends them, one at a time.

    Raises `httpx.InvalidURL` where `host` is none, and `Unreachable` as what it calls here does.

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
        address = httpx.URL(host)
        if not address.host or "%20" in address.host:
            raise httpx.InvalidURL("it has no name of a host")
        self._host = host
        how: dict[str, Any] = {"headers": {"User-Agent": "databricks-serving"}}
        self._send: Callable[[httpx.Request], httpx.Response]
        if transport is None and _PROXIED & urllib.request.getproxies().keys():
            self._client = _through_proxies(context(), how)
            self._send = self._client.send
        else:
            # Loading the authorities takes 20 ms: not where nothing is verified. This has none.
            secured = address.scheme == "https"
            verify = context() if secured else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            direct = transport or httpx.HTTPTransport(verify=verify)
            self._client = httpx.Client(transport=direct, **how)
            self._send = direct.handle_request
        self._usual = dict(self._client.headers)
        #: The credentials' headers as they were last, and ready to send: a token lives for a while.
        self._last = dict[str, str](), httpx.Headers(self._usual)

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
        """A request with these headers beside the usual ones.

        Raises `httpx.InvalidURL`, and `httpx.LocalProtocolError` of a header that none can be.
        """
        if headers != self._last[0]:
            try:
                self._last = dict(headers), httpx.Headers({**self._usual, **headers})
            except UnicodeEncodeError:
                raise httpx.LocalProtocolError("a header is no ASCII") from None
        return httpx.Request(
            method,
            f"{self._host}{path}",
            params=query,
            json=body,
            headers=self._last[1],
            extensions={"timeout": timeout.as_dict()},
        )

    def send(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Raises `httpx.RequestError`, and `httpx.InvalidURL`."""
        try:
            response = self._send(request)
        except UnicodeError:
            # Python's own, of the name that it is asked to look up.
            reason = "a part of its name is empty, or longer than 63 characters"
            raise httpx.InvalidURL(reason) from None
        try:
            response.read()
        finally:
            response.close()
        return response
