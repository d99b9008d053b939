"""A secret scope: what is in it, who may read it. The value of one secret is in no state at all."""

import pulumi

from databricks_serving import Secret, SecretAcl, SecretScope

config = pulumi.Config()

scope = SecretScope("llm-keys", name="llm-keys")

# Encrypted in the stack's configuration and state; a changed value is put by the next `up`.
anthropic = Secret(
    "anthropic", scope=scope.name, key="anthropic", value=config.require_secret("anthropicKey")
)

# Read from the environment of `pulumi up`; a changed version puts what stands there then.
openai = Secret(
    "openai", scope=scope.name, key="openai", value_from_env="OPENAI_API_KEY", version="2026-11"
)

SecretAcl("serving", scope=scope.name, principal="serving-admins", permission="READ")
SecretAcl("rotation", scope=scope.name, principal="security", permission="MANAGE")

pulumi.export("openai", openai.reference)
pulumi.export("anthropic", anthropic.reference)
