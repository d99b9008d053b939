"""MP-04: a change of one leaf alone is carried by the call of its part, or refused, or replaces.

And the preview says so. The leaves come from the schema, what becomes of each from the tables in
`leaf_outcomes.py`.
"""

from __future__ import annotations

from collections import Counter

import pytest

from databricks_serving.apply.context import Verdict
from databricks_serving_schema import RESOURCES, OnChange, Readback, fields_of
from support.endpoints import config, program, registered, units
from support.leaves import (
    LEAVES,
    OFF,
    Pair,
    changed,
    first_said,
    put,
    said_of,
    taken_out,
    values_at,
    without,
)
from unit.apply.leaf_lives import Life, check
from unit.apply.leaf_outcomes import (
    ALWAYS_SAID,
    OF_ANOTHER_VALUE,
    OF_BEING_SAID,
    OF_BEING_TAKEN_OUT,
    ONE_VALUE,
    PATCH_GRANTS,
    PUT_CONFIG,
    PUT_GATEWAY,
    PUT_GRANTS,
    PUT_UNITS,
    RECORDED,
    TAKES,
)


def by_leaf(otherwise):
    """Every leaf with what is expected of it."""
    takes = {**TAKES, **otherwise}
    cases = []
    for leaf in LEAVES:
        begins = [path for path in takes if str(leaf).startswith(path)]
        cases.append(pytest.param(leaf, takes[max(begins, key=len)], id=str(leaf)))
    return pytest.mark.parametrize(("leaf", "outcome"), cases)


def lived(pair):
    """What comes of the second program, and the resource as it is then."""
    life = Life(pair.kind, pair.before)
    outcome = life.up(pair.after)
    if isinstance(outcome, list):
        assert {call.status for call in life.bench.workspace.writes} <= {200}
        assert life.previews_after() == (Verdict(), Verdict())
    else:
        assert life.bench.sent == []
    return outcome, life


def is_carried(leaf, pair, life):
    """Whether what is new at the leaf was sent and is there, and what is gone was not sent.

    What says how stands in no body: it is recorded.
    """
    if leaf.setting or str(leaf) == "Secret.version":
        recorded, said = (values_at(bag, leaf.steps) for bag in (life.outputs, life.inputs))
        return recorded == said or leaf.field.policy.on_change is OnChange.NOTHING
    if not life.bench.sent:
        return True
    before, wanted, sent, there = (
        Counter(map(repr, values_at(tree, leaf.steps)))
        for tree in (pair.before, pair.after, life.sent(), life.there())
    )
    new, gone = wanted - before, before - wanted
    shown = leaf.field.policy.readback is not Readback.NEVER or leaf.kind == "Secret"
    return new <= sent and (not shown or new <= there) and not gone & (sent - wanted)


def problems_at(leaf, said, place):
    """The paths of what `check` finds wrong with a program, in the object that the leaf is in."""
    paths = [problem.path for problem in check(leaf.kind, said).problems]
    return [path for path in paths if path[: len(place) - 1] == place[:-1] or not path]


@by_leaf(OF_ANOTHER_VALUE)
def test_another_value_of_a_leaf_is_carried_by_its_call_or_refused_or_replaces(leaf, outcome):
    if str(leaf) in ONE_VALUE:
        said, place, _ = next(said_of(leaf))
        assert place in problems_at(leaf, put(said, place, "another"), place)
        return
    pair = changed(leaf)

    found_out, life = lived(pair)

    assert found_out == outcome
    assert is_carried(leaf, pair, life)


@by_leaf(OF_BEING_TAKEN_OUT)
def test_a_leaf_that_is_taken_out_is_gone_or_refused_or_told(leaf, outcome):
    pair = taken_out(leaf)
    if pair is None:
        # No valid program is without it: that is said before anything is planned.
        said, place, _ = next(said_of(leaf))
        assert problems_at(leaf, without(said, place), place)
        return

    found_out, life = lived(pair)

    assert found_out == outcome
    assert is_carried(leaf, pair, life)


@by_leaf(OF_BEING_SAID)
def test_a_leaf_that_is_said_for_the_first_time_is_carried_by_its_call_or_replaces(leaf, outcome):
    pair = first_said(leaf)
    if pair is None:
        assert str(leaf) in ALWAYS_SAID
        return

    found_out, life = lived(pair)

    assert found_out == outcome
    assert is_carried(leaf, pair, life)


# --- other faces of the same leaves --------------------------------------------------------------


def captured(**table):
    return program(config={**config(registered()), "auto_capture_config": table})


def on_table(**table):
    return program(ai_gateway={"inference_table_config": table})


def granted(level):
    grants = [{"user_name": "ada", "permission_level": level}]
    return {"endpoint_name": "chat", "access_control": grants}


ON = {**OFF, "enabled": True}
AUDIT = {"catalog_name": "audit"}
REPLACING = {"deploy": {"replace_on": ["description", "budget_policy_id"]}}
FACES = {
    "the older table's place while it is off": (
        captured(**OFF),
        captured(**OFF | AUDIT),
        PUT_CONFIG,
    ),
    "the prefix that the older table has already": (
        captured(**ON),
        captured(**ON, table_name_prefix="chat"),
        RECORDED,
    ),
    "another prefix than the older table has": (
        captured(**ON),
        captured(**ON, table_name_prefix="audit"),
        "replaces config, deletes first",
    ),
    "a table's place while it is off": (on_table(**OFF), on_table(**OFF | AUDIT), PUT_GATEWAY),
    "the model of a model unit": (
        program(config=config(units())),
        program(config=config(units(entity_version="2"))),
        PUT_UNITS,
    ),
    "an optimised route, said for the first time": (
        program(config=config(registered())),
        program(config=config(registered()), route_optimized=True),
        "replaces route_optimized, deletes first",
    ),
    "a description, said for the first time": (
        program(),
        program(description="For chats."),
        "refused description",
    ),
    "a description that may replace": (
        program(**REPLACING, description="For chats."),
        program(**REPLACING, description="For all."),
        "replaces description, deletes first",
    ),
    "a budget policy that may replace": (
        program(**REPLACING, budget_policy_id="one"),
        program(**REPLACING, budget_policy_id="two"),
        "replaces budget_policy_id, deletes first",
    ),
    "a right that is raised": (granted("CAN_VIEW"), granted("CAN_QUERY"), PATCH_GRANTS),
    "a right that is lowered": (granted("CAN_QUERY"), granted("CAN_VIEW"), PUT_GRANTS),
}


@pytest.mark.parametrize(("before", "after", "outcome"), FACES.values(), ids=FACES.keys())
def test_what_a_change_takes_can_hang_on_what_stands_beside_it(before, after, outcome):
    kind = "EndpointPermissions" if "access_control" in before else "ServingEndpoint"

    found_out, _ = lived(Pair(kind, before, after))

    assert found_out == outcome


def test_the_version_of_a_model_that_units_size_is_taken_out():
    unversioned = {name: value for name, value in units().items() if name != "entity_version"}
    pair = Pair(
        "ServingEndpoint",
        program(config=config(units())),
        program(config=config(unversioned)),
    )

    found_out, _ = lived(pair)

    assert found_out == PUT_UNITS


# --- nothing is left out -------------------------------------------------------------------------


def every_leaf(model):
    for name, field in fields_of(model).items():
        if field.model is None:
            yield model, name
        else:
            yield from every_leaf(field.model)


def test_every_leaf_of_the_schema_is_among_them():
    schema = {
        (resource.name, *leaf)
        for resource in RESOURCES
        for model in (resource.model, resource.settings)
        for leaf in every_leaf(model)
    }

    assert {(leaf.kind, leaf.owner, leaf.field.name) for leaf in LEAVES} == schema
    assert len({str(leaf) for leaf in LEAVES}) == len(LEAVES)


def test_every_line_of_the_tables_is_about_a_leaf():
    tables = (TAKES, OF_ANOTHER_VALUE, OF_BEING_TAKEN_OUT, OF_BEING_SAID, ONE_VALUE, ALWAYS_SAID)
    paths = {path for table in tables for path in table}

    assert {p for p in paths if not any(str(leaf).startswith(p) for leaf in LEAVES)} == set()
