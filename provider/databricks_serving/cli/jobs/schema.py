"""The JSON Schemas that `dbserving schema` prints."""

from __future__ import annotations

import json

from databricks_serving.cli import configuration
from databricks_serving.report import ignoring, usage
from databricks_serving.report.formats import schema as report_schema


def json_schema_of(what: str) -> str:
    """The JSON Schema of `report`, `ignore`, `config` or `usage`, as a document."""
    schemas = {
        "report": report_schema,
        "ignore": ignoring.schema,
        "config": configuration.json_schema,
        "usage": usage.schema,
    }
    return json.dumps(schemas[what](), indent=2, ensure_ascii=False)
