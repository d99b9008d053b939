"""What a workspace, its switches and its plans can be: said in Python as over HTTP."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Behaviour, Fault, Workspace

pytestmark = pytest.mark.one_door("calls nothing")

SECONDS = "a number of seconds, 0 or more and at most 1000000000"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"stale_seconds": -1}, f'"stale_seconds" must be {SECONDS}, not -1'),
        ({"gateway_seconds": float("nan")}, f'"gateway_seconds" must be {SECONDS}, not nan'),
        ({"stale_acl_seconds": "60"}, f"\"stale_acl_seconds\" must be {SECONDS}, not '60'"),
        (
            {"lost_acl_writes_seconds": 1e300},
            f'"lost_acl_writes_seconds" must be {SECONDS}, not 1e+300',
        ),
        ({"stale_reads": True}, '"stale_reads" must be a whole number, 0 or more, not True'),
        ({"shuffle": "yes"}, "\"shuffle\" must be True or False, not 'yes'"),
        ({"defaults": "few"}, '"defaults" must be "usual", "all" or "none", not \'few\''),
        (
            {"write_budget": -1},
            '"write_budget" must be a whole number, 0 or more, or None for any number, not -1',
        ),
        (
            {"unknown_values": ["READY"]},
            (
                '"unknown_values" must be an object of strings such as {"READY": "MAYBE"}, '
                "not ['READY']"
            ),
        ),
        (
            {"duplicate_status": 500, "delete_waits": 1},
            (
                '"duplicate_status" must be the number 400 or 409, not 500; '
                '"delete_waits" must be True or False, not 1'
            ),
        ),
    ],
)
def test_a_switch_that_cannot_be_is_told_what_to_write(wrong, says):
    with pytest.raises(ValueError, match=r".") as refused:
        Behaviour(**wrong)

    assert str(refused.value) == f"Behaviour: {says}."


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"when": "during"}, '"when" must be "before" or "after", not \'during\''),
        ({"times": 0}, '"times" must be a whole number, 1 or more, or None for every time, not 0'),
        ({"skip": -1}, '"skip" must be a whole number, 0 or more, not -1'),
        ({"delay": float("inf")}, f'"delay" must be {SECONDS}, not inf'),
        (
            {"form": "xml"},
            '"form" must be "json", "api-1.2", "scim", "text", "html" or "empty", not \'xml\'',
        ),
        (
            {"path": "/_emulator/**"},
            (
                '"path" must be a path under /api/, /oidc/ or /serving-endpoints/ without its '
                "query, in which * is one segment and ** many, not '/_emulator/**'"
            ),
        ),
    ],
)
def test_a_fault_that_cannot_be_is_told_what_to_write(wrong, says):
    with pytest.raises(ValueError, match=r".") as refused:
        Fault(**wrong)

    assert str(refused.value) == f"Fault: {says}."


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"user": ""}, "Workspace: \"user\" must be a name, not ''."),
        (
            {"workspace_id": "mine"},
            "Workspace: \"workspace_id\" must be a string of digits, not 'mine'.",
        ),
        ({"strict": "no"}, "Workspace: \"strict\" must be True or False, not 'no'."),
        (
            {"behaviour": {"shuffle": True}},
            (
                'Workspace: "behaviour" must be a Behaviour, such as Behaviour(shuffle=True), '
                "not {'shuffle': True}."
            ),
        ),
        (
            {"model_tasks": ["ml.agents.support"]},
            (
                'Workspace: "model_tasks" must be a mapping of strings such as '
                '{"ml.agents.support": "agent/v1/chat"}, not [\'ml.agents.support\'].'
            ),
        ),
        (
            {"foundation_models": "databricks-gte-large-en"},
            (
                'Workspace: "foundation_models" must be a tuple of names such as '
                "(\"databricks-gte-large-en\",), not 'databricks-gte-large-en'."
            ),
        ),
        (
            {"clock": 0},
            "The clock must be an object with now(), in seconds since the epoch, not 0.",
        ),
        (
            {"db": "workspace.db"},
            "The db must be a path, such as Path(\"workspace.db\"), not 'workspace.db'.",
        ),
        ({"token": None}, "The token must be ASCII text without blanks, and not empty."),
    ],
)
def test_a_workspace_that_cannot_be_is_told_what_to_write(wrong, says):
    with pytest.raises(ValueError, match=r".") as refused:
        Workspace(**wrong)

    assert str(refused.value) == says


def test_a_workspace_that_cannot_be_leaves_no_file_behind(tmp_path):
    db = tmp_path / "workspace.db"

    with pytest.raises(ValueError, match="strict"):
        Workspace(db=db, strict=1)

    assert not db.exists()


def test_switches_that_are_none_are_not_turned():
    workspace = Workspace(behaviour=Behaviour(shuffle=True))

    with pytest.raises(ValueError, match=r'"behaviour" must be a Behaviour'):
        workspace.behaviour = {"shuffle": False}

    assert workspace.behaviour == Behaviour(shuffle=True)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"polls": -1},
            (
                'PlannedDeployment: "polls" must be a whole number, 0 or more, '
                "or None for as many as usual, not -1."
            ),
        ),
        (
            {"seconds": float("nan")},
            (
                'PlannedDeployment: "seconds" must be a number, 0 or more and at most 1000000000, '
                "or None, not nan."
            ),
        ),
        ({"polls": 1, "seconds": 1}, 'give "polls" or "seconds", not both'),
    ],
)
def test_a_deployment_that_cannot_be_is_told_what_to_write(wrong, says):
    workspace = Workspace()

    with pytest.raises(ValueError, match=r".") as refused:
        workspace.deployments.plan(**wrong)

    assert str(refused.value) == says
    assert workspace.deployments.listed() == []
