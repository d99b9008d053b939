"""One endpoint in two workspaces: the one is named by its address, the other by a profile."""

import pulumi

from databricks_serving import EndpointPermissions, ServingEndpoint, WorkspaceArgs

config = pulumi.Config()

regions: dict[str, WorkspaceArgs] = {
    "europe": {"host": config.require("europeHost")},
    "america": {"profile": config.require("americaProfile")},
}

for region, workspace in regions.items():
    endpoint = ServingEndpoint(
        f"churn-{region}",
        name="churn",
        config={
            "served_entities": [
                {
                    "name": "churn",
                    "entity_name": "main.ml.churn",
                    "entity_version": "3",
                    "workload_size": "Small",
                    "scale_to_zero_enabled": True,
                }
            ]
        },
        tags={"region": region},
        workspace=workspace,
    )
    # What stands on an endpoint has to name its workspace too.
    EndpointPermissions(
        f"churn-{region}",
        endpoint_name=endpoint.name,
        access_control=[{"group_name": "analysts", "permission_level": "CAN_QUERY"}],
        workspace=workspace,
    )
    pulumi.export(region, endpoint.invocation_url)
