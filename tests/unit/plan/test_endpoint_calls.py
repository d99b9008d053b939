"""Which calls an endpoint's changes take: their order, and each one's body."""

from __future__ import annotations

import pytest

from databricks_serving.plan.change import Action, Reason
from databricks_serving.plan.operations import (
    CancelStrategy,
    CancelUpdate,
    CreateEndpoint,
    PatchNotifications,
    PatchTags,
    PatchTelemetry,
    PutAiGateway,
    PutConfig,
    PutProvisionedThroughput,
)
from support.endpoints import answered, config, limit, registered, state, units
from unit.plan.plans import churn, plan, told

MODEL = {"config": churn()}
UPDATING = {"state": {"ready": "READY", "config_update": "IN_PROGRESS"}}


def test_all_calls_go_in_the_order_in_which_the_service_takes_them():
    there = {
        **MODEL,
        "ai_gateway": {
            "inference_table_config": {"enabled": True, "catalog_name": "old", "schema_name": "s"}
        },
        "telemetry_config": {"telemetry_profile_id": "p1"},
    }
    moved = {"enabled": True, "catalog_name": "new", "schema_name": "s"}
    wanted = {
        "config": churn(entity_version="2"),
        "tags": {"team": "ml"},
        "email_notifications": {"on_update_failure": ["ops@example.com"]},
        "ai_gateway": {"inference_table_config": moved},
        "telemetry_config": {"telemetry_profile_id": "p2"},
    }

    made = plan({**there}, wanted, {**there, **UPDATING})

    assert made.operations == (
        PatchTags("chat", (("team", "ml"),), ()),
        PatchNotifications(
            "chat",
            {
                "email_notifications": {
                    "on_update_failure": ["ops@example.com"],
                    "on_update_success": [],
                }
            },
        ),
        CancelUpdate("chat", CancelStrategy.SUPERSEDE),
        PutConfig("chat", churn(entity_version="2")),
        PutAiGateway(
            "chat",
            {
                "inference_table_config": {
                    "enabled": False,
                    "catalog_name": "old",
                    "schema_name": "s",
                }
            },
        ),
        PutAiGateway("chat", {"inference_table_config": moved}),
        PatchTelemetry("chat", {"telemetry_config": {"telemetry_profile_id": "p2"}}),
    )


def test_a_create_says_everything_in_one_call():
    said = {
        "config": {**churn(), "auto_capture_config": {"enabled": False}},
        "tags": {"team": ""},
        "email_notifications": {"on_update_failure": [], "on_update_success": ["a@example.com"]},
        "ai_gateway": {
            "rate_limits": [limit(0)],
            "guardrails": {
                "input": {"safety": False, "invalid_keywords": [], "valid_topics": ["x"]}
            },
            "usage_tracking_config": {"enabled": False},
        },
        "telemetry_config": {
            "table_names": {"logs_table": "main.ml.logs"},
            "inference_table_config": {"sampling_fraction": 0},
            "enabled_telemetry_features": [],
        },
        "description": "",
        "route_optimized": False,
        "budget_policy_id": "policy-1",
    }

    made = plan(None, said, None)

    (operation,) = made.operations
    assert operation == CreateEndpoint(
        "chat", {"name": "chat", **said, "tags": [{"key": "team", "value": ""}]}
    )
    assert operation.body["route_optimized"] is False
    gateway = operation.body["ai_gateway"]
    assert gateway["usage_tracking_config"]["enabled"] is False
    assert gateway["guardrails"]["input"]["safety"] is False
    assert gateway["rate_limits"][0]["calls"] is not False


# --- notifications -------------------------------------------------------------------------------

ADA, OPS = "ada@example.com", "ops@example.com"


@pytest.mark.parametrize(
    ("applied", "desired", "actual", "failure", "success"),
    [
        (None, {"on_update_failure": [ADA]}, None, [ADA], []),
        (None, {"on_update_failure": [ADA]}, {"on_update_success": [OPS]}, [ADA], [OPS]),
        (
            {"on_update_failure": [ADA], "on_update_success": [OPS]},
            {"on_update_failure": [ADA]},
            {"on_update_failure": [ADA], "on_update_success": [OPS]},
            [ADA],
            [],
        ),
        (None, {"on_update_success": []}, {"on_update_success": [OPS]}, [], []),
        (None, {}, {"on_update_failure": [ADA], "on_update_success": [OPS]}, [], []),
    ],
    ids=[
        "the other list is empty",
        "the other list is somebody else's",
        "the other list is taken out",
        "a list is cleared",
        "both are cleared",
    ],
)
def test_notifications_are_sent_with_both_lists_whole(applied, desired, actual, failure, success):
    made = plan(
        {"email_notifications": applied},
        {"email_notifications": desired},
        {"email_notifications": actual},
    )

    lists = {"on_update_failure": failure, "on_update_success": success}
    assert made.operations == (PatchNotifications("chat", {"email_notifications": lists}),)


# --- telemetry -----------------------------------------------------------------------------------

LOGS = {"logs_table": "main.ml.logs"}
OTHER = {"logs_table": "main.ml.other"}


def telemetry(applied, desired, actual):
    return plan(
        {**MODEL, "telemetry_config": applied},
        {**MODEL, "telemetry_config": desired},
        {**MODEL, "telemetry_config": actual},
    )


HALF = {"inference_table_config": {"sampling_fraction": 0.5}}
PATCHES = {
    "the tables are new": (
        None,
        {"table_names": LOGS},
        None,
        {"table_names": LOGS},
    ),
    "the tables are a profile already": (
        {"table_names": LOGS},
        {"table_names": LOGS, **HALF},
        {"telemetry_profile_id": "p1"},
        {**HALF, "telemetry_profile_id": "p1"},
    ),
    "the tables are others": (
        {"table_names": LOGS, **HALF},
        {"table_names": OTHER, **HALF},
        {"telemetry_profile_id": "p1", **HALF},
        {"table_names": OTHER, **HALF},
    ),
    "the tables are a profile no more": (
        {"table_names": LOGS},
        {"table_names": LOGS},
        None,
        {"table_names": LOGS},
    ),
    "from tables to a profile": (
        {"table_names": LOGS},
        {"telemetry_profile_id": "p2"},
        {"telemetry_profile_id": "p1", "table_names": LOGS},
        {"telemetry_profile_id": "p2"},
    ),
    "from a profile to tables": (
        {"telemetry_profile_id": "p1"},
        {"table_names": LOGS},
        {"telemetry_profile_id": "p1"},
        {"table_names": LOGS},
    ),
    "nothing is sampled": (
        {"telemetry_profile_id": "p1"},
        {
            "telemetry_profile_id": "p1",
            "inference_table_config": {"sampling_fraction": 0},
            "enabled_telemetry_features": [],
        },
        {
            "telemetry_profile_id": "p1",
            "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"],
        },
        {
            "telemetry_profile_id": "p1",
            "inference_table_config": {"sampling_fraction": 0},
            "enabled_telemetry_features": [],
        },
    ),
}


@pytest.mark.parametrize(
    ("applied", "desired", "actual", "body"), PATCHES.values(), ids=PATCHES.keys()
)
def test_telemetry_is_patched_without_making_the_same_tables_another_profile(
    applied, desired, actual, body
):
    made = telemetry(applied, desired, actual)

    assert made.operations == (PatchTelemetry("chat", {"telemetry_config": body}),)


@pytest.mark.parametrize("applied", [None, {}, {"table_names": LOGS}])
def test_empty_telemetry_removes_it(applied):
    made = telemetry(applied, {}, {"telemetry_profile_id": "p1"})

    assert made.operations == (PatchTelemetry("chat", {}),)


# --- model units and throughput ------------------------------------------------------------------


def test_what_model_units_size_is_created_by_its_own_route():
    said = {"config": config(units(provisioned_model_units=1, burst_scaling_enabled=False))}

    made = plan(None, said, None)

    assert made.operations == (
        CreateEndpoint("chat", {"name": "chat", **said}, by_model_units=True),
    )
    assert plan(None, MODEL, None).operations[0].by_model_units is False


def test_model_units_are_changed_by_their_own_route():
    before = {"config": config(units(provisioned_model_units=50))}
    after = config(units(provisioned_model_units=100, burst_scaling_enabled=False))

    made = plan(before, {"config": after}, before)

    assert made.operations == (PutProvisionedThroughput("chat", after),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (config(units()), churn()),
        (churn(), config(units())),
    ],
    ids=["away from units", "to units"],
)
def test_a_step_to_or_from_model_units_goes_by_the_usual_route(before, after):
    made = plan({"config": before}, {"config": after}, {"config": before})

    assert made.operations == (PutConfig("chat", after),)


def test_a_route_that_is_not_optimised_is_no_word_for_the_route_of_model_units():
    said = {"config": config(units(provisioned_model_units=1))}

    made = plan(None, {**said, "route_optimized": False}, None)

    (create,) = made.operations
    assert create.body == {"name": "chat", **said}


def test_throughput_is_changed_by_put_config():
    sized = {"workload_size": None, "scale_to_zero_enabled": None}
    before = {"config": config(_without_none(registered(**sized, max_provisioned_throughput=9500)))}
    after = config(
        _without_none(
            registered(**sized, min_provisioned_throughput=0, max_provisioned_throughput=19000)
        )
    )

    made = plan(before, {"config": after}, before)

    assert made.operations == (PutConfig("chat", after),)


def _without_none(said):
    return {name: value for name, value in said.items() if value is not None}


# --- the gateway ---------------------------------------------------------------------------------

TABLE = {"enabled": True, "catalog_name": "main", "schema_name": "ml", "table_name_prefix": "chat"}
OFF = {**TABLE, "enabled": False}


def gateway(applied, desired, actual):
    return plan({"ai_gateway": applied}, {"ai_gateway": desired}, {"ai_gateway": actual})


def table(**said):
    return {"inference_table_config": said}


@pytest.mark.parametrize("place", ["catalog_name", "schema_name", "table_name_prefix"])
def test_a_table_that_is_on_is_switched_off_in_its_place_before_it_moves(place):
    elsewhere = {**TABLE, place: "new"}

    made = gateway(table(**TABLE), table(**elsewhere), table(**TABLE))

    assert made.operations == (
        PutAiGateway("chat", table(**OFF)),
        PutAiGateway("chat", table(**elsewhere)),
    )


ONE_PUT = {
    "it is off": (OFF, {**OFF, "catalog_name": "new"}),
    "it is off and goes on elsewhere": (OFF, {**TABLE, "catalog_name": "new"}),
    "it goes off": (TABLE, OFF),
    "it goes on": (OFF, TABLE),
    "there is none": (None, TABLE),
}


@pytest.mark.parametrize(("there", "wanted"), ONE_PUT.values(), ids=ONE_PUT.keys())
def test_a_table_that_does_not_move_while_on_takes_one_put(there, wanted):
    before = None if there is None else table(**there)

    made = gateway(before, table(**wanted), before)

    assert made.operations == (PutAiGateway("chat", table(**wanted)),)


PREFIXES = {"the service's own": "chat", "somebody else's": "audit"}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES.keys())
def test_a_table_that_is_on_keeps_a_prefix_that_the_program_never_said(prefix):
    place = {"enabled": True, "catalog_name": "main", "schema_name": "ml"}
    tracked = {"usage_tracking_config": {"enabled": True}}
    there = {**TABLE, "table_name_prefix": prefix}

    made = gateway(table(**place), {**table(**place), **tracked}, table(**there))

    assert made.operations == (PutAiGateway("chat", {**table(**there), **tracked}),)


def test_a_prefix_that_the_program_takes_out_stays_while_the_table_is_on():
    audit = {**TABLE, "table_name_prefix": "audit"}
    place = {name: value for name, value in TABLE.items() if name != "table_name_prefix"}

    made = gateway(table(**audit), table(**place), table(**audit))
    later = gateway(table(**place), {**table(**place), "rate_limits": []}, table(**audit))

    assert told(made) == [
        (
            "ai_gateway.inference_table_config.table_name_prefix",
            Action.NOTE,
            Reason.NO_LONGER_MANAGED,
        )
    ]
    assert made.operations == ()
    assert told(later) == [("ai_gateway.rate_limits", Action.NOTE, Reason.ALREADY_THERE)]


def test_a_prefix_that_the_program_takes_out_goes_while_the_table_is_off():
    place = {name: value for name, value in OFF.items() if name != "table_name_prefix"}

    made = gateway(table(**OFF), table(**place), table(**OFF))

    assert made.operations == (PutAiGateway("chat", table(**place)),)


def test_a_table_that_goes_off_keeps_the_place_that_the_program_takes_out():
    made = gateway(table(**TABLE), table(enabled=False), table(**TABLE))

    assert made.operations == (PutAiGateway("chat", table(**OFF)),)


def test_a_move_carries_what_nobody_declares_along_twice():
    others = {
        "rate_limits": [limit(7)],
        "guardrails": {"input": {"pii": {"behavior": "BLOCK"}}},
        "newer": {"a": 1},
    }
    elsewhere = {**TABLE, "catalog_name": "new"}

    made = gateway(table(**TABLE), table(**elsewhere), {**others, **table(**TABLE)})

    assert made.operations == (
        PutAiGateway("chat", {**others, **table(**OFF)}),
        PutAiGateway("chat", {**others, **table(**elsewhere)}),
    )


def test_a_section_that_is_declared_empty_is_cleared_and_the_others_stay():
    guarded = {"guardrails": {"input": {"safety": True}}}
    tracked = {"usage_tracking_config": {"enabled": True}}

    made = gateway(None, {"guardrails": {}}, {**guarded, **tracked})

    assert made.operations == (PutAiGateway("chat", {**tracked, "guardrails": {}}),)


def test_zero_false_and_empty_reach_the_gateway():
    said = {
        "rate_limits": [{"calls": 0, "tokens": 0, "key": "user", "renewal_period": "minute"}],
        "guardrails": {
            "input": {"safety": False, "invalid_keywords": [], "pii": {"behavior": "NONE"}},
            "output": {"valid_topics": []},
        },
        "usage_tracking_config": {"enabled": False},
        "inference_table_config": {"enabled": False, "catalog_name": ""},
        "fallback_config": {"enabled": False},
    }

    made = gateway(None, said, {"usage_tracking_config": {"enabled": True}})

    (operation,) = made.operations
    assert operation.body == said
    assert operation.body["usage_tracking_config"]["enabled"] is False
    assert operation.body["rate_limits"][0]["tokens"] is not False


# --- the older inference table -------------------------------------------------------------------

CAPTURED = {
    "catalog_name": "main",
    "schema_name": "ml",
    "table_name_prefix": "churn",
    "enabled": True,
}


def test_an_older_table_that_nobody_declares_is_carried_along():
    there = {"config": {**churn(), "auto_capture_config": {**CAPTURED, "state": {"x": 1}}}}

    made = plan(MODEL, {"config": churn(entity_version="2")}, there)

    assert made.operations == (
        PutConfig("chat", {**churn(entity_version="2"), "auto_capture_config": CAPTURED}),
    )


TAKEN_OUT = {
    "the table": None,
    "the prefix": {**CAPTURED, "table_name_prefix": None},
}


@pytest.mark.parametrize("left", TAKEN_OUT.values(), ids=TAKEN_OUT.keys())
def test_what_the_program_takes_out_of_an_older_table_that_is_on_is_carried_along(left):
    there = {"config": {**churn(), "auto_capture_config": CAPTURED}}
    said = None if left is None else {k: v for k, v in left.items() if v is not None}
    wanted = churn(entity_version="2")

    made = plan(
        there,
        {"config": wanted if said is None else {**wanted, "auto_capture_config": said}},
        there,
    )

    assert made.operations == (PutConfig("chat", {**wanted, "auto_capture_config": CAPTURED}),)


def test_an_update_under_way_is_only_made_way_of_for_the_configuration():
    made = plan(
        MODEL,
        {**MODEL, "telemetry_config": {"telemetry_profile_id": "p1"}},
        {**MODEL, **UPDATING},
    )

    assert [type(operation) for operation in made.operations] == [PatchTelemetry]


def test_what_is_applied_and_there_needs_no_call():
    said = {**MODEL, "email_notifications": {"on_update_failure": [ADA]}}

    assert plan(said, said, said).operations == ()
    assert state(**said).tree == answered(**said, description=None, route_optimized=None).tree
