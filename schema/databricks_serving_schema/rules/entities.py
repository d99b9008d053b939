"""Rules of the served entities: how many, of which kind, with which compute."""

from __future__ import annotations

import re

from ..endpoint import Endpoint
from ..external_models import SECRET_REFERENCE
from ..limits import NAME, Kind
from ..names import default_name, is_legal, names_said
from ..problems import Path
from ..served import ServedEntity
from .rule import (
    Allowances,
    Found,
    advice,
    entities,
    entity_count,
    external_models,
    known,
    rule,
)


@rule(
    "config-not-empty",
    source="no source says what an empty PUT config does",
    remedy="Say a served entity, or leave config out.",
    of=Endpoint,
)
def config_not_empty(endpoint: Endpoint, _: Allowances) -> Found:
    """A config says at least one served entity."""
    config = known(endpoint.config)
    if config is not None and config.served_entities in (None, ()):
        yield (
            ("config", "served_entities"),
            "required: name at least one, or leave `config` out altogether",
        )


@rule(
    "single-external-entity",
    source="Databricks page on external-model endpoints",
    remedy="Leave one of them, or say allow_multiple_external_models=True.",
    of=Endpoint,
)
def single_external_entity(endpoint: Endpoint, allowances: Allowances) -> Found:
    """An endpoint with an external model has exactly one served entity."""
    count = entity_count(endpoint)
    if allowances.multiple_external_models or count is None or count < 2:
        return
    if any(entity.kind is Kind.EXTERNAL for _, entity in entities(endpoint)):
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
    remedy="Give them the same task; other kinds get an endpoint of their own.",
    of=Endpoint,
)
def several_external_models(endpoint: Endpoint, allowances: Allowances) -> Found:
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


@rule(
    "one-kind",
    source="Databricks page on serving multiple models",
    remedy="Give each kind an endpoint of its own.",
    of=Endpoint,
)
def one_kind(endpoint: Endpoint, _: Allowances) -> Found:
    """Registered models, feature specs and foundation models are not mixed in one endpoint."""
    kinds = {entity.kind for _, entity in entities(endpoint)} - {None, Kind.EXTERNAL}
    if len(kinds) > 1:
        said = " and ".join(sorted(kind.value for kind in kinds if kind is not None))
        yield ("config", "served_entities"), f"one endpoint serves one kind, and here are {said}"


@rule(
    "registered-model",
    source="terraform-provider-databricks issue 4064; REST reference",
    remedy="Say entity_name with entity_version and what it runs on, or external_model.",
    of=Endpoint,
)
def registered_model(endpoint: Endpoint, _: Allowances) -> Found:
    """An entity without an external model names a registered one, and what it runs on."""
    for path, entity in entities(endpoint):
        if entity.external_model is not None:
            continue
        if entity.entity_name in (None, ""):
            yield path, "say external_model, or entity_name with entity_version"
            continue
        unversioned = entity.entity_version is None and entity.kind in (Kind.THROUGHPUT, None)
        if entity.entity_version == "" or unversioned:
            yield (
                (*path, "entity_version"),
                "required beside entity_name; only a feature spec, catalog.schema.name, has none",
            )
        if entity.kind is Kind.MODEL_UNITS and entity.entity_version is None:
            if entity.name is None:
                yield (*path, "name"), "required where entity_version is left out"
            continue
        if entity.kind not in (Kind.MODEL, None):
            continue
        if entity.scale_to_zero_enabled is None:
            yield (*path, "scale_to_zero_enabled"), "required: say True or False"
        yield from _size(path, entity)


def _size(path: Path, entity: ServedEntity) -> Found:
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


@rule(
    "lower-bound",
    source="REST reference, ServedEntityInput; Databricks page on provisioned throughput",
    remedy="Lower the minimum, or raise the maximum.",
    of=Endpoint,
)
def lower_bound(endpoint: Endpoint, _: Allowances) -> Found:
    """The lower bound of what is provisioned is not above the upper one."""
    for path, entity in entities(endpoint):
        for what in ("provisioned_concurrency", "provisioned_throughput"):
            low = known(getattr(entity, f"min_{what}"))
            high = known(getattr(entity, f"max_{what}"))
            if low is not None and high is not None and low > high:
                yield (*path, f"min_{what}"), f"{low} is more than max_{what}, {high}"


@rule(
    "nothing-provisioned",
    source="contract: a minimum of 0 goes with scale to zero",
    remedy="Say scale_to_zero_enabled=True, or a minimum above 0.",
    of=Endpoint,
)
def nothing_provisioned(endpoint: Endpoint, _: Allowances) -> Found:
    """Concurrency may go down to 0 only where the entity may scale to zero."""
    for path, entity in entities(endpoint):
        unsaid = entity.kind is Kind.FEATURE_SPEC and entity.scale_to_zero_enabled is None
        if entity.min_provisioned_concurrency == 0 and (
            unsaid or entity.scale_to_zero_enabled is False
        ):
            yield (
                (*path, "min_provisioned_concurrency"),
                "0 goes with scale_to_zero_enabled=True only",
            )


@rule(
    "default-name",
    source="REST reference, ServedEntityInput.name",
    remedy="Give the entity a name of its own.",
    of=Endpoint,
)
def default_name_fits(endpoint: Endpoint, _: Allowances) -> Found:
    """An entity without a name gets one from the service, which must be legal and its own."""
    found = list(entities(endpoint))
    taken = set(names_said(entity for _, entity in found))
    for path, entity in found:
        name = default_name(entity) if entity.name is None else None
        if name is None or (is_legal(name) and name not in taken):
            continue
        wrong = "that is another entity's name here" if is_legal(name) else "that is no legal name"
        yield (
            (*path, "name"),
            (
                f"left out, the service would name it after its model, and {wrong}; say a `name`: "
                f"{NAME.says}"
            ),
        )


_LOOKS_LIKE_A_REFERENCE = re.compile(r"^\s*\{\{.*\}\}\s*$", re.DOTALL)


@rule(
    "environment-reference",
    source="Databricks page on resources for model serving",
    remedy="Write the whole value as {{secrets/scope/key}}, or without double braces.",
    of=Endpoint,
)
def environment_reference(endpoint: Endpoint, _: Allowances) -> Found:
    """A value in double braces is a whole reference: any other would reach the model as text."""
    for path, entity in entities(endpoint):
        for name, value in (known(entity.environment_vars) or {}).items():
            if not isinstance(value, str) or SECRET_REFERENCE.fullmatch(value):
                continue
            if _LOOKS_LIKE_A_REFERENCE.fullmatch(value):
                yield (
                    (*path, "environment_vars", name),
                    (
                        "is no reference such as {{secrets/my_scope/my_key}}; the model would get "
                        "it as text"
                    ),
                )


_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_WORDS = re.compile(r"(^|_)(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)


@advice(
    "environment-name",
    source="POSIX, names of environment variables",
    remedy="Use letters, digits and underscores, and no digit at the beginning.",
    of=Endpoint,
)
def environment_name(endpoint: Endpoint, _: Allowances) -> Found:
    """A name that shells cannot read."""
    for path, entity in entities(endpoint):
        for name in known(entity.environment_vars) or {}:
            if name and not _ENVIRONMENT_NAME.fullmatch(name):
                yield (
                    (*path, "environment_vars", name),
                    "letters, digits and _ are what programs expect in a variable's name",
                )


@advice(
    "plain-secret",
    source="Databricks page on resources for model serving",
    remedy="Put the value into a Secret, and say its reference here.",
    of=Endpoint,
)
def plain_secret(endpoint: Endpoint, _: Allowances) -> Found:
    """A variable that by its name is a secret, and whose value is plain."""
    for path, entity in entities(endpoint):
        for name, value in (known(entity.environment_vars) or {}).items():
            if not isinstance(value, str) or not value or SECRET_REFERENCE.fullmatch(value):
                continue
            if _SECRET_WORDS.search(name):
                yield (
                    (*path, "environment_vars", name),
                    (
                        "everybody who may view the endpoint can read it; put it into a Secret "
                        "and write its reference here"
                    ),
                )
