"""What the emulated service refuses and a program can know beforehand, a preview refuses too.

The two are independent witnesses of one contract. A replacement deletes before it creates: what the
service would refuse only then has cost an endpoint.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import databricks_serving_emulator.serving
from databricks_serving_emulator import Workspace
from databricks_serving_emulator.wire import Request
from databricks_serving_schema import Allowances
from support.endpoints import (
    REFERENCE,
    STRICT,
    config,
    limit,
    openai,
    problems,
    program,
    registered,
    units,
)
from support.valid_programs import AZURE, VALID, vendor

SERVING = Path(databricks_serving_emulator.serving.__file__).parent
ENDPOINTS = "/api/2.0/serving-endpoints"
SECRETS = "/api/2.0/secrets"

ENTITY = "config.served_entities[0]"
MODEL = f"{ENTITY}.external_model"
OPENAI = f"{MODEL}.openai_config"
BEDROCK = f"{MODEL}.amazon_bedrock_config"
CUSTOM = f"{MODEL}.custom_provider_config"
ROUTES = "config.traffic_config.routes"
LIMITS = "ai_gateway.rate_limits"

SEVERAL = Allowances(multiple_external_models=True)


@dataclass(frozen=True)
class Refusal:
    """A program, what the service says to it, and which rule of ours refuses it where.

    says: a regular expression
    by: the call that is refused
    """

    program: dict
    says: str
    rule: str
    path: str
    allowances: Allowances = STRICT
    by: str = "POST"


def openai_config(**fields):
    return program(config=config(openai(model={"openai_config": fields})))


def azure(**fields):
    said = {**AZURE, "openai_api_type": "azure", "openai_api_key": REFERENCE, **fields}
    return openai_config(**{name: value for name, value in said.items() if value is not None})


def azuread(**fields):
    entra = {
        "openai_api_type": "azuread",
        "openai_api_key": None,
        "microsoft_entra_client_id": "client",
        "microsoft_entra_tenant_id": "tenant",
        "microsoft_entra_client_secret": REFERENCE,
    }
    return azure(**{**entra, **fields})


def bedrock(**fields):
    said = {"aws_region": "us-east-1", "bedrock_provider": "anthropic", **fields}
    return vendor("amazon-bedrock", amazon_bedrock_config=said)


def custom(**fields):
    said = {"custom_provider_url": "https://llm.example.com", **fields}
    return vendor("custom", custom_provider_config=said)


def model(**fields):
    return program(config=config(openai(model=fields)))


def churn(**fields):
    said = registered(**fields)
    return program(
        config=config({name: value for name, value in said.items() if value is not None})
    )


def bounds(low, high):
    return churn(
        workload_size=None, min_provisioned_concurrency=low, max_provisioned_concurrency=high
    )


def routed(*routes):
    entities = config(registered("a"), registered("b"))
    return program(config={**entities, "traffic_config": {"routes": list(routes)}})


def share(name, percentage):
    return {"served_entity_name": name, "traffic_percentage": percentage}


def limited(*limits):
    return program(ai_gateway={"rate_limits": list(limits)})


TABLE = {"catalog_name": "main", "schema_name": "ml", "enabled": True}
INPUT = "ai_gateway.guardrails.input"


def without(said, name):
    return {at: value for at, value in said.items() if at != name}


def guarded(**words):
    return program(ai_gateway={"guardrails": {"input": words}})


def model_and_guardrails(guardrails):
    return {**model(task="llm/v1/embeddings"), "ai_gateway": {"guardrails": guardrails}}


def captured(entity, table):
    return program(config={**config(entity), "auto_capture_config": table})


def throughput(**overrides):
    said = {"provisioned_model_units": None, "max_provisioned_throughput": 9500, **overrides}
    entity = units(**said)
    return program(
        config=config({name: value for name, value in entity.items() if value is not None})
    )


REFUSALS = {
    # The endpoint itself.
    "no name": Refusal(program(name=None), r"Missing required field: name", "required", "name"),
    "an empty name": Refusal(program(name=""), r"Missing required field: name", "required", "name"),
    "a name with a blank": Refusal(
        program(name="my chat"), r"Endpoint name must have", "spelling", "name"
    ),
    "a name too long": Refusal(
        program(name="x" * 64), r"Endpoint name must have", "spelling", "name"
    ),
    "a reserved name": Refusal(
        program(name="databricks-x"), r"are reserved", "reserved-name", "name"
    ),
    "a description too long": Refusal(
        program(description="x" * 1001),
        r"description may have at most",
        "length",
        "description",
    ),
    "an empty tag": Refusal(
        program(tags={"": "x"}), r"Missing required field: tags.key", "map-key", 'tags[""]'
    ),
    "route optimisation of an external model": Refusal(
        program(route_optimized=True), r"Route optimization", "not-for-kind", "route_optimized"
    ),
    # Types.
    "a list for text": Refusal(
        program(description=["x"]), r"expected a string at", "type", "description"
    ),
    "a word for a number": Refusal(
        limited(limit("many")), r"expected an integer at", "type", f"{LIMITS}[0].calls"
    ),
    "part of a whole": Refusal(
        limited(limit(1.5)), r"expected an integer at", "type", f"{LIMITS}[0].calls"
    ),
    "a word for a truth": Refusal(
        program(route_optimized="perhaps"), r"expected a boolean at", "type", "route_optimized"
    ),
    "text for a list": Refusal(
        program(config={"served_entities": "gpt"}),
        r"expected a list at",
        "type",
        "config.served_entities",
    ),
    "text for an object": Refusal(
        program(config="gpt"), r"expected an object at", "type", "config"
    ),
    "a field that is none": Refusal(
        program(descriptoin="x"), r"unknown field descriptoin", "unknown-field", "descriptoin"
    ),
    # Entities.
    "no entity": Refusal(
        program(config={"served_entities": []}),
        r"At least one served entity",
        "config-not-empty",
        "config.served_entities",
        by="PUT",
    ),
    "two entities of one name": Refusal(
        program(config=config(registered("a"), registered("a"), routes={"a": 100})),
        r"names must be unique",
        "stands-once",
        "config.served_entities[1]",
    ),
    "an entity's name with a blank": Refusal(
        churn(name="my churn"), r"name must have 1 to 63", "spelling", f"{ENTITY}.name"
    ),
    "a model whose name makes no entity's name": Refusal(
        program(
            config=config({k: v for k, v in openai(model={"name": "gpt 4"}).items() if k != "name"})
        ),
        r"name must have 1 to 63",
        "spelling",
        f"{ENTITY}.name",
    ),
    "an external model with a size": Refusal(
        program(config=config(openai(workload_size="Small"))),
        r"external_model cannot be combined with workload_size",
        "not-for-kind",
        f"{ENTITY}.workload_size",
    ),
    "neither kind of model": Refusal(
        program(config=config({"name": "a"})),
        r"one of entity_name and external_model",
        "registered-model",
        ENTITY,
    ),
    "an empty registered model": Refusal(
        churn(entity_name=""), r"one of entity_name and external_model", "registered-model", ENTITY
    ),
    "two external models": Refusal(
        program(config=config(openai("a"), openai("b"), routes={"a": 50, "b": 50})),
        r"only one served entity",
        "single-external-entity",
        "config.served_entities",
    ),
    "two tasks": Refusal(
        program(
            config=config(
                openai("a"),
                openai("b", model={"task": "llm/v1/embeddings"}),
                routes={"a": 50, "b": 50},
            )
        ),
        r"must have the same task",
        "several-external-models",
        "config.served_entities",
        SEVERAL,
    ),
    "two kinds": Refusal(
        program(config=config(openai("a"), registered("b"), routes={"a": 50, "b": 50})),
        r"different kinds cannot be mixed",
        "several-external-models",
        "config.served_entities[1]",
        SEVERAL,
    ),
    "no word on scaling": Refusal(
        churn(scale_to_zero_enabled=None),
        r"scaleToZeroEnabled is undefined",
        "registered-model",
        f"{ENTITY}.scale_to_zero_enabled",
    ),
    "no size": Refusal(
        churn(workload_size=None),
        r"workloadSizeId is undefined",
        "registered-model",
        f"{ENTITY}.workload_size",
    ),
    "one bound only": Refusal(
        churn(workload_size=None, min_provisioned_concurrency=4),
        r"workloadSizeId is undefined",
        "registered-model",
        f"{ENTITY}.workload_size",
    ),
    "a size and bounds": Refusal(
        churn(min_provisioned_concurrency=4, max_provisioned_concurrency=8),
        r"workload_size cannot be combined",
        "registered-model",
        f"{ENTITY}.workload_size",
    ),
    "a lower bound between the steps": Refusal(
        bounds(3, 8),
        r"must be multiples of 4",
        "bounds",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    "an upper bound between the steps": Refusal(
        bounds(4, 6),
        r"must be multiples of 4",
        "bounds",
        f"{ENTITY}.max_provisioned_concurrency",
    ),
    "a bound below nothing": Refusal(
        bounds(-4, 8),
        r"must be multiples of 4",
        "bounds",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    "bounds turned round": Refusal(
        bounds(8, 4),
        r"the minimum not above the maximum",
        "lower-bound",
        f"{ENTITY}.min_provisioned_concurrency",
    ),
    # External models.
    **{
        f"no {name} of a model": Refusal(
            model(**{name: None}), rf"field: .*\.{name}$", "required", f"{MODEL}.{name}"
        )
        for name in ("provider", "name", "task")
    },
    **{
        f"an empty {name} of a model": Refusal(
            model(**{name: ""}), rf"field: .*\.{name}$", "required", f"{MODEL}.{name}"
        )
        for name in ("provider", "name", "task")
    },
    "a task that is none": Refusal(
        model(task="chat"), r"task must be one of", "known-value", f"{MODEL}.task"
    ),
    "a provider that is none": Refusal(
        model(provider="initech"), r"provider must be one of", "known-value", f"{MODEL}.provider"
    ),
    "no config of the provider": Refusal(
        model(openai_config=None), r"found none", "selected-object", OPENAI
    ),
    "another provider's config": Refusal(
        model(cohere_config={"cohere_api_key": REFERENCE}),
        r"found openai_config, cohere_config",
        "selected-object",
        f"{MODEL}.cohere_config",
    ),
    **{
        f"{provider} without a credential": Refusal(
            vendor(provider, **{name: said}),
            rf"exactly one of {credential} and",
            "one-credential",
            f"{MODEL}.{name}.{credential}",
        )
        for provider, name, said, credential in (
            ("anthropic", "anthropic_config", {}, "anthropic_api_key"),
            ("cohere", "cohere_config", {}, "cohere_api_key"),
            ("ai21labs", "ai21labs_config", {}, "ai21labs_api_key"),
            ("palm", "palm_config", {}, "palm_api_key"),
            (
                "google-cloud-vertex-ai",
                "google_cloud_vertex_ai_config",
                {"project_id": "p", "region": "r"},
                "private_key",
            ),
            (
                "databricks-model-serving",
                "databricks_model_serving_config",
                {"databricks_workspace_url": "https://x.example.com"},
                "databricks_api_token",
            ),
        )
    },
    **{
        f"{provider} without {missing}": Refusal(
            vendor(provider, **{name: said}),
            rf"field: .*\.{missing}$",
            "required",
            f"{MODEL}.{name}.{missing}",
        )
        for provider, name, said, missing in (
            (
                "google-cloud-vertex-ai",
                "google_cloud_vertex_ai_config",
                {"region": "r", "private_key": REFERENCE},
                "project_id",
            ),
            (
                "google-cloud-vertex-ai",
                "google_cloud_vertex_ai_config",
                {"project_id": "p", "region": "", "private_key": REFERENCE},
                "region",
            ),
            (
                "databricks-model-serving",
                "databricks_model_serving_config",
                {"databricks_api_token": REFERENCE},
                "databricks_workspace_url",
            ),
        )
    },
    "a credential in both forms": Refusal(
        openai_config(openai_api_key=REFERENCE, openai_api_key_plaintext="sk-1"),
        r"exactly one of openai_api_key and",
        "one-credential",
        f"{OPENAI}.openai_api_key",
    ),
    "a key where a reference is wanted": Refusal(
        openai_config(openai_api_key="sk-1"),
        r"is not a secret reference of the form",
        "secret-reference",
        f"{OPENAI}.openai_api_key",
    ),
    # OpenAI.
    "openai without a key": Refusal(
        openai_config(),
        r"exactly one of openai_api_key and",
        "openai-type",
        f"{OPENAI}.openai_api_key",
    ),
    "openai with a deployment": Refusal(
        openai_config(openai_api_key=REFERENCE, openai_deployment_name="gpt"),
        r"only for azure and azuread",
        "openai-type",
        f"{OPENAI}.openai_deployment_name",
    ),
    "a type of openai that is none": Refusal(
        openai_config(openai_api_key=REFERENCE, openai_api_type="gcp"),
        r"openai_api_type must be one of",
        "known-value",
        f"{OPENAI}.openai_api_type",
    ),
    "azure with an organization": Refusal(
        azure(openai_organization="acme"),
        r"can only specify a value for 'openai_organization'",
        "openai-type",
        f"{OPENAI}.openai_organization",
    ),
    "azure without a key": Refusal(
        azure(openai_api_key=None),
        r"exactly one of openai_api_key and",
        "openai-type",
        f"{OPENAI}.openai_api_key",
    ),
    **{
        f"{kind} {how} {name}": Refusal(
            said(**{name: value}), rf"field: .*\.{name}$", "openai-type", f"{OPENAI}.{name}"
        )
        for kind, said in (("azure", azure), ("azuread", azuread))
        for how, value in (("without", None), ("with an empty", ""))
        for name in (*AZURE,)
    },
    **{
        f"azuread without {name}": Refusal(
            azuread(**{name: None}), rf"field: .*\.{name}$", "openai-type", f"{OPENAI}.{name}"
        )
        for name in ("microsoft_entra_client_id", "microsoft_entra_tenant_id")
    },
    "azuread without a client secret": Refusal(
        azuread(microsoft_entra_client_secret=None),
        r"exactly one of microsoft_entra_client_secret and",
        "openai-type",
        f"{OPENAI}.microsoft_entra_client_secret",
    ),
    "azuread with a key": Refusal(
        azuread(openai_api_key=REFERENCE),
        r"not allowed with azuread",
        "openai-type",
        f"{OPENAI}.openai_api_key",
    ),
    # Bedrock.
    "bedrock without a region": Refusal(
        bedrock(aws_region=None, instance_profile_arn="arn:x"),
        r"field: .*\.aws_region$",
        "required",
        f"{BEDROCK}.aws_region",
    ),
    "bedrock without a provider": Refusal(
        bedrock(bedrock_provider=None, instance_profile_arn="arn:x"),
        r"field: .*\.bedrock_provider$",
        "required",
        f"{BEDROCK}.bedrock_provider",
    ),
    "bedrock's provider is none": Refusal(
        bedrock(bedrock_provider="initech", instance_profile_arn="arn:x"),
        r"bedrock_provider must be one of",
        "known-value",
        f"{BEDROCK}.bedrock_provider",
    ),
    "no way into bedrock": Refusal(
        bedrock(), r"exactly one of an access key pair", "bedrock-access", BEDROCK
    ),
    "two ways into bedrock": Refusal(
        bedrock(instance_profile_arn="arn:x", uc_service_credential_name="x"),
        r"exactly one of an access key pair",
        "bedrock-access",
        BEDROCK,
    ),
    "half a pair of keys, and another way": Refusal(
        bedrock(instance_profile_arn="arn:x", aws_access_key_id=REFERENCE),
        r"exactly one of an access key pair",
        "bedrock-access",
        BEDROCK,
    ),
    "bedrock without the secret half": Refusal(
        bedrock(aws_access_key_id=REFERENCE),
        r"exactly one of aws_secret_access_key and",
        "bedrock-access",
        f"{BEDROCK}.aws_secret_access_key",
    ),
    "bedrock without the key's id": Refusal(
        bedrock(aws_secret_access_key_plaintext="s3cret"),
        r"exactly one of aws_access_key_id and",
        "bedrock-access",
        f"{BEDROCK}.aws_access_key_id",
    ),
    # Custom providers.
    "a custom provider nowhere": Refusal(
        custom(custom_provider_url=None, bearer_token_auth={"token": REFERENCE}),
        r"field: .*\.custom_provider_url$",
        "required",
        f"{CUSTOM}.custom_provider_url",
    ),
    "a custom provider without auth": Refusal(
        custom(), r"exactly one of api_key_auth and bearer_token_auth", "one-of", CUSTOM
    ),
    "a custom provider with two": Refusal(
        custom(
            api_key_auth={"key": "X", "value": REFERENCE}, bearer_token_auth={"token": REFERENCE}
        ),
        r"exactly one of api_key_auth and bearer_token_auth",
        "one-of",
        CUSTOM,
    ),
    "a header without a name": Refusal(
        custom(api_key_auth={"value": REFERENCE}),
        r"field: .*\.api_key_auth\.key$",
        "required",
        f"{CUSTOM}.api_key_auth.key",
    ),
    "a header without a value": Refusal(
        custom(api_key_auth={"key": "X"}),
        r"exactly one of value and",
        "one-credential",
        f"{CUSTOM}.api_key_auth.value",
    ),
    "an auth without a token": Refusal(
        custom(bearer_token_auth={}),
        r"exactly one of token and",
        "one-credential",
        f"{CUSTOM}.bearer_token_auth.token",
    ),
    # Traffic.
    "no split": Refusal(
        program(config=config(registered("a"), registered("b"))),
        r"traffic_config is required",
        "traffic-said",
        ROUTES,
    ),
    "two routes to one entity": Refusal(
        routed(share("a", 50), share("a", 50)),
        r"can have only one route",
        "stands-once",
        f"{ROUTES}[1]",
    ),
    "shares that are less than all": Refusal(
        routed(share("a", 50), share("b", 40)), r"must sum to 100", "traffic-sum", ROUTES
    ),
    "a route to nowhere": Refusal(
        routed(share("c", 100)),
        r"no served entity named",
        "traffic-names",
        f"{ROUTES}[0].served_entity_name",
    ),
    "a route without a name": Refusal(
        routed({"traffic_percentage": 100}),
        r"one served_entity_name must be given",
        "traffic-names",
        f"{ROUTES}[0].served_entity_name",
    ),
    "a route with two names": Refusal(
        routed({**share("a", 100), "served_model_name": "b"}),
        r"one served_entity_name must be given",
        "two-names",
        f"{ROUTES}[0]",
    ),
    "a route without a share": Refusal(
        routed({"served_entity_name": "a"}),
        r"traffic_percentage must be given",
        "required",
        f"{ROUTES}[0].traffic_percentage",
    ),
    "a share of more than all": Refusal(
        routed(share("a", 101), share("b", -1)),
        r"from 0 to 100",
        "bounds",
        f"{ROUTES}[0].traffic_percentage",
    ),
    # Rate limits.
    "too many limits": Refusal(
        limited(*(limit(principal=f"u{n}") for n in range(21))),
        r"At most 20 rate limits",
        "length",
        LIMITS,
    ),
    "too many groups": Refusal(
        limited(*(limit(key="user_group", principal=f"g{n}") for n in range(6))),
        r"At most 5 group rate limits",
        "group-limits",
        LIMITS,
    ),
    "a limit for no time": Refusal(
        limited({"calls": 1}),
        r"renewal_period must be 'minute'",
        "required",
        f"{LIMITS}[0].renewal_period",
    ),
    "a limit for an hour": Refusal(
        limited(limit(renewal_period="hour")),
        r"renewal_period must be 'minute'",
        "known-value",
        f"{LIMITS}[0].renewal_period",
    ),
    "a limit for whom": Refusal(
        limited(limit(key="team")), r"key must be one of", "known-value", f"{LIMITS}[0].key"
    ),
    "a limit for nobody by name": Refusal(
        limited(limit(key="")), r"key must be one of", "known-value", f"{LIMITS}[0].key"
    ),
    "a group without a name": Refusal(
        limited(limit(key="user_group")),
        r"principal is required",
        "rate-limit",
        f"{LIMITS}[0].principal",
    ),
    "a service principal with an empty name": Refusal(
        limited(limit(key="service_principal", principal="")),
        r"principal is required",
        "rate-limit",
        f"{LIMITS}[0].principal",
    ),
    "a limit of nothing": Refusal(
        limited({"key": "user", "renewal_period": "minute"}),
        r"at least one of calls and tokens",
        "rate-limit",
        f"{LIMITS}[0]",
    ),
    # The rest of the gateway.
    **{
        f"output guardrails of embeddings, {name}": Refusal(
            model_and_guardrails({"output": {name: said}}),
            r"Output guardrails are not supported",
            "output-guardrails",
            "ai_gateway.guardrails.output",
        )
        for name, said in (
            ("safety", True),
            ("pii", {"behavior": "MASK"}),
            ("invalid_keywords", ["war"]),
        )
    },
    "an unknown way with personal data": Refusal(
        guarded(pii={"behavior": "HIDE"}),
        r"pii\.behavior must be one of",
        "known-value",
        f"{INPUT}.pii.behavior",
    ),
    **{
        f"too many {name}": Refusal(
            guarded(**{name: [f"w{n}" for n in range(51)]}),
            r"may have at most 50 entries",
            "length",
            f"{INPUT}.{name}",
        )
        for name in ("invalid_keywords", "valid_topics")
    },
    "a word too long": Refusal(
        guarded(invalid_keywords=["x" * 101]),
        r"an entry may have at most 100 characters",
        "length",
        f"{INPUT}.invalid_keywords[0]",
    ),
    **{
        f"a table without its {name}": Refusal(
            program(ai_gateway={"inference_table_config": without(TABLE, name)}),
            rf"inference_table_config\.{name} must be specified",
            "inference-table",
            f"ai_gateway.inference_table_config.{name}",
        )
        for name in ("catalog_name", "schema_name")
    },
    # The older inference table.
    **{
        f"an older table without its {name}": Refusal(
            captured(registered(), without(TABLE, name)),
            rf"auto_capture_config\.{name} must be specified",
            "inference-table",
            f"config.auto_capture_config.{name}",
        )
        for name in ("catalog_name", "schema_name")
    },
    "an older table of an external model": Refusal(
        captured(openai(), TABLE),
        r"auto_capture_config is not supported",
        "not-for-kind",
        "config.auto_capture_config",
    ),
    # Provisioned throughput.
    **{
        f"throughput {how} version": Refusal(
            throughput(entity_version=version),
            r"field: .*\.entity_version$",
            "registered-model",
            f"{ENTITY}.entity_version",
        )
        for how, version in (("without a", None), ("with an empty", ""))
    },
    "throughput turned round": Refusal(
        throughput(min_provisioned_throughput=9501),
        r"min_provisioned_throughput must lie between",
        "lower-bound",
        f"{ENTITY}.min_provisioned_throughput",
    ),
    "throughput below nothing": Refusal(
        throughput(min_provisioned_throughput=-1),
        r"min_provisioned_throughput must lie between",
        "bounds",
        f"{ENTITY}.min_provisioned_throughput",
    ),
    "two kinds of registered models": Refusal(
        program(config=config(registered("a"), units(name="b"), routes={"a": 50, "b": 50})),
        r"different kinds cannot be mixed",
        "one-kind",
        "config.served_entities",
    ),
    "a limit below nothing": Refusal(
        limited(limit(tokens=-1)), r"cannot be negative", "bounds", f"{LIMITS}[0].tokens"
    ),
}
REFUSALS |= {
    f"{name}, by the gateway's own call": Refusal(
        case.program, case.says, case.rule, case.path, by="PUT gateway"
    )
    for name, case in REFUSALS.items()
    if case.path.startswith(LIMITS)
}

#: Programs that are refused by the emulator and by no rule, each with why.
LEFT_TO_THE_SERVICE = {
    "no source but one issue knows how many entities are too many": (
        program(
            config=config(
                *(registered(f"m{n}") for n in range(16)),
                routes={"m0": 100, **{f"m{n}": 0 for n in range(1, 16)}},
            )
        ),
        r"at most 15 served entities",
    ),
    "only the workspace knows its secrets": (
        openai_config(openai_api_key="{{secrets/llm/other}}"),
        r"Secret does not exist",
    ),
    "only the workspace knows its scopes": (
        churn(environment_vars={"KEY": "{{secrets/other/openai}}"}),
        r"Scope other does not exist",
    ),
}

#: Refusals that no program of this release can meet, or that depend on what stands: a part of each
#: text, with why.
OUT_OF_REACH = {
    "already exists": "only the workspace knows",
    "Endpoint with name '…' does not exist": "only the workspace knows",
    "endpoints are allowed per workspace": "only the workspace knows",
    "cannot be updated to have none": "depends on what stands: the plan replaces",
    "currently updating": "depends on what stands: the update waits",
    "Agent endpoints support only": "the service alone knows what is an agent",
    "Only one of served_entities and served_models": "no program says served_models",
    "Only one of rate_limits and ai_gateway": "no program says the older rate_limits",
    "key must be one of user, endpoint": "no program says the older rate_limits",
    "calls is required and cannot be negative": "no program says the older rate_limits",
    "cannot change while the inference table": "depends on what stands: the plan switches it off",
    "auto_capture_config is not supported": "no program says auto_capture_config",
    "must be specified when the inference table": "no program says inference tables",
    "cannot change while the inference table": "no program says inference tables",
    "Output guardrails are not supported": "no program says guardrails",
    "pii.behavior must be one of": "no program says guardrails",
    "may have at most … entries": "no program says guardrails",
    "an entry may have at most": "no program says guardrails",
    "is not supported for …": "no program says gateway sections but rate limits",
    "are not supported for …": "no program says gateway sections but rate limits",
    "field: ….entity_version": "only the workspace knows that a model is no feature spec",
    "min_provisioned_throughput must lie": "no program says provisioned throughput",
    "provisioned_model_units must be": "no program says provisioned throughput",
    "cannot be given with provisioned throughput": "no program says provisioned throughput",
    "cannot have provisioned throughput": "no program says provisioned throughput",
    "must be a multiple of …": "no program says provisioned throughput",
    "has no provisioned throughput": "no program says provisioned throughput",
    "field: config.served_entities": "no program says provisioned throughput",
    "The model version must be": "no program asks for it",
    "Only one of table_names and": "no program says telemetry",
    "enabled_telemetry_features must be": "no program says telemetry",
    "Telemetry configuration is not supported": "no program says telemetry",
    "can be stopped and started": "no program stops or starts",
    "is not stopped": "no program stops or starts",
    "is stopped already": "no program stops or starts",
    "is not ready": "no program asks for metrics",
}


def workspace(*, several=False):
    """A workspace that has the secret of the programs, and ignores no field."""
    made = Workspace(strict=True, single_external_entity=not several)
    send(made, "POST", f"{SECRETS}/scopes/create", {"scope": "llm"})
    secret = {"scope": "llm", "key": "openai", "string_value": "sk-1"}
    assert send(made, "POST", f"{SECRETS}/put", secret).status == 200
    return made


def send(to, method, path, body):
    headers = {"authorization": f"Bearer {to.settings.token}"}
    return to.answer(Request(method, path, headers=headers, body=json.dumps(body).encode()))


def body_of(said):
    """The program as the API takes it: tags are a list there."""
    tags = said.get("tags")
    if not isinstance(tags, dict):
        return said
    return {**said, "tags": [{"key": key, "value": value} for key, value in tags.items()]}


def answer(case):
    """The emulated service's answer to the call that the case is about."""
    service = workspace(several=case.allowances.multiple_external_models)
    if case.by == "POST":
        return send(service, "POST", ENDPOINTS, body_of(case.program))
    send(service, "POST", ENDPOINTS, {"name": "chat"})
    part, path = {"PUT": ("config", "config"), "PUT gateway": ("ai_gateway", "ai-gateway")}[case.by]
    return send(service, "PUT", f"{ENDPOINTS}/chat/{path}", case.program[part])


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS.keys())
def test_the_service_refuses(case):
    answered = answer(case)

    assert answered.status == 400
    assert re.search(case.says, answered.json()["message"])


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_preview_refuses_what_the_service_would(case):
    found = [(rule, path) for path, rule, _ in problems(case.program, case.allowances)]

    assert (case.rule, case.path) in found


@pytest.mark.parametrize(
    ("said", "says"), LEFT_TO_THE_SERVICE.values(), ids=LEFT_TO_THE_SERVICE.keys()
)
def test_what_cannot_be_known_is_left_to_the_service(said, says):
    answered = send(workspace(), "POST", ENDPOINTS, body_of(said))

    assert answered.status == 400
    assert re.search(says, answered.json()["message"])
    assert problems(said) == []


#: The emulated service does not know telemetry.
EMULATED = {name: said for name, said in VALID.items() if "telemetry_config" not in said}


@pytest.mark.parametrize("said", EMULATED.values(), ids=EMULATED.keys())
def test_what_a_preview_lets_pass_the_service_takes(said):
    answered = send(workspace(), "POST", ENDPOINTS, body_of(said))

    assert problems(said) == []
    assert (answered.status, answered.json().get("message")) == (200, None)


def refusal_texts():
    """Every text with which the emulator refuses a write of an endpoint, `…` for what varies."""
    for module in sorted(SERVING.glob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                yield from _texts_in(function)


def _texts_in(function):
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        if call.func.id in ("invalid", "conflict", "ApiError"):
            for text in _said(call.args[-1], function):
                if isinstance(text, ast.Constant):
                    yield text.value
                elif isinstance(text, ast.JoinedStr):
                    yield "".join(
                        part.value if isinstance(part, ast.Constant) else "…"
                        for part in text.values
                    )


def _said(text, function):
    """The argument itself, or whatever the function gives its name to."""
    if not isinstance(text, ast.Name):
        return [text]
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == text.id
    ]


@cache
def met():
    """The messages with which the emulator refused the programs above."""
    refused = [answer(case).json()["message"] for case in REFUSALS.values()]
    left = [
        send(workspace(), "POST", ENDPOINTS, body_of(said)).json()["message"]
        for said, _ in LEFT_TO_THE_SERVICE.values()
    ]
    return (*refused, *left)


def _meets(text, message):
    return re.fullmatch(".*".join(re.escape(part) for part in text.split("…")), message)


TEXTS = sorted(set(refusal_texts()))


def test_the_refusals_are_found():
    assert len(TEXTS) > 45
    assert all(any(part in text for text in TEXTS) for part in OUT_OF_REACH)


@pytest.mark.parametrize("text", TEXTS)
def test_every_refusal_of_the_service_has_its_place_here(text):
    excused = any(part in text for part in OUT_OF_REACH)

    assert excused != any(_meets(text, message) for message in met())
