"""What a verb works with, against a workspace in memory, under a clock that stands still.

Whatever passes here is searched for the canary, a credential that may be seen nowhere.
"""

from __future__ import annotations

import base64
import json
import traceback

import pytest

from databricks_serving.api import Credentials, WorkspaceApi
from databricks_serving.apply.context import Context, LeftUnfinished, Stack
from databricks_serving.apply.turns import Turns
from databricks_serving.state.settings import StackSettings
from databricks_serving_emulator import Workspace

from .clock import FakeClock

HOST = "https://dbc-emulator.cloud.databricks.com"
WORKSPACE_ID = "1234567890123456"
MARK = "shop.dev.0a1b2c3d"
CANARY = "sk-C4N4RY-that-nobody-may-see"
ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"


def credentials(token="dapi-emulator", host=HOST):
    return Credentials(host, lambda: {"Authorization": f"Bearer {token}"})


class Bench:
    """A workspace, a clock, and the verbs of a kind between them.

    `lines`: what was said to the person. `more`: of the emulator's workspace.
    """

    def __init__(self, *, clock=None, **more):
        self.clock = clock or FakeClock()
        self.workspace = Workspace(clock=self.clock, strict=True, **more)
        self.lines = []
        self.turns = Turns()

    def context(
        self,
        *,
        transport=None,
        mark=MARK,
        environment=None,
        timeout=None,
        settings=None,
        token="dapi-emulator",
        inputs=None,
    ):
        transport = transport or self.workspace.transport()
        return Context(
            api=WorkspaceApi(credentials(token), self.clock, transport),
            clock=self.clock,
            say=self.lines.append,
            note=self.lines.append,
            environment=environment or {},
            stack=Stack(settings or StackSettings(), "chat"),
            mark=mark,
            timeout=timeout,
            turns=self.turns,
            inputs=inputs or {},
        )

    def create(self, kind, said, **more):
        return self._watched(lambda: kind.create(wired(said), self.context(**more)))

    def read(self, kind, id_, recorded, said, **more):
        bags = wired(recorded), wired(said)
        return self._watched(lambda: kind.read(id_, *bags, self.context(**more)))

    def update(self, kind, id_, recorded, said, **more):
        bags = wired(recorded), wired(said)
        return self._watched(lambda: kind.update(id_, *bags, self.context(**more)))

    def delete(self, kind, id_, recorded, **more):
        return self._watched(lambda: kind.delete(id_, wired(recorded), self.context(**more)))

    def fails(self, error, verb, *args, **more):
        """The error that a verb of this bench ends with: of that class, or left so."""
        with pytest.raises((error, LeftUnfinished)) as caught:
            verb(*args, **more)
        failed = caught.value
        assert isinstance(failed.reason if isinstance(failed, LeftUnfinished) else failed, error)
        return failed

    @property
    def sent(self):
        """The writes as `METHOD path`, in order, without what all paths begin with."""
        return [f"{c.method} {c.path.removeprefix('/api/2.0/')}" for c in self.workspace.writes]

    def served(self, name="chat"):
        """The endpoint as somebody in the UI sees it: no poll, no call."""
        return self.workspace.ui("GET", f"{ENDPOINTS}/{name}").json()

    def _watched(self, verb):
        try:
            result = verb()
        except Exception as failed:
            shown = "".join(traceback.format_exception(failed))
            without_canary(self.lines, shown, repr(failed), str(failed), vars(failed))
            raise
        without_canary(self.lines, repr(getattr(result, "outputs", result)))
        return result


def without_canary(*shown):
    """Fail where the canary shows, in clear or in base64."""
    text = "\n".join(str(one) for one in shown)
    for form in (CANARY, base64.b64encode(CANARY.encode()).decode()):
        assert form not in text


def wired(bag):
    """A bag as it comes back from Pulumi's state.

    Numbers are doubles, nothing is None, and the keys of objects are in another order: a protobuf
    map keeps none.
    """
    text = json.dumps({name: value for name, value in bag.items() if value is not None})
    return json.loads(text, parse_int=float, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
