"""Programs that the engine's tests share: text, with what a test varies filled in."""

from __future__ import annotations

QUICKSTART = """
scope = SecretScope("keys", name="llm-keys")
key = Secret("openai", scope=scope.name, key="openai", value=config.require_secret("key"))
ServingEndpoint(
    "chat",
    name="chat",
    config={
        "served_entities": [
            {
                "name": "gpt",
                "external_model": {
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {"openai_api_key": key.reference},
                },
            }
        ]
    },
    tags={"team": "gen-ai"},
    ai_gateway={"rate_limits": [{"calls": 100, "key": "user", "renewal_period": "minute"}]},
)
"""


def plaintext_endpoint(name: str = "chat", more: str = "", credential: str = "") -> str:
    """An endpoint with a plaintext credential; `more`: further arguments."""
    value = credential or 'config.require_secret("key")'
    return f"""
ServingEndpoint(
    "{name}",
    name="{name}",
    config={{
        "served_entities": [
            {{
                "name": "gpt",
                "external_model": {{
                    "name": "gpt-4",
                    "provider": "openai",
                    "task": "llm/v1/chat",
                    "openai_config": {{"openai_api_key_plaintext": {value}}},
                }},
            }}
        ]
    }},
    {more}
)
"""


def declared(kind: str, resource_name: str, /, **said: object) -> str:
    """A resource of that class with these arguments, written out."""
    return f"{kind}({resource_name!r}, **{said!r})\n"
