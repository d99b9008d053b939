"""The dict of each resource: a misspelt key, a missing one, a value that is none of the known."""

import pulumi

from databricks_serving import (
    AiGateway,
    AiGatewayArgs,
    AzureKeyVaultArgs,
    EndpointPermissions,
    EndpointPermissionsArgs,
    ExternalModelArgs,
    GrantArgs,
    RateLimits,
    RateLimitsArgs,
    Secret,
    SecretAcl,
    SecretAclArgs,
    SecretArgs,
    SecretScope,
    SecretScopeArgs,
    ServingEndpoint,
    ServingEndpointArgs,
    TelemetryConfigArgs,
)

text = pulumi.Output.from_input("text")

ServingEndpoint("x", email_notifications={"on_failure": []})  # E: arg-type
ServingEndpoint("x", budget_policy_id=1)  # E: arg-type
ServingEndpoint("x", telemetry_config={"table_names": {"logs_table": 1}})  # E: arg-type
telemetry: TelemetryConfigArgs = {"enabled_telemetry_features": ["LOGS"]}  # E: list-item
untasked: ExternalModelArgs = {"name": "a", "provider": "openai"}  # E: typeddict-item
tasks: ExternalModelArgs = {"name": "a", "provider": "palm", "task": "chat"}  # E: typeddict-item
switch: ServingEndpointArgs = {"adopt": text.apply(bool)}  # E: typeddict-item
inline: ServingEndpointArgs = {"ai_gateway": {"endpoint_name": "x"}}  # E: typeddict-item

gateway: AiGatewayArgs = {"endpoint_name": "x", "mode": "strict"}  # E: typeddict-item
nobodys: AiGatewayArgs = {"usage_tracking_config": {"enabled": True}}  # E: typeddict-item
AiGateway("x", rate_limits=[])  # E: call-arg
AiGateway("x", endpoint_name="x", guardrail={})  # E: arg-type
AiGateway("x", endpoint_name="x", on_delete="delete")  # E: arg-type
guarded: AiGatewayArgs = {"endpoint_name": "x", "guardrail": {}}  # E: typeddict-unknown-key

limits: RateLimitsArgs = {"endpoint_name": "x"}  # E: typeddict-item
limit: RateLimitsArgs = {"endpoint_name": "x", "rate_limits": [{"calls": 1}]}  # E: list-item
RateLimits("x", endpoint_name="x")  # E: call-arg
RateLimits("x", endpoint_name="x", rate_limits=[{"calls": 1}])  # E: list-item
RateLimits("x", endpoint_name="x", rate_limits=[], mode="additive")  # E: arg-type

SecretScope("x", scope_backend_type="AZURE")  # E: arg-type
SecretScope("x", force_destroy=text)  # E: arg-type
SecretScope("x", backend_azure_keyvault={"dns_name": "a"})  # E: arg-type
vault: AzureKeyVaultArgs = {"resource_id": text}  # E: typeddict-item
scope: SecretScopeArgs = {"initial_manage_principal": "admins"}  # E: typeddict-item

Secret("x", scope="s", key="k", valu="v")  # E: arg-type
Secret("x", scope="s")  # E: call-arg
secret: SecretArgs = {"scope": "s", "value": "v"}  # E: typeddict-item

acl: SecretAclArgs = {"scope": "s", "principal": "p", "permission": "read"}  # E: typeddict-item
SecretAcl("x", scope="s", permission="READ")  # E: call-arg
SecretAcl("x", scope="s", principal="p", permission="read")  # E: arg-type
# An output of any text may be a wrong one: its type has to say which texts it can be.
granted: GrantArgs = {"user_name": "a", "permission_level": text}  # E: typeddict-item
nobody: EndpointPermissionsArgs = {"endpoint_name": "x"}  # E: typeddict-item
EndpointPermissions("x", endpoint_name="x")  # E: call-arg
EndpointPermissions("x", endpoint_name="x", access_control=[{"user_name": "a"}])  # E: list-item
EndpointPermissions("x", endpoint_name="x", access_control=[], mode="strict")  # E: arg-type
