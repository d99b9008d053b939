"""What a change of one leaf takes: the calls that are sent, or what the preview says instead."""

from __future__ import annotations

PUT_CONFIG = ["PUT serving-endpoints/chat/config"]
PUT_UNITS = ["PUT serving-endpoints/pt/chat/config"]
PUT_GATEWAY = ["PUT serving-endpoints/chat/ai-gateway"]
PATCH_TAGS = ["PATCH serving-endpoints/chat/tags"]
PATCH_MAILS = ["PATCH serving-endpoints/chat/notifications"]
PATCH_TELEMETRY = ["PATCH serving-endpoints/chat/telemetry-config"]
PUT_SECRET = ["POST secrets/put"]
PUT_ACL = ["POST secrets/acls/put"]
PUT_GRANTS = ["PUT permissions/serving-endpoints/<id>"]
PATCH_GRANTS = ["PATCH permissions/serving-endpoints/<id>"]
#: Nothing is sent, and the outputs take it over.
RECORDED = ["recorded"]
#: The same, with a line that says so.
STOPS = ["stops being managed"]
#: Of no concern to what is there.
NOTHING = "nothing"
#: A table's place changes while the table is off, and it is on.
MOVES = PUT_GATEWAY * 2

ENTITY = "ServingEndpoint.config.served_entities[]"
MODEL = f"{ENTITY}.external_model"
OLDER_TABLE = "ServingEndpoint.config.auto_capture_config"
TABLES = ("ServingEndpoint.ai_gateway.inference_table_config", "AiGateway.inference_table_config")
PLACE = ("catalog_name", "schema_name", "table_name_prefix")
GUARDRAILS = ("ServingEndpoint.ai_gateway.guardrails", "AiGateway.guardrails")

#: What a change takes: the longest beginning of a leaf's path counts.
TAKES = {
    "ServingEndpoint.name": "replaces name",
    "ServingEndpoint.config": PUT_CONFIG,
    f"{ENTITY}.provisioned_model_units": PUT_UNITS,
    f"{ENTITY}.burst_scaling_enabled": PUT_UNITS,
    "ServingEndpoint.ai_gateway": PUT_GATEWAY,
    "ServingEndpoint.tags": PATCH_TAGS,
    "ServingEndpoint.description": "refused description",
    "ServingEndpoint.email_notifications": PATCH_MAILS,
    "ServingEndpoint.route_optimized": "replaces route_optimized, deletes first",
    "ServingEndpoint.budget_policy_id": "refused budget_policy_id",
    "ServingEndpoint.telemetry_config": PATCH_TELEMETRY,
    "ServingEndpoint.deploy": RECORDED,
    "ServingEndpoint.deploy.redeploy_on": PUT_CONFIG,
    "ServingEndpoint.allow_multiple_external_models": NOTHING,
    "ServingEndpoint.adopt": NOTHING,
    "ServingEndpoint.workspace": RECORDED,
    "AiGateway": PUT_GATEWAY,
    "AiGateway.endpoint_name": "replaces endpoint_name",
    "AiGateway.mode": RECORDED,
    "AiGateway.on_delete": RECORDED,
    "AiGateway.workspace": RECORDED,
    "RateLimits.rate_limits": PUT_GATEWAY,
    "RateLimits.endpoint_name": "replaces endpoint_name",
    "RateLimits.on_delete": RECORDED,
    "RateLimits.workspace": RECORDED,
    "SecretScope.name": "replaces name",
    "SecretScope.initial_manage_principal": "replaces initial_manage_principal, deletes first",
    "SecretScope.scope_backend_type": "replaces scope_backend_type, deletes first",
    "SecretScope.backend_azure_keyvault": "replaces backend_azure_keyvault, deletes first",
    "SecretScope.force_destroy": RECORDED,
    "SecretScope.adopt": NOTHING,
    "SecretScope.workspace": RECORDED,
    "Secret.scope": "replaces scope",
    "Secret.key": "replaces key",
    "Secret.value": PUT_SECRET,
    "Secret.version": PUT_SECRET,
    "Secret.adopt": NOTHING,
    "Secret.workspace": RECORDED,
    "SecretAcl.scope": "replaces scope",
    "SecretAcl.principal": "replaces principal",
    "SecretAcl.permission": PUT_ACL,
    "SecretAcl.workspace": RECORDED,
    "EndpointPermissions.endpoint_name": "replaces endpoint_name",
    "EndpointPermissions.access_control": PUT_GRANTS,
    "EndpointPermissions.mode": RECORDED,
    "EndpointPermissions.workspace": RECORDED,
}
#: What another value takes where that is something else.
OF_ANOTHER_VALUE = {
    **{f"{OLDER_TABLE}.{name}": "replaces config, deletes first" for name in PLACE},
    **{f"{table}.{name}": MOVES for table in TABLES for name in PLACE},
    "SecretScope.scope_backend_type": (
        "replaces scope_backend_type, backend_azure_keyvault, deletes first"
    ),
    # Whoever made the endpoint manages it, and is undeclared.
    "EndpointPermissions.mode": PUT_GRANTS,
}
#: The same of a leaf that is taken out.
OF_BEING_TAKEN_OUT = {
    # What the service fills in is what was said.
    f"{ENTITY}.name": NOTHING,
    f"{ENTITY}.workload_type": NOTHING,
    **{f"{guardrails}.output.safety": NOTHING for guardrails in GUARDRAILS},
    "AiGateway.rate_limits[].key": NOTHING,
    "RateLimits.rate_limits[].key": NOTHING,
    # While the table is on, it cannot move.
    f"{OLDER_TABLE}.table_name_prefix": STOPS,
    **{f"{table}.table_name_prefix": STOPS for table in TABLES},
    # A part of one value.
    "ServingEndpoint.description": STOPS,
    "ServingEndpoint.route_optimized": STOPS,
    "ServingEndpoint.budget_policy_id": STOPS,
    "SecretScope.initial_manage_principal": STOPS,
    "SecretScope.scope_backend_type": STOPS,
    # The secret is the same without one.
    "Secret.version": NOTHING,
    "EndpointPermissions.mode": RECORDED,
}
#: The same of a leaf that is said for the first time.
OF_BEING_SAID = {
    # `check` has said it before.
    f"{ENTITY}.name": NOTHING,
    # What is said is what the service had filled in: from now on it is looked at.
    f"{ENTITY}.workload_type": RECORDED,
    **{f"{guardrails}.output.safety": RECORDED for guardrails in GUARDRAILS},
    "AiGateway.rate_limits[].key": RECORDED,
    "RateLimits.rate_limits[].key": RECORDED,
    "ServingEndpoint.description": RECORDED,
    "ServingEndpoint.route_optimized": RECORDED,
    "SecretScope.scope_backend_type": RECORDED,
    # The same, where a preview without a refresh cannot know it.
    f"{OLDER_TABLE}.enabled": RECORDED,
    **{f"{table}.table_name_prefix": RECORDED for table in TABLES},
    f"{OLDER_TABLE}.table_name_prefix": "replaces config, deletes first",
    # Instead of an external model.
    f"{ENTITY}.entity_name": "replaces config, deletes first",
    # A step to model units goes by the usual call.
    f"{ENTITY}.provisioned_model_units": PUT_CONFIG,
}
#: Leaves for which one value is known, so that any other is refused in `check`.
ONE_VALUE = {
    "ServingEndpoint.ai_gateway.rate_limits[].renewal_period",
    "AiGateway.rate_limits[].renewal_period",
    "RateLimits.rate_limits[].renewal_period",
    "SecretScope.initial_manage_principal",
}
#: Leaves that every object they can stand in says: none of them is ever said for the first time.
ALWAYS_SAID = {
    "ServingEndpoint.name",
    f"{MODEL}.provider",
    f"{MODEL}.name",
    f"{MODEL}.task",
    f"{MODEL}.amazon_bedrock_config.aws_region",
    f"{MODEL}.amazon_bedrock_config.bedrock_provider",
    f"{MODEL}.google_cloud_vertex_ai_config.project_id",
    f"{MODEL}.google_cloud_vertex_ai_config.region",
    f"{MODEL}.databricks_model_serving_config.databricks_workspace_url",
    f"{MODEL}.custom_provider_config.custom_provider_url",
    f"{MODEL}.custom_provider_config.api_key_auth.key",
    "ServingEndpoint.config.traffic_config.routes[].served_entity_name",
    "ServingEndpoint.config.traffic_config.routes[].traffic_percentage",
    "ServingEndpoint.ai_gateway.rate_limits[].renewal_period",
    "ServingEndpoint.ai_gateway.fallback_config.enabled",
    "AiGateway.rate_limits[].renewal_period",
    "AiGateway.fallback_config.enabled",
    "AiGateway.endpoint_name",
    "RateLimits.endpoint_name",
    "RateLimits.rate_limits[].renewal_period",
    "SecretScope.name",
    "SecretScope.backend_azure_keyvault.resource_id",
    "SecretScope.backend_azure_keyvault.dns_name",
    "Secret.scope",
    "Secret.key",
    "SecretAcl.scope",
    "SecretAcl.principal",
    "SecretAcl.permission",
    "EndpointPermissions.endpoint_name",
    "EndpointPermissions.access_control[].permission_level",
}
