"""Two versions of a model behind one endpoint: most of the traffic to the one, a share to try."""

import pulumi

from databricks_serving import ServedEntityArgs, ServingEndpoint

# In per cent; `pulumi config set challengerShare 50` moves the split.
share = pulumi.Config().get_int("challengerShare", 10)


def version(name: str, number: str) -> ServedEntityArgs:
    return {
        "name": name,
        "entity_name": "main.ml.fraud",
        "entity_version": number,
        "workload_size": "Small",
        "scale_to_zero_enabled": False,
    }


endpoint = ServingEndpoint(
    "fraud",
    name="fraud",
    config={
        "served_entities": [version("champion", "3"), version("challenger", "4")],
        "traffic_config": {
            "routes": [
                {"served_entity_name": "champion", "traffic_percentage": 100 - share},
                {"served_entity_name": "challenger", "traffic_percentage": share},
            ]
        },
    },
)

pulumi.export("url", endpoint.invocation_url)
