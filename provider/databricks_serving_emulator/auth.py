"""Who is calling (contract §16, §17). Personal access tokens only, so far."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ApiError
from .wire import Request

UI_USER = "somebody@example.com"


@dataclass(frozen=True)
class Caller:
    """An identity. `actor` is "ui" for a person in the workspace's UI, else the user's name."""

    user: str
    actor: str

    @property
    def display_name(self) -> str:
        """The name for people: `serving.admin@example.com` is `Serving Admin`."""
        return self.user.partition("@")[0].replace(".", " ").replace("_", " ").title()

    @property
    def is_person_in_ui(self) -> bool:
        """Whether this is somebody in the workspace's UI."""
        return self.actor == "ui"


def person_in_ui() -> Caller:
    """Somebody else, an admin, who uses the workspace's UI."""
    return Caller(user=UI_USER, actor="ui")


def authenticate(request: Request, *, token: str, user: str) -> Caller:
    """The caller whose token the request carries; `ApiError` 401 or 403 otherwise."""
    scheme, _, credential = request.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        text = "Credential was not sent or was of an unsupported type for this API."
        raise ApiError(401, "UNAUTHENTICATED", text)
    if credential.strip() != token:
        # Observed on real workspaces: an integer code, and the reason in a header.
        text = "Invalid access token."
        raise ApiError(403, 403, text, headers={"X-Databricks-Reason-Phrase": text})
    return Caller(user=user, actor=user)
