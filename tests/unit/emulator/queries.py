"""Queries to send, and what to read of their answers."""

from __future__ import annotations

import json

from unit.emulator.bodies import Client, endpoint, external

INVOCATIONS = "/serving-endpoints/{}/invocations"
FAILURES = "/_emulator/queries/failures"


def messages(*texts):
    return {"messages": [{"role": "user", "content": text} for text in texts]}


def with_chat(gateway=None, **more):
    """A client of a workspace with the chat endpoint `chat`, whose entity is `main`."""
    client = Client(**more)
    client.create(endpoint(external(), ai_gateway=gateway or {}))
    return client


def ask(client, body, name="chat"):
    """The HTTP response to a query; a body that is a text is one message."""
    sent = messages(body) if isinstance(body, str) else body
    return client.http.post(INVOCATIONS.format(name), json=sent)


def says(client, body, name="chat"):
    """What the model says."""
    answer = ask(client, body, name)
    assert answer.status_code == 200, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def statuses(client, times, body="hello", name="chat"):
    return [ask(client, body, name).status_code for _ in range(times)]


def refusal(client, body, name="chat"):
    """Status, code and message of a refused query."""
    answer = ask(client, body, name)
    content = answer.json()
    return answer.status_code, content["error_code"], content["message"]


def triggered(client, body):
    """What the message of a query says that a guardrail blocks."""
    status, code, message = refusal(client, body)
    assert (status, code) == (400, "BAD_REQUEST"), message
    return json.loads(message)
