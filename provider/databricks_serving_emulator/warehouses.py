"""SQL warehouses: GET /sql/warehouses. None is needed: there is one for every id, and it runs.

What one has beside its id is made up, in the words of the REST reference.
"""

from __future__ import annotations

import re

from .errors import invalid
from .wire import JsonObject, Response, json_response
from .world import Ask, Route, World

WAREHOUSE = re.compile(r"[0-9a-f]{16}")
_LISTED = "0123456789abcdef"


def checked_warehouse(warehouse_id: str) -> str:
    """The id of a warehouse; `ApiError` 400 for what is none."""
    if not WAREHOUSE.fullmatch(warehouse_id):
        raise invalid(f"{warehouse_id} is not a valid endpoint id.")
    return warehouse_id


def list_warehouses(world: World, ask: Ask) -> Response:  # noqa: ARG001 - as every route
    """GET: one of them, for clients that take the first."""
    return json_response({"warehouses": [_shown(world, _LISTED)]})


def get_warehouse(world: World, ask: Ask) -> Response:
    """GET: the one of that id; 400 for what is none."""
    return json_response(_shown(world, checked_warehouse(ask.path["warehouse_id"])))


def _shown(world: World, warehouse_id: str) -> JsonObject:
    return {
        "id": warehouse_id,
        "name": f"Emulated Warehouse {warehouse_id}",
        "state": "RUNNING",
        "warehouse_type": "PRO",
        "cluster_size": "2X-Small",
        "num_clusters": 1,
        "enable_serverless_compute": True,
        "creator_name": world.settings.user,
    }


ROUTES = (
    Route("GET", "/api/2.0/sql/warehouses", list_warehouses),
    Route("GET", "/api/2.0/sql/warehouses/{warehouse_id}", get_warehouse),
)
