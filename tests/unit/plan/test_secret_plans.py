"""The plans of a secret and of a secret scope."""

from __future__ import annotations

import pytest

from databricks_serving.plan.canonical import Canonical, Fingerprint, canonical, revived
from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.operations import CreateScope, PutSecret
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.secrets import TIMESTAMP
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import UNKNOWN, Secret, SecretScope, Severity
from support.endpoints import SEALING

CANARY = "c4nary-s3cret-value"
ADDRESS = {"scope": "llm", "key": "openai"}


def secret(*, at=None, **said):
    """The canonical form of a secret; `at`: when it was listed."""
    tree = canonical(Secret(**{**ADDRESS, **said}), SEALING).tree
    return Canonical(Secret, tree if at is None else {**tree, TIMESTAMP: at})


def stored(applied):
    """The same as it comes back from the state."""
    return revived(Secret, plain_json(applied.tree))


def listed(at=1, **address):
    return Actual(Secret, {**ADDRESS, **address, TIMESTAMP: at})


def told(made):
    return [
        (change.path, change.action, change.reason)
        for change in made.changes
        if change.action is not Action.SKIP
    ]


def test_a_secret_that_is_not_there_is_put():
    made = make_plan(applied=None, desired=secret(value=CANARY), actual=None)

    assert told(made) == [((), Action.CREATE, Reason.MISSING)]
    assert made.operations == (
        PutSecret("llm", "openai", {"scope": "llm", "key": "openai", "string_value": CANARY}),
    )
    assert CANARY not in repr(made)


def test_a_secret_in_base64_is_put_as_bytes():
    made = make_plan(applied=None, desired=secret(value_base64="AAE="), actual=None)

    assert made.operations[0].body == {"scope": "llm", "key": "openai", "bytes_value": "AAE="}


def test_the_same_value_is_no_change():
    made = make_plan(
        applied=stored(secret(value="v", version="1", at=1)),
        desired=secret(value="v", version="1"),
        actual=listed(),
    )

    assert told(made) == []
    assert made.operations == ()


@pytest.mark.parametrize(
    ("applied", "desired", "path"),
    [
        ({"value": "one"}, {"value": "two"}, "value"),
        ({"value_base64": "AAE="}, {"value_base64": "AAI="}, "value_base64"),
        ({"value": "v"}, {"value": "v", "version": "2"}, "version"),
        ({"value": "v", "version": "1"}, {"value": "v", "version": "2"}, "version"),
    ],
)
def test_another_value_or_version_is_one_put(applied, desired, path):
    made = make_plan(
        applied=stored(secret(**applied, at=1)), desired=secret(**desired), actual=listed()
    )

    assert told(made) == [((path,), Action.UPDATE, Reason.EDITED)]
    assert [type(operation) for operation in made.operations] == [PutSecret]


def test_md_01_a_put_by_somebody_else_shows_in_the_timestamp():
    made = make_plan(
        applied=stored(secret(value=CANARY, at=1)), desired=secret(value=CANARY), actual=listed(2)
    )

    assert told(made) == [((TIMESTAMP,), Action.UPDATE, Reason.ROTATED_OUTSIDE)]
    (change,) = made.of(Action.UPDATE)
    assert (change.applied, change.actual) == (1, 2)
    assert change.severity is Severity.CRITICAL
    assert made.operations[0].body["string_value"] == CANARY


def test_md_01_our_own_put_is_no_drift():
    made = make_plan(
        applied=stored(secret(value="v", at=7)), desired=secret(value="v"), actual=listed(7)
    )

    assert told(made) == []


def test_a_put_that_could_not_be_listed_tells_nothing_of_drift():
    applied = Canonical(Secret, {**secret(value="v").tree, TIMESTAMP: None})

    assert told(make_plan(applied=applied, desired=secret(value="v"), actual=listed(2))) == []


def test_drift_of_a_secret_makes_no_operation_that_could_be_sent():
    applied = stored(secret(value=CANARY, at=1))

    made = make_plan(applied=applied, desired=applied, actual=listed(2))

    assert (
        (TIMESTAMP,),
        Action.UPDATE,
        Reason.ROTATED_OUTSIDE,
    ) in told(made)
    assert isinstance(made.operations[0].body["string_value"], Fingerprint)


@pytest.mark.parametrize("field", ["scope", "key"])
def test_another_address_replaces_and_puts_nothing_in_place(field):
    made = make_plan(
        applied=stored(secret(value="one", at=1)),
        desired=secret(value="two", **{field: "other"}),
        actual=listed(),
    )

    assert ((field,), Action.REPLACE, Reason.EDITED) in told(made)
    assert made.operations == ()


def test_an_address_that_is_not_yet_known_replaces():
    made = make_plan(
        applied=stored(secret(value="v", at=1)),
        desired=secret(value="v", scope=UNKNOWN),
        actual=listed(),
    )

    assert told(made) == [(("scope",), Action.REPLACE, Reason.NOT_YET_KNOWN)]


def scope(**said):
    return canonical(SecretScope(**{"name": "llm", **said}), SEALING)


def test_a_scope_that_is_not_there_is_created_under_the_names_of_the_api():
    made = make_plan(applied=None, desired=scope(initial_manage_principal="users"), actual=None)

    assert told(made) == [((), Action.CREATE, Reason.MISSING)]
    assert made.operations == (CreateScope({"scope": "llm", "initial_manage_principal": "users"}),)


@pytest.mark.parametrize(
    "said", [{}, {"scope_backend_type": "DATABRICKS"}, {"initial_manage_principal": "users"}]
)
def test_pd_15_a_scope_as_it_was_applied_is_no_change(said):
    actual = Actual(SecretScope, {"name": "llm", "scope_backend_type": "DATABRICKS"})

    made = make_plan(applied=scope(**said), desired=scope(**said), actual=actual)

    assert told(made) == []
    assert made.operations == ()


def test_pd_15_saying_the_backend_that_is_there_replaces_nothing():
    actual = Actual(SecretScope, {"name": "llm", "scope_backend_type": "DATABRICKS"})

    made = make_plan(applied=scope(), desired=scope(scope_backend_type="DATABRICKS"), actual=actual)

    assert told(made) == []


@pytest.mark.parametrize(
    "desired",
    [{"name": "other"}, {"initial_manage_principal": "users"}],
)
def test_no_call_changes_a_scope(desired):
    made = make_plan(
        applied=scope(), desired=scope(**desired), actual=Actual(SecretScope, {"name": "llm"})
    )

    assert [action for _, action, _ in told(made)] == [Action.REPLACE]
    assert made.operations == ()
