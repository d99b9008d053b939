"""The caller's own identity, and the workspace's discovery document (contract §4, §16)."""

from __future__ import annotations

from .directory import scim_id
from .wire import JsonObject, Request, Response, json_response
from .world import Ask, Route, World


def discovery(world: World, request: Request) -> Response:
    """GET of what clients ask before they have credentials; needs none."""
    return json_response(
        {
            "oidc_endpoint": f"{request.origin}/oidc",
            "workspace_id": world.settings.workspace_id,
            "cloud": "aws",
            "host_type": "workspace",
        }
    )


def me(world: World, ask: Ask) -> Response:
    """The caller, as SCIM tells it; the header names the workspace."""
    caller = ask.caller
    content: JsonObject = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": scim_id(caller.user),
        "userName": caller.user,
        "displayName": caller.display_name,
        "active": True,
        "groups": [{"display": group, "value": scim_id(group)} for group in sorted(caller.groups)],
    }
    if caller.kind == "User":
        content["emails"] = [{"value": caller.user, "type": "work", "primary": True}]
    return json_response(content, headers={"X-Databricks-Org-Id": world.settings.workspace_id})


ROUTES = (Route("GET", "/api/2.0/preview/scim/v2/Me", me),)
