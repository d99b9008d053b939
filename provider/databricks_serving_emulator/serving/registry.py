"""Registered models of which somebody has said what they are (contract §3).

The requests do not say it: a model with a name and a version may be an agent or not, and its task
comes with it. Whoever drives the emulator tells it; of a model that nobody spoke of, the fields of
the served entity decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ModelKind = Literal["model", "agent", "foundation_model", "feature_spec"]

_USUAL_TASKS: dict[ModelKind, str] = {
    "agent": "agent/v1/chat",
    "foundation_model": "llm/v1/chat",
}
# The catalog in which Databricks keeps the foundation models that it offers.
_SYSTEM_CATALOG = "system.ai."


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """A model, or a feature spec, by its full name.

    task: what endpoints that serve it answer; None: as usual for its kind
    throughput_chunk_size, dbus: the step of provisioned tokens per second, and what one step costs
    model_unit_chunk_size: the step of model units, for models that are sold by units
    """

    name: str
    kind: ModelKind = "model"
    task: str | None = None
    throughput_chunk_size: int = 1
    dbus: float = 0.0
    model_unit_chunk_size: int | None = None

    @property
    def usual_task(self) -> str | None:
        """The task that its endpoints have; None for plain models."""
        return self.task or _USUAL_TASKS.get(self.kind)


def model_with_task(name: str, task: str) -> RegisteredModel:
    """A model of which only its task is known."""
    kind: ModelKind = "agent" if task.startswith("agent/") else "model"
    return RegisteredModel(name=name, kind=kind, task=task)


def find_model(models: Mapping[str, RegisteredModel], name: str) -> RegisteredModel | None:
    """What is known of a model; None when nobody spoke of it."""
    if name not in models and name.startswith(_SYSTEM_CATALOG):
        return RegisteredModel(name=name, kind="foundation_model")
    return models.get(name)
