"""Programs that break rules, and programs that only just keep them: one table for each subject."""

from __future__ import annotations

from . import endpoint, gateway, kinds, secrets, settings, traffic, vendors
from .breach import Breach

_SUBJECTS = (endpoint, kinds, traffic, vendors, gateway, secrets, settings)

BROKEN: dict[str, Breach] = {
    name: breach for subject in _SUBJECTS for name, breach in subject.BROKEN.items()
}
KEPT: dict[str, Breach] = {
    name: kept for subject in _SUBJECTS for name, kept in subject.KEPT.items()
}

__all__ = ["BROKEN", "KEPT", "Breach"]
