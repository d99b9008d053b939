"""Rate limits in force: whom they hold for, what they count, and when they begin anew."""

from __future__ import annotations

import pytest

from unit.emulator.bodies import ENDPOINTS, Client, endpoint, external
from unit.emulator.queries import ask, refusal, statuses, with_chat


def limit(key="user", principal=None, **amounts):
    who = {"principal": principal} if principal else {}
    return {"key": key, "renewal_period": "minute", **who, **amounts}


def limited(*limits, **more):
    """A chat endpoint with these limits that everybody may query, and its admin."""
    client = with_chat({"rate_limits": list(limits)}, **more)
    everybody = {"group_name": "users", "permission_level": "CAN_QUERY"}
    path = f"/api/2.0/permissions/serving-endpoints/{client.get('chat')['id']}"
    client.does("PATCH", path, {"access_control_list": [everybody]})
    return client


def test_the_query_after_the_last_is_refused_and_told_when_to_come_back():
    client = limited(limit(calls=100))
    assert statuses(client, 100) == [200] * 100
    client.clock.advance(12.5)

    answer = ask(client, "hello")

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "48"
    assert answer.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert answer.json()["message"] == (
        "REQUEST_LIMIT_EXCEEDED: Exceeded the user rate limit of 100 calls per minute for "
        "endpoint chat."
    )


def test_a_minute_after_the_first_query_a_new_period_begins():
    client = limited(limit(calls=2))
    first = statuses(client, 3)
    client.clock.advance(59)
    at_its_end = statuses(client, 1)
    client.clock.advance(1)

    assert (first, at_its_end) == ([200, 200, 429], [429])
    assert statuses(client, 3) == [200, 200, 429]


def test_the_default_holds_for_each_user_alone():
    client = limited(limit(calls=1))
    ann, bob = client.user("ann"), client.user("bob")

    assert [statuses(one, 2) for one in (ann, bob)] == [[200, 429], [200, 429]]


def test_the_limit_of_the_endpoint_holds_for_all_together():
    client = limited(limit("endpoint", calls=3), limit(calls=2))
    ann, bob = client.user("ann"), client.user("bob")

    assert [statuses(one, 3) for one in (ann, bob)] == [[200, 200, 429], [200, 429, 429]]
    assert "the endpoint rate limit of 3 calls" in refusal(bob, "hello")[2]


def test_the_limit_of_the_endpoint_comes_before_a_higher_one_of_a_user():
    client = limited(limit("endpoint", calls=1), limit(principal="ann@example.com", calls=9))

    assert statuses(client.user("ann"), 2) == [200, 429]


@pytest.mark.parametrize("amounts", [{"calls": 0}, {"tokens": 0}, {"calls": 9, "tokens": 0}])
@pytest.mark.parametrize("key", ["endpoint", "user"])
def test_zero_blocks_at_once(key, amounts):
    client = limited(limit(key, **amounts))

    answer = ask(client, "hello")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


def test_a_limit_of_ones_own_replaces_the_default():
    client = limited(limit(calls=1), limit(principal="ann@example.com", calls=3))
    ann, bob = client.user("ann"), client.user("bob")

    assert statuses(ann, 4) == [200, 200, 200, 429]
    assert statuses(bob, 2) == [200, 429]


def test_a_service_principal_has_a_limit_of_its_own():
    client = limited(limit(calls=9), limit("service_principal", "robot", calls=1))
    robot = client.service_principal(application_id="robot")

    assert statuses(robot, 2) == [200, 429]
    assert statuses(client.user("ann"), 2) == [200, 200]


def test_a_group_shares_its_limit_which_replaces_the_default():
    client = limited(limit(calls=1), limit("user_group", "oncall", calls=3))
    ann, bob = client.user("ann", "oncall"), client.user("bob", "oncall")

    assert [statuses(one, 2) for one in (ann, bob)] == [[200, 200], [200, 429]]
    assert "the user group oncall rate limit of 3 calls" in refusal(ann, "hello")[2]


def test_a_limit_of_ones_own_comes_before_that_of_ones_group():
    client = limited(
        limit("user_group", "oncall", calls=0), limit(principal="ann@example.com", calls=2)
    )
    ann, bob = client.user("ann", "oncall"), client.user("bob", "oncall")

    assert [statuses(one, 3) for one in (ann, bob)] == [[200, 200, 429], [429, 429, 429]]


def test_who_has_a_limit_of_their_own_uses_up_none_of_the_groups():
    client = limited(
        limit("user_group", "oncall", calls=2), limit(principal="ann@example.com", calls=9)
    )
    ann, bob = client.user("ann", "oncall"), client.user("bob", "oncall")

    assert [statuses(one, 3) for one in (ann, bob)] == [[200, 200, 200], [200, 200, 429]]


@pytest.mark.parametrize(
    "after", [limit("user_group", "oncall", calls=3), limit("endpoint", calls=3), limit(calls=3)]
)
def test_what_was_used_stays_used_when_another_limit_takes_its_place(after):
    client = limited(limit(calls=9))
    ann = client.user("ann", "oncall")
    before = statuses(ann, 2)
    client.put_gateway("chat", {"rate_limits": [after]})

    assert (before, statuses(ann, 2)) == ([200, 200], [200, 429])


def test_somebody_in_two_groups_is_refused_when_both_are_used_up():
    client = limited(limit("user_group", "a", calls=1), limit("user_group", "b", calls=3))
    ann, bob = client.user("ann", "a", "b"), client.user("bob", "a")

    assert statuses(ann, 4) == [200, 200, 200, 429]
    assert statuses(bob, 1) == [429]


def test_tokens_read_and_said_are_counted():
    # A message of seven characters has two tokens, and so has its echo.
    client = limited(limit(tokens=10))

    assert statuses(client, 4, "x" * 7) == [200, 200, 200, 429]
    assert "the user rate limit of 10 tokens per minute" in refusal(client, "x" * 7)[2]


def test_a_query_of_more_tokens_than_are_left_is_refused_and_a_smaller_one_is_not():
    client = limited(limit(tokens=10))

    assert statuses(client, 1, "x" * 40) == [429]
    assert statuses(client, 1, "hello") == [200]


def test_of_calls_and_tokens_the_stricter_holds():
    client = limited(limit(calls=2, tokens=1000))
    other = limited(limit(calls=9, tokens=5))

    assert statuses(client, 3) == [200, 200, 429]
    assert statuses(other, 3) == [200, 429, 429]


def test_a_refused_query_uses_nothing_up():
    client = limited(limit("endpoint", calls=2), limit(principal="ann@example.com", calls=0))
    ann, bob = client.user("ann"), client.user("bob")

    assert [statuses(one, 3) for one in (ann, bob)] == [[429, 429, 429], [200, 200, 429]]


def test_a_body_that_is_refused_uses_nothing_up():
    client = limited(limit(calls=1))

    assert statuses(client, 2, {"prompt": "x"}) == [400, 400]
    assert statuses(client, 2) == [200, 429]


def test_a_query_that_an_entity_fails_is_a_call_without_tokens():
    by_calls, by_tokens = limited(limit(calls=1)), limited(limit(tokens=4))
    for client in (by_calls, by_tokens):
        client.workspace.queries.fail("chat", "main", status=503)

    found = [statuses(client, 2) for client in (by_calls, by_tokens)]

    assert found == [[503, 429], [503, 200]]


def test_a_higher_limit_counts_at_once():
    client = limited(limit(calls=1))
    before = statuses(client, 2)
    client.put_gateway("chat", {"rate_limits": [limit(calls=3)]})

    assert before == [200, 429]
    assert statuses(client, 3) == [200, 200, 429]


def test_without_limits_nobody_is_limited():
    client = limited()

    assert statuses(client, 150) == [200] * 150


def test_limits_of_the_older_form_hold_too():
    client = Client()
    client.create(endpoint(external()))
    older = {"rate_limits": [{"key": "user", "calls": 1, "renewal_period": "minute"}]}
    client.does("PUT", f"{ENDPOINTS}/chat/rate-limits", older)

    assert statuses(client, 2) == [200, 429]


def test_another_endpoint_has_limits_of_its_own():
    client = limited(limit(calls=1))
    client.create(endpoint(external(), name="other", ai_gateway={"rate_limits": [limit(calls=1)]}))

    assert [statuses(client, 2, name=name) for name in ("chat", "other")] == [[200, 429]] * 2


def test_a_reset_gives_everything_back():
    client = limited(limit(calls=1))
    statuses(client, 2)

    client.workspace.reset()
    client.create(endpoint(external(), ai_gateway={"rate_limits": [limit(calls=1)]}))

    assert statuses(client, 2) == [200, 429]


def test_a_refusal_is_among_the_queries():
    client = limited(limit(calls=1))

    statuses(client, 2)

    assert [query.status_code for query in client.workspace.queries] == [200, 429]
