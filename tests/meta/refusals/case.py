"""What a case of a refusal is, and the programs that several subjects vary."""

from __future__ import annotations

from dataclasses import dataclass

from databricks_serving_schema import Allowances
from support.endpoints import STRICT, Json, config, openai, program, registered, units

ENTITY = "config.served_entities[0]"
MODEL = f"{ENTITY}.external_model"
LIMITS = "ai_gateway.rate_limits"
TABLE = {"catalog_name": "main", "schema_name": "ml", "enabled": True}

SEVERAL = Allowances(multiple_external_models=True)

#: The calls that write a part of an endpoint after its creation.
WRITES = {
    "ai_gateway": "PUT gateway",
    "telemetry_config": "PATCH telemetry",
    "email_notifications": "PATCH notifications",
    "tags": "PATCH tags",
}


@dataclass(frozen=True)
class Refusal:
    """A program, what the service says to it, and which rule of ours refuses it where.

    says: a regular expression
    by: the calls that are refused, where they are not all that write what stands at `path`
    """

    program: Json
    says: str
    rule: str
    path: str
    allowances: Allowances = STRICT
    by: tuple[str, ...] = ()

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that are refused."""
        part = self.path.partition(".")[0].partition("[")[0]
        create = "POST pt" if has_units(self.program) else "POST"
        if part == "config" and isinstance(self.program["config"], dict):
            return self.by or (create, "PUT pt" if has_units(self.program) else "PUT config")
        return self.by or (create, *(WRITES[name] for name in WRITES if name == part))


def has_units(said: Json) -> bool:
    """Whether a program's endpoint is one of those that have routes of their own."""
    served = said.get("config")
    entities = served.get("served_entities") if isinstance(served, dict) else None
    found = entities if isinstance(entities, list) else []
    return any("provisioned_model_units" in entity for entity in found)


def only(said: Json) -> Json:
    """An object without the fields that are None."""
    return {name: value for name, value in said.items() if value is not None}


def without(said: Json, name: str) -> Json:
    """An object without that field."""
    return {at: value for at, value in said.items() if at != name}


def limited(*limits: Json) -> Json:
    """A program with these rate limits."""
    return program(ai_gateway={"rate_limits": list(limits)})


def model(**fields: object) -> Json:
    """A program with an external model that differs in these fields."""
    return program(config=config(openai(model=fields)))


def churn(**fields: object) -> Json:
    """A program with a registered model that differs in these fields; None takes one out."""
    return program(config=config(only(registered(**fields))))


def throughput(**fields: object) -> Json:
    """A program with a foundation model that is provisioned by tokens a second."""
    said = {"provisioned_model_units": None, "max_provisioned_throughput": 9500, **fields}
    return program(config=config(only(units(**said))))


def by_units(**fields: object) -> Json:
    """A program with a foundation model that is provisioned by model units."""
    return program(config=config(only(units(**fields))))
