"""With what a statement fails: the state of SQL, the condition and a text for a person.

Conditions and states are those of Databricks' list of error conditions; the texts of recorded
answers where there are any.
"""

from __future__ import annotations

from collections.abc import Sequence


class SqlFailure(Exception):
    """A statement fails. `message`: as an answer has it."""

    def __init__(self, sql_state: str, condition: str, text: str) -> None:
        super().__init__(text)
        self.sql_state = sql_state
        self.message = f"[{condition}] {text} SQLSTATE: {sql_state}"


def empty_statement() -> SqlFailure:
    """There is nothing but comments."""
    return SqlFailure("42617", "PARSE_EMPTY_STATEMENT", "Syntax error, unexpected empty statement.")


def syntax_error(text: str) -> SqlFailure:
    """It is no SQL of Databricks, as far as it is known here."""
    return SqlFailure("42601", "PARSE_SYNTAX_ERROR", text)


def unsupported(text: str) -> SqlFailure:
    """Databricks might run it; this does not."""
    return SqlFailure("0A000", "UNSUPPORTED_FEATURE", text)


def table_not_found(parts: Sequence[str]) -> SqlFailure:
    """No table has that name, given as it is written, part by part."""
    name = ".".join(f"`{part}`" for part in parts)
    return SqlFailure(
        "42P01",
        "TABLE_OR_VIEW_NOT_FOUND",
        f"The table or view {name} cannot be found. Verify the spelling and correctness of the "
        "schema and catalog.\n"
        "If you did not qualify the name with a schema, verify the current_schema() output, or "
        "qualify the name with the correct schema and catalog.\n"
        "To tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.",
    )


def not_allowed(table: str) -> SqlFailure:
    """The caller may not read the table."""
    text = f"Insufficient privileges:\nUser does not have SELECT on Table '{table}'."
    return SqlFailure("42501", "INSUFFICIENT_PERMISSIONS", text)


def unbound_parameter(name: str) -> SqlFailure:
    """A marker for which the request has no parameter; `?` has no name."""
    text = f"Found the unbound parameter: {name}. Please, fix args and provide a mapping of it."
    return SqlFailure("42P02", "UNBOUND_SQL_PARAMETER", text)


def too_large(most: int) -> SqlFailure:
    """The result is larger than an inline answer may be, in bytes."""
    return SqlFailure(
        "54000",
        "INLINE_RESULT_TOO_LARGE",
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a "
        f"result size of at most {most} bytes.",
    )
