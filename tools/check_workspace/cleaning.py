"""Takes away what runs have made, and says what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from databricks_serving.clock import Clock

from .conversations import Step
from .naming import PREFIX
from .sides import ENDPOINTS, LostError, Side, StrangeAnswerError

_SCOPES = "/api/2.0/secrets/scopes"
#: A deletion is refused for as long as an update goes on; one that is taken shows late.
_PAUSES = (0.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)


@dataclass(frozen=True, order=True)
class Thing:
    """An endpoint or a scope, by its name."""

    kind: str
    name: str

    @property
    def prefix(self) -> str:
        """The run that made it; empty where none did."""
        found = PREFIX.match(self.name)
        return found[0] if found else ""


def found(side: Side, prefix: str | None = None) -> list[Thing]:
    """What is there with that prefix, or with that of any run. Raises `LostError`."""
    there = []
    for kind, path, member in (
        ("endpoint", ENDPOINTS, "endpoints"),
        ("scope", f"{_SCOPES}/list", "scopes"),
    ):
        answer = side.ask(Step("GET", path))
        if not answer.is_accepted or not isinstance(answer.content, dict):
            raise LostError(f"GET of {path} is answered with {answer.status}")
        listed = answer.content.get(member) or []
        # What is passed over here would be left, and not be told.
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise StrangeAnswerError(f"GET of {path}", "no list of objects with a name")
        for one in listed:
            thing = Thing(kind, str(one.get("name")))
            if thing.prefix and prefix in (None, thing.prefix):
                there.append(thing)
    return sorted(there)


def ask_to_remove(side: Side, things: Iterable[Thing]) -> None:
    """Ask once for each; what comes of it, the lists tell."""
    for thing in sorted(things):
        step = Step("POST", f"{_SCOPES}/delete", body={"scope": thing.name})
        if thing.kind == "endpoint":
            step = Step("DELETE", f"{ENDPOINTS}/{quote(thing.name, safe='')}")
        try:
            side.ask(step)
        except LostError:
            continue


def removed(side_for: Callable[[str], Side], things: Iterable[Thing], clock: Clock) -> list[Thing]:
    """Delete them, and answer which are still there after two minutes. Raises `LostError`.

    side_for: by which what has that prefix may be written
    """
    left = sorted(set(things))
    for pause in _PAUSES:
        if not left:
            break
        if pause:
            clock.wait(pause)
        for thing in left:
            ask_to_remove(side_for(thing.prefix), [thing])
        # Through the first one's side: reading has no bounds.
        there = found(side_for(left[0].prefix))
        left = [thing for thing in left if thing in there]
    return left
