"""What queries and SQL statements answer (contract §4, §8)."""

from __future__ import annotations

from ..json_schema import (
    ANYTHING,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    closed,
    list_of,
    map_of,
    one_of,
    or_null,
)
from ..warehouses import WAREHOUSE
from ..wire import JsonObject

_UUID: JsonObject = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_CHUNK = {"chunk_index": WHOLE, "row_offset": WHOLE, "row_count": WHOLE}
_WAREHOUSE = closed(
    {
        "id": {"type": "string", "pattern": f"^{WAREHOUSE.pattern}$"},
        "name": TEXT,
        "state": one_of("RUNNING"),
        "warehouse_type": one_of("PRO"),
        "cluster_size": TEXT,
        "num_clusters": WHOLE,
        "enable_serverless_compute": FLAG,
        "creator_name": TEXT,
    }
)
_RESULT = closed(_CHUNK, data_array=list_of(list_of(or_null(TEXT))))
STATEMENTS: dict[str, JsonObject] = {
    "Statement": closed(
        {
            "statement_id": _UUID,
            "status": closed(
                {"state": one_of("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED")},
                error=closed({"error_code": TEXT, "message": TEXT}),
                sql_state=TEXT,
            ),
        },
        manifest=closed(
            {
                "format": one_of("JSON_ARRAY"),
                "schema": closed(
                    {
                        "column_count": WHOLE,
                        "columns": list_of(
                            closed(
                                {
                                    "name": TEXT,
                                    "type_text": TEXT,
                                    "type_name": TEXT,
                                    "position": WHOLE,
                                },
                                type_precision=WHOLE,
                                type_scale=WHOLE,
                            )
                        ),
                    }
                ),
                "total_chunk_count": WHOLE,
                "total_row_count": WHOLE,
                "truncated": FLAG,
            },
            chunks=list_of(closed(_CHUNK)),
        ),
        result=_RESULT,
    ),
    "StatementChunk": _RESULT,
    "Warehouse": _WAREHOUSE,
    "Warehouses": closed({"warehouses": list_of(_WAREHOUSE)}),
}

_GUARDED = {
    f"{side}_guardrail": list_of(
        closed(
            {
                "flagged": FLAG,
                "categories": or_null(map_of(FLAG)),
                "category_scores": {"type": "null"},
                "pii_detection": FLAG,
            },
            invalid_keywords=FLAG,
            off_topic=FLAG,
        )
    )
    for side in ("input", "output")
}
_READ = {"prompt_tokens": WHOLE, "total_tokens": WHOLE}
_SAID = {"usage": closed({**_READ, "completion_tokens": WHOLE})}
_CHOICE = {"index": WHOLE, "finish_reason": one_of("stop", "length")}
_COMPLETED = {"id": TEXT, "created": WHOLE, "model": TEXT, **_SAID}
QUERIES: dict[str, JsonObject] = {
    "Chat": closed(
        {
            **_COMPLETED,
            "object": one_of("chat.completion"),
            "choices": list_of(
                closed(
                    {
                        **_CHOICE,
                        "message": closed({"role": one_of("assistant"), "content": TEXT}),
                    }
                )
            ),
        },
        **_GUARDED,
    ),
    "Completions": closed(
        {
            **_COMPLETED,
            "object": one_of("text_completion"),
            "choices": list_of(closed({**_CHOICE, "text": TEXT})),
        },
        **_GUARDED,
    ),
    "Embeddings": closed(
        {
            "object": one_of("list"),
            "model": TEXT,
            "usage": closed(_READ),
            "data": list_of(
                closed(
                    {
                        "object": one_of("embedding"),
                        "index": WHOLE,
                        "embedding": list_of(NUMBER),
                    }
                )
            ),
        },
        **_GUARDED,
    ),
    "Predictions": closed({"predictions": list_of(ANYTHING)}),
    "FeatureOutputs": closed({"outputs": list_of(ANYTHING)}),
}
