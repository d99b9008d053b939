"""Every valid program of every resource, with something else at each of its places in turn."""

from __future__ import annotations

import pytest

from databricks_serving_schema import RESOURCES, UNKNOWN, Shape, dotted, fields_of
from databricks_serving_schema.limits import NOT_EMPTY, AtMost, Bounds, Spelled
from support.endpoints import LENIENT, STRICT
from support.json_trees import named, places, put
from support.judged import RESOURCE, advised, found
from support.refused import BROKEN
from support.valid_programs import PROGRAMS

CANARY = "c4nary-s3cret-value"
EVERY_PROGRAM = pytest.mark.parametrize(("kind", "said"), PROGRAMS.values(), ids=PROGRAMS.keys())


def by_place(kind, said, value, allowances=STRICT):
    """What is wrong with a program when `value` stands at each of its places in turn."""
    return {
        named(place): found(kind, put(said, place, value), allowances) for place in places(said)
    }


@EVERY_PROGRAM
def test_a_valid_program_has_no_problem(kind, said):
    assert found(kind, said) == []


@EVERY_PROGRAM
@pytest.mark.parametrize("allowances", [STRICT, LENIENT], ids=["strict", "lenient"])
def test_what_is_not_yet_known_is_no_problem_anywhere(kind, said, allowances):
    wrong = by_place(kind, said, UNKNOWN, allowances)

    assert {place: problems for place, problems in wrong.items() if problems} == {}


@EVERY_PROGRAM
def test_what_is_not_yet_known_hides_no_breach_elsewhere(kind, said):
    broken, breaches = planted(kind, said)

    hidden = {
        named(place): {
            breach for at, breach in breaches.items() if not _overlap(place, at)
        }.difference(_told(kind, put(broken, place, UNKNOWN)))
        for place in places(broken)
    }

    assert len(breaches) > 0
    assert {place: missing for place, missing in hidden.items() if missing} == {}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_breach_is_told_whatever_else_is_not_yet_known(broken):
    told = [problem for problem in broken.problems if problem[1] not in READ_ELSEWHERE]
    breached = {path.split(".")[0].split("[")[0] for path, _, _ in told}
    others = dict.fromkeys(set(broken.said) - breached, UNKNOWN)

    problems = found(broken.kind, {**broken.said, **others}, broken.allowances)

    assert [problem for problem in problems if problem[1] not in READ_ELSEWHERE] == told


@EVERY_PROGRAM
@pytest.mark.parametrize("wrong", [CANARY, [CANARY], {"a": CANARY}, [{"key": CANARY}] * 2])
def test_no_message_repeats_what_stands_in_a_program(kind, said, wrong):
    assert CANARY not in str(by_place(kind, said, wrong))
    assert CANARY not in str(by_place(kind, said, wrong, LENIENT))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (resource.name, name)
        for resource in RESOURCES
        for name in (*fields_of(resource.model), *fields_of(resource.settings))
    ],
)
@pytest.mark.parametrize("wrong", [CANARY, [CANARY, {"key": CANARY}], {"b": {"c": CANARY}}])
def test_no_message_repeats_what_stands_in_a_field_that_is_said_for_the_first_time(
    kind, name, wrong
):
    said = next(said for of, said in PROGRAMS.values() if of == kind)

    assert CANARY not in str(found(kind, {**said, name: wrong}))


def test_no_advice_repeats_what_stands_in_a_program():
    entity = {
        "entity_name": "main.ml.churn",
        "entity_version": "1",
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
        "environment_vars": {"API_KEY": CANARY, "A B": CANARY},
    }
    said = {"name": "chat", "config": {"served_entities": [entity]}}

    advice = advised("ServingEndpoint", said)

    assert [rule for _, rule, _ in advice] == ["environment-name", "plain-secret"]
    assert CANARY not in str(advice)


@EVERY_PROGRAM
@pytest.mark.parametrize("wrong", [None, [], {}, [None], {"key": UNKNOWN}, 1e300, "", [UNKNOWN]])
def test_nothing_but_invalid_resource_comes_out_of_a_program_with_one_change(kind, said, wrong):
    assert set(by_place(kind, said, wrong)) == {named(place) for place in places(said)}


#: Rules that judge one field by what stands in another.
READ_ELSEWHERE = ("not-for-kind", "output-guardrails", "key-vault")


def planted(kind, said):
    """The program with a breach at each place that can have one of its own, and those breaches.

    The breaches are by place: the path and the rule under which each is told.
    """
    resource = RESOURCE[kind]
    breaches = {}
    broken = {
        name: _planted(fields_of(model)[name], said[name], (name,), breaches)
        for model in (resource.model, resource.settings)
        for name in fields_of(model)
        if name in said
    }
    return _with_misspelt(broken, (), breaches), breaches


def _with_misspelt(said, at, breaches):
    """The object with a misspelt field beside the right one."""
    if not said:
        return said
    wrong = f"{next(iter(said))}x"
    breaches[(*at, wrong)] = (dotted((*at, wrong)), "unknown-field")
    return {**said, wrong: "x"}


def _planted(field, said, at, breaches):
    if field.shape is Shape.MAP and isinstance(said, dict):
        breaches[at] = (dotted((*at, "")), "map-key")
        return {**said, "": "x"}
    if isinstance(said, list):
        return _planted_list(field, said, at, breaches)
    if field.model is not None:
        return _planted_object(field, said, at, breaches)
    value, rule = _breach_of(field)
    if rule is None:
        return said
    breaches[at] = (dotted(at), rule)
    return value


def _planted_object(field, said, at, breaches):
    inner = fields_of(field.model)
    broken = {
        name: _planted(inner[name], value, (*at, name), breaches) for name, value in said.items()
    }
    return _with_misspelt(broken, at, breaches)


def _planted_list(field, said, at, breaches):
    elements = [
        _planted_object(field, element, (*at, index), breaches) if field.model else element
        for index, element in enumerate(said)
    ]
    if field.keyed_by is None or not said:
        return elements
    # Which one of the two is unknown makes no difference: the list is the breach's place.
    breaches[at] = (dotted((*at, len(said))), "stands-once")
    return [*elements, elements[0]]


def _breach_of(field):
    """A value that breaks a rule about this field alone, and which rule that is."""
    if field.choices:
        return "no such word", "known-value"
    if spelled := field.mark(Spelled):
        return "" if spelled is NOT_EMPTY else "no name!", "spelling"
    if field.mark(Bounds):
        return -1, "bounds"
    if field.mark(AtMost):
        return "x" * (field.mark(AtMost).count + 1), "length"
    if field.policy.required and field.kind is str:
        return "", "required"
    return None, None


def _overlap(one, other):
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _told(kind, said):
    return {(path, rule) for path, rule, _ in found(kind, said)}
