"""One program for all environments: which workspace, and what differs, is the stack's to say."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()
environment = pulumi.get_stack()

scope = SecretScope("llm-keys", name="llm-keys")
# From the environment of `pulumi up`: each environment has a key of its own, and no file has it.
key = Secret("openai", scope=scope.name, key="openai", value_from_env="OPENAI_API_KEY")

endpoint = ServingEndpoint(
    "support",
    name="support-chat",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": config.require("model"),
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
    },
    tags={"environment": environment},
    ai_gateway={
        "rate_limits": [
            {"key": "user", "calls": config.require_int("callsPerUser"), "renewal_period": "minute"}
        ],
        "usage_tracking_config": {"enabled": True},
    },
    # Nobody deletes the production endpoint by mistake.
    opts=pulumi.ResourceOptions(protect=config.get_bool("protect", default=False)),
)

pulumi.export("url", endpoint.invocation_url)
