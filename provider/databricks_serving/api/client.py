"""One method per call of the API. Source: REST reference, serving-endpoints and secrets."""

from __future__ import annotations

import base64
import threading
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import ValidationError

from databricks_serving.errors import AlreadyExists, Answered, ApiError, NotFound
from databricks_serving_schema import EndpointAnswer, parse_endpoint_answer

from .identity import Caller, WorkspaceIdentity
from .listed import UpdatesUnderWay, entries_of, odd_list
from .transport import Json, Transport

if TYPE_CHECKING:
    import httpx

    from databricks_serving.clock import Clock

    from .auth import Credentials
    from .pacing import Waiting

_ENDPOINTS = "/api/2.0/serving-endpoints"
_SECRETS = "/api/2.0/secrets"
_PERMISSIONS = "/api/2.0/permissions/serving-endpoints"
_CALLER = "/api/2.0/preview/scim/v2/Me"


class WorkspaceApi:
    """A workspace's serving endpoints and secrets.

    waiting: told, in the thread that waits, that the workspace asks to slow down
    read_only: whatever would write raises `WriteRefused` before it is sent

    Every method raises `ApiError` or `Unreachable`.
    """

    def __init__(
        self,
        credentials: Credentials,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        waiting: Waiting | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self._transport = Transport(credentials, clock, transport, waiting, read_only=read_only)
        self._identity: WorkspaceIdentity | None = None
        self._identified = threading.Lock()

    def close(self) -> None:
        """Close all connections; no thread may be asking any more."""
        self._transport.close()

    @property
    def host(self) -> str:
        """The workspace's address."""
        return self._transport.host

    def identity(self) -> WorkspaceIdentity:
        """Which workspace this is; asked once."""
        with self._identified:
            if self._identity is None:
                self._identity = WorkspaceIdentity(self._transport.host, self._workspace_id())
            return self._identity

    def _workspace_id(self) -> str | None:
        # Not every workspace tells its id to everybody; the address has to do then.
        with suppress(ApiError):
            discovered = self._transport.get("/.well-known/databricks-config")
            if discovered.get("workspace_id"):
                return str(discovered["workspace_id"])
        with suppress(ApiError):
            return self._transport.headers_of(_CALLER).get("X-Databricks-Org-Id")
        return None

    def server_date(self) -> str | None:
        """The workspace's time, as its answers' Date header has it; None where it has none."""
        return self._transport.headers_of(_CALLER).get("Date")

    def caller(self) -> str:
        """The user name, or the application id, of whoever these credentials belong to."""
        return self.me().name

    def me(self) -> Caller:
        """The same, with the groups that it is in."""
        told = self._transport.get(_CALLER)
        groups = frozenset(
            str(group["display"]) for group in told.get("groups") or () if group.get("display")
        )
        return Caller(str(told.get("userName", "")), groups)

    def get_endpoint(self, name: str) -> EndpointAnswer | None:
        """The endpoint, or None where there is none of that name."""
        path = _endpoint(name)
        try:
            return parse_endpoint_answer(self._transport.get(path))
        except NotFound:
            return None
        except ValidationError:
            raise ApiError(
                Answered(f"GET {path}", 200, "", "something that is no endpoint")
            ) from None

    def list_endpoints(self, but: Container[str] = ()) -> tuple[EndpointAnswer, ...]:
        """Every endpoint that the caller may see, in short: what the list tells of it.

        but: the names of those that nobody asks about; what is listed of them is not looked into
        """
        listed = entries_of(_ENDPOINTS, self._transport.get(_ENDPOINTS), "endpoints")
        asked = (entry for entry in listed if entry.get("name") and str(entry["name"]) not in but)
        try:
            return tuple(parse_endpoint_answer(entry) for entry in asked)
        except ValidationError:
            raise odd_list(_ENDPOINTS) from None

    def updates_under_way(self, within: float) -> UpdatesUnderWay:
        """What the list tells of updates. Whoever needs it can do without it.

        within: seconds that it may take; asked once, and not while the workspace asks to slow down
        """
        answered = self._transport.get(_ENDPOINTS, within=within)
        return UpdatesUnderWay.among(entries_of(_ENDPOINTS, answered, "endpoints"))

    def create_endpoint(self, body: Mapping[str, object]) -> None:
        """Create an endpoint; the deployment goes on after the answer."""
        self._transport.send("POST", _ENDPOINTS, dict(body), repeatable=False)

    def put_config(self, name: str, body: Mapping[str, object]) -> None:
        """Replace the configuration; the deployment goes on after the answer."""
        self._transport.send("PUT", f"{_endpoint(name)}/config", dict(body))

    def create_by_model_units(self, body: Mapping[str, object]) -> None:
        """Create an endpoint that model units size."""
        self._transport.send("POST", f"{_ENDPOINTS}/pt", dict(body), repeatable=False)

    def put_provisioned_throughput(self, name: str, body: Mapping[str, object]) -> None:
        """Replace the configuration of an endpoint that model units size."""
        path = f"{_ENDPOINTS}/pt/{quote(name, safe='')}/config"
        self._transport.send("PUT", path, {"config": dict(body)})

    def patch_notifications(self, name: str, body: Mapping[str, object]) -> None:
        """Say whom an update's end is told to."""
        self._transport.send("PATCH", f"{_endpoint(name)}/notifications", dict(body))

    def patch_telemetry(self, name: str, body: Mapping[str, object]) -> None:
        """Say where telemetry goes; refused while an update runs."""
        self._transport.send("PATCH", f"{_endpoint(name)}/telemetry-config", dict(body))

    def patch_tags(
        self, name: str, add: tuple[tuple[str, str], ...], delete: tuple[str, ...]
    ) -> None:
        """Add or change tags, and take some away."""
        body: Json = {}
        if add:
            body["add_tags"] = [{"key": key, "value": value} for key, value in add]
        if delete:
            body["delete_tags"] = list(delete)
        self._transport.send("PATCH", f"{_endpoint(name)}/tags", body)

    def put_ai_gateway(self, name: str, body: Mapping[str, object]) -> Json:
        """Replace the whole gateway; the gateway as it is then."""
        return self._transport.send("PUT", f"{_endpoint(name)}/ai-gateway", dict(body))

    def build_logs(self, name: str, entity: str) -> str:
        """What the container build of an entity said; empty where nothing is kept of it."""
        return self._log(name, entity, "build-logs")

    def server_logs(self, name: str, entity: str) -> str:
        """What an entity's server said last; empty where nothing is kept of it."""
        return self._log(name, entity, "logs")

    def _log(self, name: str, entity: str, which: str) -> str:
        path = f"{_endpoint(name)}/served-models/{quote(entity, safe='')}/{which}"
        try:
            return str(self._transport.get(path).get("logs") or "")
        except ApiError:
            # Not every kind of entity has logs, nor may everybody read them.
            return ""

    def delete_endpoint(self, name: str) -> None:
        """Delete an endpoint; one that is not there is deleted."""
        self._delete("DELETE", _endpoint(name), None)

    def get_scope(self, name: str) -> Json | None:
        """The scope as the list tells it, or None: there is no call for one.

        Case does not count.
        """
        listed = self.list_scopes()
        return next((s for s in listed if s.get("name", "").casefold() == name.casefold()), None)

    def list_scopes(self) -> tuple[Json, ...]:
        """Every scope that the caller may see, as it is answered."""
        path = f"{_SECRETS}/scopes/list"
        listed = entries_of(path, self._transport.get(path), "scopes")
        return tuple(scope for scope in listed if isinstance(scope.get("name"), str))

    def create_scope(self, body: Mapping[str, object]) -> None:
        """Create a scope."""
        self._transport.send("POST", f"{_SECRETS}/scopes/create", dict(body), repeatable=False)

    def delete_scope(self, name: str) -> None:
        """Delete a scope with all its secrets; one that is not there is deleted."""
        self._delete("POST", f"{_SECRETS}/scopes/delete", {"scope": name})

    def list_acls(self, scope: str) -> dict[str, str] | None:
        """Principal to permission, or None where there is no such scope."""
        path = f"{_SECRETS}/acls/list"
        try:
            listed = entries_of(path, self._transport.get(path, {"scope": scope}), "items")
        except NotFound:
            return None
        try:
            return {str(acl["principal"]): str(acl["permission"]) for acl in listed}
        except KeyError:
            raise odd_list(path) from None

    def put_acl(self, scope: str, principal: str, permission: str) -> None:
        """Give a principal a permission on a scope, or another one than it has."""
        body = {"scope": scope, "principal": principal, "permission": permission}
        try:
            self._transport.send("POST", f"{_SECRETS}/acls/put", body)
        except AlreadyExists:
            # The reference lets it say so, and so it may when the first answer was lost.
            if (self.list_acls(scope) or {}).get(principal) != permission:
                raise

    def delete_acl(self, scope: str, principal: str) -> None:
        """Take a principal's permission on a scope; one that is not there is taken."""
        body = {"scope": scope, "principal": principal}
        self._delete("POST", f"{_SECRETS}/acls/delete", body)

    def get_permissions(self, endpoint_id: str) -> Json | None:
        """The access control list of an endpoint as it is answered, or None where there is none.

        By id, never by name; the list of an endpoint that is gone may outlive it.
        """
        try:
            return self._transport.get(f"{_PERMISSIONS}/{quote(endpoint_id, safe='')}")
        except NotFound:
            return None

    def put_permissions(self, endpoint_id: str, body: Mapping[str, object]) -> None:
        """Replace all direct grants of an endpoint; inherited ones stay."""
        self._transport.send("PUT", f"{_PERMISSIONS}/{quote(endpoint_id, safe='')}", dict(body))

    def patch_permissions(self, endpoint_id: str, body: Mapping[str, object]) -> None:
        """Add grants to those of an endpoint, or raise them."""
        self._transport.send("PATCH", f"{_PERMISSIONS}/{quote(endpoint_id, safe='')}", dict(body))

    def list_secrets(self, scope: str) -> dict[str, int] | None:
        """Key to time of the last put (Unix milliseconds), or None where there is no such scope."""
        path = f"{_SECRETS}/list"
        try:
            listed = entries_of(path, self._transport.get(path, {"scope": scope}), "secrets")
        except NotFound:
            return None
        try:
            # The documentation's sample shows the timestamps as text.
            return {str(one["key"]): int(one["last_updated_timestamp"]) for one in listed}
        except (KeyError, TypeError, ValueError):
            raise odd_list(path) from None

    def get_secret(self, scope: str, key: str) -> bytes | None:
        """The secret's value, or None where the workspace does not give it out."""
        try:
            answered = self._transport.get(f"{_SECRETS}/get", {"scope": scope, "key": key})
        except ApiError:
            # The call is refused outside notebooks on some workspaces: never rely on it.
            return None
        return base64.b64decode(str(answered.get("value", "")))

    def put_secret(self, body: Mapping[str, object]) -> None:
        """Create or overwrite a secret."""
        self._transport.send("POST", f"{_SECRETS}/put", dict(body))

    def delete_secret(self, scope: str, key: str) -> None:
        """Delete a secret; one that is not there is deleted."""
        self._delete("POST", f"{_SECRETS}/delete", {"scope": scope, "key": key})

    def _delete(self, method: str, path: str, body: Json | None) -> None:
        try:
            self._transport.send(method, path, body)
        except NotFound:
            return


def _endpoint(name: str) -> str:
    return f"{_ENDPOINTS}/{quote(name, safe='')}"
