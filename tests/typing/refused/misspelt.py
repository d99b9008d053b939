"""Names that do not exist, or are missing. A comment names the error that belongs to its line."""

import databricks_serving
from databricks_serving import ServedEntityArgs, ServingEndpoint, ServingEndpointArgs

databricks_serving.ServngEndpoint("x")  # E: attr-defined
ServingEndpoint("x", confg={"served_entities": []})  # E: arg-type
ServingEndpoint("x", config={"served_entites": []})  # E: arg-type
ServingEndpoint(
    "x",
    config={  # E: arg-type
        "served_entities": [
            {"external_model": {"provider": "openai", "name": "gpt-4o", "tsk": "llm/v1/chat"}},
        ],
    },
)
ServingEndpoint("x", config={"traffic_config": {"routes": [{"percentage": 1}]}})  # E: arg-type
ServingEndpoint("x", ai_gateway={"rate_limit": []})  # E: arg-type
ServingEndpoint("x", ai_gateway={"rate_limits": [{"calls": 1}]})  # E: arg-type
ServingEndpoint("x", tags=[{"name": "team"}])  # E: list-item
ServingEndpoint("x", deploy={"tiemout": "2h"})  # E: arg-type
ServingEndpoint("x", workspace={"token": "t"})  # E: arg-type

# In a dict of a stated type the checker names the key itself.
entity: ServedEntityArgs = {"entity_nam": "main.ads.ctr"}  # E: typeddict-unknown-key
body: ServingEndpointArgs = {"nme": "x"}  # E: typeddict-unknown-key
