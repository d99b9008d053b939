"""The in-process door: an httpx transport. The only module that knows httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from .errors import ConnectionLostError
from .wire import Request

if TYPE_CHECKING:
    from .workspace import Workspace


class WorkspaceTransport(httpx.BaseTransport):
    """Answers the requests of an `httpx.Client` from a workspace, with no socket."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        A lost connection is `httpx.ConnectError` when the request had no effect, else
        `httpx.ReadError`. A slow answer moves the workspace's clock; one that is slower than the
        client is patient is `httpx.ReadTimeout`.
        """
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        headers = {**request.headers, "x-forwarded-proto": request.url.scheme}
        query = dict(request.url.params)
        try:
            answer = self._workspace.answer(
                Request(request.method, path, query, headers, request.read())
            )
        except ConnectionLostError as lost:
            self._wait(request, lost.delay)
            kind = httpx.ReadError if lost.effect else httpx.ConnectError
            raise kind(str(lost), request=request) from lost
        self._wait(request, answer.delay)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    def _wait(self, request: httpx.Request, delay: float) -> None:
        patience: float | None = request.extensions.get("timeout", {}).get("read")
        if patience is not None and delay > patience:
            self._workspace.pass_time(patience)
            raise httpx.ReadTimeout("the answer is slower than that, by a fault", request=request)
        self._workspace.pass_time(delay)
