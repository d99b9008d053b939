"""What a verb works with, and what it answers: the same for every kind and every edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.errors import ServingError
from databricks_serving.state.keys import WORKSPACE_HOST, WORKSPACE_ID
from databricks_serving.state.settings import StackSettings

from .recorded import recorded_in, refuse_newer
from .turns import Turn, Turns
from .watch import Watch

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from databricks_serving.api import WorkspaceApi
    from databricks_serving.clock import Clock
    from databricks_serving.state.bag import Bag
    from databricks_serving_schema import Problem

    from .declarations import Claim


def _by_nobody(_claim: Claim) -> str | None:
    return None


@dataclass(frozen=True)
class Stack:
    """What is known without any call: the stack's settings, and the resource's own name and URN."""

    settings: StackSettings = field(default_factory=StackSettings)
    resource_name: str | None = None
    host: str | None = None
    urn: str | None = None


@dataclass(frozen=True)
class Context:
    """What a verb that calls the workspace works with.

    `say` shows progress, which passes; `note` says what a person should read later too.
    `mark`: the ownership mark of this resource, None where it leaves none. `timeout`: seconds from
    Pulumi's `custom_timeouts`, None where the program sets none. `turns`: those of the process;
    `watch`: that of the process for this workspace.
    `inputs`: the recorded ones, where the engine says them.
    `declared_elsewhere`: which other resource of this run declares some of that; None where none.
    """

    api: WorkspaceApi
    clock: Clock
    say: Callable[[str], None]
    note: Callable[[str], None]
    environment: Mapping[str, str] = field(repr=False)
    stack: Stack = field(default_factory=Stack)
    mark: str | None = None
    timeout: float | None = None
    turns: Turns = field(default_factory=Turns)
    watch: Watch = field(default_factory=Watch)
    inputs: Bag = field(default_factory=dict, repr=False)
    declared_elsewhere: Callable[[Claim], str | None] = _by_nobody

    def left_to_another(self, *claims: Claim, and_so: str = "") -> bool:
        """Whether another resource of this run declares it: whoever drops it leaves it then.

        A note says so. `and_so`: what follows from that, a sentence.
        """
        for claim in claims:
            who = self.declared_elsewhere(claim)
            if who is not None:
                told = f"{claim.words}: {who} declares it now, so it was left as it is. {and_so}"
                self.note(told.rstrip())
                return True
        return False

    def alone_with(
        self, kind: str, name: str, *, even_called_off: bool = False
    ) -> AbstractContextManager[Turn]:
        """Alone with an `endpoint`, its `grants` or a `scope`: no other here reads to write it.

        Entering raises `Interrupted` after Ctrl-C, unless `even_called_off`: for a last look.
        """
        identity = self.api.identity()
        clock = None if even_called_off else self.clock
        return self.turns.alone(identity.workspace_id or identity.host, kind, name, clock=clock)

    def recorded(self) -> Bag:
        """Which workspace this is, as outputs record it."""
        identity = self.api.identity()
        return {WORKSPACE_HOST: identity.host, WORKSPACE_ID: identity.workspace_id}

    def same_workspace(self, outputs: Mapping[str, object]) -> None:
        """Raise `WrongWorkspace` where the outputs were recorded in another workspace than this.

        And `NewerFormat`, before any call, where they are not for this release to read.
        """
        refuse_newer(outputs)
        if isinstance(outputs.get(WORKSPACE_HOST), str):
            recorded_in(outputs, self.api.identity())


@dataclass(frozen=True)
class Checked:
    """What `check` answers: the inputs in normal form, what is wrong, and what to warn of."""

    inputs: Bag
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What `diff` answers.

    `changed`: something differs; `replaces`: the inputs that cannot change in place;
    `delete_first`: the replacement takes the same name;
    `recorded_only`: the inputs that differ from what was applied and from nothing else, where no
    other differs: program and workspace have come to the same;
    `notices`: for the person, changing nothing; `warnings`: of what will fail.
    """

    changed: bool = False
    replaces: tuple[str, ...] = ()
    delete_first: bool = False
    notices: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    recorded_only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Created:
    """What `create` answers."""

    id: str
    outputs: Bag


@dataclass(frozen=True)
class Reading:
    """What `read` answers: the outputs, and the inputs as the workspace has them.

    `unfinished` says what is still under way, if the next `up` has to wait for it.
    """

    outputs: Bag
    inputs: Bag
    unfinished: str | None = None


class LeftUnfinished(ServingError):
    """A verb failed after the workspace had changed: `outputs` say what is there now.

    name: the id of the resource in the state
    """

    def __init__(self, reason: ServingError, name: str, outputs: Bag) -> None:
        super().__init__(str(reason), id=reason.id)
        self.reason = reason
        self.name = name
        self.outputs = outputs
