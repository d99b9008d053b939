"""The calls by which endpoints are queried (contract §4, §8).

`/serving-endpoints` is also what OpenAI's clients take for a base URL; their `model` is an
endpoint's name.
"""

from __future__ import annotations

from collections.abc import Callable

from ..access import direct_grants, require_level
from ..errors import ApiError
from ..serving.standing import current
from ..wire import Response
from ..world import Ask, Route, World
from .asked import QUERY, Form
from .pipeline import Exchange, answered


def query_endpoint(world: World, ask: Ask) -> Response:
    """POST /serving-endpoints/{name}/invocations: whichever entity's turn it is."""
    return answered(Exchange(world, ask, current(world, ask.path["name"])))


def query_entity(world: World, ask: Ask) -> Response:
    """POST …/served-models/{entity}/invocations: that one, without split and fallback."""
    endpoint = current(world, ask.path["name"])
    return answered(Exchange(world, ask, endpoint, only=ask.path["entity"]))


def query_optimized(world: World, ask: Ask) -> Response:
    """POST /{workspace}/serving-endpoints/{name}/invocations: an `endpoint_url`.

    GET shows it with the last segment and without, so that either will do.
    """
    endpoint = current(world, ask.path["name"])
    if not endpoint.route_optimized or ask.path["workspace"] != world.settings.workspace_id:
        text = f"There is no route-optimized endpoint {endpoint.name} at this address."
        raise ApiError(404, world.behaviour.not_found_code, text)
    return answered(Exchange(world, ask, endpoint, optimized=True))


def _query_by_model(form: Form) -> Callable[[World, Ask], Response]:
    def query(world: World, ask: Ask) -> Response:
        """POST of OpenAI's clients: `model` is the endpoint's name."""
        if ask.unread is not None and "model" not in ask.body:
            raise ask.unread
        endpoint = current(world, ask.text("model"))
        what = f"serving endpoint {endpoint.name}"
        require_level(direct_grants(world, endpoint), ask.caller, "CAN_QUERY", what)
        return answered(Exchange(world, ask, endpoint, wanted=form))

    return query


_BASE = "/serving-endpoints"
_INVOCATIONS = "{name}/invocations"

ROUTES = (
    Route("POST", f"{_BASE}/{_INVOCATIONS}", query_endpoint, QUERY),
    Route("POST", f"{_BASE}/{{name}}/served-models/{{entity}}/invocations", query_entity, QUERY),
    Route("POST", f"/{{workspace}}{_BASE}/{_INVOCATIONS}", query_optimized, QUERY),
    Route("POST", f"/{{workspace}}{_BASE}/{{name}}", query_optimized, QUERY),
    Route("POST", f"{_BASE}/chat/completions", _query_by_model("chat"), QUERY),
    Route("POST", f"{_BASE}/completions", _query_by_model("completions"), QUERY),
    Route("POST", f"{_BASE}/embeddings", _query_by_model("embeddings"), QUERY),
)
