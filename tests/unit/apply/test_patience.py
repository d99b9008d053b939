"""How long a deployment is waited for where nobody says."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.patience import patience
from databricks_serving.apply.wait import duration
from databricks_serving.errors import StillUpdating
from databricks_serving.state.endpoint import endpoint_inputs
from databricks_serving_schema import Allowances
from support.context import Bench
from unit.apply.said import chat, churn, gpt, split

MINUTE = 60
# The platform's own limits (Databricks page on custom model serving), in minutes.
PLATFORM = {"CPU": 30, "GPU_SMALL": 60, "GPU_LARGE": 120}


def waits(said, custom_timeout=None):
    return patience(endpoint_inputs(said, Allowances()), custom_timeout) / MINUTE


@pytest.mark.parametrize(
    ("entities", "minutes"),
    [
        ([gpt()], 20),
        ([churn()], 60),
        ([churn(workload_type="CPU")], 60),
        ([churn(workload_type="GPU_SMALL")], 90),
        ([churn(workload_type="GPU_MEDIUM")], 90),
        ([churn(workload_type="GPU_LARGE")], 180),
        ([churn(workload_type="MULTIGPU_MEDIUM")], 180),
    ],
)
def test_the_workload_decides(entities, minutes):
    assert waits(chat(*entities)) == minutes


def test_the_slowest_entity_decides():
    said = chat(churn(), churn(name="big", workload_type="GPU_LARGE"))
    said["config"] |= split(churn=90, big=10)

    assert waits(said) == 180


@pytest.mark.parametrize("workload", PLATFORM)
def test_no_default_is_below_the_platforms_own_limit(workload):
    assert waits(chat(churn(workload_type=workload))) > PLATFORM[workload]


def test_pulumis_timeout_wins_over_the_default_and_the_programs_over_both():
    said = chat(churn(), deploy={"timeout": "5m"})

    assert waits(chat(churn()), 600.0) == 10
    assert waits(said, 600.0) == 5


@pytest.mark.parametrize(("entity", "seconds"), [(gpt(), 1200), (churn(), 3600)])
def test_a_create_waits_so_long(entity, seconds):
    bench = Bench()
    bench.workspace.deployments.plan(seconds=100_000)

    bench.fails(StillUpdating, bench.create, endpoint, chat(entity))

    assert bench.clock.passed == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (45.9, "45s"),
        (90, "1m30s"),
        (720, "12m"),
        (5400, "1h30m"),
        (7200, "2h"),
        (7230, "2h"),
    ],
)
def test_a_length_of_time_is_written_for_people(seconds, text):
    assert duration(seconds) == text
