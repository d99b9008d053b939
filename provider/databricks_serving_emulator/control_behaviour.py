"""The controls for how the workspace behaves."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from .behaviour import Behaviour
from .control_bodies import Nothing
from .control_route import Control
from .values import Taken, body_of
from .wire import Response, json_response

if TYPE_CHECKING:
    from .workspace import Workspace

_PATH = "/_emulator/behaviour"
BehaviourBody = body_of(Behaviour, '{"shuffle": true, "stale_reads": 2}')


def _show(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response(asdict(workspace.behaviour))


def _change(workspace: Workspace, body: Taken) -> Response:
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    workspace.behaviour = replace(workspace.behaviour, **changes)
    return _show(workspace, Nothing())


def _usual(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.behaviour = Behaviour()
    return _show(workspace, Nothing())


_SWITCHES = ", ".join(BehaviourBody.model_fields)

CONTROLS: dict[tuple[str, str], Control[Any]] = {
    ("GET", _PATH): Control("how the workspace behaves", Nothing, _show),
    ("PATCH", _PATH): Control(f"make it behave otherwise: {{{_SWITCHES}}}", BehaviourBody, _change),
    ("DELETE", _PATH): Control("let it behave as usual again", Nothing, _usual),
}
