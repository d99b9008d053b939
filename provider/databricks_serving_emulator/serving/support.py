"""Which kinds of endpoints may use what (contract §6.7).

A cell for which the contract has no source, or a question mark, forbids nothing.
"""

from __future__ import annotations

from ..behaviour import Behaviour
from ..errors import invalid
from ..wire import JsonObject
from .model import EndpointKind

_NO_FALLBACK = {EndpointKind.FOUNDATION, EndpointKind.FEATURE_SPEC}
# What one source alone calls unsupported.
_WEAKLY_NO_FALLBACK = {EndpointKind.THROUGHPUT, EndpointKind.CUSTOM}
_WEAKLY_NO_GUARDRAILS = {EndpointKind.CUSTOM}


def check_gateway_sections(gateway: JsonObject, kind: EndpointKind, behaviour: Behaviour) -> None:
    """Raise `ApiError` 400 for a section that an endpoint of this kind cannot have."""
    if kind is EndpointKind.AGENT and set(gateway) - {"inference_table_config"}:
        raise invalid("Agent endpoints support only inference tables in AI Gateway.")
    no_fallback = _NO_FALLBACK | (_WEAKLY_NO_FALLBACK if behaviour.weak_rules else set())
    if kind in no_fallback and gateway.get("fallback_config", {}).get("enabled"):
        raise invalid(f"fallback_config is not supported for {kind.value}.")
    if behaviour.weak_rules and kind in _WEAKLY_NO_GUARDRAILS and "guardrails" in gateway:
        raise invalid(f"guardrails are not supported for {kind.value}.")


def check_route_optimized(kind: EndpointKind) -> None:
    """Raise `ApiError` 400 for a kind that cannot be route-optimized."""
    if kind in {EndpointKind.EXTERNAL, EndpointKind.THROUGHPUT}:
        raise invalid("Route optimization is only for custom models and feature serving.")
