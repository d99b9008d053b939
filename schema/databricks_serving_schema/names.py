"""The names that the service gives: to entities without one, to inference tables.

Source: REST reference, ServedEntityInput.name and AiGatewayInferenceTableConfig.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .endpoint import Endpoint
from .limits import NAME, Kind
from .served import ServedEntity
from .values import Unknown


def default_name(entity: ServedEntity) -> str | None:
    """The entity's name where the program says none; None where that cannot be told yet."""
    model = entity.external_model
    if isinstance(model, Unknown):
        return None
    if model is not None:
        said = isinstance(model.name, str) and model.name
        return external_default_name(said) if said else None
    if not isinstance(entity.entity_name, str):
        return None
    last = entity.entity_name.rsplit(".", 1)[-1]
    if isinstance(entity.entity_version, str):
        return f"{last}-{entity.entity_version}"
    return last if entity.kind is Kind.FEATURE_SPEC else None


def external_default_name(model_name: str) -> str:
    """The name of an entity with an external model: the model's, in letters that are legal."""
    return model_name.replace(".", "-").replace(":", "-")


def is_legal(name: str) -> bool:
    """Whether an entity can have this name."""
    return re.fullmatch(NAME.pattern, name, re.ASCII) is not None


def with_default_names(endpoint: Endpoint) -> Endpoint:
    """The same endpoint with every entity named, as far as that can be told.

    A default name that no entity can have, or that another one has, is nobody's: the program did
    not say it.
    """
    config = endpoint.config
    if config is None or isinstance(config, Unknown):
        return endpoint
    entities = config.served_entities
    if entities is None or isinstance(entities, Unknown):
        return endpoint
    named = tuple(_named(entities))
    return endpoint.model_copy(
        update={"config": config.model_copy(update={"served_entities": named})}
    )


def names_said(entities: Iterable[ServedEntity | Unknown]) -> Iterator[str]:
    """The names that entities have, as far as they are known."""
    for entity in entities:
        if not isinstance(entity, Unknown) and isinstance(entity.name, str):
            yield entity.name


def _named(entities: tuple[ServedEntity | Unknown, ...]) -> Iterator[ServedEntity | Unknown]:
    taken = set(names_said(entities))
    for entity in entities:
        if isinstance(entity, Unknown) or entity.name is not None:
            yield entity
            continue
        name = default_name(entity)
        if name is None or name in taken or not is_legal(name):
            yield entity
        else:
            taken.add(name)
            yield entity.model_copy(update={"name": name})


def inference_table_name(endpoint: Endpoint) -> str | None:
    """The full name of the table that requests and answers are written to, if there is one.

    None also where it cannot be told: without a prefix it is made of the endpoint's name, and how
    the service spells a name that is illegal in tables is not known.
    """
    gateway, config = endpoint.ai_gateway, endpoint.config
    tables = (
        None if gateway is None or isinstance(gateway, Unknown) else gateway.inference_table_config,
        None if config is None or isinstance(config, Unknown) else config.auto_capture_config,
    )
    for table in tables:
        if table is None or isinstance(table, Unknown) or table.enabled is not True:
            continue
        prefix = endpoint.name if table.table_name_prefix is None else table.table_name_prefix
        steps = (table.catalog_name, table.schema_name, prefix)
        if all(isinstance(step, str) and step for step in steps) and "-" not in str(prefix):
            return f"{'.'.join(map(str, steps))}_payload"
    return None
