"""SQL statements, as the official client sends them."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound
from databricks.sdk.service import sql

WAREHOUSE = "0123456789abcdef"
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
