"""What the provider would record of what `dbserving import` found, by its own verbs.

A `create` that takes over (`adopt=True`) what is as the program says writes nothing and answers the
whole state. It runs against a client that refuses to write: whatever would write stays out of the
import file, and its code says `adopt=True` instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.api import WriteRefused
from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import Context, Stack
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.errors import PermissionDenied, Refused, Unfinished
from databricks_serving.program.declared import Imported
from databricks_serving.program.idiom import entity_paths, hidden_credentials
from databricks_serving.state.keys import CREDENTIALS, entity_key
from databricks_serving_schema import UNKNOWN, dotted

from .import_found import Found, side_by_side

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.apply.verbs import Verbs
    from databricks_serving.clock import Clock
    from databricks_serving.state.bag import Bag
    from databricks_serving.state.settings import StackSettings
    from databricks_serving_schema import Path, Problem

VERBS: dict[str, Verbs] = {
    "ServingEndpoint": endpoint,
    "AiGateway": AI_GATEWAY,
    "RateLimits": RATE_LIMITS,
    "SecretScope": scope,
    "Secret": secret,
    "SecretAcl": acl,
    "EndpointPermissions": permissions,
}
#: The kinds that may be somebody's, and are taken over where the program says so.
ADOPTED = ("ServingEndpoint", "SecretScope", "Secret")


@dataclass(frozen=True)
class Ground:
    """What every verb needs. `settings`, `host`: as the stack will have them."""

    api: WorkspaceApi
    clock: Clock
    settings: StackSettings
    host: str | None

    def stack(self, name: str) -> Stack:
        """The stack, for the resource of that name."""
        return Stack(self.settings, name, self.host)

    def context(self, name: str, note: Callable[[str], None]) -> Context:
        """A context in which nothing is marked, and no environment variable is read."""
        return Context(
            api=self.api,
            clock=self.clock,
            say=lambda _: None,
            note=note,
            environment={},
            stack=self.stack(name),
        )


@dataclass(frozen=True)
class Outcome:
    """What became of one thing: recorded, or only written down, or (`said` None) left out.

    hidden: plaintext credentials that the program has to say, by their paths
    """

    found: Found
    said: Bag | None
    imported: Imported | None = None
    hidden: tuple[Path, ...] = ()
    note: str | None = None


def outcomes(found: tuple[Found, ...], ground: Ground) -> tuple[Outcome, ...]:
    """What becomes of each. Raises `ServingError` where the workspace gives no answer."""
    return tuple(side_by_side(lambda one: outcome(one, ground), found))


def outcome(found: Found, ground: Ground) -> Outcome:
    """What the provider would record of it, or why it cannot."""
    hidden = _hidden(found, ground) if found.kind == "ServingEndpoint" else ()
    if problems := _problems(found, ground, hidden):
        why = "; ".join(map(str, problems))
        note = f"{found.kind} {found.name} is left out, for no program can say it: {why}."
        return Outcome(found, None, note=note)
    if hidden:
        fields = ", ".join(dotted(path) for path in hidden)
        return _by_hand(found, f"no answer tells its {fields}", hidden)
    if found.unfit is not None:
        return _by_hand(found, found.unfit)
    return _recorded(found, ground)


def _recorded(found: Found, ground: Ground) -> Outcome:
    verbs, stack, notes = VERBS[found.kind], ground.stack(found.name), list[str]()
    inputs = verbs.check({}, found.said, stack).inputs
    try:
        context = ground.context(found.name, notes.append)
        created = verbs.create({**inputs, **_adopting(found)}, context)
        differs = verbs.diff(created.outputs, inputs, stack)
    except WriteRefused as write:
        return _by_hand(found, f"taking it over would write ({write})")
    except (PermissionDenied, Refused, Unfinished) as failed:
        return _by_hand(found, str(failed).rstrip("."))
    if differs.changed or differs.replaces:
        return _by_hand(found, "the program cannot say all of it")
    said = Imported(found.kind, found.name, created.id, inputs, created.outputs)
    return Outcome(found, found.said, said)


def _by_hand(found: Found, why: str, hidden: tuple[Path, ...] = ()) -> Outcome:
    takes_over = "it says adopt=True, and " if found.kind in ADOPTED else ""
    note = (
        f"{found.kind} {found.name} is in the program and not in the import file, for {why}: "
        f"{takes_over}the next `pulumi up` brings it under the stack."
    )
    return Outcome(found, {**found.said, **_adopting(found)}, hidden=hidden, note=note)


def _adopting(found: Found) -> Bag:
    return {"adopt": True} if found.kind in ADOPTED else {}


def _problems(found: Found, ground: Ground, hidden: tuple[Path, ...]) -> tuple[Problem, ...]:
    """What is wrong with it as a program; credentials that will be said count as not yet known."""
    apart: dict[str, Bag] = {}
    for path in hidden:
        entity = found.said["config"]["served_entities"][path[2]]
        own = apart.setdefault(entity_key(entity) or "", {})
        own[".".join(map(str, path[3:]))] = UNKNOWN
    said = {**found.said, **({CREDENTIALS: apart} if apart else {})}
    return VERBS[found.kind].check({}, said, ground.stack(found.name)).problems


def _hidden(found: Found, ground: Ground) -> tuple[Path, ...]:
    """The credentials that stand as plaintext, as far as the rules can tell: the fewest."""
    hidden: tuple[Path, ...] = ()
    for entity in entity_paths(found.said):
        for candidates in hidden_credentials(found.said, entity):
            problems = _problems(found, ground, (*hidden, *candidates))
            if not any(problem.path[: len(entity)] == entity for problem in problems):
                hidden = (*hidden, *candidates)
                break
    return hidden
