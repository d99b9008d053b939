"""The pay-per-token endpoints that a workspace comes with (contract §3)."""

from __future__ import annotations

import hashlib

from .model import Config, Endpoint, Entity, EntityKind

_DOCS = "https://docs.databricks.com/machine-learning/foundation-models/supported-models.html"
# Older than any endpoint that somebody creates: December 2024, in milliseconds.
_CREATED = 1_733_900_000_000


def foundation_endpoint(name: str) -> Endpoint:
    """The endpoint of that name (`databricks-…`); its task follows from the name."""
    model = f"system.ai.{name}"
    entity = Entity(
        EntityKind.FOUNDATION,
        {
            "name": name,
            "entity_name": model,
            "entity_version": "1",
            "foundation_model": {
                "name": model,
                "display_name": name.removeprefix("databricks-").replace("-", " ").title(),
                "docs": _DOCS,
                "description": "A foundation model that is paid for by the token.",
            },
            "scale_to_zero_enabled": False,
        },
        creator="Databricks",
        creation_timestamp=_CREATED,
        deployment="DEPLOYMENT_READY",
        message="",
    )
    route = {"served_model_name": name, "served_entity_name": name, "traffic_percentage": 100}
    embeds = any(word in name for word in ("embed", "gte-", "bge-"))
    return Endpoint(
        name=name,
        id=hashlib.sha256(name.encode()).hexdigest()[:32],
        creator="Databricks",
        creator_display_name="Databricks",
        creator_kind="ServicePrincipal",
        creation_timestamp=_CREATED,
        last_updated_timestamp=_CREATED,
        ai_gateway={"usage_tracking_config": {"enabled": True}},
        active=Config(
            version=1,
            entities=(entity,),
            routes=(route,),
            task="llm/v1/embeddings" if embeds else "llm/v1/chat",
        ),
    )
