"""What is known of every field stands at the field, with its reason."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from typing import Annotated

import pytest
from pydantic import SecretStr

from databricks_serving.plan import operations
from databricks_serving_schema import (
    RULES,
    Deploy,
    Endpoint,
    Readback,
    Secret,
    SecretScope,
    Shape,
    Value,
    WorkspaceChoice,
    fields_of,
)
from databricks_serving_schema.fields import UndescribedField
from databricks_serving_schema.values import Said

#: They say how and where to, are sent nowhere, and so have no policy.
SETTINGS = {Deploy, WorkspaceChoice}


def models():
    """Every model below `Value`."""
    found, open_ = set(), [Value]
    while open_:
        for model in open_.pop().__subclasses__():
            if model.__module__.startswith("databricks_serving_schema.") and model not in found:
                found.add(model)
                open_.append(model)
    return sorted(found - SETTINGS, key=lambda model: model.__name__)


EVERY_FIELD = [
    pytest.param(field, id=f"{model.__name__}.{name}")
    for model in models()
    for name, field in fields_of(model).items()
]


def test_every_kind_is_among_the_models_that_are_looked_at():
    assert {Endpoint, SecretScope, Secret} < set(models())
    assert len(EVERY_FIELD) > 70


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_every_field_has_a_policy_with_a_reason_and_a_source(field):
    assert field.policy.because
    assert field.policy.source


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_a_default_belongs_to_a_field_that_the_service_fills(field):
    assert field.policy.default is None or field.policy.readback is Readback.DEFAULTED


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_every_plaintext_credential_is_secret_and_never_shown(field):
    plaintext = field.name.endswith("_plaintext")

    assert not plaintext or field.secret
    assert not field.secret or field.policy.readback is Readback.NEVER


@pytest.mark.parametrize("field", EVERY_FIELD)
def test_every_list_of_objects_tells_its_elements_apart(field):
    assert not (field.shape is Shape.LIST and field.model is not None)
    if field.shape is Shape.KEYED_LIST:
        assert set(field.keyed_by.fields) <= set(fields_of(field.model))


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_a_plaintext_credential_stands_beside_its_reference(model):
    names = set(fields_of(model))

    assert {n.removesuffix("_plaintext") for n in names if n.endswith("_plaintext")} <= names


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_field_may_be_left_out(model):
    assert all(getattr(model(), name) is None for name in fields_of(model))


def test_a_field_without_a_policy_is_an_error_of_ours():
    class Undescribed(Value):
        name: Said[str] = None
        other: Annotated[Said[SecretStr], "no policy"] = None

    with pytest.raises(UndescribedField, match=r"Undescribed\.name needs exactly one Policy"):
        fields_of(Undescribed)


def test_rules_have_ids_of_their_own_and_a_source():
    ids = [rule.id for rule in RULES]

    assert len(set(ids)) == len(ids) > 15
    assert all(rule.source for rule in RULES)
    assert all(rule.check.__doc__ for rule in RULES)


def test_the_parts_are_those_that_the_design_names():
    parts = {
        model.__name__: [name for name, field in fields_of(model).items() if field.part]
        for model in models()
    }

    assert {name: found for name, found in parts.items() if found} == {
        "AiGateway": ["rate_limits"],
        "Endpoint": ["config", "tags"],
        "Secret": ["value", "value_base64", "value_from_env", "version"],
    }


def test_operations_do_not_print_what_they_send():
    kinds = [kind for kind in vars(operations).values() if isinstance(kind, type)]
    bodies = [
        field
        for kind in kinds
        if hasattr(kind, "__dataclass_fields__")
        for field in dataclass_fields(kind)
        if field.name in ("body", "add")
    ]

    assert len(bodies) > 5
    assert not any(field.repr for field in bodies)
