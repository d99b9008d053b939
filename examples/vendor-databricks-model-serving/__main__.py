"""An endpoint of another Databricks workspace, as an endpoint of this one."""

import pulumi

from databricks_serving import Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

scope = SecretScope("other-workspace", name="other-workspace")
key = Secret("token", scope=scope.name, key="api_token", value=config.require_secret("otherToken"))

endpoint = ServingEndpoint(
    "chat-of-the-other-workspace",
    name="chat-of-the-other-workspace",
    config={
        "served_entities": [
            {
                "name": "chat",
                "external_model": {
                    "name": "databricks-meta-llama-3-3-70b-instruct",
                    "provider": "databricks-model-serving",
                    "task": "llm/v1/chat",
                    "databricks_model_serving_config": {
                        "databricks_workspace_url": config.require("otherWorkspace"),
                        "databricks_api_token": key.reference,
                    },
                },
            }
        ]
    },
    # What the other workspace is asked for at most, however many ask here.
    ai_gateway={"rate_limits": [{"calls": 300, "renewal_period": "minute"}]},
)

pulumi.export("url", endpoint.invocation_url)
