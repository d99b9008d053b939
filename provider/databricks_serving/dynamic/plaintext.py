"""Where plaintext credentials stand in an endpoint's `config`.

Generated from the schema by `make generate`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

#: The fields of an object that hold credentials, or (with nothing in them) are one.
Fields: TypeAlias = "Mapping[str, Fields]"

IN_CONFIG: Fields = {
    "served_entities": {
        "external_model": {
            "openai_config": {
                "openai_api_key_plaintext": {},
                "microsoft_entra_client_secret_plaintext": {},
            },
            "anthropic_config": {"anthropic_api_key_plaintext": {}},
            "cohere_config": {"cohere_api_key_plaintext": {}},
            "ai21labs_config": {"ai21labs_api_key_plaintext": {}},
            "palm_config": {"palm_api_key_plaintext": {}},
            "amazon_bedrock_config": {
                "aws_access_key_id_plaintext": {},
                "aws_secret_access_key_plaintext": {},
            },
            "google_cloud_vertex_ai_config": {"private_key_plaintext": {}},
            "databricks_model_serving_config": {"databricks_api_token_plaintext": {}},
            "custom_provider_config": {
                "api_key_auth": {"value_plaintext": {}},
                "bearer_token_auth": {"token_plaintext": {}},
            },
        }
    }
}
