"""Credentials, and leaves that a program marks as secret, in an endpoint's plan."""

from __future__ import annotations

from databricks_serving.plan.canonical import (
    Fingerprint,
    Sealing,
    canonical,
    fingerprinted,
    located,
    revived,
)
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.operations import PutConfig
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import plain_json
from databricks_serving_schema import Endpoint
from support.endpoints import REFERENCE, answered, config, endpoint, openai, state
from unit.plan.plans import churn, plan, told

CANARY = "c4nary-s3cret-value"
LIMIT = {"calls": 5, "key": "user", "renewal_period": "minute"}


def with_key(key):
    """A config with a plaintext credential."""
    return config(openai(model={"openai_config": {"openai_api_key_plaintext": key}}))


def without_key():
    """The same as GET answers it."""
    return config(openai(model={"openai_config": None}))


KEY = "config.served_entities.gpt.external_model.openai_config.openai_api_key_plaintext"


def test_pd_06_a_credential_that_get_never_shows_is_no_change():
    made = plan({"config": with_key("k1")}, {"config": with_key("k1")}, {"config": without_key()})

    assert told(made) == []
    assert (KEY, Reason.WRITE_ONLY) in {
        (shown(change.path), change.reason) for change in made.changes
    }


def test_pd_06_a_rotated_credential_is_one_put_with_the_new_one():
    made = plan(
        {"config": with_key(CANARY)},
        {"config": with_key(CANARY[::-1])},
        {"config": without_key()},
    )

    assert told(made) == [(KEY, Action.UPDATE, Reason.EDITED)]
    (operation,) = made.operations
    model = operation.body["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": CANARY[::-1]}
    assert CANARY not in repr(made)
    assert CANARY[::-1] not in repr(made)


def test_a_rotated_credential_is_found_though_all_that_shows_is_equal():
    applied, desired = with_key("k1"), with_key("k2")

    made = make_plan(
        applied=state(config=applied),
        desired=state(config=desired),
        actual=Actual(Endpoint, state(config=applied).tree),
    )

    assert [type(operation) for operation in made.operations] == [PutConfig]


def test_a_credential_that_the_program_takes_out_is_taken_out_by_a_put():
    both = {"openai_api_key": REFERENCE, "microsoft_entra_client_secret_plaintext": "s"}

    made = plan({"config": config(openai(model={"openai_config": both}))}, {}, {})

    assert told(made) == [
        (
            KEY.replace("openai_api_key_", "microsoft_entra_client_secret_"),
            Action.UPDATE,
            Reason.EDITED,
        )
    ]
    assert made.operations == (PutConfig("chat", config(openai())),)


def test_a_reference_that_the_service_made_for_a_plaintext_credential_is_not_carried():
    made_by_service = config(
        openai(model={"openai_config": {"openai_api_key": "{{secrets/internal/1}}"}})
    )

    quiet = plan(
        {"config": with_key("k1")}, {"config": with_key("k1")}, {"config": made_by_service}
    )
    made = plan({"config": with_key("k1")}, {"config": with_key("k2")}, {"config": made_by_service})

    assert told(quiet) == []
    model = made.operations[0].body["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": "k2"}


def test_a_step_from_a_reference_to_a_plaintext_credential_leaves_the_reference_out():
    made = plan({}, {"config": with_key("k1")}, {})

    model = made.operations[0].body["served_entities"][0]["external_model"]
    assert model["openai_config"] == {"openai_api_key_plaintext": "k1"}


def test_drift_beside_a_credential_makes_changes_without_the_credential():
    stored = plain_json(state(config=with_key(CANARY), tags={"a": "1"}).tree)
    applied = revived(Endpoint, stored)

    made = make_plan(
        applied=applied,
        desired=applied,
        actual=answered(config=config(openai(model={"name": "gpt-3"}))),
    )

    assert told(made) == [
        (
            "config.served_entities.gpt.external_model.name",
            Action.UPDATE,
            Reason.DRIFTED,
        ),
        ("tags.a", Action.UPDATE, Reason.DRIFTED),
    ]
    assert CANARY not in repr(made)
    put = next(operation for operation in made.operations if isinstance(operation, PutConfig))
    model = put.body["served_entities"][0]["external_model"]
    assert isinstance(model["openai_config"]["openai_api_key_plaintext"], Fingerprint)


def test_a_secret_tag_that_is_known_by_its_fingerprint_only_is_not_sent_as_text():
    sealing = Sealing(b"k", frozenset({("tags", "token")}))
    applied = revived(Endpoint, plain_json(state(sealing, tags={"token": CANARY}).tree))

    made = make_plan(applied=applied, desired=applied, actual=answered(sealing))

    ((_, value),) = made.operations[0].add
    assert isinstance(value, Fingerprint)


def marked(overrides, *paths):
    """The sealing of a program that marks these paths as secret."""
    said = endpoint(**overrides)
    return Sealing(b"k", frozenset(located(said, path) for path in paths))


def test_a_secret_leaf_is_compared_by_its_fingerprint():
    said = {"config": churn(environment_vars={"TOKEN": CANARY})}
    other = {"config": churn(environment_vars={"TOKEN": "s0mething else"})}
    sealing = marked(said, ("config", "served_entities", 0, "environment_vars", "TOKEN"))
    applied = revived(Endpoint, plain_json(state(sealing, **said).tree))
    desired = state(sealing, **said)

    quiet = make_plan(applied=applied, desired=desired, actual=answered(sealing, **said))
    made = make_plan(applied=applied, desired=desired, actual=answered(sealing, **other))

    assert told(quiet) == []
    assert told(made) == [
        ("config.served_entities.churn.environment_vars.TOKEN", Action.UPDATE, Reason.DRIFTED)
    ]
    assert "s0mething else" not in repr(made)
    assert CANARY not in repr(made)
    assert made.operations[0].body["served_entities"][0]["environment_vars"] == {"TOKEN": CANARY}


def test_a_leaf_that_is_marked_as_secret_later_is_recorded_anew_without_a_call():
    said = {"config": churn(environment_vars={"TOKEN": CANARY})}
    sealing = marked(said, ("config", "served_entities", 0, "environment_vars", "TOKEN"))

    made = make_plan(
        applied=state(**said),
        desired=state(sealing, **said),
        actual=answered(sealing, **said),
    )

    assert told(made) == [
        (
            "config.served_entities.churn.environment_vars.TOKEN",
            Action.NOTE,
            Reason.ALREADY_THERE,
        )
    ]
    assert made.operations == ()


def test_a_secret_in_the_key_of_an_element_is_in_no_path_of_a_plan():
    def limited(principal):
        return endpoint(ai_gateway={"rate_limits": [{**LIMIT, "principal": principal}]})

    path = ("ai_gateway", "rate_limits", 0, "principal")
    before, after = limited(CANARY), limited("another")
    first = Sealing(b"k", frozenset({located(before, path)}))
    applied = canonical(before, first)
    sealing = Sealing(b"k", fingerprinted(applied.tree) | {located(after, path)})

    made = make_plan(
        applied=applied,
        desired=canonical(after, sealing),
        actual=Actual(Endpoint, canonical(before, sealing).tree),
    )

    assert CANARY not in repr(made.changes)
    assert {change.reason for change in made.of(Action.UPDATE)} == {Reason.EDITED}
    (operation,) = made.operations
    assert operation.body["rate_limits"] == [{**LIMIT, "principal": "another"}]
