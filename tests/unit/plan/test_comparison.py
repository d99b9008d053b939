"""Whose a difference is, for every place of an endpoint where one can be; and what always holds.

The places come from the schema, as in `test_table_of_parts.py`; the tables here say the origins.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databricks_serving.apply.observed import actual_of, read_tree
from databricks_serving.plan.canonical import Canonical, Sealing, canonical
from databricks_serving.plan.change import Reason
from databricks_serving.plan.comparison import Coverage, Origin, as_applied, as_told, compared
from databricks_serving.plan.origin import field_at
from databricks_serving.plan.states import Actual
from databricks_serving_schema import (
    RESOURCES,
    Endpoint,
    EndpointRateLimits,
    Readback,
    Secret,
    Severity,
    parse_answer,
    parse_endpoint,
    parse_endpoint_answer,
    parse_program,
)
from support.endpoints import SEALING, answered, config, registered
from support.endpoints import state as endpoint_state
from support.strategies import ALLOWED, answers, endpoint_programs, in_any_order, normal, programs
from unit.plan.places import PLACES
from unit.plan.test_table_of_parts import NOTHING, state, table

# --- the tables ----------------------------------------------------------------------------------
# `v` is what is desired, `w` something else, `e` is {} or [], `.` is nothing at all, `?` is not yet
# known; the last three columns are whose it is where actual is `.`, `v`, `w`; `.`: nobody's.

#: A leaf that GET echoes.
LEAF = table("""
    .  .  .          .          .
    v  .  converged  code       both
    w  .  converged  both       code
    .  v  code       converged  both
    v  v  outside    .          outside
    w  v  both       converged  code
    .  ?  code       both       both
    v  ?  both       code       both
    w  ?  both       both       code
""")
#: An element of a list, a key of a map: what only the workspace has is a change of somebody's.
ELEMENT = {**LEAF, (".", "."): [".", "outside", "outside"]}
#: A part that can be declared empty, which is more than to say nothing of it.
PART = {
    **LEAF,
    **table("""
    .  e  code       both       both
    v  e  converged  code       both
    w  e  converged  both       code
    e  e  .          outside    outside
    e  v  code       converged  both
    e  .  code       both       both
"""),
}
#: Where the program was silent, what the service filled in is nobody's.
FILLED_IN = {**LEAF, (".", "v"): ["code", "code", "code"], (".", "?"): ["code", "code", "code"]}
PART_FILLED_IN = {
    **PART,
    (".", "v"): ["code", "converged", "code"],
    (".", "e"): ["code", "code", "code"],
    ("e", "v"): ["code", "code", "code"],
}
#: `v` is the default, and the service fills in no other: whatever else is there, somebody set it.
SAID_AS_ITS_DEFAULT = table("""
    .  .  .          .          .
    v  .  .          .          both
    w  .  converged  converged  code
    .  v  code       code       both
    v  v  .          .          outside
    w  v  converged  converged  code
    .  ?  code       code       both
    v  ?  code       code       both
    w  ?  both       both       code
""")
#: The same, and the service may fill in another.
SAID_AS_ONE_DEFAULT = {
    **SAID_AS_ITS_DEFAULT,
    (".", "v"): ["code", "code", "code"],
    (".", "?"): ["code", "code", "code"],
}
#: `w` is the default.
WITH_A_DEFAULT = table("""
    .  .  .          .          .
    v  .  converged  code       converged
    w  .  .          both       .
    .  v  code       converged  code
    v  v  outside    .          outside
    w  v  code       converged  code
    .  ?  code       both       code
    v  ?  both       code       both
    w  ?  code       both       code
""")
WITH_ONE_DEFAULT = {
    **WITH_A_DEFAULT,
    (".", "v"): ["code", "code", "code"],
    (".", "?"): ["code", "code", "code"],
}
#: Of what GET never shows, only the program's changes are known.
NEVER_SHOWN = table("""
    .  .  .     .     .
    v  .  code  code  code
    w  .  code  code  code
    .  v  code  code  code
    v  v  .     .     .
    w  v  code  code  code
    .  ?  code  code  code
    v  ?  code  code  code
    w  ?  code  code  code
""")
NOBODYS = {row: [".", ".", "."] for row in LEAF}


#: A part that is not said any more stops being managed, whatever is there.
STOPS_AS_ITS_DEFAULT = table("""
    v  .  code       code       both
    w  .  converged  both       code
""")
STOPS_WITH_A_DEFAULT = table("""
    v  .  converged  code       both
    w  .  code       both       code
""")
#: Nobody can tell of the whole, but that it is gone.
GONE = table("""
    .  ?  code  code  code
    v  ?  both  code  code
    w  ?  both  code  code
""")
#: No answer has it; if one had, that would do.
NEVER_SHOWN_NOR_SENT = table("""
    .  v  code  converged  code
    w  v  code  code       code
""")


def whose(place, v, w):
    """The table of a place, for these two values."""
    readback = place.field.policy.readback
    if place.level == "mark":
        return NOBODYS
    if readback is Readback.NEVER:
        more = {"object": GONE, "refused": NEVER_SHOWN_NOR_SENT}
        return {**NEVER_SHOWN, **more.get(place.level, {})}
    if place.level in ("element", "map key"):
        return ELEMENT
    told_by = field_at(Endpoint, place.leaf)
    if place.level == "part":
        return PART if _default(told_by) is not Ellipsis else PART_FILLED_IN
    if place.on:
        unknown = {(".", "?"): (LEAF if readback is Readback.ECHOED else FILLED_IN)[".", "?"]}
        known = LEAF if _default(told_by) is not Ellipsis else FILLED_IN
        return {**known, **unknown}
    return _of_a_value(place, v, w)


def _of_a_value(place, v, w):
    default = _default(place.field)
    if default is Ellipsis:
        return FILLED_IN
    if default not in (v, w):
        return FILLED_IN if picked(place.field) else LEAF
    if place.level == "leaf":
        one, always = {
            True: (SAID_AS_ONE_DEFAULT, SAID_AS_ITS_DEFAULT),
            False: (WITH_ONE_DEFAULT, WITH_A_DEFAULT),
        }[v == default]
        return one if picked(place.field) else always
    if v == default:
        there = {(".", "v"): ["code", "converged", "both"]}
        return {**SAID_AS_ITS_DEFAULT, **STOPS_AS_ITS_DEFAULT, **there}
    return {**WITH_A_DEFAULT, **STOPS_WITH_A_DEFAULT}


def _default(field):
    """What the service fills in: None nothing, Ellipsis what it chooses."""
    if field is None or field.policy.readback is Readback.ECHOED:
        return None
    return Ellipsis if field.policy.default is None else field.policy.default


def picked(field):
    """Whether the service may fill in another value than the default: a free text."""
    return bool(field.policy.default) and not (field.kind is bool or field.choices)


#: The name is what an endpoint is found by, and stands in all three.
OF_AN_ENDPOINT = [place for place in PLACES if place.kind is Endpoint and place.steps != ("name",)]


NAMED = {"name": "chat"}


def origins(place, row, v, w):
    was, wanted, there = ({"name": "chat", **state(place, one, v, w)} for one in row.split())
    found = compared(
        applied=canonical(parse_answer(Endpoint, was), SEALING),
        desired=canonical(parse_answer(Endpoint, wanted), SEALING),
        actual=Actual(Endpoint, read_tree(parse_answer(Endpoint, there), SEALING)),
    )
    told = {
        one.change.path: one.origin.value
        for one in found.differences
        if one.change.reason is not Reason.KIND_CHANGED
    }
    return told.get(place.leaf, told.get(place.path(place.steps), "."))


@pytest.mark.parametrize("place", OF_AN_ENDPOINT, ids=map(str, OF_AN_ENDPOINT))
def test_a_difference_is_whose_the_tables_say(place):
    for v, w in place.pairs:
        rows = {
            f"{applied} {desired} {actual}": origins_[".vw".index(actual)]
            for (applied, desired), origins_ in whose(place, v, w).items()
            for actual in ".vw"
            if w is not NOTHING or "w" not in (applied, desired, actual)
            if place.level != "element" or desired != "?"
        }

        assert {row: origins(place, row, v, w) for row in rows} == rows, (v, w)


# --- what always holds ---------------------------------------------------------------------------

SOME = settings(max_examples=25)
EVERY_MODEL = pytest.mark.parametrize(
    "model", [resource.model for resource in RESOURCES], ids=lambda model: model.__name__
)


def parsed(model, said):
    """A program as a fact, whatever the kind."""
    if model is Endpoint:
        return parse_endpoint(said, ALLOWED)
    return parse_program(model, said, ALLOWED)


def echoed(model, said):
    """What GET answers of a program that was applied as it is."""
    return Actual(model, read_tree(parse_answer(model, normal(model, said)), SEALING))


@EVERY_MODEL
@given(data=st.data())
@SOME
def test_what_was_applied_and_is_there_as_it_was_said_is_no_difference(model, data):
    said = data.draw(programs(next(one for one in RESOURCES if one.model is model)))
    applied = canonical(parsed(model, said), SEALING)

    found = compared(applied=applied, desired=as_applied(applied), actual=echoed(model, said))

    assert [one for one in found.differences if one.origin is not None] == []


@given(data=st.data())
@SOME
def test_whatever_way_the_service_answers_what_was_applied_it_is_no_difference(data):
    said = data.draw(endpoint_programs())
    answer = parse_endpoint_answer(data.draw(answers(said)))
    applied = canonical(parsed(Endpoint, said), SEALING)

    # Whoever looks at the state has no key.
    found = compared(
        applied=applied, desired=as_applied(applied), actual=actual_of(answer, Sealing(b""))
    )

    assert found.differences == ()


@EVERY_MODEL
@given(data=st.data())
@SOME
def test_the_order_of_elements_and_of_keys_makes_no_difference(model, data):
    said = data.draw(programs(next(one for one in RESOURCES if one.model is model)))
    shuffled = data.draw(in_any_order(model, said))
    applied = canonical(parsed(model, said), SEALING)
    desired = canonical(parsed(model, shuffled), SEALING)

    found = compared(applied=applied, desired=desired, actual=echoed(model, said))

    assert found.differences == ()


def limits(**said):
    """A limit of an endpoint that says this beside its period."""
    whole = {"endpoint_name": "chat", "rate_limits": [{"renewal_period": "minute", **said}]}
    return canonical(parse_answer(EndpointRateLimits, whole), SEALING)


ZERO, NONE, OTHER = {"calls": 0, "tokens": 1}, {"tokens": 1}, {"calls": 9, "tokens": 1}


@pytest.mark.parametrize(
    ("applied", "actual", "told"),
    [
        (ZERO, ZERO, []),
        (ZERO, NONE, [Origin.OUTSIDE]),
        (OTHER, ZERO, [Origin.OUTSIDE]),
        (NONE, NONE, []),
    ],
)
def test_zero_is_not_nothing(applied, actual, told):
    was = limits(**applied)

    found = compared(
        applied=was,
        desired=as_applied(was),
        actual=Actual(EndpointRateLimits, limits(**actual).tree),
    )

    assert [one.origin for one in found.differences] == told


@pytest.mark.parametrize(
    ("applied", "actual", "told"),
    [
        ("", "", []),
        ("", None, [Origin.OUTSIDE]),
        ("x", "", [Origin.OUTSIDE]),
    ],
)
def test_an_empty_tag_is_not_no_tag(applied, actual, told):
    was = endpoint_state(tags={"team": applied, "stage": "dev"})
    tags = {"stage": "dev", **({} if actual is None else {"team": actual})}

    found = compared(applied=was, desired=as_applied(was), actual=answered(tags=tags))

    assert [one.origin for one in found.differences] == told


@pytest.mark.parametrize(
    ("applied", "desired", "actual"),
    [
        ({"team": "a"}, {"team": "a"}, {"team": "a", "stage": "x"}),
        ({"team": "a"}, {"team": "b"}, {"team": "a"}),
        ({"team": "a"}, {"team": "b"}, {}),
        ({"team": "a", "stage": "x"}, {"team": "a"}, {"team": "a", "stage": "y"}),
        ({"team": "a"}, {"team": "a"}, {}),
    ],
)
def test_sealing_a_leaf_changes_nothing_of_what_is_told_beside_its_own_value(
    applied, desired, actual
):
    sealing = Sealing(b"k" * 32, frozenset({("tags", "team")}))
    there = answered(sealing=Sealing(b""), tags=actual)

    def told(sealing):
        was, wanted = (endpoint_state(sealing, tags=said) for said in (applied, desired))
        found = compared(applied=was, desired=wanted, actual=there)
        return [(one.change.path, one.origin) for one in found.differences]

    assert told(sealing) == told(SEALING)


def test_what_a_program_marks_as_secret_is_in_nothing_that_is_told():
    sealing = Sealing(b"k" * 32, frozenset({("tags", "team")}))
    was = endpoint_state(sealing, tags={"team": "a"})
    there = answered(sealing=Sealing(b""), tags={"team": "the-secret"})

    found = compared(applied=was, desired=as_applied(was), actual=there)

    assert found.differences == ()
    assert found.coverage.write_only == 1
    assert "the-secret" not in repr(found)
    assert "the-secret" not in repr(as_told(there, was))


def test_a_secret_is_compared_by_the_time_of_its_put():
    tree = {"scope": "llm", "key": "openai", "value": SEALING.seal_leaf("x")}
    was = Canonical(Secret, {**tree, "last_updated_timestamp": 1})
    there = {"scope": "llm", "key": "openai"}

    same, later = (
        compared(
            applied=was,
            desired=as_applied(was),
            actual=Actual(Secret, {**there, "last_updated_timestamp": moment}),
        )
        for moment in (1, 2)
    )

    assert same.differences == ()
    assert [one.origin for one in later.differences] == [Origin.OUTSIDE]
    assert same.coverage == later.coverage == Coverage(compared=2, write_only=1)


def test_what_is_gone_is_somebodys_outside_and_what_never_was_is_the_programs():
    wanted = endpoint_state()

    gone = compared(applied=wanted, desired=as_applied(wanted), actual=None)
    new = compared(applied=None, desired=wanted, actual=None)

    assert [one.origin for one in gone.differences] == [Origin.OUTSIDE]
    assert [one.origin for one in new.differences] == [Origin.CODE]


def test_limits_alone_tell_the_other_sections_of_a_gateway_with_how_grave_they_are():
    was = limits(calls=1)
    tree = {**was.tree, "guardrails": {"input": {"safety": True}}}

    found = compared(applied=was, desired=as_applied(was), actual=Actual(EndpointRateLimits, tree))

    (other,) = found.undeclared
    assert other.change.path == ("guardrails",)
    assert other.change.severity is Severity.CRITICAL


# --- parts that the program takes out ------------------------------------------------------------


def dropped(part, **there):
    """The differences where the program takes a part out of an endpoint with tags and a config."""
    applied = endpoint_state(tags={"team": "ml"})
    desired = Canonical(applied.kind, {k: v for k, v in applied.tree.items() if k != part})
    actual = answered(**{"tags": {"team": "ml", "managed-by-pulumi": "shop.dev.1"}, **there})
    return compared(applied=applied, desired=desired, actual=actual).differences


@pytest.mark.parametrize("part", ["tags", "config"])
def test_a_part_that_the_program_takes_out_is_its_change_whatever_the_service_added_to_it(part):
    (found,) = dropped(part)

    assert (found.change.path, found.origin) == ((part,), Origin.CODE)
    assert "managed-by-pulumi" not in str(found.change.actual)


def test_a_part_that_the_program_takes_out_and_somebody_changed_is_of_both():
    (found,) = dropped("tags", tags={"team": "by hand", "managed-by-pulumi": "shop.dev.1"})

    assert (found.change.path, found.origin) == (("tags",), Origin.BOTH)


def test_what_the_service_filled_into_an_element_goes_with_it_and_is_nobodys_change():
    one, other = registered("churn-7"), registered("churn-8", entity_version="8")
    applied = endpoint_state(config=config(one, other, routes={"churn-7": 0, "churn-8": 100}))
    desired = endpoint_state(config=config(other, routes={"churn-8": 100}))
    filled_in = [{**entity, "workload_type": "CPU"} for entity in (one, other)]
    actual = answered(config=config(*filled_in, routes={"churn-7": 0, "churn-8": 100}))

    found = compared(applied=applied, desired=desired, actual=actual).differences

    assert {one.origin for one in found} == {Origin.CODE}
    assert "workload_type" not in {one.change.path[-1] for one in found}
