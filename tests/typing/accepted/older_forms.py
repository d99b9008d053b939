"""What the documentation of earlier years says, and the parser takes."""

from databricks_serving import Secret, ServingEndpoint

reference = Secret("team", scope="scope", key="team", value_from_env="TEAM").reference

ServingEndpoint(
    "older",
    config={
        "served_entities": [{"name": "a", "entity_name": "main.ads.ctr", "entity_version": "1"}],
        "traffic_config": {"routes": [{"served_model_name": "a", "traffic_percentage": 100}]},
    },
    tags=[{"key": "team", "value": reference}, {"key": "experimental"}],
    rate_limits=[{"calls": 100, "key": "endpoint", "renewal_period": "minute"}],
)
