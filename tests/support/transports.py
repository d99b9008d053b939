"""Transports that stand between a client and a workspace, or in place of one."""

from __future__ import annotations

import httpx


class Script(httpx.BaseTransport):
    """Gives the answers of a list, one after the other, and keeps the requests.

    An answer is an `httpx.Response`, or an exception class of httpx that is raised in its place.
    The last one is given for ever.
    """

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def handle_request(self, request):
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.Response):
            return httpx.Response(
                answer.status_code, headers=answer.headers, content=answer.content
            )
        raise answer("as the script says", request=request)

    @property
    def sent(self):
        """The requests as `METHOD path`."""
        return [f"{request.method} {request.url.path}" for request in self.requests]


class Altered(httpx.BaseTransport):
    """Another transport's answers, where `alter` lets them pass.

    alter: takes the request and a function that gives the other transport's answer
    """

    def __init__(self, transport, alter):
        self.transport = transport
        self.alter = alter

    def handle_request(self, request):
        return self.alter(request, lambda: self.transport.handle_request(request))
