"""What `dbserving explain` says of the id behind a message."""

from __future__ import annotations

import re

import pytest

from databricks_serving.catalogue import CATALOGUE
from databricks_serving.cli.exits import UsageMistake
from databricks_serving.cli.jobs.explain import explained, listed
from databricks_serving.errors import Answered, PermissionDenied, ServingError, TakenAlready
from databricks_serving_schema import identified


def test_an_id_is_explained_with_cause_remedy_and_such_a_message():
    told = explained("still-there")

    assert told == (
        "still-there\n"
        "\n"
        "What happened:\n"
        "  The endpoint was deleted, and the service still shows it.\n"
        "\n"
        "What to do:\n"
        "  Run again.\n"
        "\n"
        "Such a message:\n"
        "  Endpoint chat is still there 30m after it was deleted. Run again.\n"
        "  [still-there]"
    )


def test_an_id_may_be_copied_with_its_brackets():
    assert explained("[no-scope]") == explained("no-scope")


def test_a_rule_of_preview_is_explained_as_any_other_message():
    told = explained("traffic-sum")

    assert "All shares sum to 100." in told
    assert told.endswith("More: docs/rules.md of the documentation")


def test_a_misspelt_id_gets_the_nearest():
    with pytest.raises(UsageMistake, match="did you mean endpoint-taken"):
        explained("endpoint-takne")


def test_the_list_has_every_id_once():
    named = re.findall(r"^ {2}(\S+)", listed(), re.MULTILINE)

    assert named == list(CATALOGUE)


@pytest.mark.parametrize(("width", "widest"), [(None, 80), (60, 60), (300, 100)])
def test_the_list_and_an_entry_keep_within_the_terminal(width, widest):
    told = f"{listed(width)}\n{explained('unreachable', width)}"

    assert [line for line in told.splitlines() if len(line) > widest] == []


def test_the_id_of_a_doctors_check_leads_to_its_entry():
    with pytest.raises(UsageMistake, match="did you mean doctor-pulumi-cli"):
        explained("pulumi-cli")


def test_an_id_ends_the_first_line_so_that_logs_follow_it():
    assert identified("It failed.\nlog 1\nlog 2", "x-y") == "It failed. [x-y]\nlog 1\nlog 2"
    assert identified("It failed.", "") == "It failed."


def test_an_error_keeps_its_id_when_secrets_are_taken_out():
    error = TakenAlready("hunter2 is taken", id="endpoint-taken").without(["hunter2"])
    denied = PermissionDenied(Answered("GET /x", 403, "PERMISSION_DENIED", "hunter2"))

    assert (str(error), error.id) == ("*** is taken", "endpoint-taken")
    assert denied.without(["hunter2"]).id == "api-permission-denied"


def test_an_error_without_an_id_cannot_be_made():
    with pytest.raises(TypeError, match="id"):
        ServingError("nobody could look it up")  # type: ignore[call-arg]  # that is the test
