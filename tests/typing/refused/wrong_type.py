"""Values of another type. A comment names the error that belongs to its line."""

import pulumi

from databricks_serving import DeployArgs, RateLimitArgs, RouteArgs, Secret, ServingEndpoint

number = pulumi.Output.from_input(1)

ServingEndpoint("x", name=1)  # E: arg-type
ServingEndpoint("x", name=number)  # E: arg-type
ServingEndpoint("x", config=[])  # E: arg-type
ServingEndpoint("x", config={"served_entities": {"name": "a"}})  # E: arg-type
ServingEndpoint("x", config={"served_entities": [{"name": number}]})  # E: arg-type
ServingEndpoint("x", config={"served_entities": [{"environment_vars": {"A": 1}}]})  # E: arg-type
# The parser takes "true", as the documentation has it here and there; a checker does not.
ServingEndpoint("x", config={"served_entities": [{"scale_to_zero_enabled": "true"}]})  # E: arg-type
ServingEndpoint("x", tags={"team": number})  # E: dict-item
ServingEndpoint("x", deploy={"wait": "redy"})  # E: arg-type
ServingEndpoint("x", adopt="yes")  # E: arg-type
Secret("x", scope="s", key="k", value=number)  # E: arg-type

limit: RateLimitArgs = {"calls": "100", "renewal_period": "minute"}  # E: typeddict-item
deploy: DeployArgs = {"on_update_in_progress": "wiat"}  # E: typeddict-item
route: RouteArgs = {"served_entity_name": "a"}  # E: typeddict-item
