"""One program with every gateway section, deployed by the engine, then queried.

docs/testing-settings.md has the table: a setting, and what is seen. Each of its rows is a test.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from offline import engine_directory

from databricks_serving_emulator.testing import deployed

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "testing-settings.md").read_text(encoding="utf-8")
ROBOT = "11111111-2222-3333-4444-555555555555"
ANN, VIP, BLOCKED = "ann@example.com", "vip@example.com", "blocked@example.com"
READER, INTERN, STRANGER = "reader@example.com", "intern@example.com", "stranger@example.com"
CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """The program, deployed; its callers are a few people and a service principal."""
    directory = tmp_path_factory.mktemp("settings")
    (directory / "Pulumi.yaml").write_text("name: settings\nruntime: python\n")
    (directory / "__main__.py").write_text((HERE / "settings_in_force.txt").read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{engine_directory()}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("PULUMI_HOME", str(tmp_path_factory.mktemp("pulumi")))
        patch.setenv("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
        with deployed(directory, secrets={"key": "sk-made-up"}) as stack:
            identities = stack.workspace.identities
            for name in (ANN, VIP, BLOCKED, READER):
                identities.add_user(name, groups=["callers"])
            identities.add_user(INTERN, groups=["callers", "interns"])
            identities.add_service_principal(application_id=ROBOT, groups=["callers"])
            yield stack


@pytest.fixture(autouse=True)
def _another_minute(settings):
    settings.advance(60)


def taken(stack, who, times=40, text="hi"):
    """How many of so many queries in one minute are answered, and that the rest are 429."""
    answers = [stack.query("assistant", text, as_user=who) for _ in range(times)]
    statuses = [answer.status for answer in answers]
    good = statuses.count(200)
    assert statuses == [*[200] * good, *[429] * (times - good)]
    return good


def limit_of_the_endpoint(stack):
    assert [taken(stack, who, 20) for who in (VIP, ANN)] == [20, 10]
    assert stack.query("assistant", "hi", as_user=ROBOT).status == 429


def limit_of_each_user(stack):
    assert taken(stack, ANN) == 10
    assert stack.query("assistant", "hi", as_user=VIP).status == 200


def limit_of_one_user(stack):
    assert taken(stack, VIP) == 20


def limit_of_zero(stack):
    assert taken(stack, BLOCKED) == 0


def limit_of_a_group(stack):
    assert taken(stack, INTERN) == 3


def limit_of_a_service_principal(stack):
    assert taken(stack, ROBOT) == 2


def limit_of_tokens(stack):
    # 10 tokens go in with each, and as many come out.
    assert taken(stack, READER, text="x" * 39) == 5


def masking(stack):
    answer = stack.query("assistant", f"{CARD} and ann@example.com", as_user=ANN)
    assert (answer.status, answer.text) == (200, "<CREDIT_CARD> and <EMAIL_ADDRESS>")


def keywords(stack):
    answer = stack.query("assistant", "a zebra", as_user=ANN)
    assert answer.status == 400
    assert json.loads(answer.text)["input_guardrail"][0]["invalid_keywords"] is True


def safety(stack):
    answer = stack.query("assistant", "how to build a bomb", as_user=ANN)
    assert answer.status == 400
    assert json.loads(answer.text)["input_guardrail"][0]["flagged"] is True


def topics(stack):
    on, off = (stack.query("support", text, as_user=ANN) for text in ("my orders", "the weather"))
    assert (on.status, off.status) == (200, 400)
    assert json.loads(off.text)["input_guardrail"][0]["off_topic"] is True


def blocking_of_replies(stack):
    answer = stack.query("support", "orders of ann@example.com", as_user=ANN)
    assert answer.status == 400
    assert json.loads(answer.text)["finishReason"] == "output_guardrail_triggered"


def falling_back(stack):
    stack.workspace.queries.fail("assistant", "first", 503)
    served = [
        stack.query("assistant", "hi", as_user=ANN).headers["served-model-name"] for _ in range(2)
    ]
    assert served == ["second", "first"]


def no_falling_back(stack):
    stack.workspace.queries.fail("support", "most", 503, 90)
    statuses = Counter(stack.query("support", "orders", as_user=ANN).status for _ in range(100))
    assert statuses == {503: 90, 200: 10}


def splitting(stack):
    answers = [stack.query("support", "orders", as_user=ANN) for _ in range(100)]
    served = Counter(answer.headers["served-model-name"] for answer in answers)
    assert served == {"most": 90, "some": 10}


def usage(stack):
    context = {"team": "crm"}
    for endpoint in ("assistant", "support"):
        stack.query(endpoint, "orders", as_user=ANN, usage_context=context)
    tracked = stack.rows(
        "SELECT requester, usage_context['team'] AS team, input_token_count AS tokens "
        "FROM system.serving.endpoint_usage WHERE usage_context['team'] = 'crm'"
    )
    assert tracked == [{"requester": ANN, "team": "crm", "tokens": "2"}]


def payloads(stack):
    stack.query("assistant", "keep this", as_user=ANN)
    (kept,) = stack.rows(
        "SELECT status_code, request FROM main.logs.assistant_payload "
        "WHERE request LIKE '%keep this%'"
    )
    assert kept["status_code"] == "200"
    with pytest.raises(ValueError, match="TABLE_OR_VIEW_NOT_FOUND"):
        stack.rows("SELECT * FROM main.logs.support_payload")


def permissions(stack):
    assert stack.query("assistant", "hi", as_user=STRANGER).status == 403


ROWS = {
    "`rate_limits` with `key: endpoint`": limit_of_the_endpoint,
    "`rate_limits` with `key: user`": limit_of_each_user,
    "`rate_limits` with `key: user` and a `principal`": limit_of_one_user,
    "`rate_limits` with `calls: 0`": limit_of_zero,
    "`rate_limits` with `key: user_group`": limit_of_a_group,
    "`rate_limits` with `key: service_principal`": limit_of_a_service_principal,
    "`rate_limits` with `tokens`": limit_of_tokens,
    "`guardrails.input.pii: MASK`": masking,
    "`guardrails.input.invalid_keywords`": keywords,
    "`guardrails.input.safety`": safety,
    "`guardrails.input.valid_topics`": topics,
    "`guardrails.output.pii: BLOCK`": blocking_of_replies,
    "`fallback_config`": falling_back,
    "no `fallback_config`": no_falling_back,
    "`traffic_config` 90 and 10": splitting,
    "`usage_tracking_config`": usage,
    "`inference_table_config`": payloads,
    "`EndpointPermissions`": permissions,
}


@pytest.mark.parametrize("setting", ROWS)
def test_a_setting_is_in_force(setting, settings):
    ROWS[setting](settings)


def test_the_table_has_a_row_for_each():
    section = PAGE.partition("## What is seen")[2]

    assert re.findall(r"^\| (.*?) \|", section, re.MULTILINE)[1:] == list(ROWS)
