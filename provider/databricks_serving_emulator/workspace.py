"""The core: one emulated workspace, a request in, a response out.

Over 300 lines: it is one class, the one that users of the emulator see.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from . import control
from .access_past import AccessPast
from .auth import Caller, authenticate, check_token, person_in_ui
from .behaviour import Behaviour
from .clock import Clock, SystemClock, check_clock
from .contents import Contents
from .deployments import Deployments
from .dispatch import no_route, respond, turn_away
from .errors import ApiError, ConnectionLostError, RefusedError, StoreError
from .faults import Faults
from .identities import Identities
from .journal import Call, Journal
from .queries.console import Queries
from .routing import find_open_route, is_client_path
from .scopes import put_in_vault
from .serving.console import ServingConsole
from .serving.foundation import foundation_endpoint
from .store import Store
from .wire import JsonObject, Request, Response, text_response
from .world import Settings, World

if TYPE_CHECKING:
    from .transport import WorkspaceTransport

WELCOME = """An emulated Databricks workspace: Model Serving, AI Gateway and secrets.

Nothing here is real, and nothing is sent anywhere. The API is under /api/2.0; what steers the
emulator is under /_emulator/ (open it for a list).
"""


class Workspace:
    """A Databricks workspace. Thread-safe; see `Settings` for the keywords that are not here.

    clock: anything with `now() -> float`, seconds since the epoch; the system's by default
    faults, deployments: what shall go wrong, and how deployments go
    identities: who may call, besides the admin of the settings
    serving, queries: what happens to endpoints; what they are asked, and which fail to answer
    db: a file that keeps what the workspace holds, secrets in clear, and its id, which then wins
        over `workspace_id`; deployments under way go on by the clock. Plans, faults, calls,
        queries, SQL statements, switches and how far the clock was moved are not kept.
        `close` lets go of it. None: only in memory

    Raises StoreError when the workspace cannot be kept in that file, and ValueError for a token
    that no request can carry, or anything else that is not what it should be.
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
        behaviour: Behaviour = Settings.behaviour,
        model_tasks: Mapping[str, str] | None = None,
        foundation_models: tuple[str, ...] = (),
    ) -> None:
        check_token(token)
        self.clock: Clock = SystemClock() if clock is None else clock
        check_clock(self.clock)
        if db is not None and not isinstance(db, Path):
            raise ValueError(f'The db must be a path, such as Path("workspace.db"), not {db!r}.')
        settings = Settings(
            token=token,
            user=user,
            workspace_id=Settings.workspace_id if workspace_id is None else workspace_id,
            strict=strict,
            behaviour=behaviour,
            model_tasks=model_tasks or {},
            foundation_models=foundation_models,
        )
        # Opened last: what cannot be a workspace leaves no file behind.
        self._store = None if db is None else Store(db, workspace_id)
        kept_id = self._store.workspace_id if self._store else settings.workspace_id
        self.settings = replace(settings, workspace_id=kept_id)
        self._lock = RLock()
        self.faults = Faults(self._lock)
        self.deployments = Deployments(self._lock)
        self._journal = Journal()
        self._world = World(
            settings=self.settings,
            lock=self._lock,
            clock=self.clock,
            deployments=self.deployments,
            access_past=AccessPast(self._lock),
        )
        self.identities = Identities(self._world, self._kept)
        self.serving = ServingConsole(self._world, self._kept)
        self.queries = Queries(self._world, self._kept)
        self._begin(self._store.contents if self._store else Contents())

    @property
    def workspace_id(self) -> str:
        """The id in X-Databricks-Org-Id and in the discovery document."""
        return self.settings.workspace_id

    @property
    def behaviour(self) -> Behaviour:
        """How it behaves; another one takes its place as soon as it is set."""
        return self._world.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        replace(self.settings, behaviour=behaviour)  # which refuses what is none
        with self._kept():
            self._world.behave(behaviour)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls by API clients, in order; queries are among them, without their bodies."""
        with self._lock:
            return tuple(self._journal.api)

    @property
    def writes(self) -> tuple[Call, ...]:
        """The calls among `calls` that are no GET and no query."""
        return tuple(call for call in self.calls if call.is_write)

    @property
    def ui_calls(self) -> tuple[Call, ...]:
        """What was done in the UI."""
        with self._lock:
            return tuple(self._journal.ui)

    @property
    def unknown_calls(self) -> tuple[Call, ...]:
        """Calls for which there is no route; what steers the emulator is not among them."""
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
        """Back to an empty workspace that behaves as at first; nothing is planned for it."""
        with self._kept():
            self.faults.clear()
            self.deployments.clear()
            self._journal.clear()
            self._begin(Contents())

    def close(self) -> None:
        """Let go of the file, if there is one; the workspace is of no use afterwards."""
        with self._lock:
            if self._store:
                self._store.close()

    @contextlib.contextmanager
    def hurried(self) -> Iterator[None]:
        """Nothing that is waited for on purpose is, any longer: for a server that stops."""
        with self._lock:
            self._world.access_past.hurry(on=True)
            self._world.statements.stop()
        try:
            yield
        finally:
            with self._lock:
                self._world.access_past.hurry(on=False)

    def transport(self) -> WorkspaceTransport:
        """A transport for `httpx.Client`: the in-process door."""
        from .transport import WorkspaceTransport  # noqa: PLC0415 - the core runs without httpx

        return WorkspaceTransport(self)

    def answer(self, request: Request) -> Response:
        """Answer one request; `ConnectionLostError` when a planned fault says so."""
        return self.begin_answer(request).whole()

    def begin_answer(self, request: Request) -> Response:
        """The same without what is waited for: at once, but for the workspace's lock."""
        try:
            if request.path.startswith("/_emulator"):
                with self._lock:  # what a control reads, no other one changes before it is done
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
            response = respond(self._world, self._journal, request, person_in_ui())
            self._journal.ui.append(Call.of(request, response.status, "ui"))
        response = response.whole()
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
        self.serving.cancel_update(name)

    def put_in_key_vault(self, scope: str, key: str, value: str | None) -> None:
        """Somebody puts a secret into the vault behind an Azure Key Vault scope; None: deletes it.

        Raises ValueError when there is no such scope.
        """
        with self._kept():
            put_in_vault(self._world, scope, key, value)

    def pass_time(self, seconds: float) -> None:
        """Move the clock on, where it can be moved: how time passes for the in-process door."""
        advance = getattr(self.clock, "advance", None)
        if advance is not None and seconds:
            advance(seconds)

    def _answer(self, request: Request) -> Response:
        with self._kept():
            if is_client_path(request.path):
                return self._answer_client(request)
            way_in = find_open_route(request.method, request.path)
            if way_in is not None:
                return way_in.answer(self._world, request)
            if request.path == "/" and request.method in {"GET", "HEAD"}:
                return text_response(WELCOME)
            return no_route(self._journal, request, "")

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        """Holds the lock, and writes afterwards what has changed, also when no answer is sent."""
        with self._lock:
            try:
                yield
            finally:
                if self._store:
                    self._store.save(self._world)

    def _begin(self, contents: Contents) -> None:
        with self._kept():
            self._world.take(contents)
            self._world.behave(self.settings.behaviour)
            self._world.forget()
            self.serving.begin()
            self.identities.add_built_in()
            for name in self.settings.foundation_models:
                self._world.endpoints.setdefault(name, foundation_endpoint(name))
            self._world.ledger.begin(self._world.endpoints.values())

    def _answer_client(self, request: Request) -> Response:
        fault = self.faults.next_for(request.method, request.path)
        caller = self._caller(request)
        effect = fault is None or fault.has_effect
        response = self._own_answer(request, caller) if effect else Response(0, {}, b"")
        response = response if fault is None else fault.answer(request, response)
        if latency := self.behaviour.latency:
            response = replace(response, delay=response.delay + latency)
        lost = fault is not None and fault.drop
        if not request.path.startswith("/oidc/"):
            actor = "" if isinstance(caller, ApiError) else caller.actor
            self._journal.api.append(Call.of(request, 0 if lost else response.status, actor))
        if lost:
            raise ConnectionLostError(effect=effect, delay=response.delay)
        return response

    def _caller(self, request: Request) -> Caller | ApiError:
        try:
            return authenticate(request, self._world)
        except ApiError as error:
            return error

    def _own_answer(self, request: Request, caller: Caller | ApiError) -> Response:
        way_in = find_open_route(request.method, request.path)
        if way_in is not None:
            return way_in.answer(self._world, request)
        if isinstance(caller, ApiError):
            return turn_away(self._journal, request, caller)
        return respond(self._world, self._journal, request, caller)
