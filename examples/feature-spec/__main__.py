"""Features of Unity Catalog, looked up over HTTP: a feature spec has a name and no version."""

import pulumi

from databricks_serving import ServingEndpoint

endpoint = ServingEndpoint(
    "customer-features",
    name="customer-features",
    config={
        "served_entities": [
            {
                "name": "customer-features",
                "entity_name": "main.shop.customer_features",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
            }
        ]
    },
    tags={"team": "shop"},
)

pulumi.export("url", endpoint.invocation_url)
