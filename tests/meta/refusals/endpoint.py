"""The endpoint itself, the types of its fields, and how its traffic is split."""

from __future__ import annotations

from support.endpoints import config, limit, program, registered

from .case import LIMITS, Refusal, limited

ROUTES = "config.traffic_config.routes"


def routed(*routes):
    entities = config(registered("a"), registered("b"))
    return program(config={**entities, "traffic_config": {"routes": list(routes)}})


def share(name, percentage):
    return {"served_entity_name": name, "traffic_percentage": percentage}


REFUSALS = {
    # The endpoint itself.
    "no name": Refusal(program(name=None), r"Missing required field: name", "required", "name"),
    "an empty name": Refusal(program(name=""), r"Missing required field: name", "required", "name"),
    "a name with a blank": Refusal(
        program(name="my chat"), r"Endpoint name must have", "spelling", "name"
    ),
    "a name too long": Refusal(
        program(name="x" * 64), r"Endpoint name must have", "spelling", "name"
    ),
    "a reserved name": Refusal(
        program(name="databricks-x"), r"are reserved", "reserved-name", "name"
    ),
    "a description too long": Refusal(
        program(description="x" * 1001),
        r"description may have at most",
        "length",
        "description",
    ),
    "an empty tag": Refusal(
        program(tags={"": "x"}), r"Missing required field: tags.key", "map-key", 'tags[""]'
    ),
    "route optimisation of an external model": Refusal(
        program(route_optimized=True), r"Route optimization", "not-for-kind", "route_optimized"
    ),
    # Types.
    "a list for text": Refusal(
        program(description=["x"]), r"expected a string at", "type", "description"
    ),
    "a word for a number": Refusal(
        limited(limit("many")), r"expected an integer at", "type", f"{LIMITS}[0].calls"
    ),
    "part of a whole": Refusal(
        limited(limit(1.5)), r"expected an integer at", "type", f"{LIMITS}[0].calls"
    ),
    "a word for a truth": Refusal(
        program(route_optimized="perhaps"), r"expected a boolean at", "type", "route_optimized"
    ),
    "text for a list": Refusal(
        program(config={"served_entities": "gpt"}),
        r"expected a list at",
        "type",
        "config.served_entities",
    ),
    "text for an object": Refusal(
        program(config="gpt"), r"expected an object at", "type", "config"
    ),
    "a field that is none": Refusal(
        program(descriptoin="x"), r"unknown field descriptoin", "unknown-field", "descriptoin"
    ),
    # Traffic.
    "no split": Refusal(
        program(config=config(registered("a"), registered("b"))),
        r"traffic_config is required",
        "traffic-said",
        ROUTES,
    ),
    "two routes to one entity": Refusal(
        routed(share("a", 50), share("a", 50)),
        r"can have only one route",
        "stands-once",
        f"{ROUTES}[1]",
    ),
    "shares that are less than all": Refusal(
        routed(share("a", 50), share("b", 40)), r"must sum to 100", "traffic-sum", ROUTES
    ),
    "a route to nowhere": Refusal(
        routed(share("c", 100)),
        r"no served entity named",
        "traffic-names",
        f"{ROUTES}[0].served_entity_name",
    ),
    "a route without a name": Refusal(
        routed({"traffic_percentage": 100}),
        r"one served_entity_name must be given",
        "traffic-names",
        f"{ROUTES}[0].served_entity_name",
    ),
    "a route with two names": Refusal(
        routed({**share("a", 100), "served_model_name": "b"}),
        r"one served_entity_name must be given",
        "two-names",
        f"{ROUTES}[0]",
    ),
    "a route without a share": Refusal(
        routed({"served_entity_name": "a"}),
        r"traffic_percentage must be given",
        "required",
        f"{ROUTES}[0].traffic_percentage",
    ),
    "a share of more than all": Refusal(
        routed(share("a", 101), share("b", -1)),
        r"from 0 to 100",
        "bounds",
        f"{ROUTES}[0].traffic_percentage",
    ),
}
