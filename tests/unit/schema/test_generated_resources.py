"""Generated programs: valid ones pass, and a planted breach is told at its path alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databricks_serving_schema import (
    RESOURCES,
    UNKNOWN,
    Allowances,
    Endpoint,
    InvalidResource,
    Kind,
    advise,
    fields_of,
    parse_endpoint,
    parse_program,
)
from support import strategies
from support.breaches import BREACHES, broken_programs, several_where_one_is_allowed
from support.json_trees import places, put
from support.strategies import ALLOWED, endpoint_programs, fields_in, objects, programs

KINDS = [*Kind, None]
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=[k.name if k else "none" for k in KINDS])
EVERY_RESOURCE = pytest.mark.parametrize("name", [resource.name for resource in RESOURCES])
FEW = settings(max_examples=20)


def problems(model, said, allowances=ALLOWED):
    parse = parse_endpoint if model is Endpoint else lambda *a: parse_program(model, *a)
    try:
        parse(said, allowances)
    except InvalidResource as invalid:
        return [problem.path for problem in invalid.problems]
    return []


@EVERY_KIND
@given(data=st.data())
@FEW
def test_an_endpoint_of_every_kind_is_valid(kind, data):
    said = data.draw(endpoint_programs(kind))

    assert problems(Endpoint, said) == []


@EVERY_RESOURCE
@given(data=st.data())
@FEW
def test_every_resource_is_valid_with_what_is_said_beside_it(name, data):
    resource = strategies.RESOURCE[name]
    bag = data.draw(strategies.bags(name))

    beside = {field: bag.pop(field) for field in fields_of(resource.settings) if field in bag}

    assert problems(resource.model, bag) == []
    assert problems(resource.settings, beside) == []


@given(endpoint_programs(Kind.EXTERNAL, several=False))
@FEW
def test_one_external_model_needs_no_allowance(said):
    assert problems(Endpoint, said, Allowances()) == []


@pytest.mark.parametrize("what", BREACHES)
@given(data=st.data())
@settings(max_examples=12)
def test_a_breach_is_told_at_its_path_and_nothing_else_is(what, data):
    broken = data.draw(broken_programs(what))

    told = problems(broken.model, broken.said, broken.allowances)

    assert told == [broken.path]


@given(several_where_one_is_allowed())
@FEW
def test_several_external_models_are_told_where_one_is_allowed(broken):
    told = problems(broken.model, broken.said, broken.allowances)

    assert told == [broken.path]


@EVERY_RESOURCE
@given(data=st.data())
@FEW
def test_none_says_nothing(name, data):
    model = strategies.RESOURCE[name].model
    said = data.draw(programs(name))
    unsaid = {field: None for field in fields_of(model) if field not in said}

    assert problems(model, {**said, **unsaid}) == []


@given(data=st.data())
def test_what_is_not_yet_known_is_no_problem_wherever_it_stands(data):
    said = data.draw(endpoint_programs())
    place = data.draw(st.sampled_from(list(places(said))))

    assert problems(Endpoint, put(said, place, UNKNOWN)) == []


@given(endpoint_programs())
@FEW
def test_advice_is_given_for_every_valid_program_without_fail(said):
    advised = advise(parse_endpoint(said, ALLOWED))

    assert all(problem.path and problem.message for problem in advised)


def test_between_them_the_generated_programs_say_every_field():
    models = {
        model: None
        for resource in RESOURCES
        for root in (resource.model, resource.settings)
        for model, _ in fields_in(root)
    }
    seen = set()

    @given(st.tuples(*map(objects, models), *(endpoint_programs(kind) for kind in KINDS)))
    @settings(max_examples=60)
    def draw(drawn):
        for model, said in zip([*models, *[Endpoint] * len(KINDS)], drawn, strict=True):
            seen.update(said_in(model, said))

    draw()

    assert {(model.__name__, name) for model in models for name in fields_of(model)} - seen == set()


def said_in(model, said):
    for name, value in said.items():
        yield model.__name__, name
        field = fields_of(model).get(name)
        inner = None if field is None else field.model
        for element in value if isinstance(value, list) else [value]:
            if inner is not None:
                yield from said_in(inner, element)
