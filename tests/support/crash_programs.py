"""Programs for the crash matrix and the invariants, as data: what was there, what the run does.

Texts are what stands in a `__main__.py` below the imports; `config.require_secret("key")` is the
canary, the value of which a step can rotate.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from databricks_serving_emulator import Fault

from .context import CANARY, ENDPOINTS, SECRETS
from .programs import QUICKSTART, plaintext_endpoint

Json = dict[str, Any]

#: Who else may do something in the UI, as (method, path, body).
Edit = tuple[str, str, Json]


@dataclass(frozen=True)
class Scenario:
    """One run that is interrupted, and what was before it.

    `there`: what others have in the workspace; `before`: programs that were deployed; `meanwhile`:
    what others did since; `program`: what the interrupted run deploys, None to destroy; `key`: the
    secret configuration value of that run; `refresh`: as with `options: {refresh: always}`.
    `polls`: how often a deployment is seen in progress. `faults`: what the workspace refuses.
    `config`: further stack configuration.
    `adopts`: the resources that may end in the adopt error, because nothing shows whose they are.
    """

    program: str | None
    there: tuple[Edit, ...] = ()
    before: tuple[str, ...] = ()
    meanwhile: tuple[Edit, ...] = ()
    key: str = CANARY
    refresh: bool = False
    polls: int = 0
    faults: tuple[Fault, ...] = ()
    config: dict[str, str] = field(default_factory=dict)
    adopts: tuple[str, ...] = ()

    def refreshing(self) -> Scenario:
        """The same where the project has `options: {refresh: always}`."""
        return replace(self, refresh=True)


KEYS = """
scope = SecretScope("keys", name="{scope}"{scope_more})
key = Secret("openai", scope=scope.name, key="{key}", value=config.require_secret("key"))
"""

CHURN = """
ServingEndpoint(
    "churn",
    name="{name}",
    config={{
        "served_entities": [
            {{
                "name": "churn",
                "entity_name": "main.ml.churn",
                "entity_version": "{version}",
                "workload_size": "Small",
                "scale_to_zero_enabled": False,
            }}
        ]
    }},
    {more}
)
"""

SETTINGS = """
    tags={{"team": "{team}", "env": "test"}},
    email_notifications={{"on_update_failure": ["{team}@example.com"]}},
    telemetry_config={{"table_names": {{"logs_table": "main.ml.{team}"}}}},
    ai_gateway={{"rate_limits": [{{"calls": {calls}, "renewal_period": "minute"}}]}},
"""

REDEPLOYED = """
ServingEndpoint(
    "churn",
    config={
        "served_entities": [
            {
                "name": "churn",
                "entity_name": "main.ml.churn",
                "entity_version": "1",
                "workload_size": "Small",
                "scale_to_zero_enabled": True,
                "environment_vars": {"TOKEN": key.reference},
            }
        ]
    },
    deploy={"redeploy_on": [key.value_fingerprint]},
)
"""

GUARDED = """
    ai_gateway={
        "rate_limits": [{"calls": 5, "key": "user", "renewal_period": "minute"}],
        "usage_tracking_config": {"enabled": True},
        "guardrails": {"input": {"pii": {"behavior": "BLOCK"}}},
    },
"""

GOVERNED = """
AiGateway(
    "claude",
    endpoint_name="databricks-claude",
    rate_limits=[{{"calls": {calls}, "key": "user", "renewal_period": "minute"}}],
    usage_tracking_config={{"enabled": True}},
    {more}
)
"""

LIMITED = """
RateLimits(
    "claude",
    endpoint_name="databricks-claude",
    rate_limits=[{{"calls": {calls}, "renewal_period": "minute"}}],
)
"""

ACCESS = """
scope = SecretScope("keys", name="llm-keys")
SecretAcl("readers", scope=scope.name, principal="analysts", permission="{permission}")
"""

ANOTHER_ACCESS = """
SecretAcl("writers", scope=scope.name, principal="engineers", permission="WRITE")
"""

GRANTS = """
EndpointPermissions(
    "who",
    endpoint_name="chat",
    access_control=[
        {{"group_name": "analysts", "permission_level": "{level}"}},{more}
    ],
    mode="{mode}",
)
"""

LINKED = """
AiGateway(
    "gateway",
    endpoint_name=endpoint.name,
    rate_limits=[{"calls": 9, "renewal_period": "minute"}],
)
EndpointPermissions(
    "who",
    endpoint_name=endpoint.name,
    access_control=[{"group_name": "analysts", "permission_level": "CAN_QUERY"}],
)
"""

FOREIGN_ENDPOINT: Edit = (
    "POST",
    ENDPOINTS,
    {
        "name": "chat",
        "config": {
            "served_entities": [
                {
                    "name": "gpt",
                    "external_model": {
                        "name": "gpt-3.5",
                        "provider": "openai",
                        "task": "llm/v1/chat",
                        "openai_config": {"openai_api_key_plaintext": "theirs"},
                    },
                }
            ]
        },
        "tags": [{"key": "owner", "value": "somebody"}],
    },
)
FOREIGN_SCOPE: tuple[Edit, ...] = (
    ("POST", f"{SECRETS}/scopes/create", {"scope": "llm-keys"}),
    ("POST", f"{SECRETS}/put", {"scope": "llm-keys", "key": "openai", "string_value": "theirs"}),
)


def keys(scope: str = "llm-keys", key: str = "openai", scope_more: str = "") -> str:
    """A scope with one secret in it."""
    return KEYS.format(scope=scope, key=key, scope_more=scope_more)


def churn(version: int = 1, name: str = "churn", more: str = "") -> str:
    """An endpoint with a registered model."""
    return CHURN.format(name=name, version=version, more=more)


def described(text: str) -> str:
    """An endpoint with a description, which only a replacement changes."""
    more = f'description="{text}", deploy={{"replace_on": ["description"]}},'
    return plaintext_endpoint(more=more)


def governed(calls: int, more: str = "") -> str:
    """The gateway of an endpoint that Databricks made."""
    return GOVERNED.format(calls=calls, more=more)


def grants(level: str, mode: str = "additive", more: str = "") -> str:
    """Who may do what with an endpoint that somebody else made."""
    return GRANTS.format(level=level, mode=mode, more=more)


def linked(text: str) -> str:
    """An endpoint that only a replacement changes, with its gateway and its permissions."""
    endpoint = described(text).lstrip()
    return f"endpoint = {endpoint}{LINKED}"


ADA = '{"user_name": "ada@example.com", "permission_level": "CAN_MANAGE"},'
HERS: Edit = (
    "PUT",
    f"{ENDPOINTS}/databricks-claude/ai-gateway",
    {"rate_limits": [{"calls": 3, "renewal_period": "minute"}]},
)
ROTATED = "sk-another-that-nobody-may-see"

SCENARIOS: dict[str, Scenario] = {
    "quickstart": Scenario(QUICKSTART),
    "quickstart, refreshing": Scenario(QUICKSTART, refresh=True),
    "a slow first deployment": Scenario(churn(), polls=2),
    "a gateway is changed": Scenario(
        QUICKSTART.replace(
            '    ai_gateway={"rate_limits": [{"calls": 100, "key": "user", '
            '"renewal_period": "minute"}]},\n',
            GUARDED,
        ),
        before=(QUICKSTART,),
        refresh=True,
    ),
    "every part is changed": Scenario(
        churn(2, more=SETTINGS.format(team="b", calls=20)),
        before=(churn(1, more=SETTINGS.format(team="a", calls=10)),),
    ),
    "a slow change": Scenario(churn(2), before=(churn(1),), polls=2),
    "a secret is rotated and redeployed": Scenario(
        keys() + REDEPLOYED, before=(keys() + REDEPLOYED,), key=ROTATED
    ),
    "a plaintext credential is rotated": Scenario(
        plaintext_endpoint(), before=(plaintext_endpoint(),), key=ROTATED
    ),
    "drift is put back": Scenario(
        churn(1, more=SETTINGS.format(team="a", calls=10)),
        before=(churn(1, more=SETTINGS.format(team="a", calls=10)),),
        meanwhile=(
            ("PATCH", f"{ENDPOINTS}/churn/tags", {"add_tags": [{"key": "team", "value": "x"}]}),
            ("PUT", f"{ENDPOINTS}/churn/ai-gateway", {"rate_limits": []}),
        ),
        refresh=True,
    ),
    "an endpoint is renamed": Scenario(churn(name="other"), before=(churn(),)),
    "an endpoint is replaced under its name": Scenario(
        described("two"), before=(described("one"),)
    ),
    "a secret's key is renamed": Scenario(keys(key="other"), before=(keys(),)),
    "a scope is replaced with its secret": Scenario(
        keys(scope_more=', initial_manage_principal="users"'), before=(keys(),)
    ),
    "one of two is taken out": Scenario(churn(), before=(churn() + plaintext_endpoint(),)),
    "all is destroyed": Scenario(None, before=(QUICKSTART,)),
    "all is destroyed, refreshing": Scenario(None, before=(QUICKSTART,), refresh=True),
    "what others made is adopted": Scenario(
        keys(scope_more=", adopt=True").replace('"openai", value', '"openai", adopt=True, value')
        + plaintext_endpoint(more='tags={"team": "a"}, adopt=True,'),
        there=(FOREIGN_ENDPOINT, *FOREIGN_SCOPE),
    ),
    "a gateway of an endpoint of others": Scenario(governed(5)),
    "a gateway with everything declared": Scenario(
        governed(5, more='mode="authoritative",'), there=(HERS,)
    ),
    "a gateway of others is changed": Scenario(governed(6), before=(governed(5),), refresh=True),
    "a gateway is given back": Scenario(None, there=(HERS,), before=(governed(5),)),
    "limits": Scenario(LIMITED.format(calls=5), there=(HERS,)),
    "limits are changed": Scenario(LIMITED.format(calls=6), before=(LIMITED.format(calls=5),)),
    "limits are given back": Scenario(None, there=(HERS,), before=(LIMITED.format(calls=5),)),
    "access is given": Scenario(ACCESS.format(permission="READ") + ANOTHER_ACCESS),
    "access is changed and taken": Scenario(
        ACCESS.format(permission="MANAGE"),
        before=(ACCESS.format(permission="READ") + ANOTHER_ACCESS,),
    ),
    "permissions are added": Scenario(grants("CAN_QUERY", more=ADA), there=(FOREIGN_ENDPOINT,)),
    "permissions are lowered and dropped": Scenario(
        grants("CAN_VIEW"),
        there=(FOREIGN_ENDPOINT,),
        before=(grants("CAN_QUERY", more=ADA),),
        refresh=True,
    ),
    "permissions are all there are": Scenario(
        grants("CAN_MANAGE", "authoritative"),
        there=(FOREIGN_ENDPOINT,),
        before=(grants("CAN_QUERY", more=ADA),),
    ),
    "permissions are taken": Scenario(
        None, there=(FOREIGN_ENDPOINT,), before=(grants("CAN_QUERY", more=ADA),)
    ),
    "an endpoint is replaced with all that is linked": Scenario(
        linked("two"), before=(linked("one"),)
    ),
    "nothing shows whose the endpoint is": Scenario(
        plaintext_endpoint(),
        config={"databricks-serving:ownershipTag": "false"},
        adopts=("chat",),
    ),
    "nothing shows whose the secret is": Scenario(
        keys(),
        faults=(Fault("GET", f"{SECRETS}/get", status=403, times=None),),
        adopts=("openai",),
    ),
}
