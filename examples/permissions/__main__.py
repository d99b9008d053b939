"""Who may do what with an endpoint: beside the grants of others, and in place of them."""

import pulumi

from databricks_serving import EndpointPermissions, ServingEndpoint


def model(name: str) -> ServingEndpoint:
    return ServingEndpoint(
        name,
        name=name,
        config={
            "served_entities": [
                {
                    "name": name,
                    "entity_name": f"main.ml.{name}",
                    "entity_version": "1",
                    "workload_size": "Small",
                    "scale_to_zero_enabled": True,
                }
            ]
        },
    )


forecast, scoring = model("forecast"), model("scoring")

# Grants that others make in the workspace stay as they are.
EndpointPermissions(
    "forecast",
    endpoint_name=forecast.name,
    access_control=[{"group_name": "analysts", "permission_level": "CAN_QUERY"}],
)

# These, and nobody else: a grant that somebody makes in the workspace is taken back by the next up.
EndpointPermissions(
    "scoring",
    endpoint_name=scoring.name,
    mode="authoritative",
    access_control=[
        {"group_name": "risk", "permission_level": "CAN_MANAGE"},
        {
            "service_principal_name": "11111111-2222-3333-4444-555555555555",
            "permission_level": "CAN_QUERY",
        },
    ],
)

pulumi.export("forecast_id", forecast.endpoint_id)
pulumi.export("scoring_id", scoring.endpoint_id)
