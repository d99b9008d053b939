"""A pytest plugin that counts, for each route of the emulator, the tests that call it.

Beside the calls themselves, what came of them: an answer, a refusal, and whether it depended on
what the workspace held. That is so where one test gets different answers to the same request, or
sees by the same reading before and after that a write, alone between the two, took effect. Ids and
times make no difference; nor does what happens while the workspace behaves in an unusual way. No
call counts while a failure is planned.

It is loaded with `-p support.route_calls --route-calls FILE`.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
import pytest

from databricks_serving_emulator import Behaviour
from databricks_serving_emulator.routing import (
    OPEN_ROUTES,
    ROUTES,
    find_open_route,
    find_route,
)
from unit.emulator import doors

COLUMNS = ("tests", "answered", "refused", "depends on state")


@dataclass(frozen=True)
class Exchange:
    """A request that reached the emulator, and its answer.

    route: `METHOD pattern`; empty for what steers the emulator
    request: what makes two requests the same; None while the workspace behaves in an unusual way
    family, thing: what it is about; no thing: all of the family
    """

    route: str
    request: tuple | None
    family: str
    thing: str | None
    status: int
    answer: object

    @property
    def is_reading(self):
        return self.route.startswith("GET ")

    @property
    def succeeded(self):
        return 200 <= self.status < 300

    def may_change(self, reading):
        """Whether what the reading is about may be different after this."""
        if self.is_reading or not self.succeeded:
            return False
        if not self.route:
            return True  # a time that passes, or somebody else
        return self.family == reading.family and reading.thing in (None, self.thing)


class Recorder(httpx.BaseTransport):
    """Passes requests on to a workspace, and writes what is said onto the tape."""

    def __init__(self, inner, workspace, tape):
        self._inner = inner
        self._workspace = workspace
        self._tape = tape

    def handle_request(self, request):
        failing = bool(self._workspace.faults.listed())
        response = self._inner.handle_request(request)
        response.read()
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        if not failing:
            self._tape.append(self._exchange(request, path, response))
        return response

    def _exchange(self, request, path, response):
        asked = (id(self._workspace), request.headers.get("authorization"))
        asked += (request.method, request.url.raw_path, request.read())
        if self._workspace.behaviour != Behaviour():
            asked = None
        way_in = find_open_route(request.method, path)
        found = find_route(request.method, path) if way_in is None else (way_in, {})
        if found is None:
            return Exchange("", asked, "", None, response.status_code, None)
        route, values = found
        said = _json(request.content)
        body = said if isinstance(said, dict) else {}
        query = dict(parse_qsl(request.url.query.decode()))
        things = [*values.values(), body.get("name"), body.get("scope"), query.get("scope")]
        return Exchange(
            f"{route.method} {route.pattern}",
            asked,
            f"{id(self._workspace)} {'/'.join(route.pattern.split('/')[:4])}",
            next((thing for thing in things if thing), None),
            response.status_code,
            _told(_json(response.content)),
        )


def _json(content):
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode(errors="replace")


def _told(answer):
    """An answer without what is another at every try."""
    if isinstance(answer, list):
        return [_told(inner) for inner in answer]
    if not isinstance(answer, dict):
        return answer
    dropped = ("id", "details", "statement_id", "telemetry_profile_id", "access_token")
    return {
        name: _told(inner)
        for name, inner in answer.items()
        if name not in dropped and not name.endswith("_timestamp")
    }


def found_in(tape):
    """What one test's calls show, as pairs of a route and a column."""
    found = set()
    before = {}
    for place, exchange in enumerate(tape):
        if exchange.route:
            outcome = "answered" if exchange.succeeded else "refused"
            found |= {(exchange.route, "tests"), (exchange.route, outcome)}
        earlier = before.get(exchange.request)
        before[exchange.request] = place
        if exchange.request is None or earlier is None or _same(tape[earlier], exchange):
            continue
        found.add((exchange.route, "depends on state"))
        if exchange.is_reading:
            between = tape[earlier + 1 : place]
            changes = [other for other in between if other.may_change(exchange)]
            if len(changes) == 1:
                found.add((changes[0].route, "depends on state"))
    return sorted(pair for pair in found if pair[0])


def _same(one, other):
    return (one.status, one.answer) == (other.status, other.answer)


def pytest_addoption(parser):
    parser.addoption("--route-calls", type=Path, metavar="FILE", help="write the counts into FILE")


def pytest_configure(config):
    config.pluginmanager.register(_Counts(config.getoption("--route-calls")))


@pytest.fixture(autouse=True)
def _recorded(door, record_property):
    tape = []
    with doors.through(lambda workspace: Recorder(door(workspace), workspace, tape)):
        yield
    record_property("route calls", found_in(tape))


class _Counts:
    def __init__(self, file):
        self._file = file
        self._counts = Counter()

    def pytest_runtest_logreport(self, report):
        # A test's properties are complete when it has been torn down.
        if report.when == "teardown":
            found = dict(report.user_properties).get("route calls", [])
            self._counts.update((route, column) for route, column in found)

    def pytest_sessionfinish(self, session):
        if self._file is None or hasattr(session.config, "workerinput"):
            return
        routes = [f"{route.method} {route.pattern}" for route in (*OPEN_ROUTES, *ROUTES)]
        table = {route: {} for route in routes}
        for route, column in itertools.product(routes, COLUMNS):
            table[route][column] = self._counts[route, column]
        self._file.write_text(json.dumps(table), encoding="utf-8")
