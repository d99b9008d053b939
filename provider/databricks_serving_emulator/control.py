"""What steers the emulator over HTTP: routes under `/_emulator/`, outside the API.

They need no token on loopback. A server that listens on another address asks for the token that
the API takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from . import control_access, control_behaviour, control_serving
from .clock import move
from .control_bodies import (
    AdvanceBody,
    CallsQuery,
    DeploymentBody,
    FaultBody,
    Nothing,
    UiBody,
    UnknownCallsQuery,
)
from .control_route import Control
from .description.document import document
from .errors import RefusedError
from .faults import Fault
from .queries import controls as control_queries
from .values import Taken
from .wire import Request, Response, json_response, text_response

if TYPE_CHECKING:
    from .workspace import Workspace

_ENDPOINTS = "/_emulator/endpoints/"


def answer(workspace: Workspace, request: Request) -> Response:
    """Answer a control request; one that makes no sense with 400 or 404 and `{"error": …}`."""
    asked = f"{request.method} {request.path}"
    control = _find(request.method, request.path.rstrip("/"))
    if control is None:
        return _error(f"{asked}: there is no such control; the controls are {_names()}.", 404)
    try:
        return control.answer(workspace, request)
    except RefusedError as error:
        return _error(f"{asked}: {error.sentence.removesuffix('.')}.")


def _find(method: str, path: str) -> Control[Any] | None:
    name, _, event = path.removeprefix(_ENDPOINTS).partition("/")
    if method == "POST" and name and path.startswith(_ENDPOINTS):
        return control_serving.endpoint_events(unquote(name)).get(event)
    return _CONTROLS.get((method, path))


def _error(text: str, status: int = 400) -> Response:
    return json_response({"error": text}, status)


def _index(_workspace: Workspace, _taken: Nothing) -> Response:
    return text_response(_listing())


def _description(_workspace: Workspace, _taken: Nothing) -> Response:
    return json_response(document())


def _calls(workspace: Workspace, query: CallsQuery) -> Response:
    calls = workspace.writes if query.writes else workspace.calls
    return json_response({"calls": [call.shown() for call in calls]})


def _clear_calls(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.clear_calls()
    return json_response({})


def _unknown_calls(workspace: Workspace, query: UnknownCallsQuery) -> Response:
    calls = [call for call in workspace.unknown_calls if query.actor in {None, call.actor}]
    return json_response({"calls": [call.shown() for call in calls]})


def _reset(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.reset()
    return json_response({})


def _ui(workspace: Workspace, body: UiBody) -> Response:
    return workspace.ui(body.method, body.path, body.body)


def _plan(workspace: Workspace, body: Taken) -> Response:
    workspace.deployments.plan(**body.model_dump())
    return json_response({})


def _plans(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response({"deployments": workspace.deployments.listed()})


def _clear_plans(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.deployments.clear()
    return json_response({})


def _add_fault(workspace: Workspace, body: Taken) -> Response:
    workspace.faults.add(Fault(**body.model_dump()))
    return json_response({})


def _faults(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response({"faults": workspace.faults.listed()})


def _clear_faults(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.faults.clear()
    return json_response({})


def _advance(workspace: Workspace, body: AdvanceBody) -> Response:
    move(workspace.clock, body.seconds)
    return json_response({"now": workspace.clock.now()})


_CONTROLS: dict[tuple[str, str], Control[Any]] = {
    ("GET", "/_emulator"): Control("this list", Nothing, _index),
    ("GET", "/_emulator/calls"): Control(
        "the recorded API calls; ?writes=true for those but GET and queries",
        CallsQuery,
        _calls,
        in_query=True,
    ),
    ("DELETE", "/_emulator/calls"): Control("forget the recorded calls", Nothing, _clear_calls),
    ("GET", "/_emulator/unknown-calls"): Control(
        "the recorded calls for which there is no route; ?actor=NAME for those of one caller",
        UnknownCallsQuery,
        _unknown_calls,
        in_query=True,
    ),
    ("POST", "/_emulator/reset"): Control("back to an empty workspace", Nothing, _reset),
    ("POST", "/_emulator/ui"): Control(
        "somebody else does this in the UI: {method, path, body}", UiBody, _ui
    ),
    ("POST", "/_emulator/deployments"): Control(
        "how the next deployments go: {name, polls | seconds, "
        "outcome: ready | failed | aborted | timed_out, message, times}",
        DeploymentBody,
        _plan,
    ),
    ("GET", "/_emulator/deployments"): Control(
        "the planned deployments, and for how many each is left", Nothing, _plans
    ),
    ("DELETE", "/_emulator/deployments"): Control(
        "forget the planned deployments", Nothing, _clear_plans
    ),
    ("POST", "/_emulator/faults"): Control(
        "a failure to come: {method, path, times, skip, when: before | after, "
        "status, error_code, message, headers, drop, delay, "
        "form: json | api-1.2 | scim | text | html | empty, echo}",
        FaultBody,
        _add_fault,
    ),
    ("GET", "/_emulator/faults"): Control(
        "the failures to come, and how often each is left", Nothing, _faults
    ),
    ("DELETE", "/_emulator/faults"): Control("forget the failures to come", Nothing, _clear_faults),
    ("POST", "/_emulator/clock/advance"): Control(
        "move the clock: {seconds}", AdvanceBody, _advance
    ),
    ("GET", "/_emulator/openapi.json"): Control(
        "what the API takes and answers, in OpenAPI", Nothing, _description
    ),
    **control_access.CONTROLS,
    **control_behaviour.CONTROLS,
    **control_serving.CONTROLS,
    **control_queries.CONTROLS,
}


def _shown() -> dict[tuple[str, str], Control[Any]]:
    events = {
        ("POST", f"{_ENDPOINTS}NAME/{event}"): control
        for event, control in control_serving.endpoint_events("NAME").items()
    }
    return {**_CONTROLS, **events}


def _names() -> str:
    return ", ".join(f"{method} {path}" for method, path in _shown())


def _listing() -> str:
    return "".join(
        f"{method:6} {path}\n       {control.what}\n"
        for (method, path), control in _shown().items()
    )
