"""What can go wrong, named for what the reader can do next.

We own these errors so that no caller depends on the HTTP library or on the words of an answer.

    ServingError                    one paragraph: what failed, why, what to do
    ├── ApiError                    the service answered with an error
    │   ├── InvalidRequest          400: it will say the same again
    │   ├── Unauthenticated         401, or 403 with code 403: no or bad credential
    │   ├── PermissionDenied        403
    │   ├── NotFound                the code says that the thing is not there
    │   ├── AlreadyExists           400 or 409 RESOURCE_ALREADY_EXISTS
    │   ├── Conflict                409: something else is under way
    │   ├── TooManyRequests         429, after all retries
    │   └── Unavailable             500 and above, after all retries
    ├── Unreachable                 no answer at all
    ├── NoCredentials               nothing in the environment tells who we are
    ├── WrongWorkspace              the credentials lead to another workspace than the recorded one
    ├── NewerFormat                 a newer release has written the state
    ├── UnknownWorkspace            which workspace a resource is in is not yet known, or secret
    ├── Refused                     the plan will not do this
    ├── TakenAlready                something of that name exists, and it is not ours
    ├── NotTaken                    the service accepted a write and did not keep all of it
    ├── StatementFailed             a SQL statement ended otherwise than with rows
    │   └── StatementNotAllowed     the caller lacks a right on what it reads
    └── Unfinished                  the work goes on, or failed, in the workspace
        ├── StillUpdating           the time is up
        ├── UpdateFailed            the service gave up, or somebody pressed Cancel
        │   └── UpdateCanceled      somebody pressed Cancel
        └── Interrupted             Ctrl-C
            └── NotBegun            while it waited for its turn: nothing went out
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from typing_extensions import Self

#: Long enough for any message of the service, short enough for a terminal.
_LONGEST_MESSAGE = 600


class ServingError(Exception):
    """One paragraph for a person: what failed, why, and what to do next. Never a secret.

    id: its entry in the catalogue of errors, which an edge writes behind the paragraph
    """

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - as every raise says it
        super().__init__(text)
        self.id = id

    def without(self, secrets: Iterable[str]) -> Self:
        """The same error, with `***` where its text repeats one of the secrets."""
        return type(self)(_hidden(str(self), secrets), id=self.id)


def _hidden(text: str, secrets: Iterable[str]) -> str:
    # The longest first: one secret may be a part of another. JSON writes line breaks as `\n`.
    forms = {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1]) if form}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


@dataclass(frozen=True)
class Answered:
    """An error answer: the call, the HTTP status, the service's code and message.

    `request_id`: what the service's support asks for, where the answer tells it.
    """

    call: str
    status: int
    code: str
    message: str
    request_id: str = ""


class ApiError(ServingError):
    """The service answered with an error; `answer` has it, its message uncut."""

    def __init__(self, answer: Answered) -> None:
        code = f" {answer.code}" if answer.code and not answer.code.isdigit() else ""
        said = answer.message[:_LONGEST_MESSAGE].rstrip(". ")
        end = "" if said.endswith(("!", "?")) else "."
        text = f"{answer.call}: the workspace answered {answer.status}{code}: {said}{end}"
        if answer.status >= 500 and answer.request_id:
            text += f" Its support can look up request {answer.request_id}."
        super().__init__(f"{text} {REMEDIES.get(type(self), '')}".rstrip(), id=IDS[type(self)])
        self.answer = answer

    def without(self, secrets: Iterable[str]) -> Self:
        """The same error; the message is cut after the secrets went, so that no half is left."""
        return type(self)(replace(self.answer, message=_hidden(self.answer.message, secrets)))


class InvalidRequest(ApiError):
    """The service refuses this request; sent again, it would be refused again."""


class Unauthenticated(ApiError):
    """There is no credential, or it is not accepted."""


class PermissionDenied(ApiError):
    """The caller lacks a right."""


class NotFound(ApiError):
    """The thing is not there."""


class AlreadyExists(ApiError):
    """The name is taken."""


class Conflict(ApiError):
    """Something else is under way."""


class TooManyRequests(ApiError):
    """The service asked to slow down, and still does after all retries."""


class Unavailable(ApiError):
    """The service is in trouble, and still is after all retries."""


class Unreachable(ServingError):
    """No answer came at all."""


class NoCredentials(ServingError):
    """Nothing tells which workspace, or who we are."""


class UnknownWorkspace(ServingError):
    """Which workspace a resource is in is an output that nobody knows yet, or secret."""


class WrongWorkspace(ServingError):
    """The credentials lead to another workspace than the one recorded in the state."""


class NewerFormat(ServingError):
    """The state is laid out as a newer release does: this one would misread it."""


class Refused(ServingError):
    """The plan will not do this, because no call does it or because it would do harm."""


class TakenAlready(ServingError):
    """Something of that name exists, and nothing shows that it is ours."""


class NotTaken(ServingError):
    """The service accepted a write and did not keep all of it."""


class StatementFailed(ServingError):
    """A SQL statement ended otherwise than with rows."""


class StatementNotAllowed(StatementFailed):
    """The caller lacks a right on a table that the statement reads."""


class Unfinished(ServingError):
    """The thing exists, and is not yet, or not any more, what was asked for."""


class StillUpdating(Unfinished):
    """The time is up while the service still works."""


class UpdateFailed(Unfinished):
    """The service gave up, or somebody pressed Cancel."""


class UpdateCanceled(UpdateFailed):
    """Somebody pressed the UI's button Cancel."""


class Interrupted(Unfinished):
    """Ctrl-C ended the wait."""


class NotBegun(Interrupted):
    """Ctrl-C ended the wait for a turn: the call did not go out."""


#: `error_code` decides first (contract: 404 has two codes, "already exists" two statuses) …
BY_CODE: dict[str, type[ApiError]] = {
    "RESOURCE_DOES_NOT_EXIST": NotFound,
    "NOT_FOUND": NotFound,
    "RESOURCE_ALREADY_EXISTS": AlreadyExists,
    "RESOURCE_CONFLICT": Conflict,
    "UNAUTHENTICATED": Unauthenticated,
    "UNAUTHORIZED": Unauthenticated,
    # A bad token is answered with the integer 403 as its code.
    "403": Unauthenticated,
    "PERMISSION_DENIED": PermissionDenied,
    "REQUEST_LIMIT_EXCEEDED": TooManyRequests,
    "RESOURCE_EXHAUSTED": TooManyRequests,
    "TEMPORARILY_UNAVAILABLE": Unavailable,
}
#: … then the status. A bare 404 is none: it may be a proxy's page, or a feature that is off, and
#: whatever is taken for "not there" is dropped from the state.
BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: PermissionDenied,
    409: Conflict,
    429: TooManyRequests,
}

#: Of an answer, the kind is the id: its words are the service's.
IDS: dict[type[ApiError], str] = {
    ApiError: "api-odd-answer",
    InvalidRequest: "api-invalid-request",
    Unauthenticated: "api-unauthenticated",
    PermissionDenied: "api-permission-denied",
    NotFound: "api-not-found",
    AlreadyExists: "api-already-exists",
    Conflict: "api-conflict",
    TooManyRequests: "api-too-many-requests",
    Unavailable: "api-unavailable",
}

REMEDIES: dict[type[ApiError], str] = {
    Unauthenticated: (
        "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile, to credentials of this workspace."
    ),
    PermissionDenied: "Ask for the right, or run as somebody who has it.",
    TooManyRequests: "Run it again later, or with a lower --parallel.",
    Unavailable: "Run it again later: what was done is kept.",
}


def may_have_had_effect(failed: ServingError) -> bool:
    """Whether a write that ended so may have had its effect: all but a clear refusal.

    408 and 429 are none: an earlier attempt of the same call may have been taken.
    """
    if isinstance(failed, ApiError):
        return not 400 <= failed.answer.status < 500 or failed.answer.status in (408, 429)
    return isinstance(failed, (Unreachable, Interrupted)) and not isinstance(failed, NotBegun)


def error_for(answer: Answered) -> ApiError:
    """The error that an answer is: its code decides, then its status."""
    kind = BY_CODE.get(answer.code) or BY_STATUS.get(answer.status)
    if kind is None:
        kind = Unavailable if answer.status >= 500 else ApiError
    return kind(answer)
