"""What an endpoint serves: an external model, a registered one with its compute, a feature spec.

Source: REST reference, ServedEntityInput.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from .external_models import BY_PUT_CONFIG, ExternalModel
from .limits import NAME, NOT_EMPTY, Bounds, Doubtful, Kind, NotComparedFor, NotFor
from .policy import OnChange, Policy, Readback, Severity
from .values import Boolean, Each, Integer, Said, Unknown, Value, Version


def defaulted(
    because: str,
    *,
    default: str | int | bool | None = None,
    filled_with: str = "",
    severity: Severity = Severity.MEDIUM,
) -> Policy:
    """The policy of what PUT config writes and the service fills in where it is left out."""
    return Policy(
        OnChange.UPDATE,
        Readback.DEFAULTED,
        because=f"PUT config replaces the whole configuration; {because}",
        severity=severity,
        source="terraform-provider-databricks issues 3593 and 5111",
        default=default,
        filled_with=filled_with,
    )


_ENTITY = "REST reference, ServedEntityInput"
_PT = (Kind.THROUGHPUT, Kind.MODEL_UNITS)
#: What a registered model is, and what it runs on: others host an external one.
_NOT_EXTERNAL = NotFor((Kind.EXTERNAL,), "others host that model", source=_ENTITY)
#: Source: SDK, PtServedModel, has none of these.
_NOT_BY_UNITS = NotFor(
    (Kind.MODEL_UNITS,), "model units are the whole of its compute", source="SDK, PtServedModel"
)
_NOT_BY_THROUGHPUT = Doubtful(
    (Kind.THROUGHPUT,),
    "throughput is what sizes it",
    source="Databricks page on provisioned throughput",
)
_ALWAYS_FALSE = "GET says false there, whatever was written"
_ISSUE = "terraform-provider-databricks issue 5467"
_CAPACITY = Policy(
    OnChange.UPDATE,
    Readback.ECHOED,
    because="PUT config replaces the whole configuration; capacity is what the endpoint costs",
    severity=Severity.MEDIUM,
    source=_ENTITY,
)


class ServedEntity(Value):
    """One model behind the endpoint: an external one, or a registered one with its compute."""

    ANSWER_ONLY: ClassVar[frozenset[str]] = frozenset(
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

    name: Annotated[
        Said[str],
        defaulted("left out, the service names the entity", filled_with="after its model"),
        NAME,
    ] = None
    """The entity's name in this endpoint; traffic routes name it."""
    external_model: Annotated[Said[ExternalModel], BY_PUT_CONFIG] = None
    """A model that somebody else hosts."""
    entity_name: Annotated[Said[str], BY_PUT_CONFIG, _NOT_EXTERNAL] = None
    """Registered model or feature spec, such as `catalog.schema.model`."""
    entity_version: Annotated[Said[Version], BY_PUT_CONFIG, _NOT_EXTERNAL] = None
    """The model's version; a feature spec has none."""
    environment_vars: Annotated[
        Said[dict[str, Each[str]]],
        BY_PUT_CONFIG,
        _NOT_EXTERNAL,
        NotFor(_PT, "foundation models read none", source="Databricks page on model serving"),
    ] = None
    """Environment of the model: plain text, or `{{secrets/scope/key}}`."""
    instance_profile_arn: Annotated[Said[str], BY_PUT_CONFIG, _NOT_BY_UNITS] = None
    """Instance profile that the model runs under (AWS)."""
    workload_size: Annotated[
        Said[str],
        defaulted("left out, GET may show Small", filled_with="Small, for some kinds"),
        NOT_EMPTY,
        _NOT_EXTERNAL,
        _NOT_BY_UNITS,
        _NOT_BY_THROUGHPUT,
    ] = None
    """Small, Medium or Large, or another size that the workspace offers."""
    workload_type: Annotated[
        Said[str],
        defaulted("left out, GET shows CPU, or the GPU that was picked", default="CPU"),
        NOT_EMPTY,
        _NOT_EXTERNAL,
        _NOT_BY_UNITS,
        _NOT_BY_THROUGHPUT,
    ] = None
    """CPU, or a type of GPU such as GPU_SMALL."""
    scale_to_zero_enabled: Annotated[
        Said[Boolean],
        defaulted("always answered, false where it does not apply", default=False),
        _NOT_EXTERNAL,
        _NOT_BY_UNITS,
        Doubtful((Kind.THROUGHPUT,), _ALWAYS_FALSE, source=_ISSUE),
        NotComparedFor((Kind.THROUGHPUT,), _ALWAYS_FALSE, source=_ISSUE),
    ] = None
    """Whether nothing runs, and nothing is paid, while nobody asks."""
    min_provisioned_concurrency: Annotated[
        Said[Integer],
        _CAPACITY,
        _NOT_EXTERNAL,
        _NOT_BY_UNITS,
        _NOT_BY_THROUGHPUT,
        Bounds(0, step=4),
    ] = None
    """Requests at once that are always ready for; a multiple of 4."""
    max_provisioned_concurrency: Annotated[
        Said[Integer],
        _CAPACITY,
        _NOT_EXTERNAL,
        _NOT_BY_UNITS,
        _NOT_BY_THROUGHPUT,
        Bounds(0, step=4),
    ] = None
    """Requests at once that it may grow to; a multiple of 4."""
    min_provisioned_throughput: Annotated[
        Said[Integer], _CAPACITY, _NOT_EXTERNAL, _NOT_BY_UNITS, Bounds()
    ] = None
    """Tokens a second that are always ready for; a multiple of the model's chunk size."""
    max_provisioned_throughput: Annotated[
        Said[Integer], _CAPACITY, _NOT_EXTERNAL, _NOT_BY_UNITS, Bounds()
    ] = None
    """Tokens a second that it may grow to; a multiple of the model's chunk size."""
    provisioned_model_units: Annotated[
        Said[Integer],
        Policy(
            OnChange.UPDATE,
            Readback.ECHOED,
            because="PUT pt/{name}/config changes it at once; units are what the endpoint costs",
            severity=Severity.MEDIUM,
            source="REST reference, servingendpoints/updateprovisionedthroughputendpointconfig",
        ),
        _NOT_EXTERNAL,
        Bounds(least=1),
    ] = None
    """Model units; a multiple of the model's chunk size."""
    burst_scaling_enabled: Annotated[
        Said[Boolean],
        Policy(
            OnChange.UPDATE,
            Readback.NEVER,
            because="PUT pt/{name}/config changes it, and GET never shows it",
            severity=Severity.LOW,
            source="databricks/cli, bundle/direct/dresources/resources.yml",
        ),
        NotFor(
            (Kind.EXTERNAL, Kind.MODEL, Kind.FEATURE_SPEC, Kind.THROUGHPUT),
            "it goes with provisioned_model_units",
            source="SDK, PtServedModel",
        ),
    ] = None
    """Whether it may grow beyond its units for a while; left out, it may."""

    @property
    def kind(self) -> Kind | None:
        """What it serves; None where that cannot be told, or not yet."""
        return kind_of(vars(self))


def kind_of(entity: Mapping[str, object]) -> Kind | None:
    """What an entity with these fields serves; None where that cannot be told, or not yet."""
    said = {name for name, value in entity.items() if value is not None}
    if "external_model" in said:
        return Kind.EXTERNAL
    if "provisioned_model_units" in said:
        return Kind.MODEL_UNITS
    if not said.isdisjoint(("min_provisioned_throughput", "max_provisioned_throughput")):
        return Kind.THROUGHPUT
    if "entity_name" not in said:
        return None
    if "entity_version" in said:
        return Kind.MODEL
    # A feature spec is a function of Unity Catalog: catalog.schema.name.
    name = entity["entity_name"]
    return Kind.FEATURE_SPEC if isinstance(name, Unknown) or str(name).count(".") == 2 else None
