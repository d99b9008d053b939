"""The controls for how the workspace behaves."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from .behaviour import Behaviour, Defaults, NotFoundCode
from .control_bodies import Nothing, Taken
from .control_route import Control
from .wire import Response, json_response

if TYPE_CHECKING:
    from .workspace import Workspace

_PATH = "/_emulator/behaviour"
_SWITCH = "true or false"
_COUNT = "a whole number, 0 or more"
_COUNT_OR_ANY = f"{_COUNT}, or null for any number"
_SECONDS = "a number of seconds, 0 or more"


def _switch() -> Any:  # noqa: ANN401 - pydantic's field
    return Field(default=False, description=_SWITCH)


def _seconds() -> Any:  # noqa: ANN401 - pydantic's field
    return Field(default=0.0, ge=0, allow_inf_nan=False, description=_SECONDS)


class BehaviourBody(Taken):
    """PATCH /_emulator/behaviour. The switches are explained at `Behaviour`."""

    example = '{"shuffle": true, "stale_reads": 2}'

    endpoints_limit: int | None = Field(default=1000, ge=0, description=_COUNT_OR_ANY)
    single_external_entity: bool = _switch()
    duplicate_status: Literal[400, 409] = Field(default=400, description="the number 400 or 409")
    missing_secret_status: Literal[400, 404] = Field(
        default=400, description="the number 400 or 404"
    )
    plaintext_becomes_reference: bool = _switch()
    not_found_code: NotFoundCode = Field(
        default="RESOURCE_DOES_NOT_EXIST", description='"RESOURCE_DOES_NOT_EXIST" or "NOT_FOUND"'
    )
    delete_waits: bool = _switch()
    tags_as_list: bool = _switch()
    telemetry_tables_shown: bool = _switch()
    weak_rules: bool = _switch()
    one_amount_per_limit: bool = _switch()
    cancel_drops_pending: bool = _switch()
    defaults: Defaults = Field(default="usual", description='"usual", "all" or "none"')
    shuffle: bool = _switch()
    unknown_fields: bool = _switch()
    unknown_values: dict[str, str] = Field(
        default_factory=dict, description='an object of strings such as {"READY": "MAYBE"}'
    )
    stale_reads: int = Field(default=0, ge=0, description=_COUNT)
    stale_seconds: float = _seconds()
    gateway_seconds: float = _seconds()
    stale_acl_seconds: float = _seconds()
    lost_acl_writes_seconds: float = _seconds()
    unstable_acl_order: bool = _switch()
    permissions_outlive_objects: bool = _switch()
    refuse_unknown_principals: bool = _switch()
    write_budget: int | None = Field(default=None, ge=0, description=_COUNT_OR_ANY)


def _show(workspace: Workspace, _taken: Nothing) -> Response:
    return json_response(asdict(workspace.behaviour))


def _change(workspace: Workspace, body: BehaviourBody) -> Response:
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
