"""What steers the emulator over HTTP: routes under `/_emulator/`, outside the API.

They need no token on loopback. A server that listens on another address asks for the token that
the API takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic
from urllib.parse import unquote

from .control_bodies import (
    AdvanceBody,
    CallsQuery,
    DeploymentBody,
    FaultBody,
    Nothing,
    TakenT,
    UiBody,
    read_body,
    read_query,
)
from .errors import RefusedError
from .wire import Request, Response, json_response, text_response

if TYPE_CHECKING:
    from .workspace import Workspace

_CANCEL = ("/_emulator/endpoints/", "/cancel-update")


@dataclass(frozen=True)
class _Control(Generic[TakenT]):
    """One control: what it is for, what it takes (in its body or its query), and what it does."""

    what: str
    takes: type[TakenT]
    does: Callable[[Workspace, TakenT], Response]
    in_query: bool = False

    def answer(self, workspace: Workspace, request: Request) -> Response:
        """Do it; `RefusedError` when the request makes no sense."""
        if self.in_query:
            read_body(Nothing, request)
            return self.does(workspace, read_query(self.takes, request))
        read_query(Nothing, request)
        return self.does(workspace, read_body(self.takes, request))


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


def _find(method: str, path: str) -> _Control[Any] | None:
    before, after = _CANCEL
    name = path.removeprefix(before).removesuffix(after)
    if method == "POST" and name and path == f"{before}{name}{after}":
        return _cancel(unquote(name))
    return _CONTROLS.get((method, path))


def _error(text: str, status: int = 400) -> Response:
    return json_response({"error": text}, status)


def _index(_workspace: Workspace, _taken: Nothing) -> Response:
    return text_response(_listing())


def _calls(workspace: Workspace, query: CallsQuery) -> Response:
    calls = workspace.writes if query.writes else workspace.calls
    return json_response({"calls": [call.shown() for call in calls]})


def _clear_calls(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.clear_calls()
    return json_response({})


def _reset(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.reset()
    return json_response({})


def _ui(workspace: Workspace, body: UiBody) -> Response:
    return workspace.ui(body.method, body.path, body.body)


def _cancel(name: str) -> _Control[Nothing]:
    def press(workspace: Workspace, _taken: Nothing) -> Response:
        workspace.press_cancel_update(name)
        return json_response({})

    return _Control("press the UI's button Cancel update", Nothing, press)


def _plan(workspace: Workspace, body: DeploymentBody) -> Response:
    workspace.deployments.plan(**body.model_dump())
    return json_response({})


def _clear_plans(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.deployments.clear()
    return json_response({})


def _add_fault(workspace: Workspace, body: FaultBody) -> Response:
    workspace.faults.add(body.fault())
    return json_response({})


def _clear_faults(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.faults.clear()
    return json_response({})


def _advance(workspace: Workspace, body: AdvanceBody) -> Response:
    advance = getattr(workspace.clock, "advance", None)
    if advance is None:
        raise RefusedError("this workspace's clock cannot be moved")
    advance(body.seconds)
    return json_response({"now": workspace.clock.now()})


_CONTROLS: dict[tuple[str, str], _Control[Any]] = {
    ("GET", "/_emulator"): _Control("this list", Nothing, _index),
    ("GET", "/_emulator/calls"): _Control(
        "the recorded API calls; ?writes=true for those but GET", CallsQuery, _calls, in_query=True
    ),
    ("DELETE", "/_emulator/calls"): _Control("forget the recorded calls", Nothing, _clear_calls),
    ("POST", "/_emulator/reset"): _Control("back to an empty workspace", Nothing, _reset),
    ("POST", "/_emulator/ui"): _Control(
        "somebody else does this in the UI: {method, path, body}", UiBody, _ui
    ),
    ("POST", "/_emulator/deployments"): _Control(
        "how the next deployments go: {name, polls | seconds, "
        "outcome: ready | failed | aborted, message, times}",
        DeploymentBody,
        _plan,
    ),
    ("DELETE", "/_emulator/deployments"): _Control(
        "forget the planned deployments", Nothing, _clear_plans
    ),
    ("POST", "/_emulator/faults"): _Control(
        "a failure to come: {method, path, times, skip, when: before | after, "
        "status, error_code, message, headers, drop}",
        FaultBody,
        _add_fault,
    ),
    ("DELETE", "/_emulator/faults"): _Control(
        "forget the failures to come", Nothing, _clear_faults
    ),
    ("POST", "/_emulator/clock/advance"): _Control(
        "move the clock: {seconds}", AdvanceBody, _advance
    ),
}


def _shown() -> dict[tuple[str, str], _Control[Any]]:
    return {**_CONTROLS, ("POST", "NAME".join(_CANCEL)): _cancel("NAME")}


def _names() -> str:
    return ", ".join(f"{method} {path}" for method, path in _shown())


def _listing() -> str:
    return "".join(
        f"{method:6} {path}\n       {control.what}\n"
        for (method, path), control in _shown().items()
    )
