"""What users' state files point to.

This module's path and `load` never move and never change their name.

The `__provider` of every resource in every state is the pickle of a call of `load`. It is a
constant, written out in `state/tokens.py`: no Python release and no edit of ours changes it, so no
resource ever shows a difference because of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .providers import Provider


def load(kind: str) -> Provider:
    """The provider of a kind of resource. Raises KeyError for a kind of a newer release."""
    from .providers import PROVIDERS  # noqa: PLC0415 - only the plugin process needs them

    return PROVIDERS[kind]()
