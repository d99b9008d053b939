"""How this company serves a chat model: what teams may choose, and what they need not think of."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from databricks_serving import EndpointPermissions, Secret, SecretScope, ServingEndpoint

MOST_CALLS = 600


class ChatEndpoint(pulumi.ComponentResource):
    """An OpenAI chat model with the house's guardrails, limits, tags and usage tracking.

    team: who pays for it, and answers for it
    api_key: the team's own key; it goes to a secret scope of this endpoint
    callers: the groups that may query it; nobody else may, but for its managers
    calls_per_user: a minute, at most `MOST_CALLS`

    Raises `pulumi.RunError` where the house's rules are broken.
    """

    #: What a query names.
    name: pulumi.Output[str]
    #: Where it is queried.
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        team: str,
        api_key: pulumi.Input[str],
        callers: Sequence[str],
        model: str = "gpt-4o-mini",
        calls_per_user: int = 60,
    ) -> None:
        if not team.strip():
            raise pulumi.RunError(f"ChatEndpoint {name}: team is empty. Say who pays for it.")
        if calls_per_user > MOST_CALLS:
            raise pulumi.RunError(
                f"ChatEndpoint {name}: calls_per_user is {calls_per_user}, and the house allows "
                f"{MOST_CALLS}. Ask the platform team for more."
            )
        super().__init__("acme:serving:ChatEndpoint", name, None, opts)
        within = pulumi.ResourceOptions(parent=self)

        # The resources' names have the component's in them: nothing else tells those of two apart.
        # In the workspace, a scope and an endpoint are called as they were when they were made, so
        # that a component can be renamed.
        scope = SecretScope(f"{name}-keys", within)
        key = Secret(f"{name}-openai", within, scope=scope.name, key="openai", value=api_key)
        endpoint = ServingEndpoint(
            name,
            within,
            config={
                "served_entities": [
                    {
                        "name": "chat",
                        "external_model": {
                            "name": model,
                            "provider": "openai",
                            "task": "llm/v1/chat",
                            "openai_config": {"openai_api_key": key.reference},
                        },
                    }
                ]
            },
            tags={"team": team},
            ai_gateway={
                "rate_limits": [
                    {"key": "user", "calls": calls_per_user, "renewal_period": "minute"}
                ],
                "guardrails": {
                    "input": {"pii": {"behavior": "MASK"}, "safety": True},
                    "output": {"pii": {"behavior": "MASK"}},
                },
                "usage_tracking_config": {"enabled": True},
            },
        )
        EndpointPermissions(
            f"{name}-callers",
            within,
            endpoint_name=endpoint.name,
            mode="authoritative",
            access_control=[
                {"group_name": group, "permission_level": "CAN_QUERY"} for group in callers
            ],
        )

        self.name = endpoint.name
        self.url = endpoint.invocation_url
        self.register_outputs({"name": self.name, "url": self.url})
