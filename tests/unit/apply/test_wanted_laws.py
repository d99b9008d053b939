"""Laws of what a program wants, over generated programs of every kind.

A program that nobody changed wants what was applied, whichever of its leaves are secret; and a
secret that changes is one difference, at its own place.
"""

from __future__ import annotations

import copy

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from databricks_serving.apply.endpoint import desired_of
from databricks_serving.apply.wanted import wanted_of
from databricks_serving.plan.canonical import Fingerprint, Sealing, canonical, located
from databricks_serving.plan.comparison import Origin, compared
from databricks_serving.plan.grants import by_principal
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import plain_json
from databricks_serving.state.deployment import SEALED, Recorded, Step
from databricks_serving.state.endpoint import endpoint_inputs
from databricks_serving.state.settings import StackSettings
from databricks_serving_schema import Endpoint, EndpointPermissions, InvalidResource, parse_program
from support import strategies
from support.endpoints import Json

ALLOWING = StackSettings(allowances=strategies.ALLOWED)
KEY = b"k" * 32
#: What a resource is found by, or is how and not what: no program marks it in these tests.
_PLAIN = ("name", "endpoint_name", "scope", "key", "principal", "mode", "deploy", "workspace")
FEW = settings(max_examples=20, deadline=None)
EVERY_RESOURCE = pytest.mark.parametrize("kind", sorted(strategies.RESOURCE))


def moved_apart(bag):
    """The bag as the constructor makes it: plaintext credentials in an input of their own."""
    apart = copy.deepcopy(bag)
    entities = (apart.get("config") or {}).get("served_entities") or []
    found: Json = {}
    for entity in entities:
        for path, value in taken(entity.get("external_model") or {}, "external_model"):
            found.setdefault(entity.get("name"), {})[path] = value
    assume(None not in found)
    return {**apart, "credentials": found} if found else apart


def taken(holder, above):
    for name in list(holder):
        path = f"{above}.{name}"
        if isinstance(holder[name], dict):
            yield from taken(holder[name], path)
        elif name.endswith("_plaintext"):
            yield path, holder.pop(name)


def secrets_in(tree, path=()):
    """Where something can be marked: leaves of objects, and lists of plain values as a whole."""
    for name, value in tree.items():
        here = (*path, name)
        if here[0] in _PLAIN or here == ("credentials",):
            continue
        if isinstance(value, dict):
            yield from secrets_in(value, here)
        elif isinstance(value, list):
            if value and all(isinstance(one, str) for one in value):
                yield (*here, 0)
        elif value is not None:
            yield here


def blinded(bag, marks):
    """The inputs as a preview shows them, parsed."""
    shown = copy.deepcopy(bag)
    for entity, leaves in (shown.get("credentials") or {}).items():
        shown["credentials"][entity] = dict.fromkeys(leaves, SEALED)
    for mark in marks:
        *way, last = mark[:-1] if mark[-1] == 0 else mark
        holder = shown
        for step in way:
            holder = holder[step]
        holder[last] = SEALED
    return shown


def applied(kind, bag, marks):
    """What the provider would have recorded of this program."""
    resource = strategies.RESOURCE[kind]
    said = {**bag, "__secret_leaves": [list(mark) for mark in marks]}
    if resource.model is Endpoint:
        inputs = endpoint_inputs(said, strategies.ALLOWED)
        marked = frozenset(located(inputs.endpoint, mark) for mark in marks)
        return desired_of(inputs, Sealing(KEY, marked)).tree
    own = {k: v for k, v in bag.items() if k not in resource.settings.model_fields}
    value = parse_program(resource.model, own, strategies.ALLOWED)
    tree = canonical(value, Sealing(KEY, frozenset(located(value, mark) for mark in marks))).tree
    if kind == "Secret":
        tree.pop("value_from_env", None)
    return by_principal(tree) if resource.model is EndpointPermissions else tree


def case(data, kind):
    bag = moved_apart(data.draw(strategies.bags(kind)))
    places = sorted(secrets_in(bag), key=str)
    marks = data.draw(st.lists(st.sampled_from(places), unique=True, max_size=3)) if places else []
    tree = applied(kind, bag, marks)
    urn = f"urn:pulumi:dev::shop::pulumi-python:dynamic/databricks_serving:{kind}::x"
    recorded = Recorded(urn, kind, "x", bag, {"__applied": plain_json(tree)})
    try:
        wanted_of(Step(urn, kind, "same", bag), recorded, ALLOWING)
    except InvalidResource:
        reject()
    shown = {**blinded(bag, marks), "__secret_leaves": [list(mark) for mark in marks]}
    return recorded, shown, marks


def told(recorded, step):
    asked = wanted_of(step, recorded, ALLOWING)
    was = wanted_of(Step(step.urn, step.kind, "same", step.inputs), recorded, ALLOWING).desired
    actual = Actual(was.kind, was.tree)
    return compared(
        applied=was, desired=asked.desired, actual=actual, orders=asked.orders
    ).differences


@EVERY_RESOURCE
@given(data=st.data())
@FEW
def test_a_program_that_nobody_changed_wants_exactly_what_was_applied(kind, data):
    recorded, shown, _ = case(data, kind)

    asked = wanted_of(Step(recorded.urn, kind, "same", shown), recorded, ALLOWING)

    assert plain_json(asked.desired.tree) == recorded.outputs["__applied"]


@EVERY_RESOURCE
@given(data=st.data())
@FEW
def test_no_secret_of_a_preview_that_shows_them_is_in_what_is_wanted(kind, data):
    recorded, shown, marks = case(data, kind)
    inputs = {**recorded.inputs, "__secret_leaves": shown["__secret_leaves"]}

    asked = wanted_of(Step(recorded.urn, kind, "same", inputs), recorded, ALLOWING)

    fingerprints = [leaf for leaf in leaves(asked.desired.tree) if isinstance(leaf, Fingerprint)]
    assert all(leaf.sealed is None for leaf in fingerprints)
    scalar = [mark for mark in marks if mark[-1] != 0]
    assert all(
        isinstance(at(asked.desired.tree, mark), Fingerprint)
        for mark in scalar
        if at(asked.desired.tree, mark) is not None
    )


@given(data=st.data())
@FEW
def test_a_secret_that_changes_is_one_difference_at_its_own_place(data):
    recorded, shown, marks = case(data, "ServingEndpoint")
    marks = [mark for mark in marks if mark[-1] != 0 and mark[0] == "tags"]
    assume(marks)
    path = f'tags["{marks[0][1]}"]'
    assume('"' not in marks[0][1] and "\\" not in marks[0][1])

    found = told(recorded, Step(recorded.urn, recorded.kind, "update", shown, (path,)))

    assert [(one.change.path, one.origin) for one in found] == [(marks[0], Origin.CODE)]


def at(tree, path):
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def leaves(tree):
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, tuple) else None
    if inner is None:
        yield tree
        return
    for value in inner:
        yield from leaves(value)
