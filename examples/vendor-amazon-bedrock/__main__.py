"""Claude on Amazon Bedrock, with the three ways in."""

import pulumi

from databricks_serving import AmazonBedrockConfigArgs, Secret, SecretScope, ServingEndpoint

config = pulumi.Config()

REGION = config.require("awsRegion")


def claude_on_bedrock(name: str, bedrock: AmazonBedrockConfigArgs) -> ServingEndpoint:
    return ServingEndpoint(
        name,
        name=name,
        config={
            "served_entities": [
                {
                    "name": "claude",
                    "external_model": {
                        "name": "anthropic.claude-3-5-sonnet-20241022-v2:0",
                        "provider": "amazon-bedrock",
                        "task": "llm/v1/chat",
                        "amazon_bedrock_config": bedrock,
                    },
                }
            ]
        },
    )


scope = SecretScope("bedrock-keys", name="bedrock-keys")
key_id = Secret(
    "key-id", scope=scope.name, key="access_key_id", value=config.require_secret("awsKeyId")
)
secret_key = Secret(
    "secret-key",
    scope=scope.name,
    key="secret_access_key",
    value=config.require_secret("awsSecretKey"),
)

by_keys = claude_on_bedrock(
    "bedrock-by-keys",
    {
        "aws_region": REGION,
        "bedrock_provider": "anthropic",
        "aws_access_key_id": key_id.reference,
        "aws_secret_access_key": secret_key.reference,
    },
)

by_instance_profile = claude_on_bedrock(
    "bedrock-by-instance-profile",
    {
        "aws_region": REGION,
        "bedrock_provider": "anthropic",
        "instance_profile_arn": config.require("instanceProfile"),
    },
)

by_service_credential = claude_on_bedrock(
    "bedrock-by-service-credential",
    {
        "aws_region": REGION,
        "bedrock_provider": "anthropic",
        "uc_service_credential_name": config.require("serviceCredential"),
    },
)

pulumi.export("byKeys", by_keys.invocation_url)
pulumi.export("byInstanceProfile", by_instance_profile.invocation_url)
pulumi.export("byServiceCredential", by_service_credential.invocation_url)
