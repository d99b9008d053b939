"""The core: one emulated workspace, a request in, a response out."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from . import control, identity
from .auth import Caller, authenticate, person_in_ui
from .clock import Clock, SystemClock
from .deployments import Deployments
from .errors import ApiError, ConnectionLostError, RefusedError, StoreError, malformed
from .faults import Faults
from .fields import read_body
from .journal import Call, Journal
from .routing import find_route
from .serving import lifecycle
from .serving.foundation import foundation_endpoint
from .serving.routes import current
from .store import Store
from .wire import JsonObject, Request, Response, text_response
from .world import Ask, Route, Settings, World

if TYPE_CHECKING:
    from .transport import WorkspaceTransport

WELCOME = """An emulated Databricks workspace: Model Serving, AI Gateway and secrets.

Nothing here is real, and nothing is sent anywhere. The API is under /api/2.0; what steers the
emulator is under /_emulator/ (open it for a list).
"""


class Workspace:
    """A Databricks workspace. Thread-safe; the switches are explained at `Settings`.

    clock: anything with `now() -> float`, seconds since the epoch; the system's by default
    faults, deployments: what shall go wrong, and how deployments go
    db: a file that keeps what the workspace holds, secrets in clear, and its id, which then wins
        over `workspace_id`; deployments under way go on by the clock. Plans, faults, recorded calls
        and how far the clock was moved are not kept. `close` lets go of it. None: only in memory

    Raises StoreError when the workspace cannot be kept in that file.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each switch, so that they complete and are typed
        self,
        *,
        token: str = Settings.token,
        user: str = Settings.user,
        workspace_id: str | None = None,
        clock: Clock | None = None,
        db: Path | None = None,
        strict: bool = False,
        single_external_entity: bool = False,
        duplicate_status: int = Settings.duplicate_status,
        missing_secret_status: int = Settings.missing_secret_status,
        plaintext_becomes_reference: bool = False,
        model_tasks: Mapping[str, str] | None = None,
        foundation_models: tuple[str, ...] = (),
    ) -> None:
        self._store = None if db is None else Store(db, workspace_id)
        self.settings = Settings(
            token=token,
            user=user,
            workspace_id=self._store.workspace_id
            if self._store
            else workspace_id or Settings.workspace_id,
            strict=strict,
            single_external_entity=single_external_entity,
            duplicate_status=duplicate_status,
            missing_secret_status=missing_secret_status,
            plaintext_becomes_reference=plaintext_becomes_reference,
            model_tasks=dict(model_tasks or {}),
            foundation_models=foundation_models,
        )
        self._lock = RLock()
        self.clock: Clock = SystemClock() if clock is None else clock
        self.faults = Faults(self._lock)
        self.deployments = Deployments(self._lock)
        self._journal = Journal()
        self._world = World(self.settings, self.clock, self.deployments)
        with self._kept():
            if self._store:
                self._world.endpoints.update(self._store.endpoints)
                self._world.scopes.update(self._store.scopes)
            self._add_foundation_models()

    @property
    def workspace_id(self) -> str:
        """The id in X-Databricks-Org-Id and in the discovery document."""
        return self.settings.workspace_id

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls under /api by API clients, in order."""
        with self._lock:
            return tuple(self._journal.api)

    @property
    def writes(self) -> tuple[Call, ...]:
        """The calls among `calls` that are no GET."""
        return tuple(call for call in self.calls if call.is_write)

    @property
    def ui_calls(self) -> tuple[Call, ...]:
        """What was done in the UI."""
        with self._lock:
            return tuple(self._journal.ui)

    @property
    def unknown_calls(self) -> tuple[Call, ...]:
        """Calls under /api for which there is no route."""
        with self._lock:
            return tuple(self._journal.unknown)

    @property
    def ignored_fields(self) -> tuple[str, ...]:
        """Unknown fields of request bodies, each as `METHOD path: field`."""
        with self._lock:
            return tuple(self._journal.ignored_fields)

    def clear_calls(self) -> None:
        """Forget all recorded calls; what the workspace holds stays."""
        with self._lock:
            self._journal.clear()

    def reset(self) -> None:
        """Back to an empty workspace, without planned faults and deployments."""
        with self._kept():
            self._world.endpoints.clear()
            self._world.scopes.clear()
            self.faults.clear()
            self.deployments.clear()
            self._journal.clear()
            self._add_foundation_models()

    def close(self) -> None:
        """Let go of the file, if there is one; the workspace is of no use afterwards."""
        with self._lock:
            if self._store:
                self._store.close()

    def transport(self) -> WorkspaceTransport:
        """A transport for `httpx.Client`: the in-process door."""
        from .transport import WorkspaceTransport  # noqa: PLC0415 - the core runs without httpx

        return WorkspaceTransport(self)

    def answer(self, request: Request) -> Response:
        """Answer one request; `ConnectionLostError` when a planned fault says so."""
        try:
            if request.path.startswith("/_emulator"):
                return control.answer(self, request)
            return self._answer(request)
        except StoreError as error:
            # What is not written yet is tried again after the next request.
            return ApiError(500, "INTERNAL_ERROR", str(error)).response()

    def ui(self, method: str, path: str, body: JsonObject | None = None) -> Response:
        """Somebody else, an admin, does this in the UI: `UI_USER`. Not among `calls`.

        Raises ValueError with the error's body when the workspace refuses.
        """
        content = b"" if body is None else json.dumps(body).encode()
        bare, _, query = path.partition("?")
        request = Request(method, bare, query=dict(parse_qsl(query)), body=content)
        with self._kept():
            response = self._respond(request, person_in_ui())
            self._journal.ui.append(_call(request, response.status, "ui"))
        if response.status >= 400:
            refusal = response.json()
            why = f"{response.status} {refusal['error_code']}: {refusal['message']}"
            raise RefusedError(
                response.body.decode(), sentence=f"the workspace answers {method} {path} with {why}"
            )
        return response

    def press_cancel_update(self, name: str) -> None:
        """Somebody presses the button of the UI that no REST call does: UPDATE_CANCELED.

        Raises ValueError when there is no such endpoint, or no update under way.
        """
        with self._kept():
            try:
                endpoint = current(self._world, name)
            except ApiError as error:
                names = ", ".join(self._world.endpoints)
                there = f"the endpoints are {names}" if names else "there are no endpoints"
                raise RefusedError(f"{error.message.removesuffix('.')}; {there}.") from error
            if not lifecycle.is_updating(endpoint):
                raise RefusedError(f"Endpoint {name} is not updating: there is nothing to cancel.")
            self._world.endpoints[name] = lifecycle.canceled(endpoint, self._world.now())

    def _answer(self, request: Request) -> Response:
        with self._kept():
            if request.path == identity.DISCOVERY_PATH:
                return identity.discovery(self.settings, request)
            if request.path == "/":
                return text_response(WELCOME)
            if request.path.startswith("/api/"):
                return self._answer_client(request)
            return _unknown(request).response()

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        """Holds the lock, and writes afterwards what has changed, also when no answer is sent."""
        with self._lock:
            try:
                yield
            finally:
                if self._store:
                    self._store.save(self._world.endpoints, self._world.scopes)

    def _add_foundation_models(self) -> None:
        for name in self.settings.foundation_models:
            if name not in self._world.endpoints:
                self._world.endpoints[name] = foundation_endpoint(name)

    def _answer_client(self, request: Request) -> Response:
        fault = self.faults.next_for(request.method, request.path)
        effect = fault is None or fault.when == "after"
        caller = self._caller(request)
        actor = caller.actor if isinstance(caller, Caller) else ""
        if fault is None:
            response = self._respond(request, caller)
        else:
            if effect:
                self._respond(request, caller)
            response = fault.response()
        lost = fault is not None and fault.drop
        self._journal.api.append(_call(request, 0 if lost else response.status, actor))
        if lost:
            raise ConnectionLostError(effect=effect)
        return response

    def _caller(self, request: Request) -> Caller | ApiError:
        try:
            return authenticate(request, token=self.settings.token, user=self.settings.user)
        except ApiError as error:
            return error

    def _respond(self, request: Request, caller: Caller | ApiError) -> Response:
        if isinstance(caller, ApiError):
            return caller.response()
        found = find_route(request.method, request.path)
        if found is None:
            self._journal.unknown.append(_call(request, 404, caller.actor))
            return _unknown(request).response()
        route, values = found
        try:
            body = self._body(route, request)
            return route.answer(self._world, Ask(caller, values, request.query, body))
        except ApiError as error:
            return error.response()

    def _body(self, route: Route, request: Request) -> JsonObject:
        if route.body is None:
            return {}
        content: object = request.content if request.body.strip() else {}
        body, unknown = read_body(route.body, content)
        if unknown and self.settings.strict:
            raise malformed(f"Could not parse request object: unknown field {', '.join(unknown)}.")
        self._journal.ignored_fields += (
            f"{request.method} {request.path}: {field}" for field in unknown
        )
        return body


def _unknown(request: Request) -> ApiError:
    return ApiError(
        404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {request.path}'"
    )


def _call(request: Request, status: int, actor: str) -> Call:
    return Call(request.method, request.target, request.content, status, actor)
