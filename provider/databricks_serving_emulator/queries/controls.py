"""The controls that concern queries."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..control_bodies import Nothing
from ..control_route import Control
from ..values import Taken, body_of
from ..wire import Response, json_response
from .failures import PlannedFailure

if TYPE_CHECKING:
    from ..workspace import Workspace

_PATH = "/_emulator/queries"
_FAILURES = f"{_PATH}/failures"
FailureBody = body_of(PlannedFailure, '{"endpoint": "chat", "entity": "gpt", "status": 429}')


def _show(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response({"queries": [asdict(query) for query in workspace.queries.all()]})


def _clear(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.queries.clear()
    return json_response({})


def _fail(workspace: Workspace, body: Taken) -> Response:
    workspace.queries.fail(**body.model_dump())
    return json_response({})


def _failures(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response({"failures": workspace.queries.failures()})


def _clear_failures(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.queries.clear_failures()
    return json_response({})


CONTROLS: dict[tuple[str, str], Control[Any]] = {
    ("GET", _PATH): Control("the queries that reached an endpoint", Nothing, _show),
    ("DELETE", _PATH): Control("forget these queries", Nothing, _clear),
    ("POST", _FAILURES): Control(
        "let an entity fail its next queries: {endpoint, entity, status, times}",
        FailureBody,
        _fail,
    ),
    ("GET", _FAILURES): Control(
        "the entities that are to fail, and how often each is left", Nothing, _failures
    ),
    ("DELETE", _FAILURES): Control("let no entity fail any more", Nothing, _clear_failures),
}
