"""Rules of the AI Gateway."""

from __future__ import annotations

from collections.abc import Iterator

from ..ai_gateway import RATE_LIMIT_KEYS, RENEWAL_PERIODS
from ..endpoint import Endpoint
from ..problems import Path
from ..values import Unknown
from .rule import Allowances, known, must_be_among, rate_limits, rule


@rule("rate-limit", source="REST reference, AiGatewayRateLimit; Databricks page on rate limits")
def rate_limit(endpoint: Endpoint, allowances: Allowances) -> Iterator[tuple[Path, str]]:
    """A limit says calls or tokens, whom it is for, and a renewal period that exists."""
    for path, limit in rate_limits(endpoint):
        if limit.calls is None and limit.tokens is None:
            yield path, "say calls, tokens, or both"
        for name in ("calls", "tokens"):
            count = known(getattr(limit, name))
            if count is not None and count < 0:
                yield (*path, name), f"{count} is negative; 0 blocks everything"
        yield from must_be_among((*path, "key"), limit.key, RATE_LIMIT_KEYS, allowances)
        yield from must_be_among(
            (*path, "renewal_period"), limit.renewal_period or None, RENEWAL_PERIODS, allowances
        )
        key = "endpoint" if limit.key is None else known(limit.key)
        if key in ("user_group", "service_principal") and limit.principal in (None, ""):
            yield (*path, "principal"), f"required for key {key!r}"
        if key == "endpoint" and limit.principal is not None:
            yield (*path, "principal"), "does not go with key 'endpoint': that limit is everybody's"


@rule("rate-limit-count", source="Databricks page on rate limits")
def rate_limit_count(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """At most 20 limits, 5 of them for groups, and none twice."""
    gateway = known(endpoint.ai_gateway)
    limits = (gateway and known(gateway.rate_limits)) or ()
    path: Path = ("ai_gateway", "rate_limits")
    if len(limits) > 20:
        yield path, f"{len(limits)} limits; 20 are allowed"
    groups = sum(known(limit.key) == "user_group" for _, limit in rate_limits(endpoint))
    if groups > 5:
        yield path, f"{groups} limits for groups; 5 are allowed"
    seen: set[tuple[object, ...]] = set()
    for here, limit in rate_limits(endpoint):
        said = (limit.key, limit.principal, limit.renewal_period)
        if any(isinstance(value, Unknown) for value in said):
            continue
        identity = (limit.key or "endpoint", limit.principal or "", limit.renewal_period)
        if identity in seen:
            yield here, "a limit with this key, principal and renewal period stands already"
        seen.add(identity)
