"""Tests of settings: a Pulumi program is deployed on a workspace of its own, and then queried.

    from databricks_serving_emulator.testing import deploy

is the fixture, in a test or in a conftest.py for all tests of its directory. `deployed` is the same
as a context manager, for fixtures of another scope.

It needs pytest, and a `pulumi` on PATH. Without one a test is skipped, but in CI, where a test that
did not run should be noticed, it fails.
"""

from __future__ import annotations

import json
import os
import secrets as randomness
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

from .clock import StillClock
from .directory import Principal
from .errors import RefusedError
from .oauth import issued
from .program import NoEngineError, Program, ProgramError
from .server import RunningServer
from .wire import Request, Response
from .workspace import Workspace

__all__ = [
    "Answer",
    "Deployed",
    "ProgramError",
    "StillClock",
    "deploy",
    "deployed",
]


#: Any will do.
_WAREHOUSE = "0123456789abcdef"
#: The longest wait that there is; no statement runs as long, but others may run before it.
_PATIENT = {"wait_timeout": "50s", "on_wait_timeout": "CANCEL"}
#: What custom models and feature specs take.
_ROWS = frozenset({"dataframe_split", "dataframe_records", "instances", "inputs"})


@dataclass(frozen=True)
class Answer:
    """The answer to one query.

    text: what the model says, or the message of an error; predictions and embeddings as JSON
    body: the JSON of the answer; of a stream, the list of its events
    """

    status: int
    text: str
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class Deployed:
    """A stack that is up, and its workspace."""

    def __init__(self, workspace: Workspace, url: str, program: Program) -> None:
        self.workspace = workspace
        self.url = url
        self._program = program

    @property
    def outputs(self) -> dict[str, Any]:
        """What the program exports, secrets in clear."""
        return self._program.outputs()

    def up(self) -> str:
        """`pulumi up` once more; what it printed. Raises `ProgramError`."""
        return self._program.up()

    def query(
        self,
        endpoint: str,
        text: str = "",
        *,
        as_user: str | None = None,
        **more: Any,  # noqa: ANN401 - JSON
    ) -> Answer:
        """Send a text to an endpoint, in whichever form its task takes.

        as_user: a user, who is added to the workspace if it does not know them, or a service
            principal that it knows; the admin if left out. Rights count: without CAN_QUERY the
            answer is 403
        more: further fields of the body, such as `usage_context={"team": "crm"}`; rows of a custom
            model or feature spec, such as `dataframe_records=[{"id": 7}]`, take the text's place
        """
        shown = self._shown(endpoint)
        path = f"/serving-endpoints/{quote(endpoint, safe='')}/invocations"
        token = self.token
        if shown.get("route_optimized"):
            path, token = f"/{self.workspace.workspace_id}{path}", self.oauth_token
        body = more if _ROWS & more.keys() else {**_body(shown, text), **more}
        response = self._posted(path, body, token(as_user))
        answered = _content(response)
        return Answer(response.status, _text(answered), answered, response.headers)

    def rows(self, statement: str) -> list[dict[str, str | None]]:
        """What a SELECT of the workspace's tables finds: each row by column, values as text.

        Raises ValueError with the reason where it fails.
        """
        body = {"statement": statement, "warehouse_id": _WAREHOUSE, **_PATIENT}
        answered = self._posted("/api/2.0/sql/statements", body, self.token()).json()
        if "result" not in answered:
            raise ValueError(_why_not(answered))
        columns = [str(one["name"]) for one in answered["manifest"]["schema"]["columns"]]
        found = answered["result"].get("data_array", [])
        return [dict(zip(columns, row, strict=True)) for row in found]

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass in the workspace, which otherwise stands still."""
        self.workspace.pass_time(seconds)

    def token(self, as_user: str | None = None) -> str:
        """The token of a user or service principal, for clients of your own."""
        if as_user in (None, self.workspace.settings.user):
            return self.workspace.settings.token
        found = self._known(as_user)
        if found is None or not found.token:
            found = self.workspace.identities.add_user(as_user)
        return str(found.token)

    def oauth_token(self, as_user: str | None = None) -> str:
        """An OAuth token of theirs, for an hour: what route-optimized endpoints take.

        A user's counts as one of Microsoft Entra ID, and does not expire.
        """
        name = as_user or self.workspace.settings.user
        found = self._known(name)
        if found is not None and found.client_secret:
            return issued(found, self.workspace.clock.now())
        if found is None or not found.entra_token:
            made_up = f"eyJ{randomness.token_hex(16)}"
            found = self.workspace.identities.add_user(name, entra_token=made_up)
        return str(found.entra_token)

    def _known(self, name: str) -> Principal | None:
        known, _ = self.workspace.identities.listed()
        return next((one for one in known if one.name == name), None)

    def _posted(self, path: str, body: Mapping[str, Any], token: str) -> Response:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self.workspace.answer(
            Request("POST", path, headers=headers, body=json.dumps(body).encode())
        )

    def _shown(self, endpoint: str) -> dict[str, Any]:
        path = f"/api/2.0/serving-endpoints/{quote(endpoint, safe='')}"
        try:
            # As somebody in the UI does: it is no call of a client, and not among `calls`.
            return self.workspace.ui("GET", path).json()
        except RefusedError:
            return {}  # the query itself says that there is none


@contextmanager
def deployed(
    project: Path | str,
    *,
    config: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    stack: str = "test",
    workspace: Workspace | None = None,
) -> Iterator[Deployed]:
    """A workspace on a free port, with the project's program on it, until the block ends.

    project: the directory of its Pulumi.yaml; nothing is written there
    config, secrets: of the stack, beside what a Pulumi.STACK.yaml in the project says in clear
    workspace: one that you made and filled; else an empty one whose clock stands still

    Raises `ProgramError` where `pulumi up` fails. Without a `pulumi` it skips, in CI it fails.
    """
    there = workspace or Workspace(clock=StillClock())
    with tempfile.TemporaryDirectory(prefix="dbserving-") as home, RunningServer(there) as server:
        program = Program(
            Path(project).resolve(), Path(home), server.url, there.settings.token, stack
        )
        try:
            program.begin(config or {}, secrets or {})
        except NoEngineError as missing:
            _without_engine(str(missing))
        program.up()
        yield Deployed(there, server.url, program)


@pytest.fixture
def deploy() -> Iterator[Callable[..., Deployed]]:
    """Deploys a project for this test: what `deployed` takes, and gives."""
    with ExitStack() as until_the_end:

        def made(project: Path | str, **how: Any) -> Deployed:  # noqa: ANN401 - as `deployed`
            return until_the_end.enter_context(deployed(project, **how))

        yield made


def _without_engine(why: str) -> NoReturn:
    """End a test that needs an engine: skipped, and in CI failed."""
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def _body(shown: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The body of a query by task (REST reference, serving-endpoints/query)."""
    task = str(shown.get("task"))
    if task.endswith("/chat"):
        return {"messages": [{"role": "user", "content": text}]}
    if task.endswith("/completions"):
        return {"prompt": text}
    if task.endswith("/embeddings"):
        return {"input": text}
    config = shown.get("config") or shown.get("pending_config") or {}
    if any(entity["type"] == "FEATURE_SPEC" for entity in config.get("served_entities", ())):
        return {"dataframe_records": [{"text": text}]}
    return {"inputs": [text]}


def _why_not(answered: Mapping[str, Any]) -> str:
    """Why a statement has no result: its error, or that of the request, or how far it came."""
    status = answered.get("status", {})
    said = status.get("error", answered).get("message")
    return said or (
        f"The statement is {status.get('state')}: it had not ended after "
        f"{_PATIENT['wait_timeout']}, or the workspace was reset. Send fewer at a time."
    )


def _content(response: Response) -> Any:  # noqa: ANN401 - JSON
    if not response.headers.get("content-type", "").startswith("text/event-stream"):
        return json.loads(response.body) if response.body else None
    events = response.body.decode().split("\n\n")
    said = [event.removeprefix("data: ") for event in events if event]
    return [json.loads(event) for event in said if event != "[DONE]"]


def _text(answered: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(answered, list):
        return "".join(_said(event) for event in answered)
    if not isinstance(answered, dict):
        return json.dumps(answered)
    if answered.get("choices"):
        return _said(answered)
    for name in ("predictions", "outputs", "data"):
        if name in answered:
            return json.dumps(answered[name])
    return str(answered.get("message", ""))


def _said(answered: Mapping[str, Any]) -> str:
    """What the first choice says, in an answer or in one event of a stream."""
    for choice in answered.get("choices", ()):
        if choice["index"] == 0:
            message = choice.get("message") or choice.get("delta") or choice
            return str(message.get("content") or message.get("text") or "")
    return ""
