"""Rules of the served entities: how many, of which kind, with which compute."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint, NotWithExternal, ServedEntity
from ..problems import Path
from .basics import NAME, NAME_RULE
from .rule import Allowances, entities, entity_count, external_models, known, rule


@rule("config-not-empty", source="contract: an empty PUT config is never sent")
def config_not_empty(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """A config says at least one served entity."""
    config = known(endpoint.config)
    if config is not None and config.served_entities in (None, ()):
        yield (
            ("config", "served_entities"),
            "required: name at least one, or leave `config` out altogether",
        )


@rule("entity-name", source="REST reference, ServedEntityInput")
def entity_name(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Entity names are legal and stand once."""
    seen: set[str] = set()
    for path, entity in entities(endpoint):
        name = known(entity.name)
        if name is None:
            continue
        if not NAME.fullmatch(name):
            yield (*path, "name"), NAME_RULE
        elif name in seen:
            yield (*path, "name"), "another entity has this name already"
        seen.add(name)


@rule("single-external-entity", source="Databricks page on external-model endpoints")
def single_external_entity(
    endpoint: Endpoint, allowances: Allowances
) -> Iterator[tuple[Path, str]]:
    """An endpoint with an external model has exactly one served entity."""
    count = entity_count(endpoint)
    if allowances.multiple_external_models or count is None or count < 2:
        return
    if any(entity.external_model is not None for _, entity in entities(endpoint)):
        yield (
            ("config", "served_entities"),
            (
                f"an endpoint with an external model has exactly one served entity, and here are "
                f"{count}. Make one endpoint for each, or say allow_multiple_external_models=True "
                f"where your workspace allows several"
            ),
        )


@rule(
    "several-external-models",
    source="Databricks page on serving multiple models; SDK ExternalModel",
)
def several_external_models(
    endpoint: Endpoint, allowances: Allowances
) -> Iterator[tuple[Path, str]]:
    """Where several are allowed: the same task, and no mixing with other kinds."""
    models = list(external_models(endpoint))
    if not allowances.multiple_external_models or not models:
        return
    for path, entity in entities(endpoint):
        if entity.external_model is None:
            yield path, "external models and other entities cannot be mixed in one endpoint"
    tasks = {known(model.task) for _, model in models} - {None}
    if len(tasks) > 1:
        yield (
            ("config", "served_entities"),
            "all external models of one endpoint have the same task",
        )


_NOT_WITH_EXTERNAL = [
    name
    for name, field in ServedEntity.model_fields.items()
    if any(isinstance(mark, NotWithExternal) for mark in field.metadata)
]


@rule("external-excludes-compute", source="REST reference, ServedEntityInput.external_model")
def external_excludes_compute(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """An external model has no registered model and no compute of its own."""
    for path, entity in entities(endpoint):
        if entity.external_model is None:
            continue
        for name in _NOT_WITH_EXTERNAL:
            if getattr(entity, name) is not None:
                yield (*path, name), "does not go with external_model: others host that model"


@rule("registered-model", source="terraform-provider-databricks issue 4064; REST reference")
def registered_model(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """An entity without an external model names a registered one and its compute."""
    for path, entity in entities(endpoint):
        if entity.external_model is not None:
            continue
        if entity.entity_name in (None, ""):
            yield path, "say external_model, or entity_name with entity_version"
            continue
        if entity.entity_version in (None, ""):
            yield (*path, "entity_version"), "required beside entity_name"
        if entity.scale_to_zero_enabled is None:
            yield (*path, "scale_to_zero_enabled"), "required: say True or False"
        yield from _size(path, entity)


def _size(path: Path, entity: ServedEntity) -> Iterator[tuple[Path, str]]:
    fixed = entity.workload_size is not None
    low = entity.min_provisioned_concurrency is not None
    high = entity.max_provisioned_concurrency is not None
    if fixed and (low or high):
        yield (*path, "workload_size"), "does not go with min/max_provisioned_concurrency"
    elif not fixed and not (low and high):
        yield (
            (*path, "workload_size"),
            "required: Small, Medium or Large, or both min_ and max_provisioned_concurrency",
        )


_CONCURRENCY_STEP = 4


@rule("concurrency-bounds", source="Databricks page on custom model endpoints; REST reference")
def concurrency_bounds(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Bounds of the provisioned concurrency are multiples of 4, the lower one not the greater."""
    for path, entity in entities(endpoint):
        low = known(entity.min_provisioned_concurrency)
        high = known(entity.max_provisioned_concurrency)
        for name, bound in (("min", low), ("max", high)):
            if bound is not None and (bound < 0 or bound % _CONCURRENCY_STEP):
                yield (
                    (*path, f"{name}_provisioned_concurrency"),
                    f"{bound} is no multiple of {_CONCURRENCY_STEP}, such as 0, 4, 8",
                )
        if low is not None and high is not None and low > high:
            yield (
                (*path, "min_provisioned_concurrency"),
                f"{low} is more than max_provisioned_concurrency, {high}",
            )


@rule("route-optimized", source="Databricks page on route optimisation")
def route_optimized(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Route optimisation is for registered models and features, not for external models."""
    if known(endpoint.route_optimized) is not True:
        return
    if any(entity.external_model is not None for _, entity in entities(endpoint)):
        yield (
            ("route_optimized",),
            "does not go with external_model: only custom models and feature serving have it",
        )
