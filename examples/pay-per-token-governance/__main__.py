"""What a workspace asks of a pay-per-token endpoint, which Databricks made."""

from databricks_serving import AiGateway, EndpointPermissions, RateLimits

LLAMA = "databricks-meta-llama-3-3-70b-instruct"

AiGateway(
    "llama-gateway",
    endpoint_name=LLAMA,
    guardrails={"input": {"pii": {"behavior": "BLOCK"}}},
    inference_table_config={
        "enabled": True,
        "catalog_name": "ml",
        "schema_name": "gateway_logs",
        "table_name_prefix": "llama",
    },
)

RateLimits(
    "llama-limits",
    endpoint_name=LLAMA,
    rate_limits=[
        {"calls": 20, "key": "user", "renewal_period": "minute"},
        {
            "tokens": 200_000,
            "key": "user_group",
            "principal": "data-science",
            "renewal_period": "minute",
        },
    ],
)

EndpointPermissions(
    "llama-access",
    endpoint_name=LLAMA,
    access_control=[{"group_name": "data-science", "permission_level": "CAN_QUERY"}],
)
