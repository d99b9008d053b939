"""Outputs as leaves, in lists and maps, and as whole containers."""

import pulumi

from databricks_serving import (
    ConfigArgs,
    ExternalModelArgs,
    Secret,
    SecretScope,
    ServedEntityArgs,
    ServingEndpoint,
)

settings = pulumi.Config()
elsewhere = pulumi.StackReference("acme/models/prod")

scope = SecretScope("keys", force_destroy=True, workspace={"profile": "prod"})
key = Secret("openai", scope=scope.name, key="openai", value=settings.require_secret("openaiKey"))
version: pulumi.Output[str] = elsewhere.require_output("version")


def model(reference: str) -> ExternalModelArgs:
    return {
        "provider": "openai",
        "name": "gpt-4o",
        "task": "llm/v1/chat",
        "openai_config": {"openai_api_key": reference},
    }


def whole(number: str) -> ConfigArgs:
    return {"served_entities": [{"entity_name": "main.ads.ctr", "entity_version": number}]}


def entities(number: str) -> list[ServedEntityArgs]:
    return [{"entity_name": "main.ads.ctr", "entity_version": number}]


leaves = ServingEndpoint(
    "leaves",
    name=pulumi.Output.concat("chat-", version),
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "provider": "openai",
                    "name": "gpt-4o",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key_plaintext": settings.require_secret("key")},
                },
                "environment_vars": {"KEY": key.reference, "MODE": "fast"},
                "min_provisioned_concurrency": version.apply(int),
                "scale_to_zero_enabled": True,
            },
        ],
        "traffic_config": {
            "routes": [{"served_entity_name": "gpt", "traffic_percentage": version.apply(int)}],
        },
    },
    tags={"team": "gen-ai", "version": version},
    deploy={"wait": "ready", "timeout": "2h", "redeploy_on": [key.value_fingerprint, 7]},
)
pulumi.export("host", leaves.workspace_host)

ServingEndpoint(
    "a-model",
    config={"served_entities": [{"name": "gpt", "external_model": key.reference.apply(model)}]},
    ai_gateway={"rate_limits": [{"tokens": 1000, "key": "user", "renewal_period": "minute"}]},
    adopt=True,
    workspace={"host": settings.require("host")},
)
ServingEndpoint("a-list", config={"served_entities": version.apply(entities)})
ServingEndpoint(
    "a-config",
    pulumi.ResourceOptions(protect=True),
    config=version.apply(whole),
    tags=version.apply(lambda number: {"version": number}),
)
ServingEndpoint("of-any-type", config=elsewhere.require_output("config"))
