"""What is known of every field stands at the field, with its reason."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from enum import Enum
from itertools import pairwise
from typing import Annotated

import pytest
from pydantic import SecretStr

from databricks_serving.plan import operations
from databricks_serving_schema import (
    ADVICE,
    RESOURCES,
    RULES,
    Deploy,
    Endpoint,
    ExternalModel,
    OnChange,
    Policy,
    Readback,
    Severity,
    Shape,
    Value,
    config_of,
    fields_of,
    limits,
)
from databricks_serving_schema.fields import UndescribedField, own_type
from databricks_serving_schema.limits import (
    AlsoAs,
    Deprecated,
    Doubtful,
    NotFor,
    OlderForm,
    OneOf,
    OnlyWayIn,
    Selects,
    When,
)
from databricks_serving_schema.values import Said
from support.valid_programs import PROGRAMS


def reached():
    """Every model that a program can say something of, by name."""
    found, open_ = {}, [kind for made in RESOURCES for kind in (made.model, made.settings)]
    while open_:
        model = open_.pop()
        if model.__name__ not in found:
            found[model.__name__] = model
            open_ += _inside(model)
    return dict(sorted(found.items()))


def _inside(model):
    for field in fields_of(model).values():
        if field.model is not None:
            yield field.model
        for other in field.marks_of(AlsoAs):
            yield own_type(own_type(other.kind).__args__[0])


MODELS = reached()
EVERY_MODEL = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
FIELDS = {
    (model.__name__, name): field
    for model in MODELS.values()
    for name, field in fields_of(model).items()
}
EVERY_FIELD = pytest.mark.parametrize("field", FIELDS.values(), ids=map(".".join, FIELDS))
MARKS = [mark for field in FIELDS.values() for mark in field.marks]


def test_every_model_of_programs_is_looked_at():
    defined, open_ = set(), [Value]
    while open_:
        made = open_.pop().__subclasses__()
        open_ += made
        defined |= {kind.__name__ for kind in made if kind.__module__ in OF_THE_SCHEMA}

    # The parser judges tags in this form, and makes a map of them.
    assert defined - set(MODELS) == {"TagList"}
    assert len(FIELDS) > 150


OF_THE_SCHEMA = {name for name in sys.modules if name.split(".")[0] == "databricks_serving_schema"}


@EVERY_MODEL
def test_every_field_has_exactly_one_policy(model):
    policies = {
        name: [mark for mark in info.metadata if isinstance(mark, Policy)]
        for name, info in model.model_fields.items()
    }

    assert {name for name, found in policies.items() if len(found) != 1} == set()


@EVERY_FIELD
def test_every_policy_has_a_reason_a_source_and_a_severity(field):
    assert field.policy.because
    assert field.policy.source
    assert isinstance(field.policy.severity, Severity)


#: What becomes of a change of a setting: nothing is sent.
SETTINGS = (OnChange.RECORD, OnChange.NOTHING)

#: What holds where the program is silent. A new field's default is added here by hand, from its
#: source: a default of ours that is not the service's would hide drift.
DEFAULTS = {
    "Deploy.wait": "ready",
    "Deploy.on_update_in_progress": "wait",
    "Endpoint.description": "",
    "Endpoint.route_optimized": False,
    "EndpointSettings.allow_multiple_external_models": False,
    "EndpointSettings.adopt": False,
    "GatewaySettings.mode": "additive",
    "GatewaySettings.on_delete": "restore",
    "GuardrailParameters.safety": False,
    "PermissionsSettings.mode": "additive",
    "Pii.behavior": "NONE",
    "RateLimit.key": "endpoint",
    "RateLimitsSettings.on_delete": "restore",
    "ScopeSettings.force_destroy": False,
    "ScopeSettings.adopt": False,
    "SecretScope.scope_backend_type": "DATABRICKS",
    "SecretSettings.adopt": False,
    "ServedEntity.workload_type": "CPU",
    "ServedEntity.scale_to_zero_enabled": False,
}


def test_defaults_are_those_of_the_service_and_of_the_design():
    defaults = {
        ".".join(at): field.policy.default
        for at, field in FIELDS.items()
        if field.policy.default is not None
    }

    assert defaults == DEFAULTS


VENDORS = tuple(
    field.model.__name__ for field in fields_of(ExternalModel).values() if field.model is not None
)
#: How grave it is when somebody changed something outside: a sentence, and what it speaks of.
GRAVITY = {
    "a guardrail weakened or a limit lifted is critical": (
        Severity.CRITICAL,
        ("Guardrails", "GuardrailParameters", "Pii", "RateLimit"),
        (
            *("Endpoint.ai_gateway", "AiGateway.rate_limits", "AiGateway.guardrails"),
            *("EndpointAiGateway.rate_limits", "EndpointAiGateway.guardrails"),
            "EndpointRateLimits.rate_limits",
        ),
    ),
    "another value of a secret is critical": (
        Severity.CRITICAL,
        (),
        ("Secret.value", "Secret.value_base64", "Secret.value_from_env"),
    ),
    "an audit trail, usage or a fallback that is gone is high": (
        Severity.HIGH,
        ("InferenceTable", "UsageTracking", "Fallback"),
        tuple(
            f"{owner}.{section}"
            for owner in ("AiGateway", "EndpointAiGateway")
            for section in ("inference_table_config", "usage_tracking_config", "fallback_config")
        ),
    ),
    "another model, or another way to it, is high": (
        Severity.HIGH,
        ("ExternalModel", *VENDORS),
        ("ServedEntity.external_model", "ServedEntity.entity_name", "ServedEntity.entity_version"),
    ),
    "traffic that goes elsewhere is high": (Severity.HIGH, ("Route", "TrafficConfig"), ()),
    "somebody's right is high": (Severity.HIGH, ("Grant", "EndpointPermissions", "SecretAcl"), ()),
    "more or less compute is medium": (
        Severity.MEDIUM,
        (),
        tuple(
            f"ServedEntity.{name}"
            for name in (
                *("workload_size", "workload_type", "scale_to_zero_enabled"),
                *("min_provisioned_concurrency", "max_provisioned_concurrency"),
                *("min_provisioned_throughput", "max_provisioned_throughput"),
                "provisioned_model_units",
            )
        ),
    ),
    "telemetry is medium": (
        Severity.MEDIUM,
        ("TelemetryConfig", "TelemetryTables", "TelemetryInferenceTable"),
        ("Endpoint.telemetry_config",),
    ),
    "a tag, a text or who is told is low": (
        Severity.LOW,
        ("Tag", "EmailNotifications"),
        ("Endpoint.tags", "Endpoint.description", "Endpoint.email_notifications"),
    ),
    "a setting is low": (
        Severity.LOW,
        tuple({made.settings.__name__ for made in RESOURCES}),
        (),
    ),
}


@pytest.mark.parametrize(("severity", "models", "names"), GRAVITY.values(), ids=GRAVITY)
def test_how_grave_a_change_from_outside_is(severity, models, names):
    spoken_of = {
        ".".join(at): field.policy.severity
        for at, field in FIELDS.items()
        if at[0] in models or ".".join(at) in names
    }

    assert set(models) <= set(MODELS)
    assert set(names) <= set(spoken_of)
    assert {at: found for at, found in spoken_of.items() if found is not severity} == {}


@EVERY_FIELD
def test_what_the_service_fills_in_is_said_once(field):
    policy = field.policy
    filled = (policy.default is not None) + bool(policy.filled_with)

    if policy.readback is Readback.DEFAULTED:
        assert filled == 1
    elif policy.on_change in SETTINGS:
        assert not policy.filled_with
    else:
        assert filled == 0


@EVERY_FIELD
def test_every_plaintext_credential_is_secret_and_never_shown(field):
    plaintext = field.name.endswith("_plaintext")

    assert not plaintext or field.secret
    assert not field.secret or field.policy.readback is Readback.NEVER


@EVERY_MODEL
def test_a_plaintext_credential_stands_beside_its_reference(model):
    names = set(fields_of(model))

    assert {n.removesuffix("_plaintext") for n in names if n.endswith("_plaintext")} <= names


@EVERY_FIELD
def test_every_list_of_objects_tells_its_elements_apart(field):
    if field.model is not None:
        assert field.shape is not Shape.LIST
    if field.keyed_by is not None:
        assert bool(field.keyed_by.fields) is (field.model is not None)
        assert set(field.keyed_by.fields) <= set(fields_of(field.model) if field.model else ())


@EVERY_FIELD
def test_a_switch_stands_beside_the_field_that_depends_on_it(field):
    beside = {
        model.__name__: fields_of(model)
        for model in MODELS.values()
        if fields_of(model).get(field.name) is field
    }

    if field.policy.while_on is not None:
        assert all(names[field.policy.while_on].kind is bool for names in beside.values())
        assert len(beside) > 0


def test_some_fields_depend_on_a_switch():
    assert {at for at, field in FIELDS.items() if field.policy.while_on} == {
        ("AutoCaptureConfig", "catalog_name"),
        ("AutoCaptureConfig", "schema_name"),
        ("AutoCaptureConfig", "table_name_prefix"),
        ("InferenceTable", "catalog_name"),
        ("InferenceTable", "schema_name"),
        ("InferenceTable", "table_name_prefix"),
    }


@EVERY_MODEL
def test_every_field_may_be_left_out(model):
    assert all(getattr(model(), name) is None for name in fields_of(model))


@EVERY_MODEL
def test_every_model_and_every_field_says_what_it_is(model):
    described = {name for kind in model.__mro__ for name in _described(kind)}

    assert ast.get_docstring(_definition(model))
    assert set(fields_of(model)) - described == set()


def _described(kind):
    """The fields of a class under whose definition a text stands."""
    if not issubclass(kind, Value):
        return
    body = _definition(kind).body
    for line, after in pairwise(body):
        if (
            isinstance(line, ast.AnnAssign)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
            and after.value.value.strip().endswith((".", ")"))
        ):
            yield line.target.id


def _definition(kind):
    tree = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    return next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )


def test_valid_programs_say_every_field_of_every_resource():
    said = {(name, field) for name, bag in PROGRAMS.values() for field in _said(name, bag)}
    settable = {
        (resource.name, at)
        for resource in RESOURCES
        for model in (resource.model, resource.settings)
        for at in _settable(model)
    }

    assert settable - said == set()
    assert len(settable) > 200


def _settable(model):
    for name, field in fields_of(model).items():
        yield name
        if field.model is not None:
            yield from (f"{name}.{inner}" for inner in _settable(field.model))


def _said(kind, bag):
    resource = next(made for made in RESOURCES if made.name == kind)
    both = {**fields_of(resource.model), **fields_of(resource.settings)}
    return _said_in(both, bag)


def _said_in(known, bag):
    for name, value in bag.items():
        yield name
        model = known[name].model
        for inner in value if isinstance(value, list) else [value]:
            if model is not None and isinstance(inner, dict):
                yield from (f"{name}.{below}" for below in _said_in(fields_of(model), inner))


def test_what_cannot_be_changed_may_replace_the_endpoint_where_the_program_says_so():
    refused = {
        name
        for name, field in fields_of(Endpoint).items()
        if field.policy.on_change is OnChange.REFUSE
    }

    assert set(fields_of(Deploy)["replace_on"].choices) == refused
    assert refused == {"description", "budget_policy_id"}


@EVERY_FIELD
def test_only_the_endpoint_itself_has_fields_that_are_refused(field):
    its_own = field in fields_of(Endpoint).values()

    assert field.policy.on_change is not OnChange.REFUSE or its_own


def test_settings_are_recorded_but_for_what_deploys_again():
    sent = {
        f"{resource.settings.__name__}.{at}"
        for resource in RESOURCES
        for at, field in _deep(resource.settings)
        if field.policy.on_change not in SETTINGS
    }

    assert sent == {"EndpointSettings.deploy.redeploy_on"}


def _deep(model):
    for name, field in fields_of(model).items():
        yield name, field
        if field.model is not None:
            yield from ((f"{name}.{inner}", below) for inner, below in _deep(field.model))


def test_no_resource_has_a_setting_of_the_same_name_as_a_field():
    both = {
        resource.name: set(fields_of(resource.model)) & set(fields_of(resource.settings))
        for resource in RESOURCES
    }

    assert {name for name, names in both.items() if names} == set()


def test_the_parts_are_those_that_the_design_names():
    parts = {
        name: [at for at, field in fields_of(model).items() if field.part]
        for name, model in MODELS.items()
    }
    sections = [
        "rate_limits",
        "guardrails",
        "usage_tracking_config",
        "inference_table_config",
        "fallback_config",
    ]

    assert {name: found for name, found in parts.items() if found} == {
        "AiGateway": sections,
        "Endpoint": ["config", "tags", "email_notifications", "telemetry_config"],
        "EndpointAiGateway": sections,
        "EndpointPermissions": ["access_control"],
        "EndpointRateLimits": ["rate_limits"],
        "Secret": ["value", "value_base64", "value_from_env", "version"],
    }


@pytest.mark.parametrize("kind", [NotFor, Doubtful, Deprecated])
def test_every_mark_that_speaks_of_what_the_service_takes_has_a_reason_and_a_source(kind):
    found = [mark for mark in MARKS if isinstance(mark, kind)]

    assert len(found) > 0
    assert all(mark.source for mark in found)
    assert all(getattr(mark, "why", None) or getattr(mark, "instead", None) for mark in found)


def test_no_kind_is_both_refused_and_doubted_at_one_field():
    twice = {
        at: [kind for mark in field.marks_of((NotFor, Doubtful)) for kind in mark.kinds]
        for at, field in FIELDS.items()
    }

    assert {at for at, kinds in twice.items() if len(kinds) != len(set(kinds))} == set()


def test_no_mark_is_unused():
    kinds = {
        kind
        for kind in vars(limits).values()
        if isinstance(kind, type) and is_dataclass(kind) and not issubclass(kind, Enum)
    }
    older = {type(form) for model in MODELS.values() for form in model.OLDER_FORMS.values()}

    assert kinds - {type(mark) for mark in MARKS} == older == {OlderForm}


@EVERY_MODEL
def test_marks_that_need_each_other_stand_together(model):
    marks = [(name, mark) for name, field in fields_of(model).items() for mark in field.marks]
    selecting = [name for name, mark in marks if isinstance(mark, Selects)]
    groups = [mark.group for _, mark in marks if isinstance(mark, OneOf)]
    only = [name for name, mark in marks if isinstance(mark, OnlyWayIn)]

    assert len(selecting) == bool(config_of(model))
    assert len(config_of(model)) == sum(isinstance(mark, When) for _, mark in marks)
    assert all(groups.count(group) > 1 for group in groups)
    assert all(f"{name}_plaintext" in fields_of(model) for name in only)


@EVERY_MODEL
def test_older_forms_and_fields_of_answers_are_no_fields(model):
    assert not set(model.OLDER_FORMS) & set(fields_of(model))
    assert not model.ANSWER_ONLY & set(fields_of(model))


def test_a_field_without_a_policy_is_an_error_of_ours():
    class Undescribed(Value):
        name: Said[str] = None
        other: Annotated[Said[SecretStr], "no policy"] = None

    with pytest.raises(UndescribedField, match=r"Undescribed\.name needs exactly one Policy"):
        fields_of(Undescribed)


def test_rules_and_advice_have_ids_of_their_own_a_source_and_a_sentence():
    every = (*RULES, *ADVICE)
    ids = [rule.id for rule in every]

    assert len(set(ids)) == len(ids) > 30
    assert all(rule.source for rule in every)
    assert all((rule.check.__doc__ or "").endswith(".") for rule in every)


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
