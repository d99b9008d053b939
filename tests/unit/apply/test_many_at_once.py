"""Sixty-four operations at once, as the engine asks for them by default."""

from __future__ import annotations

import threading

import pytest

from databricks_serving.apply import endpoint, scope, secret
from databricks_serving_emulator import Behaviour
from support.clock import SharedClock
from support.context import ENDPOINTS, Bench
from support.transports import Altered
from unit.apply.said import chat, churn

THREADS = 64
#: How long each request is under way.
UNDER_WAY = 0.125


class Way:
    """The way to a workspace, on which each request takes time.

    retry_after: what a 429 says in place of the workspace's own seconds; `log`: each write of an
    endpoint as ("sent", how many of them are under way) and ("answered", status)
    """

    def __init__(self, bench, *, retry_after=None):
        self.bench = bench
        self.retry_after = retry_after
        self.log = []
        self._under_way = 0
        self._lock = threading.Lock()

    def context(self):
        context = self.bench.context(
            transport=Altered(self.bench.workspace.transport(), self._pass)
        )
        # Asked once, in a turn: nobody may stand in line for it while time stands still.
        self.bench.clock.run(1, lambda api: api.identity(), [context.api])
        return context

    def _pass(self, request, answer):
        counts = request.method != "GET" and request.url.path.startswith(ENDPOINTS)
        if counts:
            self._note("sent", +1)
        self.bench.clock.wait(UNDER_WAY)
        answered = answer()
        if answered.status_code == 429 and self.retry_after is not None:
            answered.headers["Retry-After"] = str(self.retry_after)
        if counts:
            self._note("answered", -1, answered.status_code)
        return answered

    def _note(self, what, step, status=None):
        with self._lock:
            self._under_way += step
            self.log.append((what, self._under_way if status is None else status))

    @property
    def most_under_way(self):
        return max(number for what, number in self.log if what == "sent")

    @property
    def refused(self):
        return self.log.count(("answered", 429))

    @property
    def under_way_after_a_refusal(self):
        """How many were under way with each one that was sent when the latest answer was a 429."""
        pairs = zip(self.log, self.log[1:], strict=False)
        return {
            then[1] for first, then in pairs if first == ("answered", 429) and then[0] == "sent"
        }


def named(name, *entities, **more):
    return {**chat(*entities, **more), "name": name}


@pytest.mark.parametrize(
    ("retry_after", "refused"), [pytest.param(None, 45, id="its-own"), pytest.param(7, 145, id="7")]
)
def test_tc_04_120_endpoints_are_created_though_the_workspace_takes_50_in_5_minutes(
    retry_after, refused
):
    bench = Bench(clock=SharedClock())
    bench.workspace.behaviour = Behaviour(write_budget=50)
    way = Way(bench, retry_after=retry_after)
    context = way.context()

    made = bench.clock.run(
        THREADS, lambda n: endpoint.create(named(f"chat-{n}"), context).id, range(120)
    )

    assert made == [f"chat-{n}" for n in range(120)]
    assert len(bench.workspace.ui("GET", ENDPOINTS).json()["endpoints"]) == 120
    # Two windows of five minutes have to pass: 50, 50, and the last 20. Who is refused when is the
    # threads' own affair, so a Retry-After more or less is, too: within 5 % of the optimum.
    assert 600 <= bench.clock.passed < 630
    assert way.most_under_way == THREADS
    assert way.under_way_after_a_refusal == {1}
    assert way.refused <= refused


#: Creates and updates of endpoints that a workspace takes, and in how many seconds (Databricks page
#: on the limits of Model Serving).
BUDGET, WINDOW = 50, 300.0


def optimum(creates, seconds):
    """When the last of so many creates can be deployed: as soon as the budget has room for it."""
    windows_before_the_last = (creates - 1) // BUDGET
    return windows_before_the_last * WINDOW + seconds


@pytest.mark.parametrize(
    ("threads", "creates", "seconds"),
    [
        pytest.param(64, 200, 0, id="ready-at-once"),
        pytest.param(64, 200, 120, id="two-minutes"),
        pytest.param(256, 200, 1200, id="twenty-minutes-all-at-once"),
        pytest.param(256, 400, 60, id="more-than-threads"),
    ],
)
def test_an_up_takes_five_percent_longer_at_most_than_the_write_budget_allows(
    threads, creates, seconds
):
    bench = Bench(clock=SharedClock())
    bench.workspace.behaviour = Behaviour(write_budget=BUDGET)
    bench.workspace.deployments.plan(seconds=seconds)
    context = Way(bench).context()

    ready = bench.clock.run(
        threads,
        lambda n: endpoint.create(named(f"churn-{n}", churn()), context).outputs["state"]["ready"],
        range(creates),
    )

    best = optimum(creates, seconds)
    assert ready == ["READY"] * creates
    assert best <= bench.clock.passed <= 1.05 * best


def test_tc_06_twenty_deployments_of_twenty_minutes_take_twenty_minutes():
    bench = Bench(clock=SharedClock())
    bench.workspace.deployments.plan(seconds=1200)
    context = Way(bench).context()

    ready = bench.clock.run(
        THREADS,
        lambda n: endpoint.create(named(f"churn-{n}", churn()), context).outputs["state"],
        range(20),
    )

    assert ready == [{"ready": "READY", "config_update": "NOT_UPDATING"}] * 20
    assert 1200 <= bench.clock.passed < 1260


def test_tc_06_a_secret_is_put_while_endpoints_deploy_and_others_wait_for_their_turn():
    bench = Bench(clock=SharedClock())
    bench.workspace.behaviour = Behaviour(write_budget=10)
    bench.workspace.deployments.plan(seconds=1200)
    context = Way(bench).context()
    scope.create({"name": "llm-keys"}, bench.context())
    done = {}

    def one(number):
        if number == 63:
            bench.clock.wait(60)
            secret.create({"scope": "llm-keys", "key": "openai", "value": "made-up"}, context)
        else:
            endpoint.create(named(f"churn-{number}", churn()), context)
        done[number] = bench.clock.passed

    bench.clock.run(THREADS, one, [*range(20), 63])

    assert len(done) == 21
    assert done[63] < 62
    assert sum(at > 1500 for at in done.values()) == 10
    assert max(done.values()) < 1560
