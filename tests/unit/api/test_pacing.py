"""How many requests go out at once, and when, before and after the workspace says 429."""

from __future__ import annotations

import json
import threading
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import httpx
import pytest

from databricks_serving.api import WorkspaceApi
from databricks_serving.clock import CalledOff, SystemClock
from databricks_serving.errors import (
    Interrupted,
    InvalidRequest,
    NotBegun,
    ServingError,
    TooManyRequests,
    may_have_had_effect,
)
from support.clock import FakeClock, SharedClock
from support.context import credentials
from support.transports import Altered, Script

OK = httpx.Response(200, json={"name": "chat"})
#: How long each request is under way; a power of two, so that sums of it are exact.
UNDER_WAY = 0.125


def refusal(status=429, after=None):
    headers = {} if after is None else {"Retry-After": str(after)}
    code = {429: "REQUEST_LIMIT_EXCEEDED", 503: "TEMPORARILY_UNAVAILABLE", 400: "BAD_REQUEST"}
    body = {"error_code": code[status], "message": "At most 50 calls."}
    return httpx.Response(status, json=body, headers=headers)


class Service:
    """Answers by the clock, each request after `UNDER_WAY`; `sent` has when they were sent."""

    def __init__(self, clock, answer):
        self.clock = clock
        self.answer = answer
        self.sent = []
        self._lock = threading.Lock()

    def api(self, **more):
        transport = Altered(Script(OK), self._answered)
        return WorkspaceApi(credentials(), self.clock, transport, **more)

    def _answered(self, request, _ok):
        with self._lock:
            self.sent.append((self.clock.passed, f"{request.method} {request.url.path}"))
        with suppress(CalledOff):  # what is under way comes to its end
            self.clock.wait(UNDER_WAY)
        with self._lock:
            answer = self.answer(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def sent_at(self):
        return dict(Counter(at for at, _ in self.sent))


def create(api):
    """Creates an endpoint of a name; the error that it ends with, if any."""

    def one(name):
        try:
            api.create_endpoint({"name": str(name)})
        except ServingError as failed:
            return failed
        return None

    return one


def test_until_the_first_429_everything_goes_out_at_once():
    clock = SharedClock()
    service = Service(clock, lambda _request: OK)

    clock.run(64, create(service.api()), range(128))

    assert service.sent_at == {0.0: 64, 0.125: 64}


def test_after_a_429_one_request_goes_first_and_each_that_is_taken_makes_room_for_one_more():
    clock = SharedClock()
    service = Service(clock, lambda _request: refusal(after=7) if clock.passed < 30 else OK)

    clock.run(20, create(service.api()), range(20))

    assert service.sent_at == {
        0.0: 20,
        7.125: 1,
        14.25: 1,
        21.375: 1,
        28.5: 1,
        35.625: 1,
        35.75: 2,
        35.875: 4,
        36.0: 8,
        36.125: 5,
    }


def test_nobody_is_overtaken_by_more_than_a_few_that_came_later():
    clock = SharedClock()
    taken = []

    def one_in_ten_seconds(request):
        if clock.passed < 10 * len(taken):
            return refusal(after=10)
        taken.append(int(json.loads(request.content)["name"]))
        return OK

    service = Service(clock, one_in_ten_seconds)

    clock.run(8, create(service.api()), range(32))

    overtaken = [sum(later > name for later in taken[:at]) for at, name in enumerate(taken)]
    assert len(taken) == 32
    assert max(overtaken) <= 4


def test_what_was_sent_before_a_pause_says_nothing_of_its_end():
    clock = SharedClock()
    seen = []

    def every_other(request):
        seen.append(request)
        return refusal(after=7) if clock.passed < 5 and len(seen) % 2 else OK

    service = Service(clock, every_other)

    clock.run(8, create(service.api()), range(8))

    assert service.sent_at == {0.0: 8, 7.125: 1, 7.25: 2, 7.375: 1}


def test_the_longest_named_time_counts():
    clock = SharedClock()
    answers = iter([refusal(after=3), refusal(after=9), refusal(after=6)])
    service = Service(clock, lambda _request: next(answers, OK))

    clock.run(3, create(service.api()), range(3))

    assert sorted(service.sent_at) == [0.0, 9.125, 9.25]


def test_without_a_named_time_the_pauses_double_however_many_were_refused_together():
    clock = SharedClock()
    service = Service(clock, lambda _request: OK if len(service.sent) >= 14 else refusal())

    clock.run(9, create(service.api()), range(9))

    moments = sorted(service.sent_at)[:6]
    pauses = [later - at - UNDER_WAY for at, later in pairwise(moments)]
    bounds = [(0.75, 1.25), (1.5, 2.5), (3, 5), (6, 10), (7.5, 12.5)]
    assert list(service.sent_at.values())[:6] == [9, 1, 1, 1, 1, 1]
    assert all(low <= pause <= high for pause, (low, high) in zip(pauses, bounds, strict=True))


def test_a_time_of_no_seconds_counts_as_none():
    clock = FakeClock()

    WorkspaceApi(credentials(), clock, Script(refusal(after=0), OK)).create_endpoint({})

    assert 0.75 <= clock.passed <= 1.25


def test_a_workspace_that_takes_one_in_a_while_gets_them_all():
    clock = SharedClock()
    taken = []

    def one_in_500_seconds(_request):
        if taken and clock.passed < taken[-1] + 500:
            return refusal(after=10)
        taken.append(clock.passed)
        return OK

    failed = clock.run(4, create(Service(clock, one_in_500_seconds).api()), range(4))

    assert failed == [None] * 4
    assert 1500 <= clock.passed <= 1560


def test_a_workspace_that_takes_nothing_is_an_error_for_all_after_ten_minutes():
    clock = SharedClock()
    service = Service(clock, lambda _request: refusal(after=50))
    api = service.api()

    failed = clock.run(8, create(api), range(8))

    assert [type(error) for error in failed] == [TooManyRequests] * 8
    assert str(failed[0]) == (
        "POST /api/2.0/serving-endpoints: the workspace answered 429 REQUEST_LIMIT_EXCEEDED: "
        "At most 50 calls. Run it again later, or with a lower --parallel."
    )
    assert 550 <= clock.passed <= 600.125
    assert len(service.sent) == 8 + 11


def test_who_never_was_sent_gets_the_error_under_its_own_name():
    clock = FakeClock()
    api = WorkspaceApi(credentials(), clock, Script(refusal(after=601)))
    with pytest.raises(TooManyRequests):
        api.create_endpoint({})

    with pytest.raises(TooManyRequests, match=r"PUT /api/2.0/serving-endpoints/chat/config: "):
        api.put_config("chat", {})

    assert clock.passed == 0


def test_after_the_named_time_a_workspace_that_was_given_up_is_asked_again():
    clock = FakeClock()
    api = WorkspaceApi(credentials(), clock, Script(refusal(after=601), OK))
    with pytest.raises(TooManyRequests):
        api.create_endpoint({})
    clock.advance(601)

    api.create_endpoint({})

    assert clock.passed == 601


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda api: api.get_endpoint("chat"), id="read"),
        pytest.param(lambda api: api.delete_endpoint("chat"), id="deletion"),
        pytest.param(lambda api: api.put_secret({}), id="secret"),
        pytest.param(lambda api: api.patch_permissions("0a1b", {}), id="permissions"),
    ],
)
def test_what_the_budget_of_creates_and_updates_does_not_count_goes_on(call):
    clock = FakeClock()
    script = Script(refusal(after=601), OK)
    api = WorkspaceApi(credentials(), clock, script)
    with pytest.raises(TooManyRequests):
        api.create_endpoint({})

    call(api)

    assert len(script.requests) == 2
    assert clock.passed == 0


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda api: api.put_config("chat", {}), id="config"),
        pytest.param(lambda api: api.put_ai_gateway("chat", {}), id="gateway"),
        pytest.param(lambda api: api.patch_tags("chat", (), ("team",)), id="tags"),
        pytest.param(lambda api: api.create_by_model_units({}), id="units"),
    ],
)
def test_what_it_counts_waits_too(call):
    script = Script(refusal(after=601), OK)
    api = WorkspaceApi(credentials(), FakeClock(), script)
    with pytest.raises(TooManyRequests):
        api.create_endpoint({})

    with pytest.raises(TooManyRequests):
        call(api)

    assert len(script.requests) == 1


def test_reads_that_are_throttled_hold_up_no_write():
    script = Script(refusal(after=601), OK)
    api = WorkspaceApi(credentials(), FakeClock(), script)
    with pytest.raises(TooManyRequests):
        api.get_endpoint("chat")

    api.create_endpoint({})

    assert script.sent[1:] == ["POST /api/2.0/serving-endpoints"]


def test_one_call_that_is_refused_while_others_get_through_ends_after_half_an_hour():
    clock = SharedClock()
    service = Service(
        clock, lambda request: refusal(after=90) if request.url.path.endswith("/bad/config") else OK
    )
    api = service.api()

    def put(name):
        try:
            for _ in range(1 if name == "bad" else 30):
                api.put_config(name, {})
                clock.wait(60)
        except TooManyRequests:
            return clock.passed
        return None

    bad, good = clock.run(2, put, ["bad", "good"])

    assert 1800 < bad < 1800 + 180
    assert good is None


def test_another_workspace_goes_on_at_full_speed():
    clock = FakeClock()
    busy = WorkspaceApi(credentials(), clock, Script(refusal(after=601)))
    with pytest.raises(TooManyRequests):
        busy.create_endpoint({})

    WorkspaceApi(credentials(host="https://other.test"), clock, Script(OK)).create_endpoint({})

    assert clock.passed == 0


@pytest.mark.parametrize(
    "first", [pytest.param(refusal(503), id="503"), pytest.param(httpx.ReadError, id="lost")]
)
def test_one_that_goes_first_and_learns_nothing_leaves_the_turn_to_the_next(first):
    clock = FakeClock()
    script = Script(refusal(after=7), first, OK)

    WorkspaceApi(credentials(), clock, script).put_config("chat", {})

    assert len(script.requests) == 3
    assert 7.75 <= clock.passed <= 8.25


def test_a_refusal_of_the_request_itself_shows_that_there_is_room():
    clock = SharedClock()
    answers = iter([refusal(after=7)] * 4 + [refusal(400)])
    service = Service(clock, lambda _request: next(answers, OK))

    failed = clock.run(4, create(service.api()), range(4))

    assert service.sent_at == {0.0: 4, 7.125: 1, 7.25: 2, 7.375: 1}
    assert [type(error) for error in failed if error] == [InvalidRequest]


def test_a_request_that_waited_its_turn_still_has_its_own_attempts():
    clock = FakeClock()
    script = Script(refusal(after=400), httpx.ReadError, OK)

    WorkspaceApi(credentials(), clock, script).put_config("chat", {})

    assert len(script.requests) == 3


@pytest.mark.parametrize(
    ("call", "line"),
    [
        pytest.param(
            lambda api: api.create_endpoint({}),
            "the workspace asks to slow down (50 creates and updates of endpoints in 5 minutes); "
            "waiting 7 s",
            id="budget",
        ),
        pytest.param(
            lambda api: api.put_secret({}),
            "the workspace asks to slow down; waiting 7 s",
            id="other",
        ),
    ],
)
def test_a_wait_is_said_where_it_is_worth_it(call, line):
    lines = []
    script = Script(refusal(after=7), refusal(after=1), OK)

    call(WorkspaceApi(credentials(), FakeClock(), script, lines.append))

    assert lines == [line]


@pytest.mark.parametrize(
    ("failed", "unclear"),
    [
        (NotBegun("its turn had not come", id="stopped-before-sending"), False),
        (Interrupted("it was under way", id="stopped-before-retry"), True),
    ],
)
def test_only_what_went_out_may_have_had_its_effect(failed, unclear):
    assert may_have_had_effect(failed) is unclear


def test_ctrl_c_ends_the_wait_of_everybody_at_once():
    clock = SharedClock()
    clock.call_off_at(3)
    service = Service(clock, lambda _request: refusal(after=300))

    failed = clock.run(8, create(service.api()), range(8))

    assert [type(error) for error in failed] == [NotBegun] * 8
    assert str(failed[0]).startswith(
        "Stopped while POST /api/2.0/serving-endpoints waited for its turn: the workspace asks"
    )
    assert clock.passed == 3
    assert len(service.sent) == 8


def test_ctrl_c_ends_the_wait_for_a_place_at_once_while_another_request_is_under_way():
    clock = SharedClock()
    answers = iter([refusal(after=7)] * 3)
    service = Service(clock, lambda _request: next(answers, OK))
    # The one that goes first is under way from 7.125 to 7.25 s.
    clock.call_off_at(7.1875)

    failed = clock.run(3, create(service.api()), range(3))

    assert Counter(type(error) for error in failed) == {NotBegun: 2, type(None): 1}
    assert clock.passed == 7.1875


def test_ctrl_c_ends_a_wait_by_the_machines_own_time_too():
    called_off = threading.Event()
    script = Script(refusal(after=300))
    api = WorkspaceApi(
        credentials(), SystemClock(called_off), script, lambda _line: called_off.set()
    )

    with pytest.raises(NotBegun):
        api.create_endpoint({})

    assert len(script.requests) == 1


def test_a_wait_that_nobody_can_be_told_of_gives_its_place_back():
    told = []

    def broken_once(line):
        told.append(line)
        if len(told) == 1:
            raise BrokenPipeError

    script = Script(refusal(after=7), OK)
    api = WorkspaceApi(credentials(), FakeClock(), script, broken_once)
    with pytest.raises(BrokenPipeError):
        api.create_endpoint({})

    api.create_endpoint({})

    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("after", "least", "most"), [pytest.param(7, 7, 7), pytest.param(None, 0.75, 1.25)]
)
def test_a_list_that_one_can_do_without_is_given_up_at_its_first_429(after, least, most):
    clock = FakeClock()
    script = Script(refusal(after=after), OK)
    api = WorkspaceApi(credentials(), clock, script)

    with pytest.raises(TooManyRequests):
        api.updates_under_way(5)

    assert clock.passed == 0
    api.get_endpoint("chat")
    assert least <= clock.passed <= most


def test_a_list_that_one_can_do_without_is_not_sent_while_the_workspace_asks_to_slow_down():
    clock = FakeClock()
    script = Script(refusal(after=7), OK)
    api = WorkspaceApi(credentials(), clock, script)
    with pytest.raises(TooManyRequests):
        api.updates_under_way(5)

    with pytest.raises(TooManyRequests, match=r"GET /api/2.0/serving-endpoints: "):
        api.updates_under_way(5)

    assert (len(script.requests), clock.passed) == (1, 0)


def test_a_list_that_one_can_do_without_may_take_as_long_as_is_said():
    script = Script(OK)

    WorkspaceApi(credentials(), FakeClock(), script).updates_under_way(2.5)

    assert script.requests[0].extensions["timeout"] == {
        "connect": 2.5,
        "read": 2.5,
        "write": 2.5,
        "pool": 2.5,
    }


def test_an_error_that_is_no_answer_lets_the_next_one_go():
    script = Script(refusal(after=7), httpx.ReadTimeout, OK)
    api = WorkspaceApi(credentials(), FakeClock(), script)
    with pytest.raises(ServingError):
        api.create_endpoint({})

    api.create_endpoint({})

    assert len(script.requests) == 3
