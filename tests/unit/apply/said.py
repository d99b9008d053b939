"""What programs say, as the property bags that come after `check`."""

from __future__ import annotations

from support.context import CANARY

LIMIT = {"calls": 100, "key": "user", "renewal_period": "minute"}
KEY = {"external_model.openai_config.openai_api_key_plaintext": CANARY}


def gpt(name="gpt", model="gpt-4"):
    """An external model; its key stands apart, in `credentials`."""
    return {
        "name": name,
        "external_model": {
            "name": model,
            "provider": "openai",
            "task": "llm/v1/chat",
            "openai_config": {},
        },
    }


def churn(version="1", **more):
    """A registered model."""
    return {
        "name": "churn",
        "entity_name": "ml.prod.churn",
        "entity_version": version,
        "workload_size": "Small",
        "scale_to_zero_enabled": True,
        **more,
    }


def chat(*entities, credential=CANARY, **more):
    """An endpoint called chat; one external model where nothing else is said."""
    served = entities or (gpt(),)
    keys = {
        entity["name"]: dict.fromkeys(KEY, credential)
        for entity in served
        if "external_model" in entity
    }
    said = {"name": "chat", "config": {"served_entities": list(served)}, **more}
    return {**said, "credentials": keys} if keys else said


def split(**percentages):
    """A traffic configuration by entity name."""
    routes = [
        {"served_entity_name": name, "traffic_percentage": percentage}
        for name, percentage in percentages.items()
    ]
    return {"traffic_config": {"routes": routes}}
