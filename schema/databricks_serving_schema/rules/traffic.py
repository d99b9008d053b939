"""Rules of the traffic split."""

from __future__ import annotations

from ..config import Route
from ..endpoint import Endpoint
from ..problems import Path
from ..suggest import among
from ..values import Unknown
from .rule import Allowances, Found, entities, entity_count, known, rule

ROUTES: Path = ("config", "traffic_config", "routes")


def _routes(endpoint: Endpoint) -> tuple[Route | Unknown, ...] | None:
    """The routes, `()` where none are said, None where that cannot be known yet."""
    config = endpoint.config
    if config is None:
        return ()
    split = None if isinstance(config, Unknown) else config.traffic_config
    if isinstance(config, Unknown) or isinstance(split, Unknown):
        return None
    routes = split.routes if split is not None else None
    return None if isinstance(routes, Unknown) else routes or ()


@rule(
    "traffic-said",
    source="databricks/cli, libs/testserver/serving_endpoints.go",
    remedy="Say traffic_config with a route for each entity.",
    of=Endpoint,
)
def traffic_said(endpoint: Endpoint, allowances: Allowances) -> Found:
    """Several entities need a split, where several are allowed at all."""
    external = any(entity.external_model is not None for _, entity in entities(endpoint))
    if external and not allowances.multiple_external_models:
        return
    if _routes(endpoint) == () and (entity_count(endpoint) or 0) > 1:
        yield ROUTES, "required where there are several entities: say what share each one gets"


@rule(
    "traffic-not-empty",
    source="databricks/cli, libs/testserver/serving_endpoints.go",
    remedy="Say routes, or leave traffic_config out.",
    of=Endpoint,
)
def traffic_not_empty(endpoint: Endpoint, _: Allowances) -> Found:
    """A split that is said has routes: the service would fill in an empty one."""
    config = known(endpoint.config)
    split = config and known(config.traffic_config)
    if split and split.routes == () and (entity_count(endpoint) or 0) < 2:
        yield ROUTES, "empty: leave traffic_config out, and the only entity gets 100 %"


@rule(
    "traffic-sum",
    source="REST reference, Route; Databricks page on serving multiple models",
    remedy="Make the shares sum to 100.",
    of=Endpoint,
)
def traffic_sum(endpoint: Endpoint, _: Allowances) -> Found:
    """All shares sum to 100."""
    total, complete = 0, True
    routes = _routes(endpoint) or ()
    for route in routes:
        share = None if isinstance(route, Unknown) else known(route.traffic_percentage)
        if share is None:
            complete = False
            continue
        total += share
    if routes and complete and total != 100:
        yield ROUTES, f"the shares sum to {total}; they must sum to 100"
    elif total > 100:
        yield ROUTES, f"the shares that are known sum to {total} already; all must sum to 100"


@rule(
    "traffic-names",
    source="REST reference, Route",
    remedy="Name a served entity of this endpoint in each route.",
    of=Endpoint,
)
def traffic_names(endpoint: Endpoint, _: Allowances) -> Found:
    """Each route names an entity of this endpoint."""
    names = [known(entity.name) for _, entity in entities(endpoint)]
    all_known = None not in names and len(names) == entity_count(endpoint)
    choices = tuple(name for name in names if name is not None)
    for index, route in enumerate(_routes(endpoint) or ()):
        if isinstance(route, Unknown):
            continue
        here = (*ROUTES, index, "served_entity_name")
        if route.served_entity_name is None:
            yield here, "required"
        name = known(route.served_entity_name)
        if name is None:
            continue
        if all_known and name not in choices:
            near = among(name, choices)
            hint = f"; did you mean {near!r}?" if near else ""
            yield here, f"no entity of this endpoint has this name{hint}"
