"""What the service took and did not keep, where the stack says that a warning will do."""

from __future__ import annotations

import json

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.errors import NotTaken
from databricks_serving.state.settings import StackSettings
from support.context import Bench, wired
from support.transports import Altered
from unit.apply.said import LIMIT, chat, churn

WARNS = StackSettings(read_back_warns=True)
LIMITED = chat(churn(), ai_gateway={"rate_limits": [{**LIMIT, "tokens": 500}]})
MORE = chat(churn(), ai_gateway={"rate_limits": [{**LIMIT, "tokens": 600}]})


def without_tokens(request, answer):
    """A service that takes calls and tokens, and keeps the calls."""
    given = answer()
    body = json.loads(given.content or "{}")
    gateway = body if request.url.path.endswith("/ai-gateway") else body.get("ai_gateway", {})
    for limit in gateway.get("rate_limits", ()):
        limit.pop("tokens", None)
    return httpx.Response(given.status_code, json=body)


@pytest.fixture
def forgetful():
    """A bench whose workspace keeps no tokens, and the transport to it."""
    bench = Bench()
    return bench, Altered(bench.workspace.transport(), without_tokens)


def created(bench, transport, said=LIMITED):
    outputs = bench.create(endpoint, said, transport=transport, settings=WARNS).outputs
    bench.workspace.clear_calls()
    bench.clock.advance(300)
    return outputs


def diff(bench, outputs, said):
    return endpoint.diff(wired(outputs), wired(said), bench.context(settings=WARNS).stack)


def test_a_leaf_that_is_not_kept_is_told_and_the_run_goes_through(forgetful):
    bench, transport = forgetful

    outputs = created(bench, transport)

    assert any("did not keep ai_gateway.rate_limits.user.tokens" in line for line in bench.lines)
    assert outputs["__applied"]["answered"] == [
        {"path": ["ai_gateway", "rate_limits", "user", "tokens"]}
    ]


def test_the_next_preview_and_a_refresh_show_nothing(forgetful):
    bench, transport = forgetful
    outputs = created(bench, transport)

    read = bench.read(endpoint, "chat", outputs, LIMITED, transport=transport, settings=WARNS)

    assert diff(bench, outputs, LIMITED).changed is False
    assert read.inputs == LIMITED
    assert diff(bench, read.outputs, LIMITED).changed is False


def test_another_change_of_the_program_is_sent_once_and_says_nothing_again(forgetful):
    bench, transport = forgetful
    outputs = created(bench, transport)
    bench.lines.clear()
    said = {**LIMITED, "tags": {"team": "a"}}

    outputs = bench.update(endpoint, "chat", outputs, said, transport=transport, settings=WARNS)

    assert bench.sent == ["PATCH serving-endpoints/chat/tags"]
    assert not any("did not keep" in line for line in bench.lines)
    assert diff(bench, outputs, said).changed is False


def test_a_change_of_that_leaf_is_sent_and_told_again(forgetful):
    bench, transport = forgetful
    outputs = created(bench, transport)
    bench.lines.clear()
    planned = diff(bench, outputs, MORE)

    outputs = bench.update(endpoint, "chat", outputs, MORE, transport=transport, settings=WARNS)

    assert planned.changed is True
    assert bench.sent == ["PUT serving-endpoints/chat/ai-gateway"]
    assert any("did not keep ai_gateway.rate_limits.user.tokens" in line for line in bench.lines)
    assert diff(bench, outputs, MORE).changed is False


def test_another_answer_than_then_is_drift(forgetful):
    bench, transport = forgetful
    outputs = created(bench, transport)
    edited = {"rate_limits": [{**LIMIT, "tokens": 9}]}
    bench.workspace.ui("PUT", "/api/2.0/serving-endpoints/chat/ai-gateway", edited)

    read = bench.read(endpoint, "chat", outputs, LIMITED, settings=WARNS)

    assert diff(bench, read.outputs, LIMITED).changed is True


def test_a_leaf_that_is_kept_later_is_equal_too(forgetful):
    bench, transport = forgetful
    outputs = created(bench, transport)

    read = bench.read(endpoint, "chat", outputs, LIMITED, settings=WARNS)

    assert read.inputs == LIMITED
    assert diff(bench, read.outputs, LIMITED).changed is False


def test_without_that_setting_it_is_an_error(forgetful):
    bench, transport = forgetful

    left = bench.fails(NotTaken, bench.create, endpoint, LIMITED, transport=transport)

    assert "answered" not in left.outputs["__applied"]
