"""Programs that the service refuses and a preview does too: one table for each subject."""

from __future__ import annotations

from . import beside, endpoint, entities, gateway, models, throughput
from .case import Refusal

_SUBJECTS = (endpoint, entities, models, gateway, throughput, beside)

REFUSALS: dict[str, Refusal] = {
    name: case for subject in _SUBJECTS for name, case in subject.REFUSALS.items()
}

__all__ = ["REFUSALS", "Refusal"]
