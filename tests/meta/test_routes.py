"""Every route of the emulator is described, and what names a route that lacks a test works."""

from __future__ import annotations

import generate_routes
import httpx
import pytest

from databricks_serving_emulator import Behaviour, Fault, Workspace
from databricks_serving_emulator.description.document import described
from databricks_serving_emulator.description.operations import FAMILIES
from databricks_serving_emulator.routing import OPEN_ROUTES, ROUTES
from support import route_calls
from unit.emulator.bodies import ENDPOINTS, custom, endpoint

WHOLE = {"tests": 2, "answered": 1, "refused": 1, "depends on state": 1}


def test_every_route_is_described_and_nothing_else():
    told = [key for family in FAMILIES.values() for key in family]

    routes = [described(route) for route in (*OPEN_ROUTES, *ROUTES)]

    assert sorted(told) == sorted(routes)


def test_a_table_says_how_many_tests_there_are():
    written = generate_routes.text({"GET /a": WHOLE, "PUT /a/{name}": {**WHOLE, "tests": 7}})

    assert written.endswith(
        "| route | tests | answered | refused | depends on state |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| `GET /a` | 2 | 1 | 1 | 1 |\n"
        "| `PUT /a/{name}` | 7 | 1 | 1 | 1 |\n"
    )


@pytest.mark.parametrize("column", ["tests", "answered", "refused", "depends on state"])
def test_a_route_without_such_a_test_is_named(column):
    counts = {"GET /a": WHOLE, "PUT /a": {**WHOLE, column: 0}}

    found = generate_routes.shortcomings(counts, generate_routes.text(dict.fromkeys(counts, WHOLE)))

    assert found == [f"PUT /a: no test of {column!r}"]


DISCOVERY = "GET /.well-known/databricks-config"
NOT_SHOWN = {"tests": 2, "answered": 2, "refused": 0, "depends on state": 0}


def test_a_column_that_no_test_could_show_has_its_reason():
    written = generate_routes.text({DISCOVERY: NOT_SHOWN})

    assert written.endswith(
        f"| `{DISCOVERY}` | 2 | 2 | a document for everybody, of which nothing is asked "
        "| it says where the workspace is and who it is, not what is in it |\n"
    )
    assert generate_routes.shortcomings({DISCOVERY: NOT_SHOWN}, written) == []


def test_a_reason_that_a_test_disproves_is_named():
    counts = {DISCOVERY: {**NOT_SHOWN, "refused": 1}}

    found = generate_routes.shortcomings(counts, generate_routes.text(counts))

    says = "a test of 'refused', which is said to be impossible"
    assert found == [f"{DISCOVERY}: {says}: a document for everybody, of which nothing is asked"]


@pytest.mark.parametrize(
    "written",
    [
        {"GET /a": WHOLE},
        {"GET /a": WHOLE, "PUT /a": WHOLE, "DELETE /a": WHOLE},
        {"PUT /a": WHOLE, "GET /a": WHOLE},
        {"GET /a": WHOLE, "PUT /a": {**WHOLE, "refused": 0}},
    ],
)
def test_a_table_of_other_routes_is_stale(written):
    counts = {"GET /a": WHOLE, "PUT /a": WHOLE}

    found = generate_routes.shortcomings(counts, generate_routes.text(written))

    assert found == ["docs/emulator-routes.md is not of these routes; run `make routes`"]


def test_more_tests_do_not_make_a_table_stale():
    counts = {"GET /a": {**WHOLE, "tests": 9}}

    assert generate_routes.shortcomings(counts, generate_routes.text({"GET /a": WHOLE})) == []


CHAT = f"{ENDPOINTS}/chat"
READ = ("GET", CHAT)
CREATE = ("POST", ENDPOINTS, {"name": "chat"})
TAG = ("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "team"}]})
RETAG = ("PATCH", f"{CHAT}/tags", {"add_tags": [{"key": "team", "value": "ml"}]})
BAD_TAG = ("PATCH", f"{CHAT}/tags", {"add_tags": 1})
ONE_POLL = ("POST", "/_emulator/deployments", {"polls": 1})
DEPLOY = ("POST", ENDPOINTS, endpoint(custom()))
CREATE_OTHER = ("POST", ENDPOINTS, {"name": "other"})


def depending(*calls, workspace=None):
    """The routes that, by those calls, depend on state."""
    return {
        route
        for route, column in found(*calls, workspace=workspace)
        if column == "depends on state"
    }


def found(*calls, workspace=None):
    called = workspace or Workspace()
    tape = []
    http = httpx.Client(
        transport=route_calls.Recorder(called.transport(), called, tape),
        base_url="https://dbc.test",
        headers={"Authorization": "Bearer dapi-emulator"},
    )
    for method, path, *body in calls:
        http.request(method, path, json=body[0] if body else None)
    return route_calls.found_in(tape)


GET = "GET /api/2.0/serving-endpoints/{name}"
POST = "POST /api/2.0/serving-endpoints"
PATCH = "PATCH /api/2.0/serving-endpoints/{name}/tags"


def test_answers_and_refusals_are_told_apart():
    assert found(READ, CREATE) == [
        (GET, "refused"),
        (GET, "tests"),
        (POST, "answered"),
        (POST, "tests"),
    ]


@pytest.mark.parametrize(
    ("calls", "routes"),
    [
        ([READ, READ], set()),
        ([CREATE, CREATE], {POST}),
        ([READ, CREATE, READ], {GET, POST}),
        ([CREATE, READ, TAG, READ], {GET, PATCH}),
    ],
)
def test_state_is_what_the_same_request_tells_otherwise_later(calls, routes):
    assert depending(*calls) == routes


@pytest.mark.parametrize(
    "between",
    [
        [TAG, RETAG],
        [TAG, ("POST", "/_emulator/clock/advance", {"seconds": 60})],
        [TAG, ("POST", "/_emulator/ui", {"method": "PATCH", "path": RETAG[1], "body": RETAG[2]})],
    ],
)
def test_a_write_that_was_not_alone_may_have_had_no_effect(between):
    assert depending(CREATE, READ, *between, READ) == {GET}


def test_what_happens_to_something_else_is_no_effect():
    assert depending(ONE_POLL, DEPLOY, READ, CREATE_OTHER, READ) == {GET}


def test_a_refused_write_has_no_effect():
    assert depending(ONE_POLL, DEPLOY, READ, BAD_TAG, READ) == {GET}


def test_no_call_counts_while_a_failure_is_planned():
    workspace = Workspace()
    workspace.faults.add(Fault())

    assert found(READ, workspace=workspace) == []


def test_an_unusual_behaviour_is_no_state():
    workspace = Workspace(behaviour=Behaviour(stale_reads=1))

    assert depending(CREATE, READ, READ, workspace=workspace) == set()
