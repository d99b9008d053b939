"""The names that the service gives to entities without one.

Source: REST reference, ServedEntityInput.name.
"""

from __future__ import annotations

from .endpoint import Endpoint, ServedEntity
from .values import Unknown


def default_name(entity: ServedEntity) -> str | None:
    """The entity's name where the program says none; None where that cannot be told yet."""
    model = entity.external_model
    if isinstance(model, Unknown):
        return None
    if model is not None:
        return external_default_name(model.name) if isinstance(model.name, str) else None
    if isinstance(entity.entity_name, str) and isinstance(entity.entity_version, str):
        return f"{entity.entity_name.rsplit('.', 1)[-1]}-{entity.entity_version}"
    return None


def external_default_name(model_name: str) -> str:
    """The name of an entity with an external model: the model's, in letters that are legal."""
    return model_name.replace(".", "-").replace(":", "-")


def with_default_names(endpoint: Endpoint) -> Endpoint:
    """The same endpoint with every entity named, as far as that can be told."""
    config = endpoint.config
    if config is None or isinstance(config, Unknown):
        return endpoint
    entities = config.served_entities
    if entities is None or isinstance(entities, Unknown):
        return endpoint
    named = tuple(_named(entity) for entity in entities)
    return endpoint.model_copy(
        update={"config": config.model_copy(update={"served_entities": named})}
    )


def _named(entity: ServedEntity | Unknown) -> ServedEntity | Unknown:
    if isinstance(entity, Unknown) or entity.name is not None:
        return entity
    name = default_name(entity)
    return entity if name is None else entity.model_copy(update={"name": name})
