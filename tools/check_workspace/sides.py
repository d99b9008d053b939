"""The two sides that are asked: an emulator in this process, and the workspace over the network."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx

from databricks_serving.clock import Clock
from databricks_serving_emulator import Workspace

from .conversations import Json, Step
from .naming import Caller, id_wanted, with_id

ENDPOINTS = "/api/2.0/serving-endpoints"
_ENDPOINT = re.compile(re.escape(ENDPOINTS) + r"/([^/]+)")
_CONFIG = re.compile(re.escape(ENDPOINTS) + r"(?:/pt)?(?:/([^/]+)/config)?")
_WINDOW_SECONDS = 300.0
_THROTTLED_SECONDS = 600.0
_MOST_SECONDS_OF_ONE_PAUSE = 60.0
_ATTEMPTS = 3
_DEPTH = 50
_TOKEN = "dapi-caller"  # noqa: S105 - of an emulator that nobody else can reach


class LostError(RuntimeError):
    """The workspace does not answer; the text says what was asked."""


class StrangeAnswerError(LostError):
    """It answers what cannot be used; why: how, in this check's own words."""

    def __init__(self, asked: str, why: str) -> None:
        super().__init__(f"{asked}: {why}")
        self.why = why


@dataclass(frozen=True)
class Answer:
    """What came back: JSON, or a text."""

    status: int
    content: Json

    @property
    def is_accepted(self) -> bool:
        """Whether it is no refusal."""
        return 200 <= self.status < 300

    @property
    def is_under_way(self) -> bool:
        """Whether it is an endpoint whose configuration is being updated."""
        state = self.content.get("state") if isinstance(self.content, dict) else None
        return isinstance(state, dict) and state.get("config_update") == "IN_PROGRESS"

    @staticmethod
    def of(response: httpx.Response) -> Answer:
        """The answer in a response; one without content counts as an empty object.

        Raises `StrangeAnswerError` where it is nested more deeply than any answer.
        """
        try:
            content = json.loads(response.content) if response.content.strip() else {}
            is_deep = _is_deep(content)
        except RecursionError:
            content, is_deep = None, True
        except ValueError:
            content, is_deep = response.text, False
        if is_deep:
            asked = f"{response.request.method} of {_family(response.request.url.path)}"
            raise StrangeAnswerError(asked, "nested too deeply to be read")
        return Answer(response.status_code, content)


class Pace:
    """No more than so many writes of endpoints in five minutes: a workspace has room for 50."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._sent: deque[float] = deque()

    def wait(self) -> None:
        """Return when one more may be sent."""
        while len(self._sent) >= self._most:
            left = self._sent[0] + _WINDOW_SECONDS - self._clock.now()
            if left > 0:
                self._clock.wait(left)
            self._sent.popleft()
        self._sent.append(self._clock.now())


@dataclass
class Side:
    """One that is asked, a conversation at a time.

    pace: None where nothing limits it
    patience: seconds that an update of a configuration may take
    ids: of endpoints by name, as answers told them
    under_way: endpoints that were being updated when they were last seen
    """

    client: httpx.Client
    clock: Clock
    pace: Pace | None = None
    patience: float = 0.0
    ids: dict[str, str] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    _unsettled: set[str] = field(default_factory=set)

    def ask(self, step: Step) -> Answer:
        """The answer to a step; of an endpoint that is read, the one after its update."""
        found = _ENDPOINT.fullmatch(step.path)
        if step.is_read and found:
            return self._settled(step)
        answer = self._once(step)
        if (changed := _CONFIG.fullmatch(step.path)) and answer.is_accepted:
            body = step.body if isinstance(step.body, dict) else {}
            self._unsettled.add(unquote(changed[1] or "") or str(body.get("name")))
        return answer

    def settle(self, but: set[str]) -> None:
        """Wait for the updates that steps have begun, except of those endpoints."""
        for name in sorted(self._unsettled - but):
            self._settled(Step("GET", f"{ENDPOINTS}/{name}"))
        self._unsettled &= but

    def _settled(self, step: Step) -> Answer:
        until = self.clock.now() + self.patience
        pause = 1.0
        while (answer := self._once(step)).is_under_way:
            if self.pace is None:
                continue  # the emulator counts in polls
            if self.clock.now() >= until:
                break
            self.clock.wait(pause)
            pause = min(10.0, pause * 2)
        return answer

    def _once(self, step: Step) -> Answer:
        counts = not step.is_read and step.method != "DELETE"
        if self.pace is not None and counts and step.path.startswith(ENDPOINTS):
            self.pace.wait()
        answer = Answer.of(self._sent(step))
        if isinstance(answer.content, dict) and {"id", "name"} <= answer.content.keys():
            name = str(answer.content["name"])
            self.ids[name] = str(answer.content["id"])
            (self.under_way.add if answer.is_under_way else self.under_way.discard)(name)
        return answer

    def _sent(self, step: Step) -> httpx.Response:
        wanted = id_wanted(step.path)
        path = step.path if wanted is None else with_id(step.path, self.ids.get(wanted, "unknown"))
        until = self.clock.now() + _THROTTLED_SECONDS
        while True:
            response = self._tried(step, path)
            if response.status_code not in (429, 503) or self.clock.now() >= until:
                return response
            said = response.headers.get("Retry-After", "")
            asked = float(said) if said.isdecimal() else 5.0
            self.clock.wait(min(asked, _MOST_SECONDS_OF_ONE_PAUSE))

    def _tried(self, step: Step, path: str) -> httpx.Response:
        attempts = _ATTEMPTS if step.is_read else 1
        for attempt in range(1, attempts + 1):
            try:
                return self.client.request(
                    step.method, path, params=step.query or None, json=step.body
                )
            except httpx.DecodingError:
                asked = f"{step.method} of {_family(path)}"
                raise StrangeAnswerError(asked, "packed in a way that it is not") from None
            except httpx.TransportError as lost:
                if attempt == attempts:
                    kind = type(lost).__name__
                    raise LostError(f"{step.method} of {_family(path)}: {kind}") from None
                self.clock.wait(2.0)
        raise AssertionError


def _is_deep(content: Json) -> bool:
    layer = [content]
    for _ in range(_DEPTH):
        containers = (value for value in layer if isinstance(value, (dict, list)))
        layer = [
            inner
            for value in containers
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return bool(layer)


def _family(path: str) -> str:
    """What a path is about, without names."""
    return "/".join(path.split("/")[:4])


def emulator(caller: Caller, clock: Clock) -> Side:
    """A fresh emulator, where the caller is an admin."""
    workspace = Workspace() if caller.is_service_principal else Workspace(user=caller.name)
    token = workspace.settings.token
    if caller.is_service_principal:
        workspace.identities.add_service_principal(
            application_id=caller.name, groups=["admins"], token=_TOKEN
        )
        token = _TOKEN
    client = httpx.Client(
        transport=workspace.transport(),
        base_url="https://emulator.example.com",
        headers={"Authorization": f"Bearer {token}"},
    )
    return Side(client, clock)
