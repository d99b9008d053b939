"""The controls that concern serving: events at endpoints, and registered models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import Field

from .control_bodies import Nothing
from .control_route import Control
from .serving.console import ServingConsole
from .serving.registry import ModelKind, RegisteredModel
from .values import Taken
from .wire import Response, json_response

if TYPE_CHECKING:
    from .workspace import Workspace


class ModelBody(Taken):
    """POST /_emulator/models."""

    example = '{"name": "ml.agents.support", "kind": "agent"}'

    name: str = Field(min_length=1, description="a model's full name")
    kind: ModelKind = Field(
        default="model", description='"model", "agent", "foundation_model" or "feature_spec"'
    )
    task: str | None = Field(
        default=None, min_length=1, description="a task, or null for the usual one of its kind"
    )
    throughput_chunk_size: int = Field(default=1, ge=1, description="a whole number, 1 or more")
    dbus: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="a number, 0 or more")
    model_unit_chunk_size: int | None = Field(
        default=None, ge=1, description="a whole number, 1 or more, or null"
    )


def _models(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response({"models": [asdict(model) for model in workspace.serving.models()]})


def _register(workspace: Workspace, body: ModelBody) -> Response:
    model = RegisteredModel(**body.model_dump())
    workspace.serving.register_model(model)
    return json_response(asdict(model))


_Event: TypeAlias = "tuple[str, Callable[[ServingConsole, str], None]]"

_EVENTS: dict[str, _Event] = {
    "cancel-update": ("press the UI's button Cancel update", ServingConsole.cancel_update),
    "redeploy": (
        "somebody else deploys once more what it serves: an update is in flight",
        ServingConsole.redeploy,
    ),
    "recreate": (
        "somebody else deletes it and creates one like it, with a new id",
        ServingConsole.recreate,
    ),
}


def endpoint_events(name: str) -> dict[str, Control[Nothing]]:
    """The controls for what can happen to the endpoint of that name, by the end of their paths."""

    def control(what: str, happens: Callable[[ServingConsole, str], None]) -> Control[Nothing]:
        def does(workspace: Workspace, _taken: Nothing) -> Response:
            happens(workspace.serving, name)
            return json_response({})

        return Control(what, Nothing, does)

    return {event: control(*found) for event, found in _EVENTS.items()}


CONTROLS: dict[tuple[str, str], Control[Any]] = {
    ("GET", "/_emulator/models"): Control("the models that somebody spoke of", Nothing, _models),
    ("POST", "/_emulator/models"): Control(
        "say what a registered model is: {name, kind: model | agent | foundation_model | "
        "feature_spec, task, throughput_chunk_size, dbus, model_unit_chunk_size}",
        ModelBody,
        _register,
    ),
}
