"""What steers the emulator over HTTP: routes under `/_emulator/`, outside the API.

They need no token on loopback. A server that listens on another address asks for the token that
the API takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import unquote

from .faults import Fault
from .wire import JsonObject, Request, Response, json_response, text_response

if TYPE_CHECKING:
    from .workspace import Workspace

Control: TypeAlias = "Callable[[Workspace, Request, JsonObject], Response]"

_PLAN = ("name", "polls", "seconds", "outcome", "message", "times")
_CANCEL = ("/_emulator/endpoints/", "/cancel-update")


def answer(workspace: Workspace, request: Request) -> Response:
    """Answer a control request; one that makes no sense with 400 or 404 and `{"error": …}`."""
    path = request.path.rstrip("/") or "/"
    before, after = _CANCEL
    name = unquote(path.removeprefix(before).removesuffix(after))
    if request.method == "POST" and path == f"{before}{name}{after}":
        return _attempt(lambda: _cancel(workspace, name))
    control = _CONTROLS.get((request.method, path))
    if control is None:
        return _error(f"There is no control {request.method} {path}.\n{_listing()}", 404)
    content = request.content if request.body.strip() else {}
    if not isinstance(content, dict):
        return _error("The body must be a JSON object.")
    body = cast("JsonObject", content)
    return _attempt(lambda: control[0](workspace, request, body))


def _attempt(control: Callable[[], Response]) -> Response:
    try:
        return control()
    except (ValueError, TypeError, KeyError) as error:
        return _error(f"{type(error).__name__}: {error}")


def _error(text: str, status: int = 400) -> Response:
    return json_response({"error": text}, status)


def _index(_workspace: Workspace, _request: Request, _body: JsonObject) -> Response:
    return text_response(_listing())


def _calls(workspace: Workspace, request: Request, _body: JsonObject) -> Response:
    writes_only = request.query.get("writes", "").lower() == "true"
    calls = workspace.writes if writes_only else workspace.calls
    return json_response({"calls": [call.shown() for call in calls]})


def _clear_calls(workspace: Workspace, _request: Request, _body: JsonObject) -> Response:
    workspace.clear_calls()
    return json_response({})


def _reset(workspace: Workspace, _request: Request, _body: JsonObject) -> Response:
    workspace.reset()
    return json_response({})


def _ui(workspace: Workspace, _request: Request, body: JsonObject) -> Response:
    return workspace.ui(body["method"], body["path"], body.get("body"))


def _cancel(workspace: Workspace, name: str) -> Response:
    workspace.press_cancel_update(name)
    return json_response({})


def _deployments(workspace: Workspace, _request: Request, body: JsonObject) -> Response:
    _check_known(body, _PLAN)
    workspace.deployments.plan(**body)
    return json_response({})


def _faults(workspace: Workspace, _request: Request, body: JsonObject) -> Response:
    _check_known(body, tuple(field.name for field in dataclass_fields(Fault)))
    workspace.faults.add(Fault(**body))
    return json_response({})


def _advance(workspace: Workspace, _request: Request, body: JsonObject) -> Response:
    advance = getattr(workspace.clock, "advance", None)
    if advance is None:
        raise ValueError("this workspace's clock cannot be moved")
    advance(float(body["seconds"]))
    return json_response({"now": workspace.clock.now()})


def _check_known(body: JsonObject, known: tuple[str, ...]) -> None:
    unknown = [key for key in body if key not in known]
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")


_CONTROLS: dict[tuple[str, str], tuple[Control, str]] = {
    ("GET", "/_emulator"): (_index, "this list"),
    ("GET", "/_emulator/calls"): (_calls, "the recorded API calls; ?writes=true for those but GET"),
    ("DELETE", "/_emulator/calls"): (_clear_calls, "forget the recorded calls"),
    ("POST", "/_emulator/reset"): (_reset, "back to an empty workspace"),
    ("POST", "/_emulator/ui"): (
        _ui,
        "somebody else does this in the UI: {method, path, body}",
    ),
    ("POST", "/_emulator/deployments"): (
        _deployments,
        (
            "how the next deployments go: {name, polls | seconds, "
            "outcome: ready | failed | aborted, message, times}"
        ),
    ),
    ("POST", "/_emulator/faults"): (
        _faults,
        (
            "a failure to come: {method, path, times, skip, when: before | after, "
            "status, error_code, message, headers, drop}"
        ),
    ),
    ("POST", "/_emulator/clock/advance"): (_advance, "move the clock: {seconds}"),
}


def _listing() -> str:
    lines = [f"{method:6} {path}\n       {what}" for (method, path), (_, what) in _CONTROLS.items()]
    cancel = f"POST   {_CANCEL[0]}NAME{_CANCEL[1]}\n       press the UI's button Cancel update"
    return "\n".join([*lines, cancel, ""])
