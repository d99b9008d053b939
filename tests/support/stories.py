"""A scenario as its user lives it: programs, runs, and somebody in the UI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .invariants import seen_of
from .mini_engine.programs import program

if TYPE_CHECKING:
    from databricks_serving_emulator import Workspace

    from .mini_engine.engine import Report
    from .mini_engine.stand import Stand
    from .mini_engine.state import Resource

ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"


@dataclass
class Story:
    """One stack on one workspace; every run must succeed unless it says what it fails with.

    `told`: the writes of all runs so far, as `METHOD path` without what all paths begin with.
    `seen`: all that anybody could see after each of them: state file, output, errors, lines.
    """

    stand: Stand
    told: list[str] = field(default_factory=list)
    seen: str = ""
    _counted: int = 0

    @property
    def workspace(self) -> Workspace:
        """The workspace that the stack is on."""
        return self.stand.workspace

    def up(self, text: str, *, refresh: bool = False, fails: str | None = None) -> Report:
        """`pulumi up`; `fails`: what its error must say, None where there must be none."""
        return self._ended(self.stand.engine.up(program(text), refresh=refresh), fails)

    def preview(self, text: str, *, refresh: bool = False, fails: str | None = None) -> Report:
        """`pulumi preview`."""
        return self._ended(self.stand.engine.preview(program(text), refresh=refresh), fails)

    def refresh(self, *, preview_only: bool = False, fails: str | None = None) -> Report:
        """`pulumi refresh`."""
        return self._ended(self.stand.engine.refresh(preview_only=preview_only), fails)

    def destroy(self, *, refresh: bool = False, fails: str | None = None) -> Report:
        """`pulumi destroy`."""
        return self._ended(self.stand.engine.destroy(refresh=refresh), fails)

    def resource(self, name: str) -> Resource:
        """A resource of the state."""
        return self.stand.engine.resource(name)

    def sent(self) -> list[str]:
        """The writes of the runs since this was last asked."""
        news, self._counted = self.told[self._counted :], len(self.told)
        return news

    @property
    def asked(self) -> list[str]:
        """Every call of the provider in this story, reads too, as `METHOD path`."""
        return self.stand.door.asked

    def ui(self, method: str, path: str, body: Any = None) -> Any:
        """What somebody does in the UI; the answer's JSON. `path`: after `/api/2.0/`."""
        answer = self.workspace.ui(method, f"/api/2.0/{path}", body)
        assert answer.status < 400, answer
        return answer.json()

    def served(self, name: str) -> Any:
        """An endpoint as somebody in the UI sees it."""
        return self.ui("GET", f"serving-endpoints/{name}")

    def notices(self, name: str) -> list[str]:
        """What the provider told the person of one resource, and stays on its line."""
        heard = self.stand.heard.heard
        return [message for whose, message, passing in heard if whose == name and not passing]

    def bodies(self, path: str) -> list[Any]:
        """The bodies that were written to a path, after `/api/2.0/`, in this story's last run."""
        return [body for where, body in self._bodies if where == f"/api/2.0/{path}"]

    _bodies: list[tuple[str, Any]] = field(default_factory=list)

    def _ended(self, report: Report, fails: str | None) -> Report:
        writes = self.workspace.writes
        self.told += [f"{c.method} {c.path.removeprefix('/api/2.0/')}" for c in writes]
        self._bodies = [(call.path, call.body) for call in writes]
        self.workspace.clear_calls()
        self.seen += "\n".join(map(str, seen_of(self.stand, report)))
        if fails is None:
            assert report.error is None, report.error
        else:
            assert report.error is not None, "the run went through"
            assert fails in report.error
        return report
