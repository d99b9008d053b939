"""What the calls answer, as JSON Schemas by name.

Of a workspace without unusual behaviour: a switch may add members and values of enums.
"""

from __future__ import annotations

from ..json_schema import TEXT, closed, list_of, object_of
from ..wire import JsonObject
from .access_answers import ACCESS
from .endpoint_answers import CONFIGS, ENDPOINTS
from .query_answers import QUERIES, STATEMENTS

_REFUSALS: dict[str, JsonObject] = {
    "Error": closed(
        # An invalid token has the integer 403 for its code (contract §2).
        {"error_code": {"type": ["string", "integer"]}, "message": TEXT},
        details=list_of(object_of(("@type",), **{"@type": TEXT})),
    ),
    "OAuthError": closed({"error": TEXT, "error_description": TEXT}),
}

QUERY_ANSWERS = tuple(QUERIES)

#: All of them, by name.
SCHEMAS: dict[str, JsonObject] = {
    **_REFUSALS,
    **CONFIGS,
    **ENDPOINTS,
    **ACCESS,
    **STATEMENTS,
    **QUERIES,
    "Empty": closed(),
}
