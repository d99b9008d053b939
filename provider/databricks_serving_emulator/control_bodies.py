"""What the controls take, and the sentence for whoever sends something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import Field, ValidationError

from .deployments import PlannedDeployment
from .errors import RefusedError
from .faults import Fault
from .values import METHODS, Method, Taken, body_of, problems
from .wire import NotJsonError, Request, read_json

TakenT = TypeVar("TakenT", bound=Taken)


class Nothing(Taken):
    """The body, or the query, of a control that takes none."""


class CallsQuery(Taken):
    """GET /_emulator/calls."""

    example = "?writes=true"

    writes: bool = Field(default=False, strict=False, description="true or false")


class UnknownCallsQuery(Taken):
    """GET /_emulator/unknown-calls."""

    example = "?actor=ann@example.com"

    actor: str | None = Field(default=None, description="who called, or empty for nobody known")


class UiBody(Taken):
    """POST /_emulator/ui."""

    example = '{"method": "GET", "path": "/api/2.0/serving-endpoints"}'

    method: Method = Field(description=METHODS)
    path: str = Field(description="a path under /api, with its query if any")
    body: dict[str, Any] | None = Field(
        default=None, description="the JSON object that the API takes, or null"
    )


DeploymentBody = body_of(PlannedDeployment, '{"name": "chat", "polls": 2, "outcome": "failed"}')
FaultBody = body_of(
    Fault, '{"method": "PUT", "path": "/api/2.0/serving-endpoints/*/config", "status": 503}'
)


class AdvanceBody(Taken):
    """POST /_emulator/clock/advance."""

    example = '{"seconds": 60}'

    seconds: float = Field(ge=0, allow_inf_nan=False, description="a number, 0 or more")


def read_body(model: type[TakenT], request: Request) -> TakenT:
    """The body of a control request; `RefusedError` says what is wrong and what to write."""
    try:
        content = read_json(request.body) if request.body.strip() else {}
    except NotJsonError as error:
        raise RefusedError(f"the body {error}; {_known(model, 'field')}") from None
    if not isinstance(content, dict):
        wanted = "a JSON object" if model.model_fields else "empty"
        raise RefusedError(f"the body must be {wanted}; {_known(model, 'field')}")
    return _read(model, cast("Mapping[str, object]", content), "field")


def read_query(model: type[TakenT], request: Request) -> TakenT:
    """The same for the query."""
    return _read(model, request.query, "query parameter")


def _read(model: type[TakenT], given: Mapping[str, object], kind: str) -> TakenT:
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        found = problems(model, given, kind, error)
    raise RefusedError("; ".join([*found, _known(model, kind)]))


def _known(model: type[Taken], kind: str) -> str:
    names = list(model.model_fields)
    if not names:
        return f"it takes no {kind}s"
    are = f"{kind}s are" if len(names) > 1 else f"only {kind} is"
    return f"its {are} {', '.join(names)}; for example {model.example}"
