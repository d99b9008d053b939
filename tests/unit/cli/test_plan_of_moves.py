"""`dbserving plan` where a resource moves to another address, or to one that nobody knows yet."""

from __future__ import annotations

import json

import pytest

from support.exported import CIPHERTEXT
from support.previewed import NOT_YET_KNOWN
from support.shop import ENDPOINTS
from unit.cli.test_plan_command import by_hand, finding, limits, planned, rows

from .test_plan_command import preview

__all__ = ["preview"]

NOWHERE = "where it will stand is not yet known, so nobody looked at what is there"


def test_a_replacement_that_takes_the_name_of_somebody_elses_endpoint_is_refused(shop, preview):
    shop.make_rogue()

    ran, report = planned(shop, preview.change("chat", "name", op="replace", name="rogue"))

    told = finding(report, "chat")
    assert (ran.returncode, told["effect"]) == (1, "refuse")
    assert "An endpoint called rogue exists already" in told["reason"]


def test_a_replacement_that_moves_limits_onto_those_of_somebody_overwrites_them(shop, preview):
    shop.make_rogue()
    by_hand(shop, "PUT", f"{ENDPOINTS}/rogue/ai-gateway", {"rate_limits": limits(1)})

    ran, report = planned(
        shop, preview.change("limits", "endpoint_name", op="replace", endpoint_name="rogue")
    )

    assert ("rate_limits.user.calls", "both", "update") in rows(report, "limits")
    assert (ran.returncode, report["summary"]["overwrites"]) == (0, 1)


def test_a_replacement_that_moves_limits_to_an_endpoint_that_nobody_makes_is_refused(shop, preview):
    moved = preview.change("limits", "endpoint_name", op="replace", endpoint_name="nowhere")

    ran, report = planned(shop, moved)

    assert (ran.returncode, finding(report, "limits")["effect"]) == (1, "refuse")
    assert "no endpoint called nowhere" in finding(report, "limits")["reason"]


def test_a_scope_with_secrets_of_others_is_not_replaced(shop, preview):
    body = {"scope": "llm-keys", "key": "by-hand", "string_value": "x"}
    by_hand(shop, "POST", "/api/2.0/secrets/put", body)

    ran, report = planned(shop, preview.change("keys", "name", op="replace", name="others"))

    told = finding(report, "keys")
    assert (ran.returncode, told["effect"]) == (1, "refuse")
    assert "by-hand" in told["reason"]


@pytest.mark.parametrize("workspace", [NOT_YET_KNOWN, {"host": NOT_YET_KNOWN}])
def test_a_workspace_that_is_not_yet_known_is_a_matter_of_its_resource_alone(
    shop, preview, workspace
):
    new = preview.create("SecretScope", "new", name="new", workspace=workspace)

    ran, report = planned(shop, new)

    told = finding(report, "new")
    assert (told["effect"], told["reason"]) == ("create", NOWHERE)
    assert (ran.returncode, len(report["in_sync"])) == (0, 9)


@pytest.mark.parametrize("workspace", [CIPHERTEXT, {"host": CIPHERTEXT}, {"profile": CIPHERTEXT}])
def test_a_workspace_that_is_secret_leaves_its_resource_unverifiable(shop, workspace):
    state = json.loads((shop.directory / "state.json").read_text())
    for resource in state["deployment"]["resources"]:
        if resource["urn"].endswith("::chat"):
            resource["inputs"]["workspace"] = workspace
    (shop.directory / "state.json").write_text(json.dumps(state))

    ran = shop.drift("-f", "json")

    (told,) = json.loads(ran.stdout)["findings"]
    assert (told["classification"], told["name"]) == ("unverifiable", "chat")
    assert "is secret, so nobody looked" in told["reason"]


def test_a_part_that_the_program_takes_out_is_pending_and_no_drift(shop, preview):
    _, report = planned(shop, preview.change("chat", "tags", tags=None))

    assert rows(report, "chat") == [("tags", "code", "none")]
    assert finding(report, "chat")["classification"] == "pending"
