"""The columns of each table, in the words of Databricks' SQL.

Source: the documentation's pages on usage tracking and on inference tables of AI Gateway, and, for
the older kind, the one on inference tables of custom models. They leave the fields of the structs
open; these are those of their examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Columns: TypeAlias = "Mapping[str, str]"

ENTITIES_NAME = "system.serving.served_entities"
USAGE_NAME = "system.serving.endpoint_usage"

_COMPUTE = "STRUCT<min_concurrency: INT, max_concurrency: INT, compute_type: STRING>"
_THROUGHPUT = "STRUCT<min_provisioned_throughput: INT, max_provisioned_throughput: INT>"

ENTITIES: Columns = {
    "served_entity_id": "STRING",
    "account_id": "STRING",
    "workspace_id": "STRING",
    "created_by": "STRING",
    "endpoint_name": "STRING",
    "endpoint_id": "STRING",
    "served_entity_name": "STRING",
    "entity_type": "STRING",
    "entity_name": "STRING",
    "entity_version": "STRING",
    "endpoint_config_version": "INT",
    "task": "STRING",
    "external_model_config": "STRUCT<provider: STRING>",
    "foundation_model_config": _THROUGHPUT,
    "custom_model_config": _COMPUTE,
    "feature_spec_config": _COMPUTE,
    "change_time": "TIMESTAMP",
    "endpoint_delete_time": "TIMESTAMP",
}

USAGE: Columns = {
    "account_id": "STRING",
    "workspace_id": "STRING",
    "client_request_id": "STRING",
    "databricks_request_id": "STRING",
    "requester": "STRING",
    "status_code": "INT",
    "request_time": "TIMESTAMP",
    "input_token_count": "BIGINT",
    "output_token_count": "BIGINT",
    "input_character_count": "BIGINT",
    "output_character_count": "BIGINT",
    "usage_context": "MAP<STRING, STRING>",
    "request_streaming": "BOOLEAN",
    "served_entity_id": "STRING",
}

PAYLOAD: Columns = {
    "request_date": "DATE",
    "databricks_request_id": "STRING",
    "client_request_id": "STRING",
    "request_time": "TIMESTAMP",
    "status_code": "INT",
    "sampling_fraction": "DOUBLE",
    "execution_duration_ms": "BIGINT",
    "request": "STRING",
    "response": "STRING",
    "served_entity_id": "STRING",
    "logging_error_codes": "ARRAY<STRING>",
    "requester": "STRING",
}

OLDER_PAYLOAD: Columns = {
    "databricks_request_id": "STRING",
    "client_request_id": "STRING",
    "date": "DATE",
    "timestamp_ms": "BIGINT",
    "status_code": "INT",
    "sampling_fraction": "DOUBLE",
    "execution_time_ms": "BIGINT",
    "request": "STRING",
    "response": "STRING",
    "request_metadata": "MAP<STRING, STRING>",
}
