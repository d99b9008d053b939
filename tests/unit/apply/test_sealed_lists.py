"""Lists with a secret element: what nobody can read is never shown, and the rest is compared."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint, permissions
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.plan.canonical import Fingerprint
from databricks_serving.plan.comparison import Coverage
from databricks_serving.plan.sealed import as_recorded
from databricks_serving.report.build import finding_of
from support.context import ENDPOINTS, Bench
from support.exported import differences, look, made, undeclared
from unit.apply.gateways import by_hand

HIDDEN = "the-secret-group"


def limit(calls, **more):
    return {
        "key": "user_group",
        "principal": HIDDEN,
        "calls": calls,
        "renewal_period": "minute",
        **more,
    }


def limited(*limits, leaf="principal"):
    """An endpoint, and limits of which one leaf of the first is secret."""
    bench = Bench()
    chat = made(bench, "ServingEndpoint", endpoint, {"name": "chat", "tags": {"team": "ml"}})
    marked = {"__secret_leaves": [["rate_limits", 0, leaf]]}
    said = {"endpoint_name": "chat", "rate_limits": list(limits), **marked}
    return bench, chat, made(bench, "RateLimits", RATE_LIMITS, said)


def granted(*grants):
    """An endpoint with grants; the group of the first is secret."""
    bench = Bench()
    made(bench, "ServingEndpoint", endpoint, {"name": "chat"})
    marked = {"__secret_leaves": [["access_control", 0, "group_name"]]}
    said = {"endpoint_name": "chat", "access_control": list(grants), **marked}
    return bench, made(bench, "EndpointPermissions", permissions, said)


def grant(name, level="CAN_QUERY"):
    return {"group_name": name, "permission_level": level}


def set_grants(bench, *grants):
    path = f"/api/2.0/permissions/serving-endpoints/{bench.served()['id']}"
    assert bench.workspace.ui("PUT", path, {"access_control_list": list(grants)}).status == 200


def report(seen):
    finding = finding_of(seen.subject.recorded, seen.comparison, workspace="dev")
    return finding.model_dump_json()


@pytest.mark.parametrize("leaf", ["principal", "calls"])
def test_a_section_that_is_secret_is_declared_and_no_other_resource_shows_it(leaf):
    bench, chat, limits = limited(limit(987654), leaf=leaf)

    seen = look(bench, chat, limits)

    assert [undeclared(one) for one in seen] == [{}, {}]
    assert [differences(one) for one in seen] == [{}, {}]
    assert HIDDEN not in report(seen[0])
    assert "987654" not in report(seen[0])


def test_a_section_is_declared_where_the_name_of_its_endpoint_is_secret():
    bench = Bench()
    chat = made(bench, "ServingEndpoint", endpoint, {"name": "chat"})
    said = {"endpoint_name": "chat", "usage_tracking_config": {"enabled": True}}
    marked = {"__secret_leaves": [["endpoint_name"]]}
    gateway = made(bench, "AiGateway", AI_GATEWAY, {**said, **marked})

    seen = look(bench, chat, gateway)

    assert [undeclared(one) for one in seen] == [{}, {}]


def test_of_a_limit_for_somebody_who_is_secret_the_other_leaves_are_compared():
    bench, _, limits = limited(limit(5))
    by_hand(bench, {"rate_limits": [limit(7)]})
    bench.clock.advance(120)

    (seen,) = look(bench, limits)

    assert [found.change.actual for found in seen.comparison.differences] == [7]
    assert seen.comparison.coverage == Coverage(compared=4, write_only=1)
    assert HIDDEN not in report(seen)


def test_a_limit_beside_a_secret_one_is_told_in_clear_where_it_cannot_be_that():
    bench, _, limits = limited(limit(5))
    blocked = {"key": "user", "calls": 0, "renewal_period": "minute"}
    by_hand(bench, {"rate_limits": [limit(5), blocked]})
    bench.clock.advance(120)

    (seen,) = look(bench, limits)

    assert sorted(differences(seen)) == [
        "rate_limits.user.calls",
        "rate_limits.user.key",
        "rate_limits.user.renewal_period",
    ]


def test_a_limit_beside_a_secret_one_is_told_without_its_principal_where_it_may_be_that():
    bench, _, limits = limited(limit(5))
    by_hand(bench, {"rate_limits": [limit(5), limit(0, principal="another-group")]})
    bench.clock.advance(120)

    (seen,) = look(bench, limits)

    assert 0 in [found.change.actual for found in seen.comparison.differences]
    assert '\\"(secret)\\"' in report(seen)
    assert "-group" not in report(seen)


def test_what_is_secret_in_one_element_is_shown_in_none_that_may_be_that():
    one, other, number = (Fingerprint(f"hmac-sha256:{digit * 64}") for digit in "abc")
    limits = {
        str.__str__(one): {"principal": one, "calls": number, "per": "day", "model": "a"},
        str.__str__(other): {"principal": other, "calls": 7, "per": "hour", "model": "b"},
    }
    there = {"x": {"principal": "x", "calls": 987654, "per": "hour", "model": "b"}}

    told = as_recorded({"limits": there}, {"limits": limits})

    assert told == {"limits": {str.__str__(other): limits[str.__str__(other)]}}


def test_beside_a_secret_grant_one_that_is_gone_is_told_and_that_the_secret_one_was_raised():
    bench, recorded = granted(grant(HIDDEN), grant("users"))
    set_grants(bench, grant(HIDDEN, "CAN_MANAGE"), grant("evil", "CAN_MANAGE"))

    (seen,) = look(bench, recorded)

    told = {found.change.actual for found in seen.comparison.differences}
    assert "CAN_MANAGE" in told
    assert 'access_control["group_name:users"].permission_level' in differences(seen)
    assert HIDDEN not in report(seen)
    assert "evil" not in report(seen)


def test_secret_grants_as_they_were_are_no_difference():
    bench, recorded = granted(grant(HIDDEN), grant("users"))

    (seen,) = look(bench, recorded)

    assert differences(seen) == {}


def test_of_keywords_that_are_secret_all_together_their_number_is_compared():
    bench = Bench()
    made(bench, "ServingEndpoint", endpoint, {"name": "chat"})
    guard = {"input": {"invalid_keywords": [HIDDEN, "plain"], "safety": True}}
    marked = {"__secret_leaves": [["guardrails", "input", "invalid_keywords", 0]]}
    said = {"endpoint_name": "chat", "guardrails": guard, **marked}
    recorded = made(bench, "AiGateway", AI_GATEWAY, said)
    less = {"input": {"invalid_keywords": ["other"], "safety": True}}
    bench.workspace.ui("PUT", f"{ENDPOINTS}/chat/ai-gateway", {"guardrails": less})
    bench.clock.advance(120)

    (seen,) = look(bench, recorded)

    (found,) = seen.comparison.differences
    assert found.change.path[:3] == ("guardrails", "input", "invalid_keywords")
    assert "other" not in report(seen)


def test_an_entity_with_a_secret_name_and_a_key_that_is_never_shown_is_no_difference():
    bench = Bench()
    model = {"name": "gpt-4", "provider": "openai", "task": "llm/v1/chat", "openai_config": {}}
    said = {
        "name": "chat",
        "config": {"served_entities": [{"name": HIDDEN, "external_model": model}]},
        "credentials": {HIDDEN: {"external_model.openai_config.openai_api_key_plaintext": "sk-1"}},
        "__secret_leaves": [["config", "served_entities", 0, "name"]],
    }
    recorded = made(bench, "ServingEndpoint", endpoint, said)

    (seen,) = look(bench, recorded)

    assert (seen.comparison.differences, HIDDEN in report(seen)) == ((), False)
