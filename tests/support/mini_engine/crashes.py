"""One scenario, interrupted at one call, and what the next runs make of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from databricks_serving_emulator import Workspace
from support.context import CANARY, ENDPOINTS, SECRETS

from .programs import program
from .stand import HOWS, Interruption, new_workspace

if TYPE_CHECKING:
    from support.crash_programs import Scenario

    from .engine import Report
    from .stand import Stand

Json = dict[str, Any]

ADOPT = "say adopt=True"
#: What changes with every write, and says nothing of what was written.
_STAMPS = (
    "id",
    "endpoint_id",
    "creation_timestamp",
    "last_updated_timestamp",
    "config_version",
    "state",
    "inference_table_id",
    "created_at",
    "object_id",
    "telemetry_profile_id",
)


@dataclass(frozen=True)
class Outcome:
    """How it looks in the end: `held`: what the workspace has; `known`: ids in the state by name.

    `created` and `deleted`: the creates and deletions that had their effect.
    """

    held: Json
    known: dict[str, str]
    created: Counter[str]
    deleted: set[str]


def clean(stand: Stand, scenario: Scenario) -> tuple[list[str], Outcome]:
    """The calls that the run makes when nothing happens to it, and how it ends."""
    prepare(stand, scenario)
    finished = act(stand, scenario)
    assert finished.error is None, finished.error
    return stand.door.asked, outcome(stand)


def points(calls: list[str]) -> list[Interruption]:
    """Every way in which every call can be interrupted."""
    return [Interruption(at, how) for at, _ in enumerate(calls) for how in HOWS]


def some_points(calls: list[str]) -> list[Interruption]:
    """A part of them: each write whose answer its caller does not live to see, each seventh."""
    return [
        point
        for number, point in enumerate(points(calls))
        if number % 7 == 0
        or (point.how == "killed after" and not calls[point.at].startswith("GET"))
    ]


def prepare(stand: Stand, scenario: Scenario) -> None:
    """A new workspace and a new stack, as they were before the run; calls are counted from here."""
    workspace = new_workspace(foundation_models=("databricks-claude",))
    for edit in scenario.there:
        workspace.ui(*edit)
    stand.begin(workspace, key=CANARY)
    stand.engine.config.update(scenario.config)
    for text in scenario.before:
        done = stand.engine.up(program(text))
        assert done.error is None, done.error
    stand.engine.config["shop:key"] = scenario.key
    for edit in scenario.meanwhile:
        workspace.ui(*edit)
    for fault in scenario.faults:
        workspace.faults.add(fault)
    workspace.deployments.plan(polls=scenario.polls)
    workspace.clear_calls()
    stand.door.watch()


def act(stand: Stand, scenario: Scenario) -> Report:
    """The run that the scenario is about."""
    if scenario.program is None:
        return stand.engine.destroy(refresh=scenario.refresh)
    return stand.engine.up(program(scenario.program), refresh=scenario.refresh)


def crash(stand: Stand, scenario: Scenario, point: Interruption, expected: Outcome) -> str:
    """Interrupt, and run again: "converged", or the name of what asks to be adopted.

    Raises AssertionError where the next runs do not lead to what an uninterrupted run leads to.
    """
    prepare(stand, scenario)
    stand.door.watch(point)
    first = act(stand, scenario)
    assert len(stand.door.asked) > point.at, "the run did not come to that call"
    stand.door.watch()
    if point.how != "dropped after":
        assert first.error is not None, "the run did not notice that its provider died"
    again = act(stand, scenario)
    if again.error is not None and ADOPT in again.error:
        name = again.steps[-1][1]
        assert name in scenario.adopts, again.error
        return name
    assert again.error is None, again.error
    _is_settled(stand, scenario)
    _is_as_expected(outcome(stand), expected)
    return "converged"


def _is_settled(stand: Stand, scenario: Scenario) -> None:
    done = len(stand.workspace.writes)
    for refresh in (False, True):
        if scenario.program is None:
            assert stand.engine.state == []
        else:
            shown = stand.engine.preview(program(scenario.program), refresh=refresh)
            assert (shown.error, shown.changes) == (None, [])
    last = act(stand, scenario)
    assert (last.error, last.changes) == (None, [])
    assert len(stand.workspace.writes) == done, "a second run wrote something"


def _is_as_expected(found: Outcome, expected: Outcome) -> None:
    assert found.held == expected.held
    assert found.known == expected.known
    assert found.created == expected.created, "something was created twice"
    assert found.deleted <= expected.deleted, "something was deleted that was not to be"


def outcome(stand: Stand) -> Outcome:
    """How it looks now."""
    done = [call for call in stand.workspace.writes if 200 <= call.status < 300 or not call.status]
    paths = [(call.method, call.path, call.body) for call in done]
    created = (body for method, path, body in paths if (method, path) in _CREATES)
    deleted = (
        f"{path} {body or ''}"
        for method, path, body in paths
        if method == "DELETE" or path.endswith("/delete")
    )
    known = {f"{r.kind} {r.name}": r.id for r in stand.engine.state if not r.doomed}
    assert len(known) == len(stand.engine.state), "something is left to be deleted"
    names = (str(body.get("name") or body.get("scope")) for body in created)
    return Outcome(held(stand.workspace), known, Counter(names), set(deleted))


_CREATES = (("POST", ENDPOINTS), ("POST", f"{ENDPOINTS}/pt"), ("POST", f"{SECRETS}/scopes/create"))


def held(workspace: Workspace) -> Json:
    """All that the workspace has, without what every write stamps anew."""

    def get(path: str) -> Json:
        return dict(workspace.ui("GET", path).json())

    endpoints = {}
    for listed in get(ENDPOINTS).get("endpoints", []):
        name = listed["name"]
        endpoint = get(f"{ENDPOINTS}/{name}")
        grants = get(f"/api/2.0/permissions/serving-endpoints/{endpoint['id']}")
        assert endpoint["state"]["config_update"] != "IN_PROGRESS"
        endpoints[name] = [_unstamped(endpoint), _unstamped(grants)]
    scopes = {}
    for listed in get(f"{SECRETS}/scopes/list").get("scopes", []):
        name = listed["name"]
        listing = get(f"{SECRETS}/list?scope={name}").get("secrets", [])
        values = {s["key"]: get(f"{SECRETS}/get?scope={name}&key={s['key']}") for s in listing}
        scopes[name] = [listed, values, get(f"{SECRETS}/acls/list?scope={name}").get("items")]
    return {"endpoints": endpoints, "scopes": scopes}


def _unstamped(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _unstamped(inner) for k, inner in value.items() if k not in _STAMPS}
    return [_unstamped(inner) for inner in value] if isinstance(value, list) else value
