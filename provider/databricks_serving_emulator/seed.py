"""What a workspace has from the start, in a file: what `dbserving emulator --seed FILE` reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from .control_bodies import read_body
from .errors import RefusedError
from .values import Taken
from .wire import Request

if TYPE_CHECKING:
    from .workspace import Workspace

_CONTROL = r"^/_emulator/."


class SeedError(Exception):
    """A workspace cannot begin with what the file says; the text is a sentence for a person."""


class _Step(Taken):
    """A POST to one control."""

    control: Annotated[str, StringConstraints(pattern=_CONTROL)]
    body: dict[str, Any]


class Seed(Taken):
    """What a workspace has from the start.

    foundation_models: names of the pay-per-token endpoints (`databricks-…`) that it comes with
    steps: what is posted to its controls, in this order
    """

    example = (
        '{"steps": [{"control": "/_emulator/models", "body": {"name": "ml.a.b", "kind": "agent"}}]}'
    )

    foundation_models: list[str] = Field(default=[], description="a list of names")
    steps: list[_Step] = Field(
        default=[], description='a list of {"control": "/_emulator/…", "body": {…}}'
    )

    def sow(self, workspace: Workspace) -> None:
        """Do the steps. Raises `SeedError` at the first that the workspace refuses."""
        for number, step in enumerate(self.steps, start=1):
            body = json.dumps(step.body).encode()
            answered = workspace.answer(Request("POST", step.control, body=body))
            if answered.status >= 400:
                why = answered.json().get("error", answered.body.decode())
                raise SeedError(f"Step {number} of the seed failed: {why}")


def read_seed(path: Path) -> Seed:
    """The seed in a file of JSON. Raises `SeedError`."""
    try:
        return read_body(Seed, Request("POST", "", body=path.read_bytes()))
    except OSError as unread:
        raise SeedError(f"Cannot read {path}: {unread.strerror}.") from None
    except RefusedError as wrong:
        raise SeedError(f"{path} is no seed: {wrong.sentence}.") from None
