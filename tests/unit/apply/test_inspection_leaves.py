"""For every leaf of the schema: somebody changes it in the workspace, and drift detection says so.

The leaves, and the programs that say them, come from the schema. Whoever changes something here is
another stack: it writes through the same API and leaves the state as it is.
"""

from __future__ import annotations

import pytest

from databricks_serving_schema import Readback
from support.context import ENDPOINTS, SECRETS
from support.endpoints import config, program, registered
from support.exported import differences, exported, look, undeclared
from support.leaves import (
    EACH,
    KEY,
    LEAVES,
    MORE,
    changed,
    first_said,
    taken_out,
    values_at,
)
from support.valid_programs import PROGRAMS
from unit.apply.gateways import SECTIONS, recreate
from unit.apply.leaf_lives import Life
from unit.apply.leaf_outcomes import ONE_VALUE, RECORDED, STOPS

#: What is planned and sent; how it is done stands in no workspace.
OF_RESOURCES = [leaf for leaf in LEAVES if not leaf.setting]
ECHOED = [leaf for leaf in OF_RESOURCES if leaf.field.policy.readback is not Readback.NEVER]
NEVER = [leaf for leaf in OF_RESOURCES if leaf.field.policy.readback is Readback.NEVER]
#: What a resource is found by: under another one it is not there any more.
ADDRESSES = (
    "ServingEndpoint.name",
    "AiGateway.endpoint_name",
    "RateLimits.endpoint_name",
    "EndpointPermissions.endpoint_name",
    "SecretScope.name",
    "Secret.scope",
    "Secret.key",
    "SecretAcl.scope",
    "SecretAcl.principal",
)
#: Grants are told apart by whom they are for, and told by what each may do.
GRANTED = ("EndpointPermissions.access_control[].",)
#: The service fills in what it chooses where nothing is said, so that says nothing of anybody.
CHOSEN_BY_THE_SERVICE = (
    "ServingEndpoint.config.served_entities[].name",
    "ServingEndpoint.config.served_entities[].workload_size",
    "ServingEndpoint.config.served_entities[].workload_type",
    "ServingEndpoint.config.auto_capture_config.enabled",
    "ServingEndpoint.config.auto_capture_config.table_name_prefix",
    "ServingEndpoint.ai_gateway.inference_table_config.table_name_prefix",
    "AiGateway.inference_table_config.table_name_prefix",
    "ServingEndpoint.telemetry_config.inference_table_config.sampling_fraction",
)
#: Left out, the older table stays as it is.
STAYS_ON = "ServingEndpoint.config.auto_capture_config.enabled"
#: What comes of a program that changes nothing in the workspace.
NO_EFFECT = (STOPS, RECORDED, "nothing")


def by_leaf(leaves):
    return pytest.mark.parametrize("leaf", [pytest.param(leaf, id=str(leaf)) for leaf in leaves])


def recorded(life):
    return exported(life.kind, life.id, life.inputs, life.outputs)


def inspected(life, state):
    life.bench.workspace.clear_calls()
    (seen,) = look(life.bench, state, token=life.more.get("token", "dapi-emulator"))
    assert life.bench.workspace.writes == ()
    assert seen.error is None
    return seen


def somebody_else_makes_it_so(life, said):
    """Another stack brings it about, in place or with another in its place; what that took."""
    outcome = life.up(said)
    if outcome not in NO_EFFECT and not isinstance(outcome, list):
        take_away(life)
        life.inputs = {}
        life.bench.create(life.verbs, life.checked(said), **life.more)
    life.bench.clock.advance(120)  # a gateway shows late
    return outcome


def take_away(life):
    if life.kind == "SecretScope":
        life.bench.workspace.ui("POST", f"{SECRETS}/scopes/delete", {"scope": life.id})
    else:
        life.bench.workspace.ui("DELETE", f"{ENDPOINTS}/chat")


def is_at(leaf, path):
    """Whether a path of a difference is the leaf's, keys of elements aside."""
    if str(leaf).startswith(GRANTED):
        return path[:1] == ("access_control",) and path[2:] == ("permission_level",)
    return len(path) == len(leaf.steps) and all(
        step in (EACH, KEY) or step == there for step, there in zip(leaf.steps, path, strict=True)
    )


def named(leaf, found):
    return [one for one in found if is_at(leaf, one.change.path)]


def origins(leaf, seen):
    return {one.origin.value for one in named(leaf, seen.comparison.differences)}


# --- what GET echoes, in a declared part ---------------------------------------------------------


@by_leaf(leaf for leaf in ECHOED if str(leaf) not in (*ADDRESSES, *ONE_VALUE))
def test_another_value_that_somebody_gave_a_leaf_is_named_by_its_path(leaf):
    pair = changed(leaf)
    life = Life(pair.kind, pair.before)
    state = recorded(life)
    before = inspected(life, state)

    somebody_else_makes_it_so(life, pair.after)
    seen = inspected(life, state)

    assert differences(before) == {}
    assert origins(leaf, seen) == {"outside"}


@by_leaf(leaf for leaf in ECHOED if taken_out(leaf) and str(leaf) not in ADDRESSES)
def test_a_leaf_that_somebody_cleared_is_named_by_its_path(leaf):
    pair = taken_out(leaf)
    life = Life(pair.kind, pair.before)
    state = recorded(life)

    outcome = somebody_else_makes_it_so(life, pair.after)
    seen = inspected(life, state)

    in_effect = outcome not in NO_EFFECT and str(leaf) != STAYS_ON
    assert origins(leaf, seen) == ({"outside"} if in_effect else set())


@by_leaf(leaf for leaf in ECHOED if first_said(leaf) and str(leaf) not in ADDRESSES)
def test_a_leaf_that_somebody_said_and_no_program_does_is_told(leaf):
    pair = first_said(leaf)
    life = Life(pair.kind, pair.before)
    state = recorded(life)

    outcome = somebody_else_makes_it_so(life, pair.after)
    seen = inspected(life, state)

    told = named(leaf, (*seen.comparison.differences, *seen.comparison.undeclared))
    part = [one for one in seen.comparison.undeclared if is_above(leaf, one.change.path)]
    in_effect = outcome not in NO_EFFECT and str(leaf) not in CHOSEN_BY_THE_SERVICE
    assert bool(told or part) == in_effect


def is_above(leaf, path):
    """Whether a path is that of a part which the leaf stands in."""
    return path == leaf.steps[: len(path)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_not_there_under_its_address_is_missing(address):
    kind = address.partition(".")[0]
    said = next(said for of, said in (*PROGRAMS.values(), *MORE) if of == kind)
    life = Life(kind, {**said, **({"endpoint_name": "chat"} if "endpoint_name" in said else {})})
    state = recorded(life)

    vanish(life)
    seen = inspected(life, state)

    assert differences(seen) == {"": "outside"}
    assert (seen.actual, seen.comparison.undeclared) == (None, ())


def vanish(life):
    ui = life.bench.workspace.ui
    said = life.inputs
    if life.kind == "Secret":
        ui("POST", f"{SECRETS}/delete", {"scope": said["scope"], "key": said["key"]})
    elif life.kind == "SecretAcl":
        body = {"scope": said["scope"], "principal": said["principal"]}
        ui("POST", f"{SECRETS}/acls/delete", body)
    else:
        take_away(life)


@pytest.mark.parametrize("kind", ["ServingEndpoint", "AiGateway", "RateLimits"])
def test_an_endpoint_that_somebody_deleted_and_made_again_is_told_by_its_id(kind):
    said = {
        "ServingEndpoint": {"name": "chat"},
        "AiGateway": {"endpoint_name": "chat", "usage_tracking_config": {"enabled": True}},
        "RateLimits": {"endpoint_name": "chat", "rate_limits": []},
    }[kind]
    life = Life(kind, said)
    state = recorded(life)

    recreate(life.bench, {"usage_tracking_config": {"enabled": True}})
    seen = inspected(life, state)

    assert differences(seen) == {"endpoint_id": "outside"}


# --- what GET never echoes -----------------------------------------------------------------------


def never_said(kind, said):
    return sum(len(values_at(said, leaf.steps)) for leaf in NEVER if leaf.kind == kind)


@by_leaf(NEVER)
def test_a_leaf_that_the_service_never_shows_is_counted_as_write_only(leaf):
    said = next(said for of, said in _programs(leaf.kind) if values_at(said, leaf.steps))
    life = Life(leaf.kind, said)

    seen = inspected(life, recorded(life))

    assert differences(seen) == {}
    assert seen.comparison.coverage.write_only == never_said(leaf.kind, said)
    assert seen.comparison.coverage.compared > 0


def _programs(kind):
    for of, said in (*PROGRAMS.values(), *MORE):
        if of == kind:
            yield of, {**said, **({"endpoint_name": "chat"} if "endpoint_name" in said else {})}


# --- what nobody declares ------------------------------------------------------------------------

MAILS = {"on_update_failure": ["ops@example.com"]}
TELEMETRY = {"table_names": {"logs_table": "main.ml.logs"}}
SERVED = program(config=config(registered()))
#: Each part that an endpoint can be without: a program without it, and one with it.
PARTS = {
    "tags": (SERVED, {**SERVED, "tags": {"team": "ml"}}),
    "email_notifications": (SERVED, {**SERVED, "email_notifications": MAILS}),
    "telemetry_config": (SERVED, {**SERVED, "telemetry_config": TELEMETRY}),
    "config": ({"name": "chat"}, SERVED),
    "description": (program(), program(description="By hand.")),
}


def in_gateway(section):
    """Programs of both kinds that have a gateway, without a section of it and with it."""
    another = "fallback_config" if section == "usage_tracking_config" else "usage_tracking_config"
    one, both = {another: SECTIONS[another]}, {n: SECTIONS[n] for n in (another, section)}
    named = {"endpoint_name": "chat"}
    return {
        "ServingEndpoint": (program(ai_gateway=one), program(ai_gateway=both)),
        "AiGateway": ({**named, **one}, {**named, **both}),
    }


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_nobody_declares_is_told_as_such_and_is_no_difference(part):
    before, after = PARTS[part]
    life = Life("ServingEndpoint", before)
    state = recorded(life)
    clean = inspected(life, state)

    outcome = somebody_else_makes_it_so(life, after)
    seen = inspected(life, state)

    assert (differences(clean), undeclared(clean)) == ({}, {})
    assert set(differences(seen)) == (set() if isinstance(outcome, list) else {"endpoint_id"})
    assert list(undeclared(seen)) == [part]


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("kind", ["ServingEndpoint", "AiGateway"])
def test_a_section_that_nobody_declares_is_told_as_such_and_is_no_difference(kind, section):
    before, after = in_gateway(section)[kind]
    life = Life(kind, before)
    state = recorded(life)
    clean = inspected(life, state)

    somebody_else_makes_it_so(life, after)
    seen = inspected(life, state)

    assert (differences(clean), undeclared(clean)) == ({}, {})
    assert differences(seen) == {}
    path = section if kind == "AiGateway" else f"ai_gateway.{section}"
    assert list(undeclared(seen)) == [path]
