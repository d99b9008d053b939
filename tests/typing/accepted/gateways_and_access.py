"""Gateways, limits and grants on endpoints of this program, and on those of others."""

import pulumi

from databricks_serving import (
    AiGateway,
    EndpointPermissions,
    GrantArgs,
    RateLimits,
    SecretAcl,
    SecretScope,
    ServingEndpoint,
)

elsewhere = pulumi.StackReference("acme/teams/prod")
team: pulumi.Output[str] = elsewhere.require_output("team")

scope = SecretScope("keys")
reads = SecretAcl("team-reads", scope=scope.name, principal=team, permission="READ")
endpoint = ServingEndpoint("chat", config={"served_entities": []})


def grants(name: str) -> list[GrantArgs]:
    return [{"group_name": name, "permission_level": "CAN_QUERY"}]


gateway = AiGateway(
    "chat-gateway",
    endpoint_name=endpoint.name,
    guardrails={"input": {"pii": {"behavior": "BLOCK"}, "safety": True}},
    inference_table_config={"enabled": True, "catalog_name": team, "schema_name": "logs"},
    mode="authoritative",
    on_delete="clear",
)
limits = RateLimits(
    "llama",
    pulumi.ResourceOptions(depends_on=[gateway]),
    endpoint_name="databricks-meta-llama-3-3-70b-instruct",
    rate_limits=[
        {"calls": 0, "renewal_period": "minute"},
        {"tokens": 1000, "key": "user_group", "principal": team, "renewal_period": "minute"},
    ],
    workspace={"profile": "prod"},
)
EndpointPermissions("team", endpoint_name=endpoint.name, access_control=team.apply(grants))
EndpointPermissions(
    "all",
    endpoint_name=limits.endpoint_name,
    access_control=[{"user_name": team, "permission_level": "CAN_MANAGE"}],
    mode="authoritative",
)
table: pulumi.Output[str | None] = gateway.inference_table
whose: pulumi.Output[str] = pulumi.Output.concat(reads.principal, " ", reads.permission)
