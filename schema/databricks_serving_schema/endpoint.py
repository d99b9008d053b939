"""A serving endpoint. Field names and nesting are the REST API's own.

Source: REST reference, servingendpoints/create and servingendpoints/updateconfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from .ai_gateway import AiGateway, RateLimit
from .external_models import BY_PUT_CONFIG, ExternalModel
from .policy import KeyedBy, OnChange, Part, Policy, Readback, Severity
from .values import UNKNOWN, Boolean, Each, Integer, Said, Unknown, Value


def _defaulted(because: str, *, default: str | int | bool | None = None) -> Policy:
    return Policy(
        OnChange.UPDATE,
        Readback.DEFAULTED,
        because=because,
        severity=Severity.MEDIUM,
        source="terraform-provider-databricks issues 3593 and 5111",
        default=default,
    )


ANSWERED_OF_ENTITY = frozenset(
    {
        "state",
        "creator",
        "creation_timestamp",
        "type",
        "foundation_model",
        "min_dbus",
        "max_dbus",
        "batching_config",
    }
)


@dataclass(frozen=True)
class NotWithExternal:
    """Marks what an entity with an external model cannot say: others host that model."""


class ServedEntity(Value):
    """One model behind the endpoint: an external one, or a registered one with its compute."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = ANSWERED_OF_ENTITY

    name: Annotated[
        Said[str], _defaulted("left out, the service names the entity after its model")
    ] = None
    external_model: Annotated[Said[ExternalModel], BY_PUT_CONFIG] = None
    entity_name: Annotated[Said[str], BY_PUT_CONFIG, NotWithExternal()] = None
    entity_version: Annotated[Said[str], BY_PUT_CONFIG, NotWithExternal()] = None
    environment_vars: Annotated[Said[dict[str, Each[str]]], BY_PUT_CONFIG, NotWithExternal()] = None
    instance_profile_arn: Annotated[Said[str], BY_PUT_CONFIG] = None
    workload_size: Annotated[
        Said[str], _defaulted("left out, GET may show Small"), NotWithExternal()
    ] = None
    workload_type: Annotated[
        Said[str], _defaulted("left out, GET shows CPU", default="CPU"), NotWithExternal()
    ] = None
    scale_to_zero_enabled: Annotated[
        Said[Boolean],
        _defaulted("always answered, false where it does not apply", default=False),
        NotWithExternal(),
    ] = None
    min_provisioned_concurrency: Annotated[Said[Integer], BY_PUT_CONFIG, NotWithExternal()] = None
    max_provisioned_concurrency: Annotated[Said[Integer], BY_PUT_CONFIG, NotWithExternal()] = None


class Route(Value):
    """How much of the traffic goes to one entity, in per cent."""

    served_entity_name: Annotated[Said[str], BY_PUT_CONFIG] = None
    traffic_percentage: Annotated[
        Said[Integer],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PUT config replaces the whole configuration, traffic included",
            severity=Severity.HIGH,
            source="REST reference, Route",
            required=True,
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, said: Any) -> Any:
        """Take `served_model_name` as the older name of `served_entity_name`."""
        if not isinstance(said, Mapping) or "served_model_name" not in said:
            return said
        older = said["served_model_name"]
        newer = said.get("served_entity_name", older)
        if newer != older and not isinstance(newer, Unknown) and not isinstance(older, Unknown):
            raise PydanticCustomError(
                "two_names",
                "served_model_name is the older name of served_entity_name, and here the two "
                "differ; keep served_entity_name",
            )
        rest = {key: value for key, value in said.items() if key != "served_model_name"}
        return {**rest, "served_entity_name": newer}


class TrafficConfig(Value):
    """The split of the traffic over the entities."""

    routes: Annotated[
        Said[tuple[Each[Route], ...]], BY_PUT_CONFIG, KeyedBy(("served_entity_name",))
    ] = None


class Config(Value):
    """What is served, and how the traffic is split: one part, written whole by one PUT."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = frozenset(
        {"served_models", "config_version", "start_time"}
    )

    served_entities: Annotated[
        Said[tuple[Each[ServedEntity], ...]], BY_PUT_CONFIG, KeyedBy(("name",))
    ] = None
    traffic_config: Annotated[
        Said[TrafficConfig], _defaulted("left out, the only entity gets 100 %")
    ] = None


def _known_as_whole(tags: Any) -> Any:
    """The API's list as a whole is not yet known where a tag's key is not."""
    if isinstance(tags, (list, tuple)):
        keys = (tag.get("key") if isinstance(tag, Mapping) else tag for tag in tags)
        if any(isinstance(key, Unknown) for key in keys):
            return UNKNOWN
    return tags


def _as_map(tags: Any) -> Any:
    """`[{"key": "team", "value": "gen-ai"}]` -> `{"team": "gen-ai"}`; anything else as it is."""
    if not isinstance(tags, (list, tuple)):
        return tags
    if not all(isinstance(tag, Mapping) and isinstance(tag.get("key"), str) for tag in tags):
        return tags
    if len({tag["key"] for tag in tags}) < len(tags):
        raise PydanticCustomError("tag_twice", "a tag stands twice here; its key stands once")
    # The value is optional in the API, and absent where it is empty.
    return {tag["key"]: "" if tag.get("value") is None else tag["value"] for tag in tags}


TagMap: TypeAlias = Annotated[dict[str, Each[str]], BeforeValidator(_as_map)]


ANSWERED_OF_ENDPOINT = frozenset(
    {
        "id",
        "creator",
        "creation_timestamp",
        "last_updated_timestamp",
        "state",
        "pending_config",
        "task",
        "permission_level",
        "endpoint_url",
        "data_plane_info",
        "creator_display_name",
        "creator_kind",
        "resource_credential_strategy",
        "effective_budget_policy_id",
        "endpoint_type",
        "tile_endpoint_metadata",
        "capabilities",
    }
)


class Endpoint(Value):
    """A serving endpoint as a program says it, or as GET tells it."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = ANSWERED_OF_ENDPOINT

    name: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.ECHOED,
            because="no call renames an endpoint",
            severity=Severity.HIGH,
            source="REST reference, serving-endpoint",
            required=True,
        ),
    ] = None
    config: Annotated[Said[Config], BY_PUT_CONFIG, Part()] = None
    ai_gateway: Annotated[
        Said[AiGateway],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PUT ai-gateway replaces the whole gateway",
            severity=Severity.CRITICAL,
            source="REST reference, servingendpoints/putaigateway",
        ),
    ] = None
    tags: Annotated[
        Said[TagMap],
        BeforeValidator(_known_as_whole),
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PATCH tags adds and deletes by key",
            severity=Severity.LOW,
            source="REST reference, servingendpoints/patch",
        ),
        Part(),
    ] = None
    description: Annotated[
        Said[str],
        Policy(
            OnChange.REFUSE,
            Readback.DEFAULTED,
            because="no public call changes the description; replacing a live endpoint for a text "
            "would be an outage",
            severity=Severity.LOW,
            source="databricks/cli, bundle/direct/dresources/resources.yml",
            default="",
        ),
    ] = None
    route_optimized: Annotated[
        Said[Boolean],
        Policy(
            OnChange.REPLACE,
            Readback.DEFAULTED,
            because="no call changes it after creation",
            severity=Severity.HIGH,
            source="REST reference, servingendpoints/create",
            default=False,
        ),
    ] = None


__all__ = [
    "AiGateway",
    "Config",
    "Endpoint",
    "RateLimit",
    "Route",
    "ServedEntity",
    "TrafficConfig",
]
