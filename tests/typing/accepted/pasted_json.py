"""Bodies from the API's documentation, unpacked: as JSON without a type, and as a typed dict."""

import json
from pathlib import Path
from typing import Any

from databricks_serving import ConfigArgs, ServingEndpoint, ServingEndpointArgs

post_body: dict[str, Any] = {
    "name": "uc-model-endpoint",
    "config": {
        "served_entities": [
            {
                "name": "ads-entity",
                "entity_name": "catalog.schema.my-ads-model",
                "entity_version": "3",
                "workload_size": "Small",
                "scale_to_zero_enabled": "true",
            },
        ],
    },
}
ServingEndpoint("ads", **post_body)
ServingEndpoint("from-a-file", **json.loads(Path("body.json").read_text(encoding="utf-8")))

typed_body: ServingEndpointArgs = {
    "name": "openai_endpoint",
    "config": {
        "served_entities": [
            {
                "name": "openai_embeddings",
                "external_model": {
                    "name": "text-embedding-ada-002",
                    "provider": "openai",
                    "task": "llm/v1/embeddings",
                    "openai_config": {"openai_api_key": "{{secrets/my_scope/my_openai_api_key}}"},
                },
            },
        ],
    },
    "rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}],
    "tags": [{"key": "team", "value": "gen-ai"}],
    "route_optimized": False,
}
ServingEndpoint("embeddings", **typed_body)

put_body: ConfigArgs = {
    "served_entities": [
        {"name": "current", "entity_name": "main.ads.ctr", "entity_version": "1"},
        {"name": "challenger", "entity_name": "main.ads.ctr", "entity_version": "2"},
    ],
    "traffic_config": {
        "routes": [
            {"served_entity_name": "current", "traffic_percentage": 90},
            {"served_entity_name": "challenger", "traffic_percentage": 10},
        ],
    },
}
ServingEndpoint("ads-split", name="ads-split", config=put_body)
