"""Generated programs and answers, on their way to the canonical form, the state and the wire."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import Sealing, canonical, fingerprinted, located, revived
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import (
    RESOURCES,
    Endpoint,
    Kind,
    Readback,
    ServedEntity,
    Shape,
    fields_of,
    parse_answer,
    parse_endpoint,
    parse_endpoint_answer,
    parse_program,
)
from support.endpoints import SEALING
from support.json_trees import places
from support.strategies import (
    ALLOWED,
    RESOURCE,
    answers,
    endpoint_programs,
    fields_in,
    in_any_order,
    normal,
    programs,
    settings_in,
    takes,
    with_strangers,
)

EVERY_RESOURCE = pytest.mark.parametrize("name", RESOURCE)
SOME = settings(max_examples=30)

FIELDS = {
    f"{model.__name__}.{its.name}": (model, its)
    for resource in RESOURCES
    for root in (resource.model, resource.settings)
    for model, its in fields_in(root)
}


def parsed(model, said):
    return (
        parse_endpoint(said, ALLOWED) if model is Endpoint else parse_program(model, said, ALLOWED)
    )


def canon(model, said, sealing=SEALING):
    return canonical(parsed(model, said), sealing)


def text(body):
    """JSON, in which 10 is not 10.0 and 1 is not true."""
    return json.dumps(body, sort_keys=True)


@EVERY_RESOURCE
@given(data=st.data())
@SOME
def test_a_program_reaches_the_wire_as_it_was_said(name, data):
    model = RESOURCE[name].model
    said = data.draw(programs(name))

    body = wire(model, canon(model, said).tree)

    assert text(body) == text(normal(model, said))


@given(endpoint_programs(Kind.EXTERNAL).filter(lambda said: "_plaintext" in json.dumps(said)))
@SOME
def test_credentials_in_clear_reach_the_wire_and_are_fingerprints_before(said):
    tree = canon(Endpoint, said).tree

    assert text(wire(Endpoint, tree)) == text(normal(Endpoint, said))
    assert fingerprinted(tree)
    assert all(path[-1].endswith("_plaintext") for path in fingerprinted(tree))


@EVERY_RESOURCE
@given(data=st.data())
@SOME
def test_what_reached_the_wire_says_the_same(name, data):
    model = RESOURCE[name].model
    tree = canon(model, data.draw(programs(name)))

    again = canon(model, wire(model, tree.tree))

    assert again == tree
    assert text(wire(model, again.tree)) == text(wire(model, tree.tree))


@EVERY_RESOURCE
@given(data=st.data())
@SOME
def test_order_means_nothing_where_elements_have_keys_or_are_their_own(name, data):
    model = RESOURCE[name].model
    said = data.draw(programs(name))

    shuffled = data.draw(in_any_order(model, said))

    assert canon(model, shuffled) == canon(model, said)


@EVERY_RESOURCE
@pytest.mark.parametrize("whole", [int, float], ids=["whole numbers", "doubles"])
@given(data=st.data())
@SOME
def test_what_was_applied_comes_back_from_the_state_as_it_was(name, whole, data):
    model = RESOURCE[name].model
    written = canon(model, data.draw(programs(name)))

    stored = json.loads(json.dumps(plain_json(written.tree)), parse_int=whole)

    back = revived(model, stored)
    assert back == written
    assert text(plain_json(back.tree)) == text(plain_json(written.tree))
    assert fingerprinted(back.tree) == fingerprinted(written.tree)


@EVERY_RESOURCE
@given(data=st.data())
@SOME
def test_what_the_program_marks_is_sealed_and_reaches_the_wire_all_the_same(name, data):
    model = RESOURCE[name].model
    said = data.draw(programs(name))
    path = data.draw(st.sampled_from(list(places(said))))
    value = parsed(model, said)

    sealed = canonical(value, Sealing(b"k" * 32, frozenset({located(value, path)}))).tree

    assert text(wire(model, sealed)) == text(normal(model, said))
    stored = json.loads(json.dumps(plain_json(sealed)))
    assert revived(model, stored).tree == sealed
    assert fingerprinted(revived(model, stored).tree) == fingerprinted(sealed)


def empty_of(its):
    if its.shape is Shape.LEAF:
        return {bool: False, int: 0, float: 0}.get(its.kind, "")
    return {} if its.shape in (Shape.MODEL, Shape.MAP) else []


@pytest.mark.parametrize(
    ("model", "its", "empty"),
    [
        pytest.param(model, its, empty_of(its), id=name)
        for name, (model, its) in FIELDS.items()
        if its.shape is not Shape.LEAF or takes(model, its.name, empty_of(its))
    ],
)
def test_what_is_said_to_be_empty_is_sent_as_empty(model, its, empty):
    tree = canonical(model.model_validate({its.name: empty}), SEALING).tree

    body = wire(model, tree)

    assert text(body) == text({its.name: empty})


@pytest.mark.parametrize("said", [12, 12.0, "12"], ids=["12", "12.0", "a text"])
@pytest.mark.parametrize(
    ("model", "its"),
    [pytest.param(*both, id=name) for name, both in FIELDS.items() if both[1].kind is int],
)
def test_a_whole_number_is_whole_in_whatever_form_it_was_said(model, its, said):
    tree = canonical(model.model_validate({its.name: said}), SEALING).tree

    assert text(tree) == text({its.name: 12})


@pytest.mark.parametrize("said", [3, 3.0, "3"], ids=["3", "3.0", "a text"])
def test_a_version_is_a_text_in_whatever_form_it_was_said(said):
    tree = canonical(ServedEntity.model_validate({"entity_version": said}), SEALING).tree

    assert tree == {"entity_version": "3"}


@given(data=st.data())
@SOME
def test_what_nobody_has_heard_of_in_an_answer_comes_back_untouched(data):
    answer = data.draw(endpoint_programs().flatmap(answers))
    newer = data.draw(with_strangers(Endpoint, answer))

    body = wire(Endpoint, canonical(parse_answer(Endpoint, newer), SEALING).tree)

    assert text(body) == text(settings_in(Endpoint, newer))


@given(data=st.data())
@SOME
def test_an_answer_read_from_its_own_settings_is_the_same(data):
    answer = data.draw(endpoint_programs().flatmap(answers))
    newer = data.draw(with_strangers(Endpoint, answer))
    told = canonical(parse_answer(Endpoint, newer), SEALING)

    again = canonical(parse_answer(Endpoint, wire(Endpoint, told.tree)), SEALING)

    assert again == told


@given(data=st.data())
@SOME
def test_of_what_a_program_says_get_tells_all_but_what_it_never_tells(data):
    said = data.draw(endpoint_programs())
    desired = canon(Endpoint, said).tree

    answer = parse_endpoint_answer(data.draw(answers(said)))

    actual = canonical(answer.settings, SEALING).tree
    assert list(differences(Endpoint, desired, actual)) == []


def differences(model, desired, actual, at=()):
    """Where an answer is otherwise than a program, empties and what GET never tells aside."""
    for name, wanted in desired.items():
        its = fields_of(model)[name]
        told = actual.get(name)
        if its.policy.readback is Readback.NEVER or (told is None and wanted in ({}, ())):
            continue
        if its.model is None or not isinstance(told, dict):
            yield from () if told == wanted else [(*at, name)]
        elif its.shape is Shape.MODEL:
            yield from differences(its.model, wanted, told, (*at, name))
        elif set(wanted) - set(told):
            yield (*at, name)
        else:
            for key, element in wanted.items():
                yield from differences(its.model, element, told[key], (*at, name, key))
