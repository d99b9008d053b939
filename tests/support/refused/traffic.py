"""Breaches of the traffic split."""

from __future__ import annotations

from databricks_serving_schema import UNKNOWN

from ..endpoints import config, openai, program, registered
from .breach import SEVERAL, Breach, one, served

ROUTES = "config.traffic_config.routes"
_SPLIT = "required where there are several entities: say what share each one gets"


def _routed(*routes: object) -> dict:
    return program(config={**config(registered()), "traffic_config": {"routes": list(routes)}})


def _share(name: object, percentage: object) -> dict:
    return {"served_entity_name": name, "traffic_percentage": percentage}


KEPT = {
    "two registered models with a split": Breach(
        served(registered("a"), registered("b"), routes={"a": 90, "b": 10})
    ),
    "a share of nothing": Breach(
        served(registered("a"), registered("b"), routes={"a": 100, "b": 0})
    ),
    "an entity without a route": Breach(
        served(registered("a"), registered("b"), routes={"a": 100})
    ),
    "a split of one": Breach(served(registered("a"), routes={"a": 100})),
    "shares that are not yet known": Breach(
        served(registered("a"), registered("b"), routes={"a": UNKNOWN, "b": 10})
    ),
    "a route that is not yet known": Breach(_routed(UNKNOWN, _share("churn", 10))),
    "a name that is not yet known": Breach(
        served(registered("a"), registered(UNKNOWN), routes={"a": 40, "b": 60})
    ),
    "a split that is not yet known": Breach(
        program(config={**config(registered("a"), registered("b")), "traffic_config": UNKNOWN})
    ),
}

BROKEN = {
    "traffic-not-empty": one(
        program(config={**config(registered("a")), "traffic_config": {"routes": []}}),
        ROUTES,
        "traffic-not-empty",
        "empty: leave traffic_config out, and the only entity gets 100 %",
    ),
    "traffic-said": one(served(registered("a"), registered("b")), ROUTES, "traffic-said", _SPLIT),
    "traffic-said, no routes": one(
        program(
            config={**config(registered("a"), registered("b")), "traffic_config": {"routes": []}}
        ),
        ROUTES,
        "traffic-said",
        _SPLIT,
    ),
    "traffic-said, an entity not yet known": one(
        program(config=config(registered("a"), UNKNOWN)), ROUTES, "traffic-said", _SPLIT
    ),
    "traffic-said, several external models": one(
        served(openai("a"), openai("b")), ROUTES, "traffic-said", _SPLIT, allowances=SEVERAL
    ),
    "traffic-sum, too much": one(
        served(registered("a"), registered("b"), routes={"a": 90, "b": 20}),
        ROUTES,
        "traffic-sum",
        "the shares sum to 110; they must sum to 100",
    ),
    "traffic-sum, too much whatever the rest": one(
        served(
            registered("a"),
            registered("b"),
            registered("c"),
            routes={"a": UNKNOWN, "b": 70, "c": 40},
        ),
        ROUTES,
        "traffic-sum",
        "the shares that are known sum to 110 already; all must sum to 100",
    ),
    "traffic-sum, too little": one(
        served(registered("a"), routes={"a": 99}),
        ROUTES,
        "traffic-sum",
        "the shares sum to 99; they must sum to 100",
    ),
    "bounds, shares": Breach(
        served(registered("a"), registered("b"), routes={"a": 101, "b": -1}),
        (
            (f"{ROUTES}[0].traffic_percentage", "bounds", "101 is not between 0 and 100"),
            (f"{ROUTES}[1].traffic_percentage", "bounds", "-1 is not between 0 and 100"),
        ),
    ),
    "traffic-names": one(
        served(registered("churn"), routes={"chorn": 100}),
        f"{ROUTES}[0].served_entity_name",
        "traffic-names",
        "no entity of this endpoint has this name; did you mean 'churn'?",
    ),
    "traffic-names, nothing near": one(
        served(registered("churn"), routes={"other": 100}),
        f"{ROUTES}[0].served_entity_name",
        "traffic-names",
        "no entity of this endpoint has this name",
    ),
    "traffic-names, none said": one(
        _routed({"traffic_percentage": 100}),
        f"{ROUTES}[0].served_entity_name",
        "traffic-names",
        "required",
    ),
    "required, a share": one(
        _routed({"served_entity_name": "churn"}),
        f"{ROUTES}[0].traffic_percentage",
        "required",
        "required",
    ),
    "stands-once, two routes": one(
        _routed(_share("churn", 50), _share("churn", 50)),
        f"{ROUTES}[1]",
        "stands-once",
        "another one with this served_entity_name stands here already",
    ),
    "two-names": one(
        _routed({**_share("churn", 100), "served_model_name": "other"}),
        f"{ROUTES}[0]",
        "two-names",
        "served_model_name is the older name of served_entity_name, and here the two differ; keep "
        "served_entity_name",
    ),
}
