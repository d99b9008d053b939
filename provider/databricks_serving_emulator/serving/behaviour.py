"""How serving behaves where nobody knows it for certain, or where it hurts its clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Defaults = Literal["usual", "all", "none"]
NotFoundCode = Literal["RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One switch for each open question and for each unpleasant habit; by default, nothing hurts.

    single_external_entity: the older rule of one external model per endpoint (contract §5.4)
    duplicate_status: 400 or 409 for the creation of an endpoint whose name is taken (§15)
    missing_secret_status: 400 or 404 for a reference to a secret that does not exist (§5.4)
    plaintext_becomes_reference: answer a made-up reference in place of a `*_plaintext` value (§9)
    not_found_code: the `error_code` for an endpoint that does not exist (§15, §18)
    delete_waits: a deletion during an update is refused with 409 (§11, §18)
    tags_as_list: PATCH tags answers a bare list, as it once did (§4, §18)
    telemetry_tables_shown: answers name the tables of telemetry (§7.4, §18)
    weak_rules: refuse also what only one source calls unsupported for a kind of endpoint (§6.7)
    one_amount_per_limit: keep only the calls of a rate limit that has calls and tokens (§18)
    cancel_drops_pending: a cancelled update leaves no pending config behind (§11, §18)
    defaults: which fields the service fills where a request leaves them out: those that are known
        (`usual`), also those that it is said to fill at times (`all`), or as few as it can (`none`)
        (§9)
    shuffle: entities and tags come in another order with each answer (§9)
    unknown_fields: answers have fields that no client has heard of (§5.8)
    unknown_values: enum values that answers replace with others, `{"READY": "MAYBE"}`
    stale_reads, stale_seconds: for how many GETs of an endpoint, and for how long, a write is not
        seen yet; both must have passed (§11)
    gateway_seconds: how long GET goes on showing the gateway from before a write (§6.7)
    """

    single_external_entity: bool = False
    duplicate_status: int = 400
    missing_secret_status: int = 400
    plaintext_becomes_reference: bool = False
    not_found_code: NotFoundCode = "RESOURCE_DOES_NOT_EXIST"
    delete_waits: bool = False
    tags_as_list: bool = False
    telemetry_tables_shown: bool = False
    weak_rules: bool = False
    one_amount_per_limit: bool = False
    cancel_drops_pending: bool = False
    defaults: Defaults = "usual"
    shuffle: bool = False
    unknown_fields: bool = False
    unknown_values: Mapping[str, str] = field(default_factory=dict)
    stale_reads: int = 0
    stale_seconds: float = 0.0
    gateway_seconds: float = 0.0
