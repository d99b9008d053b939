"""The property bags of the call under way, and of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from databricks_serving.state.bag import Bag
from databricks_serving.state.keys import BEFORE, KEY, PROVIDER

from . import server
from .structs import hands_all
from .unknowns import from_pulumi


def incoming(name: str, handed: Mapping[str, Any]) -> Bag:
    """A bag of the call: the request's own where it can be reached, else the one handed over."""
    call = server.current_rpc()
    bag = (call.bag(name) if call is not None else None) or from_pulumi(handed)
    return {key: value for key, value in bag.items() if key != PROVIDER}


def asked(name: str, handed: Mapping[str, Any]) -> Bag:
    """A bag of a check or diff. Only to those Pulumi hands over what is not yet known, too."""
    if not hands_all():
        return incoming(name, handed)
    return {key: from_pulumi(value) for key, value in handed.items() if key != PROVIDER}


def outgoing(outputs: Bag) -> Bag:
    """Outputs without what is not there; encrypted, what the inputs do not mark and may tell."""
    said = {name: value for name, value in outputs.items() if value is not None}
    return {**said, **{name: server.secret(said[name]) for name in (KEY, BEFORE) if name in said}}
