"""What a program marks as secret, where the elements of a list are told apart by it."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import Stack, Verdict
from support.context import Bench, wired
from unit.apply.gateways import (
    AI_GATEWAY,
    RATE_LIMITS,
    applied_to,
    by_hand,
    preview,
    program,
    served,
    there,
)
from unit.apply.said import chat, churn

CANARY = "c4nary@x.com"
ROTATED = "r0tated@x.com"
#: As the service answers it, defaults and all.
FOREIGN = {"calls": 3, "key": "endpoint", "renewal_period": "minute"}
#: What a program marks, below the list's own path.
MARKED = {
    "the principal": [0.0, "principal"],
    "the limit": [0.0],
    "the whole list": [],
    "what is not in the key": [0.0, "calls"],
}


def limits(principal=CANARY, calls=5):
    return [{"calls": calls, "key": "user", "principal": principal, "renewal_period": "minute"}]


def marked(path, **said):
    return program(**said, __secret_leaves=[["rate_limits", *path]])


def inline(path, principal=CANARY):
    gateway = {"rate_limits": limits(principal)}
    leaves = [["ai_gateway", "rate_limits", *path]]
    return {**chat(churn()), "ai_gateway": gateway, "__secret_leaves": leaves}


KINDS = pytest.mark.parametrize("kind", [AI_GATEWAY, RATE_LIMITS])
PATHS = pytest.mark.parametrize("what", MARKED)


@KINDS
@PATHS
def test_the_principal_of_a_limit_is_a_fingerprint_in_the_key_too(kind, what):
    said = marked(MARKED[what], rate_limits=limits())

    bench, outputs = applied_to(None, said, kind)

    assert served(bench)["rate_limits"] == limits()
    assert outputs["rate_limits"] == limits()
    assert (CANARY in str(outputs["__applied"])) == (what == "what is not in the key")


@KINDS
@PATHS
def test_a_marked_limit_is_no_difference_after_a_create_nor_a_read_nor_an_update(kind, what):
    said = marked(MARKED[what], rate_limits=limits())
    bench, outputs = applied_to(None, said, kind)

    reading = bench.read(kind, "chat", outputs, said)
    updated = bench.update(kind, "chat", reading.outputs, said)

    assert preview(outputs, said, kind) == Verdict()
    assert wired(reading.outputs) == wired(outputs)
    assert preview(reading.outputs, said, kind) == Verdict()
    assert preview(updated, said, kind) == Verdict()
    assert bench.sent == []


@KINDS
@PATHS
def test_another_principal_is_sent_in_clear_and_in_no_key(kind, what):
    bench, outputs = applied_to(None, marked(MARKED[what], rate_limits=limits()), kind)
    said = marked(MARKED[what], rate_limits=limits(ROTATED))

    shown = preview(outputs, said, kind)
    updated = bench.update(kind, "chat", outputs, said)

    assert shown.changed is True
    assert served(bench)["rate_limits"] == limits(ROTATED)
    assert preview(updated, said, kind) == Verdict()
    stored = str(updated["__applied"])
    assert CANARY not in stored
    assert (ROTATED in stored) == (what == "what is not in the key")


def test_a_limit_that_somebody_changes_is_shown_and_put_back():
    said = marked([0.0, "principal"], rate_limits=limits())
    bench, outputs = applied_to(None, said)
    by_hand(bench, {"rate_limits": [*limits(calls=9), FOREIGN]})

    reading = bench.read(AI_GATEWAY, "chat", outputs, said)
    drifted = preview(reading.outputs, said)
    bench.clock.advance(120)
    bench.update(AI_GATEWAY, "chat", reading.outputs, said)

    assert reading.outputs["rate_limits"] == [*limits(calls=9), FOREIGN]
    assert drifted.changed is True
    assert served(bench)["rate_limits"] == limits()


def test_a_default_that_the_program_leaves_out_is_in_the_key_all_the_same():
    said = marked([], rate_limits=[{"calls": 5, "renewal_period": "minute"}])
    bench = there()

    outputs = bench.create(AI_GATEWAY, said).outputs

    assert served(bench)["rate_limits"][0]["key"] == "endpoint"
    assert preview(bench.read(AI_GATEWAY, "chat", outputs, said).outputs, said) == Verdict()


@PATHS
def test_the_same_of_an_endpoints_own_gateway(what):
    bench = Bench()

    outputs = bench.create(endpoint, inline(MARKED[what])).outputs
    reading = bench.read(endpoint, "chat", outputs, inline(MARKED[what]))
    shown = endpoint.diff(wired(reading.outputs), inline(MARKED[what]), Stack())
    updated = bench.update(endpoint, "chat", outputs, inline(MARKED[what], ROTATED))

    assert shown == Verdict()
    assert wired(reading.outputs) == wired(outputs)
    assert bench.served()["ai_gateway"]["rate_limits"] == limits(ROTATED)
    stored = str([each["__applied"] for each in (outputs, updated)])
    clear = what == "what is not in the key"
    assert [one in stored for one in (CANARY, ROTATED)] == [clear, clear]


def test_the_key_of_a_tag_cannot_be_secret():
    tags = {"tags": [{"key": CANARY, "value": "x"}], "__secret_leaves": [["tags", 0.0, "key"]]}

    checked = endpoint.check({}, chat(churn(), **tags), Stack())

    (problem,) = map(str, checked.problems)
    assert problem.startswith("tags[0].key: is marked as secret")
    assert CANARY not in problem
