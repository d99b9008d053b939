"""The controls that concern serving: events at endpoints, registered models, and its behaviour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import Field

from .control_bodies import Nothing, Taken
from .control_route import Control
from .serving.behaviour import Behaviour, Defaults, NotFoundCode
from .serving.console import ServingConsole
from .serving.registry import ModelKind, RegisteredModel
from .wire import Response, json_response

if TYPE_CHECKING:
    from .workspace import Workspace

_SWITCH = "true or false"
_STATUS = "the number 400 or 404"


class BehaviourBody(Taken):
    """PATCH /_emulator/behaviour. The switches are explained at `Behaviour`."""

    example = '{"shuffle": true, "stale_reads": 2}'

    single_external_entity: bool = Field(default=False, description=_SWITCH)
    duplicate_status: Literal[400, 409] = Field(default=400, description="the number 400 or 409")
    missing_secret_status: Literal[400, 404] = Field(default=400, description=_STATUS)
    plaintext_becomes_reference: bool = Field(default=False, description=_SWITCH)
    not_found_code: NotFoundCode = Field(
        default="RESOURCE_DOES_NOT_EXIST", description='"RESOURCE_DOES_NOT_EXIST" or "NOT_FOUND"'
    )
    delete_waits: bool = Field(default=False, description=_SWITCH)
    tags_as_list: bool = Field(default=False, description=_SWITCH)
    telemetry_tables_shown: bool = Field(default=False, description=_SWITCH)
    weak_rules: bool = Field(default=False, description=_SWITCH)
    one_amount_per_limit: bool = Field(default=False, description=_SWITCH)
    cancel_drops_pending: bool = Field(default=False, description=_SWITCH)
    defaults: Defaults = Field(default="usual", description='"usual", "all" or "none"')
    shuffle: bool = Field(default=False, description=_SWITCH)
    unknown_fields: bool = Field(default=False, description=_SWITCH)
    unknown_values: dict[str, str] = Field(
        default_factory=dict, description='an object of strings such as {"READY": "MAYBE"}'
    )
    stale_reads: int = Field(default=0, ge=0, description="a whole number, 0 or more")
    stale_seconds: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="a number, 0 or more"
    )
    gateway_seconds: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="a number, 0 or more"
    )


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


def _behaviour(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response(asdict(workspace.serving.behaviour))


def _behave(workspace: Workspace, body: BehaviourBody) -> Response:
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    workspace.serving.behaviour = replace(workspace.serving.behaviour, **changes)
    return _behaviour(workspace, Nothing())


def _usual(workspace: Workspace, _taken: Nothing) -> Response:
    workspace.serving.behaviour = Behaviour()
    return _behaviour(workspace, Nothing())


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


_SWITCHES = ", ".join(BehaviourBody.model_fields)

CONTROLS: dict[tuple[str, str], Control[Any]] = {
    ("GET", "/_emulator/behaviour"): Control("how serving behaves", Nothing, _behaviour),
    ("PATCH", "/_emulator/behaviour"): Control(
        f"make serving behave otherwise: {{{_SWITCHES}}}", BehaviourBody, _behave
    ),
    ("DELETE", "/_emulator/behaviour"): Control("behave as usual again", Nothing, _usual),
    ("GET", "/_emulator/models"): Control("the models that somebody spoke of", Nothing, _models),
    ("POST", "/_emulator/models"): Control(
        "say what a registered model is: {name, kind: model | agent | foundation_model | "
        "feature_spec, task, throughput_chunk_size, dbus, model_unit_chunk_size}",
        ModelBody,
        _register,
    ),
}
