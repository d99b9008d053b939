"""Each rule with a program that keeps it and one that breaks it."""

from __future__ import annotations

import pytest

from databricks_serving_schema import UNKNOWN, Allowances
from support.endpoints import (
    LENIENT,
    REFERENCE,
    STRICT,
    config,
    limit,
    openai,
    problems,
    program,
    registered,
)

ENTITY = "config.served_entities[0]"
MODEL = f"{ENTITY}.external_model"
SEVERAL = Allowances(multiple_external_models=True)


def vendor(provider, **configs):
    """A program with a model of `provider`, and these config objects instead of OpenAI's."""
    return program(
        config=config(openai(model={"provider": provider, "openai_config": None, **configs}))
    )


def openai_config(**fields):
    return program(config=config(openai(model={"openai_config": fields})))


def bedrock(**fields):
    said = {"aws_region": "us-east-1", "bedrock_provider": "anthropic", **fields}
    return vendor("amazon-bedrock", amazon_bedrock_config=said)


def custom(**fields):
    said = {"custom_provider_url": "https://llm.example.com", **fields}
    return vendor("custom", custom_provider_config=said)


AZURE = {
    "openai_api_type": "azure",
    "openai_api_base": "https://x.openai.azure.com",
    "openai_api_version": "2024-02-01",
    "openai_deployment_name": "gpt",
    "openai_api_key": REFERENCE,
}
ENTRA = {
    **{name: said for name, said in AZURE.items() if name != "openai_api_key"},
    "openai_api_type": "azuread",
    "microsoft_entra_client_id": "client",
    "microsoft_entra_tenant_id": "tenant",
    "microsoft_entra_client_secret": REFERENCE,
}
KEY_PAIR = {"aws_access_key_id": REFERENCE, "aws_secret_access_key_plaintext": "s3cret"}
PROFILE = {"instance_profile_arn": "arn:aws:iam::1:instance-profile/x"}
ONE_WAY_INTO_BEDROCK = (
    "say exactly one way in: aws_access_key_id with aws_secret_access_key, "
    "instance_profile_arn, or uc_service_credential_name"
)

KEPT = {
    "one external model": program(),
    "one registered model": program(config=config(registered())),
    "no config yet": program(config=None),
    "concurrency instead of a size": program(
        config=config(
            registered(
                workload_size=None, min_provisioned_concurrency=4, max_provisioned_concurrency=8
            )
        )
    ),
    "two registered models with a split": program(
        config=config(registered("a"), registered("b"), routes={"a": 90, "b": 10})
    ),
    "a share of nothing": program(
        config=config(registered("a"), registered("b"), routes={"a": 100, "b": 0})
    ),
    "a limit for each user": program(ai_gateway={"rate_limits": [limit()]}),
    "a limit that blocks everything": program(ai_gateway={"rate_limits": [limit(0)]}),
    "a limit of the whole endpoint": program(
        ai_gateway={"rate_limits": [{"calls": 1, "renewal_period": "minute"}]}
    ),
    "a limit of a group": program(
        ai_gateway={"rate_limits": [limit(key="user_group", principal="analysts")]}
    ),
    "five groups": program(
        ai_gateway={"rate_limits": [limit(key="user_group", principal=f"g{n}") for n in range(5)]}
    ),
    "a gateway that is cleared": program(ai_gateway={}),
    "a description as long as allowed": program(description="x" * 1000),
    "a name as long as allowed": program(name="x" * 63),
    "anthropic": vendor("anthropic", anthropic_config={"anthropic_api_key": REFERENCE}),
    "cohere": vendor("cohere", cohere_config={"cohere_api_key": REFERENCE}),
    "bedrock with an instance profile": bedrock(**PROFILE),
    "bedrock with a pair of keys, one of each form": bedrock(**KEY_PAIR),
    "bedrock with a service credential": bedrock(uc_service_credential_name="bedrock"),
    "bedrock with a way in that is not yet known": bedrock(instance_profile_arn=UNKNOWN),
    "bedrock's provider in capitals": bedrock(bedrock_provider="Anthropic", **PROFILE),
    "bedrock's provider not yet known": bedrock(bedrock_provider=UNKNOWN, **PROFILE),
    "a bedrock config not yet known": vendor("amazon-bedrock", amazon_bedrock_config=UNKNOWN),
    "a custom provider": custom(bearer_token_auth={"token": REFERENCE}),
    "a custom provider with an auth not yet known": custom(api_key_auth=UNKNOWN),
    "a custom config not yet known": vendor("custom", custom_provider_config=UNKNOWN),
    "azure": openai_config(**AZURE),
    "azure with what is not yet known": openai_config(
        **{**AZURE, "openai_api_base": UNKNOWN, "openai_api_key": UNKNOWN}
    ),
    "azuread": openai_config(**ENTRA),
    "a type not yet known": openai_config(openai_api_type=UNKNOWN),
    "route optimisation for a registered model": program(
        config=config(registered()), route_optimized=True
    ),
    "route optimisation that is not yet known": program(route_optimized=UNKNOWN),
    "route optimisation before there is a config": program(config=None, route_optimized=True),
    "concurrency down to nothing": program(
        config=config(
            registered(
                workload_size=None,
                scale_to_zero_enabled=True,
                min_provisioned_concurrency=0,
                max_provisioned_concurrency=UNKNOWN,
            )
        )
    ),
    "tags that are not yet known": program(tags=UNKNOWN),
    "a reference with blanks": openai_config(openai_api_key="{{ secrets/llm/openai }}"),
}


@pytest.mark.parametrize("said", KEPT.values(), ids=KEPT.keys())
def test_a_program_that_keeps_every_rule_has_no_problem(said):
    assert problems(said) == []


BROKEN = {
    "required": (
        program(name=None),
        [("name", "required", "required")],
    ),
    "required inside a vendor's config": (
        vendor(
            "custom",
            custom_provider_config={"bearer_token_auth": {"token": REFERENCE}},
        ),
        [(f"{MODEL}.custom_provider_config.custom_provider_url", "required", "required")],
    ),
    "required inside a list": (
        program(ai_gateway={"rate_limits": [{"calls": 1}]}),
        [("ai_gateway.rate_limits[0].renewal_period", "required", "required")],
    ),
    "required, and not empty": (
        program(config=config(openai(model={"name": "", "task": ""}))),
        [
            (f"{MODEL}.name", "required", "required, and here it is empty"),
            (f"{MODEL}.task", "required", "required, and here it is empty"),
        ],
    ),
    "required, a name of the endpoint": (
        program(name=""),
        [("name", "required", "required, and here it is empty")],
    ),
    "tag-key": (
        program(tags=[{"key": "", "value": "x"}]),
        [('tags[""]', "tag-key", "a tag's key cannot be empty")],
    ),
    "route-optimized": (
        program(route_optimized=True),
        [
            (
                "route_optimized",
                "route-optimized",
                "does not go with external_model: only custom models and feature serving have it",
            )
        ],
    ),
    "concurrency-bounds": (
        program(
            config=config(
                registered(
                    workload_size=None,
                    min_provisioned_concurrency=-4,
                    max_provisioned_concurrency=6,
                )
            )
        ),
        [
            (
                f"{ENTITY}.min_provisioned_concurrency",
                "concurrency-bounds",
                "-4 is no multiple of 4, such as 0, 4, 8",
            ),
            (
                f"{ENTITY}.max_provisioned_concurrency",
                "concurrency-bounds",
                "6 is no multiple of 4, such as 0, 4, 8",
            ),
        ],
    ),
    "concurrency-bounds, turned round": (
        program(
            config=config(
                registered(
                    workload_size=None,
                    min_provisioned_concurrency=8,
                    max_provisioned_concurrency=4,
                )
            )
        ),
        [
            (
                f"{ENTITY}.min_provisioned_concurrency",
                "concurrency-bounds",
                "8 is more than max_provisioned_concurrency, 4",
            )
        ],
    ),
    "endpoint-name": (
        program(name="my endpoint"),
        [("name", "endpoint-name", "1 to 63 letters, digits, - and _ are allowed")],
    ),
    "endpoint-name too long": (
        program(name="x" * 64),
        [("name", "endpoint-name", "1 to 63 letters, digits, - and _ are allowed")],
    ),
    "endpoint-name with a line break at its end": (
        program(name="chat\n"),
        [("name", "endpoint-name", "1 to 63 letters, digits, - and _ are allowed")],
    ),
    "endpoint-name reserved": (
        program(name="databricks-chat"),
        [
            (
                "name",
                "endpoint-name",
                "names that begin with databricks- are reserved for Databricks' own",
            )
        ],
    ),
    "description-length": (
        program(description="x" * 1001),
        [("description", "description-length", "1001 characters; 1000 are allowed")],
    ),
    "reserved-tag": (
        program(tags={"managed-by-pulumi": "me"}),
        [
            (
                'tags["managed-by-pulumi"]',
                "reserved-tag",
                (
                    "this tag is the provider's own mark; leave it out (stack configuration "
                    "databricks-serving:ownershipTag: false switches the mark off)"
                ),
            )
        ],
    ),
    "config-not-empty": (
        program(config={}),
        [
            (
                "config.served_entities",
                "config-not-empty",
                "required: name at least one, or leave `config` out altogether",
            )
        ],
    ),
    "config-not-empty, with an empty list": (
        program(config={"served_entities": []}),
        [
            (
                "config.served_entities",
                "config-not-empty",
                "required: name at least one, or leave `config` out altogether",
            )
        ],
    ),
    "entity-name": (
        program(config=config(openai("gpt 4"))),
        [
            (
                f"{ENTITY}.name",
                "entity-name",
                "1 to 63 letters, digits, - and _ are allowed",
            )
        ],
    ),
    "entity-name twice": (
        program(config=config(registered("a"), registered("a"), routes={"a": 100})),
        [
            (
                "config.served_entities[1].name",
                "entity-name",
                "another entity has this name already",
            )
        ],
    ),
    "single-external-entity": (
        program(config=config(openai("a"), openai("b"))),
        [
            (
                "config.served_entities",
                "single-external-entity",
                (
                    "an endpoint with an external model has exactly one served entity, and here "
                    "are 2. Make one endpoint for each, or say allow_multiple_external_models=True "
                    "where your workspace allows several"
                ),
            )
        ],
    ),
    "external-excludes-compute": (
        program(config=config(openai(workload_size="Small", environment_vars={"A": "b"}))),
        [
            (
                f"{ENTITY}.environment_vars",
                "external-excludes-compute",
                "does not go with external_model: others host that model",
            ),
            (
                f"{ENTITY}.workload_size",
                "external-excludes-compute",
                "does not go with external_model: others host that model",
            ),
        ],
    ),
    "external-excludes-compute, explicit false too": (
        program(config=config(openai(scale_to_zero_enabled=False))),
        [
            (
                f"{ENTITY}.scale_to_zero_enabled",
                "external-excludes-compute",
                "does not go with external_model: others host that model",
            )
        ],
    ),
    "registered-model": (
        program(config=config({"name": "a"})),
        [
            (
                ENTITY,
                "registered-model",
                "say external_model, or entity_name with entity_version",
            )
        ],
    ),
    "registered-model, an empty name": (
        program(config=config(registered(entity_name=""))),
        [
            (
                ENTITY,
                "registered-model",
                "say external_model, or entity_name with entity_version",
            )
        ],
    ),
    "registered-model, an empty version": (
        program(config=config(registered(entity_version=""))),
        [(f"{ENTITY}.entity_version", "registered-model", "required beside entity_name")],
    ),
    "registered-model, compute": (
        program(config=config({"name": "a", "entity_name": "main.ml.churn"})),
        [
            (f"{ENTITY}.entity_version", "registered-model", "required beside entity_name"),
            (
                f"{ENTITY}.scale_to_zero_enabled",
                "registered-model",
                "required: say True or False",
            ),
            (
                f"{ENTITY}.workload_size",
                "registered-model",
                "required: Small, Medium or Large, or both min_ and max_provisioned_concurrency",
            ),
        ],
    ),
    "registered-model, size and concurrency": (
        program(config=config(registered(min_provisioned_concurrency=4))),
        [
            (
                f"{ENTITY}.workload_size",
                "registered-model",
                "does not go with min/max_provisioned_concurrency",
            )
        ],
    ),
    "known-provider": (
        program(config=config(openai(model={"provider": "opnai", "task": "chat"}))),
        [
            (f"{MODEL}.provider", "known-provider", "not known here; did you mean 'openai'?"),
            (
                f"{MODEL}.task",
                "known-provider",
                "not known here; known are llm/v1/chat, llm/v1/completions, llm/v1/embeddings",
            ),
        ],
    ),
    "provider-config": (
        program(config=config(openai(model={"provider": "cohere"}))),
        [
            (
                f"{MODEL}.cohere_config",
                "provider-config",
                "required for provider 'cohere'",
            ),
            (
                f"{MODEL}.openai_config",
                "provider-config",
                "belongs to another provider than 'cohere'",
            ),
        ],
    ),
    "one-credential, both": (
        openai_config(openai_api_key=REFERENCE, openai_api_key_plaintext="sk-1"),
        [
            (
                f"{MODEL}.openai_config.openai_api_key",
                "one-credential",
                "give either openai_api_key or openai_api_key_plaintext, not both",
            )
        ],
    ),
    "one-credential, none": (
        vendor("anthropic", anthropic_config={}),
        [
            (
                f"{MODEL}.anthropic_config.anthropic_api_key",
                "one-credential",
                "required: a secret reference here, or anthropic_api_key_plaintext",
            )
        ],
    ),
    "one-credential, inside": (
        vendor(
            "custom",
            custom_provider_config={
                "custom_provider_url": "https://llm.example.com",
                "api_key_auth": {"key": "X-Key"},
            },
        ),
        [
            (
                f"{MODEL}.custom_provider_config.api_key_auth.value",
                "one-credential",
                "required: a secret reference here, or value_plaintext",
            )
        ],
    ),
    "openai-type, no key": (
        openai_config(),
        [
            (
                f"{MODEL}.openai_config.openai_api_key",
                "openai-type",
                "required: a secret reference here, or openai_api_key_plaintext",
            )
        ],
    ),
    "openai-type, a deployment": (
        openai_config(openai_api_key=REFERENCE, openai_deployment_name="gpt"),
        [
            (
                f"{MODEL}.openai_config.openai_deployment_name",
                "openai-type",
                "does not go with openai_api_type openai",
            )
        ],
    ),
    "openai-type, azure without its fields": (
        openai_config(openai_api_type="azure", openai_api_base=""),
        [
            *(
                (
                    f"{MODEL}.openai_config.{name}",
                    "openai-type",
                    "required for openai_api_type azure",
                )
                for name in ("openai_api_base", "openai_api_version", "openai_deployment_name")
            ),
            (
                f"{MODEL}.openai_config.openai_api_key",
                "openai-type",
                "required: a secret reference here, or openai_api_key_plaintext",
            ),
        ],
    ),
    "openai-type, azuread without its fields": (
        openai_config(openai_api_type="azuread"),
        [
            *(
                (
                    f"{MODEL}.openai_config.{name}",
                    "openai-type",
                    "required for openai_api_type azuread",
                )
                for name in (
                    "openai_api_base",
                    "openai_api_version",
                    "openai_deployment_name",
                    "microsoft_entra_client_id",
                    "microsoft_entra_tenant_id",
                )
            ),
            (
                f"{MODEL}.openai_config.microsoft_entra_client_secret",
                "openai-type",
                ("required: a secret reference here, or microsoft_entra_client_secret_plaintext"),
            ),
        ],
    ),
    "bedrock-provider": (
        bedrock(bedrock_provider="Antropic", **PROFILE),
        [
            (
                f"{MODEL}.amazon_bedrock_config.bedrock_provider",
                "bedrock-provider",
                "not known here; did you mean 'anthropic'?",
            )
        ],
    ),
    "bedrock-access, none": (
        bedrock(),
        [(f"{MODEL}.amazon_bedrock_config", "bedrock-access", ONE_WAY_INTO_BEDROCK)],
    ),
    "bedrock-access, two": (
        bedrock(**PROFILE, aws_access_key_id=REFERENCE),
        [(f"{MODEL}.amazon_bedrock_config", "bedrock-access", ONE_WAY_INTO_BEDROCK)],
    ),
    "bedrock-access, half a pair": (
        bedrock(aws_access_key_id_plaintext="AKIA1"),
        [
            (
                f"{MODEL}.amazon_bedrock_config.aws_secret_access_key",
                "bedrock-access",
                "required: a secret reference here, or aws_secret_access_key_plaintext",
            )
        ],
    ),
    "custom-auth, none": (
        custom(),
        [
            (
                f"{MODEL}.custom_provider_config",
                "custom-auth",
                "say exactly one of api_key_auth and bearer_token_auth",
            )
        ],
    ),
    "custom-auth, both": (
        custom(
            api_key_auth={"key": "X-Key", "value": REFERENCE},
            bearer_token_auth={"token": REFERENCE},
        ),
        [
            (
                f"{MODEL}.custom_provider_config",
                "custom-auth",
                "say exactly one of api_key_auth and bearer_token_auth",
            )
        ],
    ),
    "openai-type, azuread": (
        openai_config(**{**ENTRA, "openai_api_key": REFERENCE, "openai_organization": "x"}),
        [
            (
                f"{MODEL}.openai_config.openai_api_key",
                "openai-type",
                "does not go with openai_api_type azuread",
            ),
            (
                f"{MODEL}.openai_config.openai_organization",
                "openai-type",
                "does not go with openai_api_type azuread",
            ),
        ],
    ),
    "openai-type, unknown": (
        openai_config(openai_api_type="azur", openai_api_key=REFERENCE),
        [
            (
                f"{MODEL}.openai_config.openai_api_type",
                "openai-type",
                "not known here; did you mean 'azure'?",
            )
        ],
    ),
    "traffic-said": (
        program(config=config(registered("a"), registered("b"))),
        [
            (
                "config.traffic_config.routes",
                "traffic-said",
                "required where there are several entities: say what share each one gets",
            )
        ],
    ),
    "traffic-sum": (
        program(config=config(registered("a"), registered("b"), routes={"a": 90, "b": 20})),
        [
            (
                "config.traffic_config.routes",
                "traffic-sum",
                "the shares sum to 110; they must sum to 100",
            )
        ],
    ),
    "traffic-sum, beyond": (
        program(config=config(registered("a"), registered("b"), routes={"a": 101, "b": -1})),
        [
            (
                "config.traffic_config.routes[0].traffic_percentage",
                "traffic-sum",
                "101 is not between 0 and 100",
            ),
            (
                "config.traffic_config.routes[1].traffic_percentage",
                "traffic-sum",
                "-1 is not between 0 and 100",
            ),
        ],
    ),
    "traffic-names": (
        program(config=config(registered("churn"), routes={"chorn": 100})),
        [
            (
                "config.traffic_config.routes[0].served_entity_name",
                "traffic-names",
                "no entity of this endpoint has this name; did you mean 'churn'?",
            )
        ],
    ),
    "traffic-names, nothing near": (
        program(config=config(registered("churn"), routes={"other": 100})),
        [
            (
                "config.traffic_config.routes[0].served_entity_name",
                "traffic-names",
                "no entity of this endpoint has this name",
            )
        ],
    ),
    "traffic-names, none said": (
        program(
            config={
                **config(registered()),
                "traffic_config": {"routes": [{"traffic_percentage": 100}]},
            }
        ),
        [("config.traffic_config.routes[0].served_entity_name", "traffic-names", "required")],
    ),
    "traffic-names, twice": (
        program(
            config={
                **config(registered()),
                "traffic_config": {
                    "routes": [{"served_entity_name": "churn", "traffic_percentage": 50}] * 2
                },
            }
        ),
        [
            (
                "config.traffic_config.routes[1].served_entity_name",
                "traffic-names",
                "this entity has a route already",
            )
        ],
    ),
    "rate-limit, nothing counted": (
        program(ai_gateway={"rate_limits": [{"renewal_period": "minute"}]}),
        [("ai_gateway.rate_limits[0]", "rate-limit", "say calls, tokens, or both")],
    ),
    "rate-limit, negative": (
        program(ai_gateway={"rate_limits": [limit(-1)]}),
        [
            (
                "ai_gateway.rate_limits[0].calls",
                "rate-limit",
                "-1 is negative; 0 blocks everything",
            )
        ],
    ),
    "rate-limit, words": (
        program(ai_gateway={"rate_limits": [limit(key="users", renewal_period="hour")]}),
        [
            (
                "ai_gateway.rate_limits[0].key",
                "rate-limit",
                "not known here; did you mean 'user'?",
            ),
            (
                "ai_gateway.rate_limits[0].renewal_period",
                "rate-limit",
                "not known here; known are minute",
            ),
        ],
    ),
    "rate-limit, principal missing": (
        program(ai_gateway={"rate_limits": [limit(key="user_group")]}),
        [
            (
                "ai_gateway.rate_limits[0].principal",
                "rate-limit",
                "required for key 'user_group'",
            )
        ],
    ),
    "rate-limit, principal empty": (
        program(ai_gateway={"rate_limits": [limit(key="user_group", principal="")]}),
        [
            (
                "ai_gateway.rate_limits[0].principal",
                "rate-limit",
                "required for key 'user_group'",
            )
        ],
    ),
    "rate-limit, principal too much": (
        program(
            ai_gateway={
                "rate_limits": [{"calls": 1, "renewal_period": "minute", "principal": "ada"}]
            }
        ),
        [
            (
                "ai_gateway.rate_limits[0].principal",
                "rate-limit",
                "does not go with key 'endpoint': that limit is everybody's",
            )
        ],
    ),
    "rate-limit-count": (
        program(
            ai_gateway={"rate_limits": [limit(principal=f"u{n}") for n in range(21)]},
        ),
        [("ai_gateway.rate_limits", "rate-limit-count", "21 limits; 20 are allowed")],
    ),
    "rate-limit-count, groups": (
        program(
            ai_gateway={
                "rate_limits": [limit(key="user_group", principal=f"g{n}") for n in range(6)]
            },
        ),
        [
            (
                "ai_gateway.rate_limits",
                "rate-limit-count",
                "6 limits for groups; 5 are allowed",
            )
        ],
    ),
    "rate-limit-count, twice": (
        program(
            ai_gateway={
                "rate_limits": [
                    {"calls": 1, "renewal_period": "minute"},
                    {"calls": 2, "renewal_period": "minute", "key": "endpoint", "principal": ""},
                ]
            },
        ),
        [
            (
                "ai_gateway.rate_limits[1].principal",
                "rate-limit",
                "does not go with key 'endpoint': that limit is everybody's",
            ),
            (
                "ai_gateway.rate_limits[1]",
                "rate-limit-count",
                "a limit with this key, principal and renewal period stands already",
            ),
        ],
    ),
}


@pytest.mark.parametrize(("said", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_breach_is_told_with_its_place_its_rule_and_what_to_do(said, expected):
    assert problems(said) == expected


def test_several_external_models_are_fine_where_they_are_allowed():
    said = program(config=config(openai("a"), openai("b"), routes={"a": 50, "b": 50}))

    assert problems(said, SEVERAL) == []


def test_several_external_models_have_one_task_and_are_not_mixed_with_others():
    other = openai("b", model={"task": "llm/v1/embeddings"})
    said = program(
        config=config(openai("a"), other, registered("c"), routes={"a": 50, "b": 40, "c": 10})
    )

    assert problems(said, SEVERAL) == [
        (
            "config.served_entities[2]",
            "several-external-models",
            "external models and other entities cannot be mixed in one endpoint",
        ),
        (
            "config.served_entities",
            "several-external-models",
            "all external models of one endpoint have the same task",
        ),
    ]


def test_several_external_models_need_a_split():
    said = program(config=config(openai("a"), openai("b")))

    assert [rule for _, rule, _ in problems(said, SEVERAL)] == ["traffic-said"]


def test_a_vendor_of_a_newer_api_passes_where_unknown_fields_are_allowed():
    said = program(
        config=config(
            openai(model={"provider": "initech", "openai_config": None, "initech_config": {"a": 1}})
        )
    )

    assert problems(said, LENIENT) == []
    assert [path for path, _, _ in problems(said, STRICT)] == [
        f"{MODEL}.initech_config",
        f"{MODEL}.provider",
    ]


def test_a_misspelt_value_is_refused_even_where_unknown_ones_are_allowed():
    said = program(config=config(openai(model={"provider": "OpenAI"})))

    assert problems(said, LENIENT) == [
        (f"{MODEL}.provider", "known-provider", "not known here; did you mean 'openai'?")
    ]


def test_every_breach_is_told_at_once():
    said = program(
        name="my endpoint",
        config=config(openai("a b", model={"provider": "cohere"}), routes={"x": 90}),
        ai_gateway={"rate_limits": [limit("many")]},
        descriptoin="hello",
    )

    assert [(path, rule) for path, rule, _ in problems(said)] == [
        ("ai_gateway.rate_limits[0].calls", "type"),
        ("descriptoin", "unknown-field"),
        ("name", "endpoint-name"),
        (f"{ENTITY}.name", "entity-name"),
        (f"{MODEL}.cohere_config", "provider-config"),
        (f"{MODEL}.openai_config", "provider-config"),
        ("config.traffic_config.routes", "traffic-sum"),
        ("config.traffic_config.routes[0].served_entity_name", "traffic-names"),
    ]
