"""The exit codes: docs/exit-codes.md is the table, and each of its rows is a run."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from databricks_serving.report.model import ExitCode
from databricks_serving_emulator import Fault
from support.shop import ENDPOINTS

DOCS = Path(__file__).parents[3] / "docs"
TABLE = [
    int(found[1])
    for line in (DOCS / "exit-codes.md").read_text().splitlines()
    if (found := re.match(r"\| (\d+) \|", line))
]
#: Rows whose run stands elsewhere.
ELSEWHERE = {8: "tests/unit/cli/test_cancel_command.py"}


def nothing_changed(shop):
    return shop.drift()


def one_is_forbidden(shop):
    shop.workspace.faults.add(
        Fault("GET", f"{ENDPOINTS}/plain", times=None, status=403, error_code="PERMISSION_DENIED")
    )
    return shop.drift()


def a_limit_was_changed(shop):
    shop.block_claude()
    return shop.drift()


def a_wrong_token(shop):
    return shop.drift(DATABRICKS_TOKEN="dapi-of-nobody")


def more_deletions_than_allowed(shop):
    state = json.loads((shop.directory / "state.json").read_text())
    going = [
        {"op": "delete", "urn": resource["urn"], "oldState": resource}
        for resource in state["deployment"]["resources"]
        if "RateLimits" in resource["type"]
    ]
    (shop.directory / "preview.json").write_text(json.dumps({"steps": going}))
    arguments = ("--preview", "preview.json", "--confirm-delay", "0s", "--max-deletes", "0")
    return shop.run("plan", "--state", "state.json", *arguments)


def no_such_state(shop):
    return shop.run("drift", "--state", "nowhere.json")


def the_time_is_up(shop):
    shop.door.path = f"{ENDPOINTS}/chat"
    return shop.drift("--timeout", "2s")


def an_update_is_under_way(shop):
    shop.workspace.deployments.plan("plain", seconds=3600)
    config = shop.workspace.ui("GET", f"{ENDPOINTS}/plain").json()["config"]
    entities = config["served_entities"]
    entities[0]["external_model"]["name"] = "gpt-4o"
    entities[0]["external_model"]["openai_config"] = {"openai_api_key_plaintext": "sk-other"}
    body = {"served_entities": [{k: entities[0][k] for k in ("name", "external_model")}]}
    assert shop.workspace.ui("PUT", f"{ENDPOINTS}/plain/config", body).status == 200
    return shop.drift("--strict")


def a_typo(shop):
    return shop.drift("--stat")


def interrupted(number):
    def run(shop):
        code, printed, complaints = shop.signalled(number)
        return type("Ended", (), {"returncode": code, "stdout": printed, "stderr": complaints})

    return run


RUNS = {
    0: nothing_changed,
    1: one_is_forbidden,
    2: a_limit_was_changed,
    3: a_wrong_token,
    5: more_deletions_than_allowed,
    6: no_such_state,
    9: the_time_is_up,
    10: an_update_is_under_way,
    64: a_typo,
    130: interrupted(signal.SIGINT),
    143: interrupted(signal.SIGTERM),
}


@pytest.mark.parametrize("code", sorted(RUNS))
def test_a_run_ends_with(code, shop):
    ended = RUNS[code](shop)

    assert ended.returncode == code, (ended.stdout, ended.stderr)
    assert "Traceback" not in ended.stderr
    assert "defect" not in ended.stderr


def test_the_table_is_what_the_code_knows():
    assert sorted(int(code) for code in ExitCode) == TABLE
    assert sorted([*RUNS, *ELSEWHERE]) == TABLE


def test_no_mode_of_the_command_writes_to_the_workspace(shop):
    for code in (0, 2, 5, 10):
        shop.workspace.clear_calls()
        RUNS[code](shop)

        assert shop.workspace.writes == ()
