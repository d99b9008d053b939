"""SQL statements, as the official client sends them."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service import sql
from databricks.sdk.service.serving import ChatMessage, ChatMessageRole

WAREHOUSE = "0123456789abcdef"
CHAT = {
    "name": "chat",
    "config": {
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4o",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key_plaintext": "sk-made-up"},
                },
            }
        ]
    },
    "ai_gateway": {"usage_tracking_config": {"enabled": True}},
}
USED = (
    "SELECT endpoint_name, usage_context['team'] AS team, count(*) AS calls, "
    "sum(input_token_count) AS tokens "
    "FROM system.serving.endpoint_usage JOIN system.serving.served_entities "
    "USING (workspace_id, served_entity_id) WHERE request_time >= :since GROUP BY ALL"
)
AUDIT = "SELECT event_time FROM system.access.audit WHERE action_name = :action"


def test_a_statement_about_a_missing_table_has_failed(client):
    action = sql.StatementParameterListItem(name="action", value="create", type="STRING")

    ran = client.statement_execution.execute_statement(
        AUDIT,
        WAREHOUSE,
        parameters=[action],
        wait_timeout="30s",
        disposition=sql.Disposition.INLINE,
        format=sql.Format.JSON_ARRAY,
    )

    assert ran.status.state is sql.StatementState.FAILED
    assert ran.status.sql_state == "42P01"
    assert ran.status.error.error_code is sql.ServiceErrorCode.BAD_REQUEST
    assert "`system`.`access`.`audit` cannot be found" in ran.status.error.message


def test_a_statement_that_is_pending_is_asked_for_again(client):
    sent = client.statement_execution.execute_statement(AUDIT, WAREHOUSE, wait_timeout="0s")

    found = client.statement_execution.get_statement(sent.statement_id)
    while found.status.state in {sql.StatementState.PENDING, sql.StatementState.RUNNING}:
        found = client.statement_execution.get_statement(sent.statement_id)

    assert sent.status.state is sql.StatementState.PENDING
    assert found.status.state is sql.StatementState.FAILED


@pytest.mark.parametrize(
    ("method", "arguments", "error", "text"),
    [
        ("execute_statement", (AUDIT, "mine"), InvalidParameterValue, "^mine is not a valid"),
        ("execute_statement", (AUDIT, None), BadRequest, "field: warehouse_id$"),
        ("get_statement", ("01f10352-bc12-178c-89ed-46e3bfe85160",), NotFound, "was not found"),
    ],
)
def test_a_refusal_of_statements_is_the_client_s_own_error(client, method, arguments, error, text):
    with pytest.raises(error, match=text):
        getattr(client.statement_execution, method)(*arguments)


def test_what_was_asked_is_read_from_the_tables(client):
    client.api_client.do("POST", "/api/2.0/serving-endpoints", body=CHAT)
    client.serving_endpoints.query(
        "chat",
        messages=[ChatMessage(role=ChatMessageRole.USER, content="hello")],
        usage_context={"team": "ml"},
    )
    since = sql.StatementParameterListItem(name="since", value="2020-01-01", type="TIMESTAMP")

    ran = client.statement_execution.execute_statement(USED, WAREHOUSE, parameters=[since])

    columns = [(one.name, one.type_name) for one in ran.manifest.schema.columns]
    ((endpoint, team, calls, tokens),) = ran.result.data_array
    assert ran.status.state is sql.StatementState.SUCCEEDED
    assert columns == [
        ("endpoint_name", sql.ColumnInfoTypeName.STRING),
        ("team", sql.ColumnInfoTypeName.STRING),
        ("calls", sql.ColumnInfoTypeName.LONG),
        ("tokens", sql.ColumnInfoTypeName.LONG),
    ]
    assert (endpoint, team, calls) == ("chat", "ml", "1")
    assert int(tokens) > 0


def test_a_result_without_rows_is_none(client):
    ran = client.statement_execution.execute_statement(
        "SELECT * FROM system.serving.endpoint_usage", WAREHOUSE, row_limit=10
    )

    assert ran.manifest.total_row_count == 0
    assert ran.manifest.truncated is False
    assert ran.result.data_array is None
