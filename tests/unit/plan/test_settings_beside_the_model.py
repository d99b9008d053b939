"""The plan of notifications, telemetry, budget policy and of what no call changes."""

from __future__ import annotations

import pytest

from databricks_serving.apply.observed import read_tree
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.operations import PatchTelemetry
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.projection import projected
from databricks_serving.plan.states import Actual
from databricks_serving_schema import UNKNOWN, Endpoint, Severity, parse_answer
from support.endpoints import SEALING, answered, state
from unit.plan.plans import churn, plan, told

MODEL = {"config": churn()}
ADA, OPS = "ada@example.com", "ops@example.com"
LOGS = {"table_names": {"logs_table": "main.ml.logs", "traces_table": "main.ml.traces"}}
PROFILE = {"telemetry_profile_id": "p1"}


def as_shown(applied, actual):
    """The actual state as the outputs hold it after a refresh."""
    shape = state(**applied).tree
    outputs = projected(Endpoint, shape=shape, actual=answered(**actual).tree)
    return Actual(Endpoint, read_tree(parse_answer(Endpoint, outputs), SEALING))


def after_a_refresh(said, actual):
    """The plan of an unchanged program, from what a refresh showed."""
    return make_plan(applied=state(**said), desired=state(**said), actual=as_shown(said, actual))


# --- notifications -------------------------------------------------------------------------------


def test_the_order_of_addresses_is_no_difference():
    forward = {"email_notifications": {"on_update_failure": [ADA, OPS]}}
    backward = {"email_notifications": {"on_update_failure": [OPS, ADA]}}

    made = plan(forward, backward, forward)

    assert told(made) == []
    assert made.operations == ()


@pytest.mark.parametrize(
    ("there", "address"), [([ADA], OPS), ([ADA, OPS, "eve@example.com"], "eve@example.com")]
)
def test_an_address_that_somebody_adds_or_removes_is_one_change_named_by_it(there, address):
    said = {"email_notifications": {"on_update_success": [ADA, OPS]}}

    made = plan(said, said, {"email_notifications": {"on_update_success": there}})

    assert told(made) == [
        (
            f'email_notifications.on_update_success["{address}"]',
            Action.UPDATE,
            Reason.DRIFTED,
        )
    ]
    assert made.of(Action.UPDATE)[0].severity is Severity.LOW


def test_a_list_that_nobody_declares_is_no_difference():
    said = {"email_notifications": {"on_update_success": [ADA]}}

    made = plan(
        said,
        said,
        {"email_notifications": {"on_update_success": [ADA], "on_update_failure": [OPS]}},
    )

    assert told(made) == []


def test_what_somebody_notifies_is_cleared_where_the_program_says_nobody():
    made = plan(
        {"email_notifications": {}},
        {"email_notifications": {}},
        {"email_notifications": {"on_update_failure": [OPS]}},
    )

    assert told(made) == [
        (f'email_notifications.on_update_failure["{OPS}"]', Action.UPDATE, Reason.DRIFTED)
    ]


# --- telemetry -----------------------------------------------------------------------------------


def test_tables_that_get_shows_as_a_profile_are_no_difference():
    said = {**MODEL, "telemetry_config": LOGS}

    made = plan(said, said, {**MODEL, "telemetry_config": PROFILE})

    assert told(made) == []
    assert made.operations == ()


def test_what_the_service_fills_in_of_telemetry_is_no_difference():
    said = {**MODEL, "telemetry_config": LOGS}
    filled = {
        **PROFILE,
        "inference_table_config": {"sampling_fraction": 1, "name": "main.ml.logs_payload"},
        "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"],
    }

    made = plan(said, said, {**MODEL, "telemetry_config": filled})

    assert told(made) == []


DRIFTED = [
    ("telemetry_config.table_names.logs_table", Action.UPDATE, Reason.DRIFTED),
    ("telemetry_config.table_names.traces_table", Action.UPDATE, Reason.DRIFTED),
]


def test_telemetry_that_somebody_removed_is_drift_though_its_tables_are_never_shown():
    said = {**MODEL, "telemetry_config": LOGS}

    made = plan(said, said, {**MODEL, "telemetry_config": None})

    assert told(made) == DRIFTED
    assert made.operations == (PatchTelemetry("chat", {"telemetry_config": LOGS}),)


def test_telemetry_that_somebody_removed_is_drift_after_a_refresh_too():
    said = {**MODEL, "telemetry_config": LOGS}

    made = after_a_refresh(said, {**MODEL, "telemetry_config": None})

    assert told(made) == DRIFTED


def test_a_refresh_of_telemetry_in_tables_is_no_difference():
    said = {**MODEL, "telemetry_config": LOGS}

    made = after_a_refresh(said, {**MODEL, "telemetry_config": PROFILE})

    assert told(made) == []


def test_another_table_is_one_change():
    before = {**MODEL, "telemetry_config": LOGS}
    tables = {**LOGS["table_names"], "logs_table": "main.ml.other"}

    made = plan(
        before,
        {**MODEL, "telemetry_config": {"table_names": tables}},
        {**MODEL, "telemetry_config": PROFILE},
    )

    assert told(made) == [("telemetry_config.table_names.logs_table", Action.UPDATE, Reason.EDITED)]


def test_telemetry_that_somebody_set_up_is_removed_where_the_program_says_none():
    said = {**MODEL, "telemetry_config": {}}

    made = plan(said, said, {**MODEL, "telemetry_config": PROFILE})
    refreshed = after_a_refresh(said, {**MODEL, "telemetry_config": PROFILE})

    removed = [("telemetry_config.telemetry_profile_id", Action.UPDATE, Reason.DRIFTED)]
    assert told(made) == told(refreshed) == removed


def test_the_order_of_features_is_no_difference_and_one_more_is_named():
    features = ["TELEMETRY_FEATURE_LOGS", "TELEMETRY_FEATURE_TRACES"]
    said = {**MODEL, "telemetry_config": {**PROFILE, "enabled_telemetry_features": features}}

    def there(*names):
        shown_by_get = {**PROFILE, "enabled_telemetry_features": list(names)}
        return {**MODEL, "telemetry_config": shown_by_get}

    assert told(plan(said, said, there(*reversed(features)))) == []
    assert told(plan(said, said, there(*features, "TELEMETRY_FEATURE_METRICS"))) == [
        (
            "telemetry_config.enabled_telemetry_features.TELEMETRY_FEATURE_METRICS",
            Action.UPDATE,
            Reason.DRIFTED,
        )
    ]


def test_a_feature_that_somebody_turned_off_is_drift():
    said = {
        **MODEL,
        "telemetry_config": {**PROFILE, "enabled_telemetry_features": ["TELEMETRY_FEATURE_LOGS"]},
    }

    made = plan(said, said, {**MODEL, "telemetry_config": PROFILE})

    assert told(made) == [
        (
            "telemetry_config.enabled_telemetry_features.TELEMETRY_FEATURE_LOGS",
            Action.UPDATE,
            Reason.DRIFTED,
        )
    ]


# --- the budget policy ---------------------------------------------------------------------------


def test_a_budget_policy_that_get_never_shows_is_no_difference():
    made = plan({"budget_policy_id": "a"}, {"budget_policy_id": "a"}, {})

    assert told(made) == []
    assert [(shown(change.path), change.reason) for change in made.of(Action.SKIP)][-1] == (
        "budget_policy_id",
        Reason.WRITE_ONLY,
    )


@pytest.mark.parametrize("applied", [None, "a"], ids=["newly said", "changed"])
def test_an_edited_budget_policy_is_refused(applied):
    made = plan({"budget_policy_id": applied}, {"budget_policy_id": "b", "tags": {"x": "1"}}, {})

    assert told(made) == [
        ("tags.x", Action.UPDATE, Reason.EDITED),
        ("budget_policy_id", Action.REFUSE, Reason.NO_CALL_CHANGES_IT),
    ]
    assert made.operations == ()


def test_an_edited_budget_policy_replaces_where_the_program_says_so():
    made = plan(
        {"budget_policy_id": "a"},
        {"budget_policy_id": "b"},
        {},
        replace_on=frozenset({"budget_policy_id"}),
    )

    assert told(made) == [("budget_policy_id", Action.REPLACE, Reason.EDITED)]
    assert made.operations == ()


def test_replacing_for_another_field_does_not_replace_for_a_budget_policy():
    made = plan(
        {"budget_policy_id": "a"},
        {"budget_policy_id": "b"},
        {},
        replace_on=frozenset({"description"}),
    )

    assert made.action is Action.REFUSE


def test_the_budget_policy_of_an_adopted_endpoint_is_left_with_its_reason():
    made = plan(None, {"budget_policy_id": "a"}, {})

    (change,) = [change for change in made.changes if change.path == ("budget_policy_id",)]
    assert (change.action, change.reason) == (Action.SKIP, Reason.NO_CALL_CHANGES_IT)
    assert told(made) == []


def test_a_budget_policy_that_the_program_no_longer_says_is_left():
    made = plan({"budget_policy_id": "a"}, {}, {})

    assert told(made) == [("budget_policy_id", Action.NOTE, Reason.NO_LONGER_MANAGED)]


# --- the older inference table -------------------------------------------------------------------

TABLE = {"catalog_name": "main", "schema_name": "ml", "table_name_prefix": "churn", "enabled": True}
OFF = {**TABLE, "enabled": False}
PLACE = ["catalog_name", "schema_name", "table_name_prefix"]


def captured(applied, desired, actual):
    return plan(
        *(
            {"config": {**churn(), **({} if table is None else {"auto_capture_config": table})}}
            for table in (applied, desired, actual)
        )
    )


@pytest.mark.parametrize("place", PLACE)
def test_another_place_of_an_older_table_replaces_once_it_is_on(place):
    made = captured(TABLE, {**TABLE, place: "new"}, TABLE)

    assert told(made) == [(f"config.auto_capture_config.{place}", Action.REPLACE, Reason.EDITED)]
    assert made.operations == ()


@pytest.mark.parametrize("place", PLACE)
@pytest.mark.parametrize("wanted", [OFF, TABLE], ids=["stays off", "goes on"])
def test_another_place_of_an_older_table_is_an_update_while_it_is_off(place, wanted):
    made = captured(OFF, {**wanted, place: "new"}, OFF)

    assert (f"config.auto_capture_config.{place}", Action.UPDATE, Reason.EDITED) in told(made)
    assert made.action is Action.UPDATE
    assert made.operations[0].body["auto_capture_config"] == {**wanted, place: "new"}


def test_an_older_table_where_there_is_none_is_an_update():
    made = captured(None, TABLE, None)

    assert {action for _, action, _ in told(made)} == {Action.UPDATE}
    assert made.operations[0].body["auto_capture_config"] == TABLE


def test_an_older_table_of_which_nobody_can_tell_whether_it_is_on_is_taken_for_on():
    place = {"catalog_name": "main", "schema_name": "ml"}

    made = captured(place, {**place, "schema_name": "new"}, place)

    assert made.action is Action.REPLACE


@pytest.mark.parametrize("there", [TABLE, OFF], ids=["on", "off"])
def test_an_older_table_that_the_program_takes_out_stays_with_one_notice(there):
    made = captured(there, None, there)

    assert told(made) == [
        ("config.auto_capture_config", Action.NOTE, Reason.NO_LONGER_MANAGED),
    ]
    assert made.operations == ()


def test_the_place_of_an_older_table_that_the_program_takes_out_stays_while_it_is_on():
    made = captured(TABLE, {"enabled": False}, TABLE)

    assert [(path.split(".")[-1], action) for path, action, _ in told(made)] == [
        ("catalog_name", Action.NOTE),
        ("enabled", Action.UPDATE),
        ("schema_name", Action.NOTE),
        ("table_name_prefix", Action.NOTE),
    ]
    assert made.operations[0].body["auto_capture_config"] == OFF


@pytest.mark.parametrize(
    ("there", "action"),
    [(None, Action.UPDATE), (OFF, Action.UPDATE), (TABLE, Action.REPLACE)],
    ids=["none", "off", "on"],
)
def test_an_older_table_in_a_catalog_that_is_not_yet_known_replaces_only_one_that_is_on(
    there, action
):
    made = captured(there, {**TABLE, "catalog_name": UNKNOWN}, there)

    assert ("config.auto_capture_config.catalog_name", action, Reason.NOT_YET_KNOWN) in told(made)
    assert made.action is action


def test_switching_an_older_table_off_and_on_is_an_update():
    assert captured(TABLE, OFF, TABLE).action is Action.UPDATE
    assert captured(OFF, TABLE, OFF).action is Action.UPDATE


def test_what_the_service_fills_in_of_an_older_table_is_no_difference():
    place = {"catalog_name": "main", "schema_name": "ml"}

    assert told(captured(place, place, TABLE)) == []
