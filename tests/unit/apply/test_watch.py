"""Many waits at once: one list tells which updates are still under way, and no more than that."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import httpx
import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import LeftUnfinished
from databricks_serving.clock import CalledOff
from databricks_serving.errors import Interrupted, StillUpdating
from support.clock import SharedClock
from support.context import ENDPOINTS, Bench
from support.transports import Altered
from unit.apply.said import chat, churn

#: How long each request is under way; a power of two, so that sums of it are exact.
UNDER_WAY = 0.125
PERMISSION_DENIED = {"error_code": "PERMISSION_DENIED", "message": "No."}


class Fleet:
    """Endpoints `e-0`, `e-1`, … that deploy for so many seconds, each created by its own thread.

    listing: gives the answer to a list, in place of the workspace's, from a function that gives it
    slow: how many seconds a list takes more than any other answer
    lists: how many were asked for
    ended: how many seconds each create took, and which error ended it or None
    """

    def __init__(self, seconds, listing=None):
        self.bench = Bench(clock=SharedClock())
        self.bench.workspace.deployments.plan(seconds=seconds)
        self.listing = listing
        self.slow = 0
        self.ended = {}
        self.lists = 0
        self.context = self.bench.context(
            transport=Altered(self.bench.workspace.transport(), self._pass)
        )
        # Asked once, in a turn: nobody may stand in line for it while time stands still.
        self.clock.run(1, lambda api: api.identity(), [self.context.api])
        self.bench.workspace.clear_calls()

    @property
    def clock(self):
        return self.bench.clock

    def create(self, number, **more):
        said = {**chat(churn()), "name": f"e-{number}", **more}
        begun, failed = self.clock.passed, None
        try:
            endpoint.create(said, self.context)
        except LeftUnfinished as left:
            failed = type(left.reason)
        except ZeroDivisionError:
            failed = ZeroDivisionError
        self.ended[number] = (self.clock.passed - begun, failed)

    def create_all(self, count):
        self.clock.run(count, self.create, range(count))

    @property
    def gets(self):
        """How many GETs of one endpoint the workspace answered."""
        return sum(
            call.method == "GET" and call.path.startswith(f"{ENDPOINTS}/")
            for call in self.bench.workspace.calls
        )

    def _pass(self, request, answer):
        with suppress(CalledOff):  # what is under way comes to its end
            self.clock.wait(UNDER_WAY)
        if request.method != "GET" or request.url.path != ENDPOINTS:
            return answer()
        self.lists += 1
        within = request.extensions["timeout"]["read"]
        with suppress(CalledOff):
            self.clock.wait(min(self.slow, within))
        if self.slow > within:
            raise httpx.ReadTimeout("no answer", request=request)
        return answer() if self.listing is None else self.listing(answer)


def entries(change):
    """Lists whose entries are as `change` makes them; None: left out."""

    def listing(answer):
        body = json.loads(answer().content)
        changed = [change(entry) for entry in body["endpoints"]]
        return httpx.Response(200, json={"endpoints": [entry for entry in changed if entry]})

    return listing


def test_200_endpoints_that_deploy_for_twenty_minutes_take_120_lists_and_seven_gets_each():
    fleet = Fleet(1190)

    fleet.create_all(200)

    # GETs: before the POST, after it, three to look for oneself, the end, and what it then is.
    assert (fleet.lists, fleet.gets) == (120, 1400)
    assert {failed for _, failed in fleet.ended.values()} == {None}
    assert all(1190 <= seconds < 1201 for seconds, _ in fleet.ended.values())


def test_one_endpoint_alone_is_asked_for_by_itself():
    fleet = Fleet(100)

    fleet.create_all(1)

    assert (fleet.lists, fleet.gets) == (0, 17)


def test_waits_that_begin_at_different_times_come_to_look_together():
    fleet = Fleet(600)

    def later(number):
        fleet.clock.wait(number * 3.0)
        fleet.create(number)

    fleet.clock.run(10, later, range(10))

    # Each alone takes 67 GETs. One list in ten seconds, some more while the later ones look often.
    assert 60 <= fleet.lists <= 85
    assert fleet.gets <= 70
    assert all(600 <= seconds < 611 for seconds, _ in fleet.ended.values())


def test_where_nobody_may_list_each_looks_for_itself_and_the_list_is_asked_for_once():
    fleet = Fleet(250, lambda _: httpx.Response(403, json=PERMISSION_DENIED))

    fleet.create_all(3)

    assert (fleet.lists, fleet.gets) == (1, 3 * 32)
    assert all(250 <= seconds < 261 and not failed for seconds, failed in fleet.ended.values())


def test_a_list_that_fails_is_asked_for_again_after_five_minutes_and_not_repeated_before():
    failures = []

    def failing(_answer):
        failures.append(fleet.clock.passed)
        return httpx.Response(503, json={"error_code": "TEMPORARILY_UNAVAILABLE"})

    fleet = Fleet(700, failing)

    fleet.create_all(3)

    assert len(failures) == 3
    assert all(300 < after - before < 320 for before, after in pairwise(failures))
    assert {failed for _, failed in fleet.ended.values()} == {None}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _entry: None, id="not-listed"),
        pytest.param(lambda entry: {**entry, "id": "another"}, id="of-that-name-another"),
        pytest.param(lambda entry: {**entry, "state": None}, id="without-a-state"),
        pytest.param(
            lambda entry: {**entry, "state": {"config_update": "NOT_UPDATING"}},
            id="said-to-be-over",
        ),
    ],
)
def test_an_endpoint_that_the_list_does_not_show_updating_is_asked_for_by_itself(change):
    fleet = Fleet(100, entries(change))

    fleet.create_all(3)

    assert fleet.gets == 3 * 17
    assert all(100 <= seconds < 111 and not failed for seconds, failed in fleet.ended.values())


def test_a_list_that_stays_behind_holds_an_endpoint_up_for_five_minutes_at_most():
    updating = {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    fleet = Fleet(30, entries(lambda entry: {**entry, "state": updating}))

    fleet.create_all(3)

    assert all(300 <= seconds < 316 and not failed for seconds, failed in fleet.ended.values())


def test_before_the_time_is_up_for_good_each_looks_once_for_itself():
    updating = {"ready": "NOT_READY", "config_update": "IN_PROGRESS"}
    fleet = Fleet(40, entries(lambda entry: {**entry, "state": updating}))

    fleet.clock.run(3, lambda n: fleet.create(n, deploy={"timeout": "45s"}), range(3))

    assert all(45 <= seconds < 46 and not failed for seconds, failed in fleet.ended.values())


def test_where_a_workspace_has_very_many_endpoints_a_few_waits_look_for_themselves():
    many = [{"name": f"other-{number}"} for number in range(151)]
    fleet = Fleet(100, lambda _: httpx.Response(200, json={"endpoints": many}))

    fleet.create_all(3)

    assert (fleet.lists, fleet.gets) == (1, 3 * 17)
    assert all(100 <= seconds < 111 and not failed for seconds, failed in fleet.ended.values())


def test_each_endpoint_keeps_its_own_timeout_to_the_second():
    fleet = Fleet(7200)
    said = ["45s", "61s", "10m", "12m"]

    def create(number):
        fleet.create(number, deploy={"timeout": said[number]})

    fleet.clock.run(4, create, range(4))

    # From the POST's answer on: a look and the POST come before, a last look and one for the state
    # after it, of `UNDER_WAY` each.
    assert [fleet.ended[number] for number in range(4)] == [
        (seconds + 4 * UNDER_WAY, StillUpdating) for seconds in (45, 61, 600, 720)
    ]


def test_ctrl_c_ends_all_waits_at_once():
    fleet = Fleet(7200)
    fleet.clock.call_off_at(100)

    fleet.create_all(20)

    assert fleet.clock.passed == 100
    assert [failed for _, failed in fleet.ended.values()] == [Interrupted] * 20


@pytest.mark.parametrize("slow", [pytest.param(5.5, id="slow"), pytest.param(90, id="none-comes")])
def test_a_list_that_takes_longer_than_half_an_interval_is_given_up_and_delays_no_end(slow):
    fleet = Fleet(400)
    fleet.slow = slow

    fleet.create_all(20)

    # One at each of the intervals up to ten seconds, and then one in five minutes.
    assert 4 <= fleet.lists <= 7
    assert all(400 <= seconds < 416 and not failed for seconds, failed in fleet.ended.values())


def test_a_list_that_comes_later_than_it_may_be_old_counts_as_one_that_failed():
    def trickling(answer):
        fleet.clock.wait(8)
        return answer()

    fleet = Fleet(290, trickling)

    fleet.create_all(3)

    assert 4 <= fleet.lists <= 7
    assert all(290 <= seconds < 306 and not failed for seconds, failed in fleet.ended.values())


def test_a_list_that_is_slow_for_the_first_looks_serves_the_later_ones():
    fleet = Fleet(590)
    fleet.slow = 2

    fleet.create_all(20)

    # Each alone takes 67 GETs.
    assert 50 <= fleet.lists <= 65
    assert fleet.gets <= 20 * 14
    assert all(590 <= seconds < 603 and not failed for seconds, failed in fleet.ended.values())


def test_a_slow_list_is_not_waited_for_beyond_the_timeout():
    fleet = Fleet(7200)
    fleet.slow = 4

    def create(number):
        fleet.create(number, deploy={"timeout": f"{110 + number}s"})

    fleet.clock.run(20, create, range(20))

    assert [fleet.ended[number] for number in range(20)] == [
        (110 + number + 4 * UNDER_WAY, StillUpdating) for number in range(20)
    ]


@pytest.mark.parametrize("names", [{}, {"Retry-After": "5"}], ids=["no-time", "5s"])
def test_where_only_the_list_is_refused_with_429_no_wait_is_held_up(names):
    fleet = Fleet(
        100,
        lambda _: httpx.Response(429, json={"error_code": "REQUEST_LIMIT_EXCEEDED"}, headers=names),
    )

    fleet.create_all(3)

    assert fleet.lists == 1
    assert 3 * 15 < fleet.gets <= 3 * 17
    assert all(100 <= seconds < 115 and not failed for seconds, failed in fleet.ended.values())


def test_where_only_the_list_is_refused_with_429_each_keeps_its_timeout():
    refused = {"error_code": "REQUEST_LIMIT_EXCEEDED"}
    fleet = Fleet(5000, lambda _: httpx.Response(429, json=refused))

    fleet.clock.run(3, lambda n: fleet.create(n, deploy={"timeout": "1m"}), range(3))

    assert fleet.lists == 1
    assert set(fleet.ended.values()) == {(60 + 4 * UNDER_WAY, StillUpdating)}


def test_lists_that_serve_nobody_are_asked_for_in_the_first_minute_and_then_every_five():
    fleet = Fleet(1190, entries(lambda _entry: None))

    fleet.create_all(64)

    # The first minute takes ten. Where all could be served there are 120.
    assert 10 <= fleet.lists <= 14
    assert {failed for _, failed in fleet.ended.values()} == {None}


def test_a_list_that_shows_what_is_new_a_minute_late_serves_the_rest_of_the_wait():
    fleet = Fleet(1190, entries(lambda entry: entry if fleet.clock.passed > 55 else None))

    fleet.create_all(64)

    # From then on one in five minutes for oneself, as in any long wait; 124 each without lists.
    assert fleet.gets <= 64 * 18
    assert {failed for _, failed in fleet.ended.values()} == {None}


def test_a_wait_that_crashes_with_the_list_in_hand_leaves_the_others_waiting_as_before():
    crashed = []

    def crashing_once(answer):
        if not crashed:
            crashed.append(True)
            raise ZeroDivisionError
        return answer()

    fleet = Fleet(100, crashing_once)

    fleet.create_all(5)

    ended = Counter(failed for _, failed in fleet.ended.values())
    assert ended == {ZeroDivisionError: 1, None: 4}
    assert all(100 <= seconds < 111 for seconds, failed in fleet.ended.values() if not failed)
