"""An endpoint's configuration: entities, traffic, the older inference table.

Source: REST reference, servingendpoints/updateconfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from .external_models import BY_PUT_CONFIG
from .limits import NOT_EMPTY, Bounds, Doubtful, Kind, NotFor, OlderForm
from .policy import KeyedBy, OnChange, Policy, Readback, Severity
from .served import ServedEntity, defaulted
from .values import Boolean, Each, Integer, Said, Unknown, Value


class Route(Value):
    """How much of the traffic goes to one entity, in per cent."""

    OLDER_FORMS: ClassVar[Mapping[str, OlderForm]] = {
        "served_model_name": OlderForm(str, "The older name of `served_entity_name`.")
    }

    served_entity_name: Annotated[Said[str], BY_PUT_CONFIG] = None
    """The entity that gets this share."""
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
        Bounds(0, 100),
    ] = None
    """Per cent of the requests; 0 marks an entity that only takes over where others fail."""

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, said: Any) -> Any:
        """Take `served_model_name` as the older name of `served_entity_name`."""
        if not isinstance(said, Mapping) or "served_model_name" not in said:
            return said
        older, newer = said["served_model_name"], said.get("served_entity_name")
        newer, older = older if newer is None else newer, newer if older is None else older
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
    """The share of each entity; they sum to 100."""


_CAPTURED = Policy(
    OnChange.REPLACE,
    Readback.ECHOED,
    because="once the table is on, its place never changes",
    severity=Severity.HIGH,
    source="REST reference, AutoCaptureConfigInput",
    while_on="enabled",
)


class AutoCaptureConfig(Value):
    """The older inference table, of registered models."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = frozenset({"state"})

    catalog_name: Annotated[Said[str], _CAPTURED] = None
    """The table's catalog."""
    schema_name: Annotated[Said[str], _CAPTURED] = None
    """The table's schema."""
    table_name_prefix: Annotated[
        Said[str],
        Policy(
            OnChange.REPLACE,
            Readback.DEFAULTED,
            because="once the table is on, its place never changes",
            severity=Severity.HIGH,
            source="REST reference, AutoCaptureConfigInput",
            filled_with="the endpoint's name",
            while_on="enabled",
        ),
        NOT_EMPTY,
    ] = None
    """What the table's name begins with; `_payload` is added."""
    enabled: Annotated[
        Said[Boolean],
        defaulted(
            "left out, GET shows whether the table is on",
            filled_with="a value of the service's choice",
            severity=Severity.HIGH,
        ),
    ] = None
    """Whether requests and answers are written down."""


_CAPTURE = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PUT config replaces the whole configuration, and no source says what becomes of a "
    "table that is left out: it is switched off by enabled=False",
    severity=Severity.HIGH,
    source="REST reference, AutoCaptureConfigInput",
    kept=True,
)


class Config(Value):
    """What is served, and how the traffic is split: one part, written whole by one PUT."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = frozenset(
        {"served_models", "config_version", "start_time"}
    )
    INSTEAD: ClassVar[Mapping[str, tuple[str, str]]] = {
        "served_models": (
            "served_entities",
            (
                "the older form: write served_entities, with entity_name for model_name and "
                "entity_version for model_version"
            ),
        )
    }
    OLDER_FORMS: ClassVar[Mapping[str, OlderForm]] = {
        "name": OlderForm(str, "The endpoint's own name, repeated; not sent.")
    }

    served_entities: Annotated[
        Said[tuple[Each[ServedEntity], ...]], BY_PUT_CONFIG, KeyedBy(("name",))
    ] = None
    """The models behind the endpoint; exactly one where it is an external model."""
    traffic_config: Annotated[
        Said[TrafficConfig],
        defaulted("left out, the only entity gets 100 %", filled_with="100 % for the only entity"),
    ] = None
    """How the requests are split; required where there are several entities."""
    auto_capture_config: Annotated[
        Said[AutoCaptureConfig],
        _CAPTURE,
        NotFor(
            (Kind.EXTERNAL,),
            "use ai_gateway.inference_table_config",
            source="REST reference, AutoCaptureConfigInput",
        ),
        NotFor(
            (Kind.MODEL_UNITS,),
            "use ai_gateway.inference_table_config",
            source="SDK, PtEndpointCoreConfig",
        ),
        Doubtful(
            (Kind.THROUGHPUT,),
            "deprecated there; use ai_gateway.inference_table_config",
            source="REST reference, AutoCaptureConfigInput",
        ),
    ] = None
    """The older inference table, of registered models."""
