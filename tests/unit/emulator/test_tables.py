"""The tables of serving: which there are, their columns, and when a row appears."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databricks_serving_emulator.tables.ledger import Ledger
from unit.emulator.bodies import Client, custom, endpoint, external
from unit.emulator.queries import ask, messages
from unit.emulator.tables import (
    ENTITIES,
    LOGGED,
    PAYLOADS,
    TRACKED,
    USAGE,
    answered,
    count,
    failure,
    record,
    rows,
    with_chat,
)

COLUMNS = {
    ENTITIES: [
        ("served_entity_id", "STRING"),
        ("account_id", "STRING"),
        ("workspace_id", "STRING"),
        ("created_by", "STRING"),
        ("endpoint_name", "STRING"),
        ("endpoint_id", "STRING"),
        ("served_entity_name", "STRING"),
        ("entity_type", "STRING"),
        ("entity_name", "STRING"),
        ("entity_version", "STRING"),
        ("endpoint_config_version", "INT"),
        ("task", "STRING"),
        ("external_model_config", "STRUCT"),
        ("foundation_model_config", "STRUCT"),
        ("custom_model_config", "STRUCT"),
        ("feature_spec_config", "STRUCT"),
        ("change_time", "TIMESTAMP"),
        ("endpoint_delete_time", "TIMESTAMP"),
    ],
    USAGE: [
        ("account_id", "STRING"),
        ("workspace_id", "STRING"),
        ("client_request_id", "STRING"),
        ("databricks_request_id", "STRING"),
        ("requester", "STRING"),
        ("status_code", "INT"),
        ("request_time", "TIMESTAMP"),
        ("input_token_count", "LONG"),
        ("output_token_count", "LONG"),
        ("input_character_count", "LONG"),
        ("output_character_count", "LONG"),
        ("usage_context", "MAP"),
        ("request_streaming", "BOOLEAN"),
        ("served_entity_id", "STRING"),
    ],
    PAYLOADS: [
        ("request_date", "DATE"),
        ("databricks_request_id", "STRING"),
        ("client_request_id", "STRING"),
        ("request_time", "TIMESTAMP"),
        ("status_code", "INT"),
        ("sampling_fraction", "DOUBLE"),
        ("execution_duration_ms", "LONG"),
        ("request", "STRING"),
        ("response", "STRING"),
        ("served_entity_id", "STRING"),
        ("logging_error_codes", "ARRAY"),
        ("requester", "STRING"),
    ],
}


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_the_columns_of_the_documentation(table):
    client = with_chat(LOGGED)

    answer = answered(client, f"SELECT * FROM {table}")

    shown = answer["manifest"]["schema"]["columns"]
    assert [(one["name"], one["type_name"]) for one in shown] == COLUMNS[table]


def test_a_query_is_a_row_of_usage():
    client = with_chat()
    record(
        client,
        client_request_id="mine",
        input_tokens=7,
        output_tokens=5,
        input_characters=28,
        output_characters=20,
        usage_context={"team": "ml"},
        streaming=True,
    )

    (row,) = rows(client, f"SELECT * EXCEPT (account_id, served_entity_id) FROM {USAGE}")

    assert row == [
        "1234567890123456",
        "mine",
        "r-1",
        "ann@example.com",
        "200",
        "2026-01-05T00:00:00.000Z",
        "7",
        "5",
        "28",
        "20",
        '{"team":"ml"}',
        "true",
    ]


def test_usage_is_of_the_entity_that_answered():
    client = with_chat()
    record(client)

    joined = rows(
        client,
        f"SELECT endpoint_name, served_entity_name FROM {USAGE} JOIN {ENTITIES} "
        "USING (workspace_id, served_entity_id)",
    )

    assert joined == [["chat", "main"]]


def test_a_query_that_reached_no_entity_has_none():
    client = with_chat()
    record(client, served_entity_id="", served_entity_name="", status_code=429)

    assert rows(client, f"SELECT status_code, served_entity_id FROM {USAGE}") == [["429", None]]


def test_usage_appears_only_while_tracking_is_on():
    client = Client()
    client.create(endpoint(external()))
    record(client, databricks_request_id="before")
    client.put_gateway("chat", TRACKED)
    record(client, databricks_request_id="while")
    client.put_gateway("chat", {})
    record(client, databricks_request_id="after")

    assert rows(client, f"SELECT databricks_request_id FROM {USAGE}") == [["while"]]


def test_entities_are_listed_only_where_usage_is_tracked():
    client = Client()
    client.create(endpoint(external()))
    before = count(client, ENTITIES)

    client.put_gateway("chat", TRACKED)

    assert (before, count(client, ENTITIES)) == (0, 1)


def test_every_config_version_has_a_row_for_each_entity():
    client = with_chat()
    client.clock.advance(60)
    both = endpoint(external(), external("other"), routes={"main": 50, "other": 50})["config"]
    client.put_config("chat", both)

    listed = rows(
        client,
        "SELECT served_entity_name, endpoint_config_version, change_time "
        f"FROM {ENTITIES} ORDER BY ALL",
    )

    assert listed == [
        ["main", "1", "2026-01-05T00:00:00.000Z"],
        ["main", "2", "2026-01-05T00:01:00.000Z"],
        ["other", "2", "2026-01-05T00:01:00.000Z"],
    ]


def test_a_deleted_endpoint_keeps_its_rows_and_they_say_so():
    client = with_chat()
    record(client)
    client.clock.advance(60)
    client.does("DELETE", "/api/2.0/serving-endpoints/chat")
    client.create(endpoint(external(), ai_gateway=TRACKED))

    deleted = rows(client, f"SELECT endpoint_delete_time FROM {ENTITIES} ORDER BY change_time")

    assert deleted == [["2026-01-05T00:01:00.000Z"], [None]]
    assert count(client, USAGE) == 1


STRUCTS = (
    "entity_type, entity_name, entity_version, external_model_config, foundation_model_config, "
    "custom_model_config, feature_spec_config"
)
COMPUTE = '{"min_concurrency":0,"max_concurrency":4,"compute_type":"CPU"}'
LARGE = '{"min_concurrency":16,"max_concurrency":64,"compute_type":"GPU_SMALL"}'
PROVISIONED = '{"min_provisioned_throughput":0,"max_provisioned_throughput":100}'


@pytest.mark.parametrize(
    ("entity", "row"),
    [
        (
            external(),
            ["EXTERNAL_MODEL", "gpt-4o", None, '{"provider":"openai"}', None, None, None],
        ),
        (
            custom(),
            ["CUSTOM_MODEL", "ml.prod.churn", "1", None, None, COMPUTE, None],
        ),
        (
            custom(workload_size="Large", workload_type="GPU_SMALL", scale_to_zero_enabled=False),
            ["CUSTOM_MODEL", "ml.prod.churn", "1", None, None, LARGE, None],
        ),
        (
            {"entity_name": "ml.f.s", "workload_size": "Small", "scale_to_zero_enabled": True},
            ["FEATURE_SPEC", "ml.f.s", None, None, None, None, COMPUTE],
        ),
        (
            {
                "entity_name": "system.ai.llama",
                "entity_version": "1",
                "min_provisioned_throughput": 0,
                "max_provisioned_throughput": 100,
            },
            ["FOUNDATION_MODEL", "system.ai.llama", "1", None, PROVISIONED, None, None],
        ),
    ],
)
def test_an_entity_has_the_struct_of_its_kind(entity, row):
    client = Client()
    client.create(endpoint(entity, ai_gateway=TRACKED))

    assert rows(client, f"SELECT {STRUCTS} FROM {ENTITIES}") == [row]


def test_a_pay_per_token_endpoint_is_tracked_from_the_start():
    client = Client(foundation_models=("databricks-gte-large-en",))

    listed = rows(client, f"SELECT endpoint_name, entity_type, created_by FROM {ENTITIES}")

    assert listed == [["databricks-gte-large-en", "FOUNDATION_MODEL", "Databricks"]]


def test_a_query_is_a_row_of_the_inference_table():
    client = with_chat(LOGGED)
    record(client, request='{"messages":[]}', response='{"id":1}', duration_ms=12)

    (row,) = rows(client, f"SELECT * EXCEPT (served_entity_id) FROM {PAYLOADS}")

    assert row == [
        "2026-01-05",
        "r-1",
        None,
        "2026-01-05T00:00:00.000Z",
        "200",
        "1.0",
        "12",
        '{"messages":[]}',
        '{"id":1}',
        "[]",
        "ann@example.com",
    ]


def test_an_inference_table_has_rows_only_from_while_it_is_on():
    client = with_chat()
    record(client, databricks_request_id="before")
    client.put_gateway("chat", LOGGED)
    record(client, databricks_request_id="while")
    client.put_gateway("chat", {})
    record(client, databricks_request_id="after")

    assert rows(client, f"SELECT databricks_request_id FROM {PAYLOADS}") == [["while"]]


def test_a_table_that_was_never_on_is_not_there():
    client = with_chat({"inference_table_config": {**LOGGED["inference_table_config"]}})
    client.create(endpoint(external(), name="other"))

    state, message = failure(client, "SELECT * FROM main.ml.other_payload")

    assert state == "42P01"
    assert "`main`.`ml`.`other_payload` cannot be found" in message


def test_a_table_has_the_prefix_that_was_given():
    table = {**LOGGED["inference_table_config"], "table_name_prefix": "my-logs"}
    client = with_chat({"inference_table_config": table})
    record(client)

    assert count(client, "main.ml.`my-logs_payload`") == 1


def test_two_endpoints_may_fill_one_table():
    table = {
        "inference_table_config": {**LOGGED["inference_table_config"], "table_name_prefix": "all"}
    }
    client = with_chat(table)
    client.create(endpoint(external(), name="other", ai_gateway=table))
    record(client)
    record(client, "other")

    assert count(client, "main.ml.all_payload") == 2


def test_a_body_that_is_too_large_is_not_logged_and_the_row_says_why():
    client = with_chat(LOGGED)
    record(client, response="{}", logging_error_codes=("MAX_REQUEST_SIZE_EXCEEDED",))

    logged = rows(client, f"SELECT request, response, logging_error_codes FROM {PAYLOADS}")

    assert logged == [[None, "{}", '["MAX_REQUEST_SIZE_EXCEEDED"]']]


def test_an_older_inference_table_has_the_older_columns():
    client = Client()
    capture = {"auto_capture_config": {"catalog_name": "main", "schema_name": "ml"}}
    client.create(endpoint(custom(), config=capture))
    client.settle("chat")
    record(client, served_entity_name="churn-1", request="{}", response="[]", duration_ms=3)

    answer = answered(client, f"SELECT * FROM {PAYLOADS}")

    shown = answer["manifest"]["schema"]["columns"]
    assert [one["name"] for one in shown] == [
        "databricks_request_id",
        "client_request_id",
        "date",
        "timestamp_ms",
        "status_code",
        "sampling_fraction",
        "execution_time_ms",
        "request",
        "response",
        "request_metadata",
    ]
    assert answer["result"]["data_array"] == [
        [
            "r-1",
            None,
            "2026-01-05",
            "1767571200000",
            "200",
            "1.0",
            "3",
            "{}",
            "[]",
            '{"endpoint_name":"chat","model_name":"ml.prod.churn","model_version":"1"}',
        ]
    ]


def telemetry(**more):
    return {
        "telemetry_config": {
            "table_names": {"logs_table": "main.ml.logs"},
            "inference_table_config": {"sampling_fraction": 0.5},
            **more,
        }
    }


def test_an_inference_table_of_telemetry_logs_its_share():
    client = Client()
    client.create(endpoint(custom(), **telemetry()))
    client.settle("chat")
    record(client, databricks_request_id="r-1", sampled=True)
    record(client, databricks_request_id="r-2", sampled=False)

    logged = rows(
        client, "SELECT databricks_request_id, sampling_fraction FROM main.ml.logs_payload"
    )

    assert logged == [["r-1", "0.5"]]


def test_the_share_of_telemetry_is_not_that_of_the_gateway():
    client = Client()
    client.create(endpoint(custom(), ai_gateway=LOGGED, **telemetry()))
    client.settle("chat")
    record(client, sampled=False)

    assert count(client, PAYLOADS) == 1


def test_telemetry_without_that_feature_logs_nothing():
    client = Client()
    features = ["TELEMETRY_FEATURE_LOGS"]
    client.create(endpoint(custom(), **telemetry(enabled_telemetry_features=features)))

    assert failure(client, "SELECT * FROM main.ml.logs_payload")[0] == "42P01"


def test_a_query_that_was_sent_is_found_in_both_tables():
    client = with_chat(LOGGED)
    ask(client, {**messages("hello"), "usage_context": {"team": "ml"}})

    usage = rows(client, f"SELECT status_code, usage_context['team'] FROM {USAGE}")
    logged = rows(client, f"SELECT request LIKE '%hello%', response LIKE '%hello%' FROM {PAYLOADS}")

    assert usage == [["200", "ml"]]
    assert logged == [["true", "true"]]


def test_a_query_of_more_than_a_mebibyte_is_not_logged():
    client = with_chat(LOGGED)
    ask(client, "x" * (1024 * 1024 + 1))

    logged = rows(client, f"SELECT request, response, logging_error_codes FROM {PAYLOADS}")

    both = '["MAX_REQUEST_SIZE_EXCEEDED","MAX_RESPONSE_SIZE_EXCEEDED"]'
    assert logged == [[None, None, both]]


def test_a_query_that_was_sent_joins_its_entity():
    client = with_chat()
    ask(client, "hello")

    joined = rows(
        client, f"SELECT served_entity_name FROM {USAGE} JOIN {ENTITIES} USING (served_entity_id)"
    )

    assert joined == [["main"]]


def test_a_refused_query_counts_as_usage():
    client = with_chat({"rate_limits": [{"calls": 0, "renewal_period": "minute"}]})
    ask(client, "hello")

    assert rows(client, f"SELECT status_code FROM {USAGE}") == [["429"]]


def test_a_reset_empties_the_tables():
    client = with_chat(LOGGED)
    record(client)

    client.does("POST", "/_emulator/reset")

    assert (count(client, USAGE), count(client, ENTITIES)) == (0, 0)
    assert failure(client, f"SELECT * FROM {PAYLOADS}")[0] == "42P01"


@pytest.mark.one_door("the file is the same behind both")
def test_a_file_keeps_what_is_served_and_no_query(tmp_path):
    before = with_chat(LOGGED, db=tmp_path / "workspace.db")
    record(before)
    before.workspace.close()

    after = Client(db=tmp_path / "workspace.db")

    assert (count(after, ENTITIES), count(after, USAGE), count(after, PAYLOADS)) == (1, 0, 0)
    after.workspace.close()


def test_only_admins_read_the_tables_of_the_system():
    client = with_chat()
    ann = client.user("ann")

    assert failure(ann, f"SELECT * FROM {USAGE}") == (
        "42501",
        (
            "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have SELECT on "
            "Table 'system.serving.endpoint_usage'. SQLSTATE: 42501"
        ),
    )
    assert count(client.user("bob", "admins"), USAGE) == 0


def test_an_inference_table_is_of_whoever_made_the_endpoint():
    client = Client()
    ann, bob = client.user("ann"), client.user("bob")
    ann.create(endpoint(external(), ai_gateway=LOGGED))

    assert count(ann, PAYLOADS) == 0
    assert failure(bob, f"SELECT * FROM {PAYLOADS}")[0] == "42501"


def test_long_bodies_are_forgotten_sooner_than_usage():
    client = with_chat(LOGGED)
    text = "x" * 1024 * 1024
    for _ in range(35):
        record(client, request=text, response=text)

    assert (count(client, PAYLOADS), count(client, USAGE)) == (31, 35)


@pytest.mark.one_door("it is about how much is kept")
def test_the_oldest_of_too_many_inference_tables_are_forgotten():
    chat = with_chat(LOGGED).workspace._world.endpoints["chat"]
    ledger = Ledger("1234567890123456")
    for number in range(10_001):
        named = {**LOGGED["inference_table_config"], "table_name_prefix": f"e{number}"}
        ledger.note_endpoint(replace(chat, ai_gateway={"inference_table_config": named}))

    found = [ledger.find(f"main.ml.e{number}_payload") for number in (0, 1)]

    assert found[0] is None
    assert found[1].name == "main.ml.e1_payload"
