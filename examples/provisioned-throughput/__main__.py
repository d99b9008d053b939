"""Foundation models with throughput of their own: by tokens a second, and by model units."""

import pulumi

from databricks_serving import ServingEndpoint

by_tokens = ServingEndpoint(
    "by-tokens",
    name="llama-by-tokens",
    config={
        "served_entities": [
            {
                "name": "llama",
                "entity_name": "system.ai.meta_llama_v3_1_8b_instruct",
                "entity_version": "1",
                "min_provisioned_throughput": 0,
                "max_provisioned_throughput": 9500,
            }
        ]
    },
)

by_units = ServingEndpoint(
    "by-units",
    name="llama-by-units",
    config={
        "served_entities": [
            {
                "name": "llama",
                "entity_name": "system.ai.llama-4-maverick",
                "entity_version": "1",
                "provisioned_model_units": 50,
                # It may not grow beyond its units for a while, and so costs what they cost.
                "burst_scaling_enabled": False,
            }
        ]
    },
)

pulumi.export("by_tokens", by_tokens.invocation_url)
pulumi.export("by_units", by_units.invocation_url)
