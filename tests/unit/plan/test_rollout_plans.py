"""How an endpoint's plan is rolled out, and what is created."""

from __future__ import annotations

import pytest

from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.endpoint import ENDPOINT_ID, REDEPLOY_ON
from databricks_serving.plan.operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    PatchTags,
    PutAiGateway,
    PutConfig,
)
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Actual
from databricks_serving_schema import Endpoint, Value
from support.endpoints import answered, config, limit, openai, program, state
from unit.plan.plans import plan, told

CANARY = "c4nary-s3cret-value"
CALLS = {"rate_limits": [limit(100)]}


def with_key(key):
    """A config with a plaintext credential."""
    return config(openai(model={"openai_config": {"openai_api_key_plaintext": key}}))


# --- how it is rolled out ------------------------------------------------------------------------


def redeploying(applied, desired, **actual):
    def with_values(values):
        tree = state().tree
        return Canonical(Endpoint, tree if values is None else {**tree, REDEPLOY_ON: values})

    return make_plan(
        applied=with_values(applied), desired=with_values(desired), actual=answered(**actual)
    )


def test_a_value_in_redeploy_on_that_changes_sends_the_same_configuration_again():
    made = redeploying(("1",), ("2",))

    assert told(made) == [("redeploy_on", Action.UPDATE, Reason.REDEPLOY)]
    assert made.operations == (PutConfig("chat", config(openai())),)


@pytest.mark.parametrize(("applied", "desired"), [(("1",), ("1",)), (("1",), None), (None, None)])
def test_redeploy_on_that_does_not_change_sends_nothing(applied, desired):
    made = redeploying(applied, desired)

    assert told(made) == []
    assert made.operations == ()


def test_redeploy_on_is_never_sent_with_a_create():
    desired = Canonical(Endpoint, {**state().tree, REDEPLOY_ON: ("1",), ENDPOINT_ID: "0123"})

    made = make_plan(applied=None, desired=desired, actual=None)

    assert made.operations == (CreateEndpoint("chat", program()),)


def test_another_id_under_the_same_name_is_told():
    applied = Canonical(Endpoint, {**state().tree, ENDPOINT_ID: "0123"})
    actual = Actual(Endpoint, {**answered().tree, ENDPOINT_ID: "4567"})

    made = make_plan(applied=applied, desired=state(), actual=actual)

    assert told(made) == [("endpoint_id", Action.NOTE, Reason.RECREATED)]
    assert made.changes[0].actual == "4567"


def test_the_same_id_is_no_change():
    applied = Canonical(Endpoint, {**state().tree, ENDPOINT_ID: "0123"})
    actual = Actual(Endpoint, {**answered().tree, ENDPOINT_ID: "0123"})

    assert told(make_plan(applied=applied, desired=applied, actual=actual)) == []


UPDATING = {"state": {"ready": "READY", "config_update": "IN_PROGRESS"}}


@pytest.mark.parametrize(
    ("wanted", "planned"),
    [
        (CancelStrategy.SUPERSEDE, CancelStrategy.SUPERSEDE),
        (CancelStrategy.FAIL, CancelStrategy.FAIL),
        # What has ever served is never abandoned.
        (CancelStrategy.ABANDON, CancelStrategy.SUPERSEDE),
    ],
)
def test_a_running_update_is_made_way_of_before_the_configuration_is_put(wanted, planned):
    changed = config(openai(model={"name": "gpt-5"}))

    made = plan(
        {},
        {"config": changed, "tags": {"a": "1"}, "ai_gateway": CALLS},
        UPDATING,
        on_update_in_progress=wanted,
    )

    assert made.operations == (
        PatchTags("chat", (("a", "1"),), ()),
        CancelUpdate("chat", planned),
        PutConfig("chat", changed),
        PutAiGateway("chat", CALLS),
    )


def test_a_first_deployment_that_never_became_ready_is_abandoned_where_the_program_says_so():
    changed = config(openai(model={"name": "gpt-5"}))
    first = {**UPDATING, "config": None, "pending_config": config(openai())}

    made = plan({}, {"config": changed}, first, on_update_in_progress=CancelStrategy.ABANDON)

    assert made.operations == (
        CancelUpdate("chat", CancelStrategy.ABANDON),
        PutConfig("chat", changed),
    )


def test_a_running_update_does_not_hold_up_tags_and_gateway():
    made = plan({}, {"tags": {"a": "1"}, "ai_gateway": CALLS}, UPDATING)

    assert [type(operation) for operation in made.operations] == [PatchTags, PutAiGateway]


def test_a_running_update_that_brings_what_is_wanted_needs_no_call():
    wanted = config(openai(model={"name": "gpt-5"}))

    made = plan({}, {"config": wanted}, {**UPDATING, "pending_config": wanted})

    assert made.operations == ()


# --- creation ------------------------------------------------------------------------------------


def test_what_is_not_there_is_created_with_the_mark():
    made = plan(
        None,
        {"tags": {"a": "1"}, "ai_gateway": CALLS, "description": "hello"},
        None,
        mark="proj.dev.01234567",
    )

    assert told(made) == [("", Action.CREATE, Reason.MISSING)]
    assert made.operations == (
        CreateEndpoint(
            "chat",
            {
                "name": "chat",
                "config": config(openai()),
                "ai_gateway": CALLS,
                "tags": [
                    {"key": "a", "value": "1"},
                    {"key": "managed-by-pulumi", "value": "proj.dev.01234567"},
                ],
                "description": "hello",
            },
        ),
    )


@pytest.mark.parametrize("tags", [None, {}])
def test_what_is_created_without_tags_and_mark_has_none(tags):
    made = plan(None, {"tags": tags}, None)

    assert made.operations == (CreateEndpoint("chat", program()),)


def test_what_vanished_is_created_again():
    made = plan({}, {}, None)

    assert [type(operation) for operation in made.operations] == [CreateEndpoint]


def test_what_is_created_does_not_print():
    made = plan(None, {"config": with_key(CANARY)}, None)

    assert CANARY not in repr(made)
    assert CANARY in str(made.operations[0].body)


def test_nothing_plans_a_kind_that_is_unknown():
    class Other(Value):
        pass

    with pytest.raises(TypeError, match="nothing plans a Other"):
        make_plan(applied=None, desired=Canonical(Other, {}), actual=None)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("config", "served_entities", "gpt-4", "name"), 'config.served_entities["gpt-4"].name'),
        (("config", "served_entities", "gpt"), "config.served_entities.gpt"),
        (("tags", "1st"), 'tags["1st"]'),
        (("tags", ""), 'tags[""]'),
        (("ai_gateway", "rate_limits", "user/ada"), 'ai_gateway.rate_limits["user/ada"]'),
    ],
)
def test_a_path_is_written_as_in_reports(path, written):
    assert shown(path) == written
