"""What a check never does to a workspace, and what it leaves there: nothing."""

from __future__ import annotations

import httpx
import pytest
from check_workspace.guard import Bounds, Guarded, UntouchableError
from check_workspace.naming import PREFIX, Caller, Model

from databricks_serving_emulator import Fault
from support.clock import FakeClock
from unit.check_workspace.second import (
    CHAT,
    ENDPOINTS,
    LIFE,
    SECRET,
    SECRETS,
    TAKEN,
    TOKEN,
    USER,
    Door,
    check,
    conversation,
    external,
    workspace,
)

OURS = "dbserving-check-00000000-"
PERMISSIONS = "/api/2.0/permissions/serving-endpoints"
OWN = {"user_name": USER, "permission_level": "CAN_VIEW"}
MODEL = {
    "entity_name": "main.ml.churn",
    "entity_version": "3",
    "workload_size": "Small",
    "scale_to_zero_enabled": True,
}


def served(*entities, **more):
    return {"name": f"{OURS}chat", "config": {"served_entities": list(entities), **more}}


REFUSED = {
    "an endpoint without the prefix": ("POST", ENDPOINTS, CHAT),
    "an endpoint without a name": ("POST", ENDPOINTS, {}),
    "an endpoint of another run": ("POST", ENDPOINTS, {"name": "dbserving-check-11111111-x"}),
    "nothing but the prefix": ("POST", ENDPOINTS, {"name": OURS}),
    "a body that is no object": ("POST", ENDPOINTS, [f"{OURS}chat"]),
    "a config": ("PUT", f"{ENDPOINTS}/chat/config", {"name": f"{OURS}chat"}),
    "a deletion": ("DELETE", f"{ENDPOINTS}/chat", None),
    "a deletion of all": ("DELETE", ENDPOINTS, None),
    "a path that climbs": ("DELETE", f"{ENDPOINTS}/{OURS}chat/%2e%2e/chat", None),
    "permissions by an unknown id": ("PUT", f"{PERMISSIONS}/{'a' * 32}", {}),
    "the caller's own permission": (
        "PUT",
        f"{PERMISSIONS}/known",
        {"access_control_list": [OWN]},
    ),
    "a scope": ("POST", f"{SECRETS}/scopes/create", {"scope": "llm"}),
    "a secret": ("POST", f"{SECRETS}/put", {"scope": "llm", "key": f"{OURS}k"}),
    "the caller's own access": (
        "POST",
        f"{SECRETS}/acls/put",
        {"scope": f"{OURS}llm", "principal": USER, "permission": "READ"},
    ),
    "a token": ("POST", "/api/2.0/token/create", {"name": f"{OURS}x"}),
    "a query": ("POST", f"/serving-endpoints/{OURS}chat/invocations", {"name": f"{OURS}x"}),
    "what else can be read": ("GET", "/api/2.0/clusters/list", None),
    "a registered model": ("POST", ENDPOINTS, served({**MODEL, "entity_version": "4"})),
    "a large model": ("POST", ENDPOINTS, served({**MODEL, "workload_size": "Large"})),
    "a GPU": ("POST", ENDPOINTS, served({**MODEL, "workload_type": "GPU_SMALL"})),
    "what never scales to zero": (
        "POST",
        ENDPOINTS,
        served({**MODEL, "scale_to_zero_enabled": False}),
    ),
    "throughput": (
        "POST",
        f"{ENDPOINTS}/pt",
        served({**MODEL, "provisioned_model_units": 50}),
    ),
    "a table": (
        "PUT",
        f"{ENDPOINTS}/{OURS}chat/ai-gateway",
        {"inference_table_config": {"enabled": True, "catalog_name": "main"}},
    ),
}


@pytest.mark.parametrize(("method", "path", "body"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_prefix_or_costs_is_never_sent(method, path, body):
    there = workspace()
    bounds = Bounds(OURS, Caller(USER), Model("main.ml.churn", "3"), {"known"})
    client = Guarded(bounds, base_url="https://dbc.test", transport=there.transport())

    with pytest.raises(UntouchableError, match="is not sent"):
        client.request(method, path, json=body)

    assert there.calls == ()


def test_what_has_the_prefix_is_sent_and_its_id_is_learnt():
    there = workspace()
    client = Guarded(
        Bounds(OURS, Caller(USER), Model("main.ml.churn", "3")),
        base_url="https://dbc.test",
        headers={"Authorization": f"Bearer {TOKEN}"},
        transport=there.transport(),
    )
    grant = {"access_control_list": [{"group_name": "users", "permission_level": "CAN_VIEW"}]}

    created = client.post(ENDPOINTS, json=served(MODEL))
    granted = client.patch(f"{PERMISSIONS}/{created.json()['id']}", json=grant)
    deleted = client.delete(f"{ENDPOINTS}/{OURS}chat")

    assert [answer.status_code for answer in (created, granted, deleted)] == [200, 200, 200]


def asked_to_write(there):
    """The names that were written, of endpoints and of scopes."""
    bodies = [call.body for call in there.writes if isinstance(call.body, dict)]
    named = [body.get("name") or body.get("scope") for body in bodies]
    paths = [call.path.split("/")[4] for call in there.writes if call.path.count("/") > 3]
    return [name for name in named if name], [name for name in paths if "secrets" not in name]


def test_all_that_is_made_has_one_prefix_and_is_gone_afterwards(tmp_path):
    there = workspace()
    there.ui("POST", ENDPOINTS, {"name": "theirs"})
    there.ui("POST", f"{SECRETS}/scopes/create", {"scope": "theirs"})

    check(there.transport(), tmp_path)

    named, _ = asked_to_write(there)
    assert {PREFIX.match(name)[0] for name in named} == {named[0][:25]}
    assert [one["name"] for one in there.ui("GET", ENDPOINTS).json()["endpoints"]] == ["theirs"]
    scopes = there.ui("GET", f"{SECRETS}/scopes/list").json()["scopes"]
    assert [one["name"] for one in scopes] == ["theirs"]


class Interrupting(httpx.BaseTransport):
    """Something comes between a request, which takes effect, and its answer, which is not heard."""

    def __init__(self, there, path, between):
        self._inner = there.transport()
        self._at = ("POST", path)
        self._between = between

    def handle_request(self, request):
        response = self._inner.handle_request(request)
        if self._at == (request.method, request.url.path):
            self._at = None
            raise self._between
        return response


@pytest.mark.parametrize("path", [ENDPOINTS, f"{SECRETS}/scopes/create", f"{SECRETS}/put"])
@pytest.mark.parametrize(
    ("between", "code", "ended"),
    [
        (KeyboardInterrupt(), 130, "It was interrupted."),
        (httpx.ReadError("cable"), 1, "ReadError"),
    ],
)
def test_what_an_interrupted_run_has_made_is_gone_afterwards(
    path, between, code, ended, tmp_path, capsys
):
    there = workspace()
    asked = (SECRET, LIFE)

    done = check(Interrupting(there, path, between), tmp_path, conversations=asked)

    assert done.code == code
    assert ended in done.report["ended"]
    assert there.ui("GET", ENDPOINTS).json() in ({}, {"endpoints": []})
    assert there.ui("GET", f"{SECRETS}/scopes/list").json() in ({}, {"scopes": []})
    assert "nothing is left in the workspace" in capsys.readouterr().err


class Late(httpx.BaseTransport):
    """A connection is lost, and what was asked for last is done only after another look."""

    def __init__(self, there):
        self._inner = there.transport()
        self._request = None
        self._looks = 0

    def handle_request(self, request):
        if (request.method, request.url.path) == ("POST", ENDPOINTS):
            self._request = request
            raise httpx.ReadError("cable")
        response = self._inner.handle_request(request)
        if (request.method, request.url.path) == ("GET", ENDPOINTS):
            self._looks += 1
            if self._looks == 2:
                self._inner.handle_request(self._request)
        return response


def test_what_is_made_after_the_first_cleaning_is_removed_by_the_second(tmp_path):
    there = workspace()

    done = check(Late(there), tmp_path, conversations=(LIFE,))

    assert (done.code, done.report["left"]) == (1, 0)
    assert there.ui("GET", ENDPOINTS).json() in ({}, {"endpoints": []})
    assert [call.method for call in there.writes if call.status == 200] == ["POST", "DELETE"]


class Keeping(httpx.BaseTransport):
    """A workspace that says that it deletes, and does not; until `gives_in`."""

    def __init__(self, there):
        self._inner = there.transport()
        self.gives_in = False

    def handle_request(self, request):
        if request.method == "DELETE" and not self.gives_in:
            return httpx.Response(200, json={})
        return self._inner.handle_request(request)


def test_what_cannot_be_removed_is_named_with_the_command_that_does(tmp_path, capsys):
    there = workspace()
    there.ui("POST", ENDPOINTS, {"name": "dbserving-check-ours"})
    keeping = Keeping(there)

    done = check(keeping, tmp_path, conversations=(TAKEN,))

    said = capsys.readouterr().err
    (left,) = [line for line in said.splitlines() if "left: endpoint dbserving-check-" in line]
    assert (done.code, done.report["left"]) == (1, 1)
    assert "CLEAN=1" in said
    assert "HOST=https://acme-prod.cloud.databricks.com" in said

    keeping.gives_in = True
    cleaned = check(keeping, tmp_path, "--clean-only")

    assert cleaned.code == 0
    assert left.split()[-1] in capsys.readouterr().out
    names = [one["name"] for one in there.ui("GET", ENDPOINTS).json()["endpoints"]]
    assert names == ["dbserving-check-ours"]  # which no run made: its prefix has no digits


@pytest.mark.parametrize(
    ("arguments", "around", "advice"),
    [
        (["--confirm", "another.cloud.databricks.com"], {}, "CONFIRM=acme-prod"),
        ([], {}, "CONFIRM=acme-prod"),
        ([], {"answer": lambda _: "yes"}, "CONFIRM=acme-prod"),
        (["--clean-only"], {}, "CONFIRM=acme-prod"),
    ],
)
def test_without_a_yes_to_that_workspace_nothing_is_written(
    arguments, around, advice, tmp_path, capsys
):
    there = workspace()
    there.ui("POST", ENDPOINTS, {"name": f"{OURS}x"})

    done = check(there.transport(), tmp_path, *arguments, confirm=False, **around)

    assert done.code == 1
    assert there.writes == ()
    assert advice in capsys.readouterr().err


def test_a_person_who_types_the_host_says_yes(tmp_path, capsys):
    asked = []

    def answer(question):
        asked.append(question)
        return "acme-prod.cloud.databricks.com"

    done = check(workspace().transport(), tmp_path, confirm=False, answer=answer)

    assert done.code == 0
    assert asked == ["Go on? Type the host (acme-prod.cloud.databricks.com): "]
    shown = capsys.readouterr().out
    assert all(one in shown for one in (USER, "dbserving-check-", "4 conversations"))


def test_a_workspace_is_never_taken_from_the_environment_alone(tmp_path, capsys):
    there = workspace()

    done = check(there.transport(), tmp_path, host="")

    assert done.code == 1
    assert there.calls == ()
    assert "HOST=" in capsys.readouterr().err


def test_a_caller_without_the_right_hears_which_one_is_missing(tmp_path):
    def denied(request, _status, _content):
        if request.method == "POST" and request.url.path == ENDPOINTS:
            return 403, {"error_code": "PERMISSION_DENIED", "message": f"not {USER}"}
        return None

    done = check(Door(workspace().transport(), denied), tmp_path)

    assert done.code == 1
    assert "refuses POST /api/2.0/serving-endpoints with 403" in done.report["ended"]


def test_writes_keep_below_the_limit_and_what_is_refused_for_now_is_asked_again(tmp_path):
    clock, there = FakeClock(), workspace()
    there.faults.add(Fault(status=429, method="POST", path=ENDPOINTS, headers={"Retry-After": "7"}))
    many = [conversation(f"one {n}", *TAKEN.steps) for n in range(3)]

    done = check(there.transport(), tmp_path, "--writes", "4", conversations=many, clock=clock)

    assert (done.code, done.rows()) == (0, [])
    # The first is asked again after what Retry-After says; the fifth and the sixth have to wait for
    # the end of the five minutes since the first and since the second.
    assert clock.waits == [7.0, 293.0, 7.0]


def test_made_up_people_are_replaced_by_who_is_there(tmp_path):
    there = workspace()
    entries = [
        {"user_name": "ann@example.com", "permission_level": "CAN_QUERY"},
        {"user_name": "ben@example.com", "permission_level": "CAN_VIEW"},
    ]
    body = {"access_control_list": entries}
    step = type(LIFE.steps[0])("PUT", PERMISSIONS + "/{id of chat}", body=body)
    asked = conversation("two people", LIFE.steps[0], step)

    left_out = check(there.transport(), tmp_path, conversations=[asked])
    done = check(there.transport(), tmp_path, "--user", "kim@acme.example", conversations=[asked])

    assert (left_out.code, done.code, done.rows()) == (1, 0, [])
    (put,) = [call.body for call in there.writes if call.method == "PUT"]
    # Whoever asks stays among those who manage: nobody else could clean up.
    assert put["access_control_list"] == [
        {"user_name": "kim@acme.example", "permission_level": "CAN_QUERY"},
        {"group_name": "users", "permission_level": "CAN_VIEW"},
        {"user_name": USER, "permission_level": "CAN_MANAGE"},
    ]


def test_a_model_is_served_only_where_it_is_named(tmp_path):
    there = workspace()
    entity = {**MODEL, "entity_name": "ml.prod.made_up", "entity_version": "1", "name": "m"}
    create = type(LIFE.steps[0])(
        "POST", ENDPOINTS, body={"name": "m", "config": {"served_entities": [entity]}}
    )
    asked = [conversation("model", create), conversation("external", LIFE.steps[0])]

    check(there.transport(), tmp_path, conversations=asked)
    without = [call.body["config"]["served_entities"] for call in there.writes if call.body]
    there.clear_calls()
    check(there.transport(), tmp_path, "--with-model", "main.ml.churn/3", conversations=asked)
    named = [call.body["config"]["served_entities"] for call in there.writes if call.body]

    assert without == [[external()]]
    assert named == [[{**MODEL, "name": "m"}], [external()]]
