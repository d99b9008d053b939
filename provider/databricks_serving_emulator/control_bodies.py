"""What the controls take, and the sentence for whoever sends something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import Self

from .deployments import Outcome
from .errors import RefusedError
from .faults import Fault, Form, Moment
from .wire import Request

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^([!-~]([ -~]*[!-~])?)?$")]

_METHODS = '"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" or "OPTIONS"'
_BOTH = "polls_and_seconds"
_SHOWN = 60


class Taken(BaseModel):
    """What one control takes. A field's `description` completes `… must be …`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    example: ClassVar[str] = ""


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

    method: Method = Field(description=_METHODS)
    path: str = Field(description="a path under /api, with its query if any")
    body: dict[str, Any] | None = Field(
        default=None, description="the JSON object that the API takes, or null"
    )


class DeploymentBody(Taken):
    """POST /_emulator/deployments."""

    example = '{"name": "chat", "polls": 2, "outcome": "failed"}'

    name: str | None = Field(
        default=None, min_length=1, description="an endpoint's name, or null for any endpoint"
    )
    polls: int | None = Field(
        default=None, ge=0, description="a whole number, 0 or more, or null for as many as usual"
    )
    seconds: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="a number, 0 or more, or null"
    )
    outcome: Outcome = Field(
        default="ready", description='"ready", "failed", "aborted" or "timed_out"'
    )
    message: str | None = Field(
        default=None, description="a string, or null for a text of the real service"
    )
    times: int | None = Field(
        default=None, ge=1, description="a whole number, 1 or more, or null for every time"
    )

    @model_validator(mode="after")
    def _polls_or_seconds(self) -> Self:
        if self.polls is not None and self.seconds is not None:
            raise PydanticCustomError(_BOTH, 'give "polls" or "seconds", not both')
        return self


class FaultBody(Taken):
    """POST /_emulator/faults."""

    example = '{"method": "PUT", "path": "/api/2.0/serving-endpoints/*/config", "status": 503}'

    method: Method | Literal["*"] = Field(
        default="*", description=f'{_METHODS}, or "*" for any of them'
    )
    path: str = Field(
        default=Fault.path,
        description="a path under /api or /oidc, in which * is one segment and ** many",
    )
    times: int | None = Field(
        default=Fault.times,
        ge=1,
        description="a whole number, 1 or more, or null for every time",
    )
    skip: int = Field(default=Fault.skip, ge=0, description="a whole number, 0 or more")
    when: Moment = Field(default=Fault.when, description='"before" or "after"')
    status: int | None = Field(
        default=Fault.status,
        ge=400,
        le=599,
        description="an HTTP status from 400 to 599, or null for the service's own answer",
    )
    error_code: str = Field(default=Fault.error_code, description="a string")
    message: str = Field(default=Fault.message, description="a string")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description='an object of ASCII strings such as {"Retry-After": "2"}'
    )
    drop: bool = Field(default=Fault.drop, description="true or false")
    delay: float = Field(
        default=Fault.delay,
        ge=0,
        allow_inf_nan=False,
        description="a number of seconds, 0 or more",
    )
    form: Form = Field(
        default=Fault.form, description='"json", "api-1.2", "scim", "text", "html" or "empty"'
    )
    echo: bool = Field(default=Fault.echo, description="true or false")

    def fault(self) -> Fault:
        """The fault that this describes."""
        return Fault(**self.model_dump())


class AdvanceBody(Taken):
    """POST /_emulator/clock/advance."""

    example = '{"seconds": 60}'

    seconds: float = Field(ge=0, allow_inf_nan=False, description="a number, 0 or more")


def read_body(model: type[TakenT], request: Request) -> TakenT:
    """The body of a control request; `RefusedError` says what is wrong and what to write."""
    content: object = request.content if request.body.strip() else {}
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
        details = error.errors(include_url=False)
    # An object with two bad members, or a union, reports one field more than once.
    problems = dict.fromkeys(_problem(model, given, kind, detail) for detail in details)
    raise RefusedError("; ".join([*problems, _known(model, kind)]))


def _problem(
    model: type[Taken], given: Mapping[str, object], kind: str, detail: ErrorDetails
) -> str:
    if not detail["loc"]:  # not about one field
        return (
            detail["msg"] if detail["type"] == _BOTH else "the body holds text that is no Unicode"
        )
    name = str(detail["loc"][0])
    field = model.model_fields.get(name)
    if field is None:
        return f'there is no {kind} "{name}"'
    if name not in given:
        return f'"{name}" is missing and must be {field.description}'
    return f'"{name}" must be {field.description}, not {_shown(given[name])}'


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _known(model: type[Taken], kind: str) -> str:
    names = list(model.model_fields)
    if not names:
        return f"it takes no {kind}s"
    are = f"{kind}s are" if len(names) > 1 else f"only {kind} is"
    return f"its {are} {', '.join(names)}; for example {model.example}"
