"""AI Gateway settings: what is refused, and what the service fills in (contract §6)."""

from __future__ import annotations

from collections.abc import Sequence

from ..behaviour import Behaviour
from ..errors import invalid
from ..wire import JsonObject
from .model import Endpoint
from .support import check_gateway_sections

MAX_LIMITS = 20
MAX_GROUP_LIMITS = 5
MAX_PHRASES = 50
MAX_PHRASE_LENGTH = 100
PERIODS = ("minute",)
LEGACY_KEYS = ("user", "endpoint")
KEYS = ("user", "user_group", "service_principal", "endpoint")
BEHAVIORS = ("NONE", "BLOCK", "MASK")
_COORDINATES = ("catalog_name", "schema_name", "table_name_prefix")


def checked_gateway(body: JsonObject, endpoint: Endpoint, behaviour: Behaviour) -> JsonObject:
    """The gateway that the endpoint has after a write of `body`; `ApiError` 400 when it is refused.

    A write replaces the whole object. Empty lists and sections are the same as absent ones.
    """
    gateway = {key: value for key, value in body.items() if value not in ({}, [])}
    check_gateway_sections(gateway, endpoint.kind, behaviour)
    if "rate_limits" in gateway:
        check_one_form(gateway["rate_limits"], endpoint.legacy_limits)
        gateway["rate_limits"] = _limits(gateway["rate_limits"], behaviour)
    if "guardrails" in gateway:
        gateway["guardrails"] = _guardrails(gateway["guardrails"], endpoint.task)
    if "inference_table_config" in gateway:
        before: JsonObject = endpoint.ai_gateway.get("inference_table_config", {})
        where = "inference_table_config"
        gateway[where] = checked_table(
            gateway[where], before=before, prefix=endpoint.name, where=where
        )
    return gateway


def checked_table(table: JsonObject, *, before: JsonObject, prefix: str, where: str) -> JsonObject:
    """An inference table with its default prefix; `ApiError` 400 when it is incomplete or moves.

    before: the table as it stands, `{}` when there is none
    """
    if not table.get("enabled"):
        return table
    for name in ("catalog_name", "schema_name"):
        if not table.get(name):
            raise invalid(f"{where}.{name} must be specified when the inference table is enabled.")
    table = {**table, "table_name_prefix": table.get("table_name_prefix") or prefix}
    moved = [name for name in _COORDINATES if before.get(name) != table[name]]
    if before.get("enabled") and moved:
        raise invalid(
            f"{where}: {', '.join(moved)} cannot change while the inference table is enabled. "
            "Disable it first."
        )
    return table


def check_one_form(limits: Sequence[JsonObject], legacy: Sequence[JsonObject]) -> None:
    """Raise `ApiError` 400 for rate limits in both forms: what they mean together is unknown."""
    if limits and legacy:
        raise invalid("Only one of rate_limits and ai_gateway.rate_limits can be given.")


def _limits(limits: list[JsonObject], behaviour: Behaviour) -> list[JsonObject]:
    if len(limits) > MAX_LIMITS:
        raise invalid(f"At most {MAX_LIMITS} rate limits are allowed per endpoint.")
    if sum(limit.get("key") == "user_group" for limit in limits) > MAX_GROUP_LIMITS:
        raise invalid(f"At most {MAX_GROUP_LIMITS} group rate limits are allowed per endpoint.")
    for index, limit in enumerate(limits):
        _check_limit(limit, f"rate_limits[{index}]")
    filled: JsonObject = {} if behaviour.defaults == "none" else {"key": "endpoint"}
    kept = [{**filled, **limit} for limit in limits]
    if behaviour.one_amount_per_limit:
        kept = [
            {key: value for key, value in limit.items() if key != "tokens" or "calls" not in limit}
            for limit in kept
        ]
    return kept


def _check_limit(limit: JsonObject, where: str) -> None:
    key = limit.get("key", "endpoint")
    if limit.get("renewal_period") not in PERIODS:
        raise invalid(f"{where}.renewal_period must be 'minute'.")
    if key not in KEYS:
        raise invalid(f"{where}.key must be one of {', '.join(KEYS)}.")
    if key in {"user_group", "service_principal"} and not limit.get("principal"):
        raise invalid(f"{where}.principal is required when key is '{key}'.")
    amounts = [limit[name] for name in ("calls", "tokens") if name in limit]
    if not amounts:
        raise invalid(f"{where}: at least one of calls and tokens must be given.")
    if min(amounts) < 0:
        raise invalid(f"{where}: calls and tokens cannot be negative.")


def legacy_limits(limits: list[JsonObject]) -> list[JsonObject]:
    """Rate limits in the older form, their key filled in; `ApiError` 400 for a wrong one (§6.6)."""
    for index, limit in enumerate(limits):
        where = f"rate_limits[{index}]"
        if limit.get("renewal_period") not in PERIODS:
            raise invalid(f"{where}.renewal_period must be 'minute'.")
        if limit.get("key", "endpoint") not in LEGACY_KEYS:
            raise invalid(f"{where}.key must be one of user, endpoint.")
        if limit.get("calls", -1) < 0:
            raise invalid(f"{where}.calls is required and cannot be negative.")
    return [{"key": "endpoint", **limit} for limit in limits]


def _guardrails(guardrails: JsonObject, task: str | None) -> JsonObject:
    kept = {side: _side(guards, f"guardrails.{side}") for side, guards in guardrails.items()}
    if task == "llm/v1/embeddings" and _is_active(kept.get("output", {})):
        raise invalid("Output guardrails are not supported for embeddings.")
    return kept


def _side(guards: JsonObject, where: str) -> JsonObject:
    behavior = guards.get("pii", {}).get("behavior", "NONE")
    if behavior not in BEHAVIORS:
        raise invalid(f"{where}.pii.behavior must be one of {', '.join(BEHAVIORS)}.")
    for name in ("invalid_keywords", "valid_topics"):
        phrases: list[str] = guards.get(name, [])
        if len(phrases) > MAX_PHRASES:
            raise invalid(f"{where}.{name} may have at most {MAX_PHRASES} entries.")
        if any(len(phrase) > MAX_PHRASE_LENGTH for phrase in phrases):
            text = f"{where}.{name}: an entry may have at most {MAX_PHRASE_LENGTH} characters."
            raise invalid(text)
    return {key: value for key, value in guards.items() if value not in ({}, [])}


def _is_active(guards: JsonObject) -> bool:
    behavior = guards.get("pii", {}).get("behavior", "NONE")
    phrases = guards.get("invalid_keywords") or guards.get("valid_topics")
    return bool(behavior != "NONE" or guards.get("safety") or phrases)
