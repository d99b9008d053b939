"""How the workspace behaves where nobody knows it for certain, or where it hurts its clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from .values import Count, CountOrAny, Seconds, Switch, check

Defaults = Annotated[Literal["usual", "all", "none"], Field(description='"usual", "all" or "none"')]
NotFoundCode = Annotated[
    Literal["RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"],
    Field(description='"RESOURCE_DOES_NOT_EXIST" or "NOT_FOUND"'),
]
DuplicateStatus = Annotated[Literal[400, 409], Field(description="the number 400 or 409")]
MissingStatus = Annotated[Literal[400, 404], Field(description="the number 400 or 404")]
Replacements = Annotated[
    Mapping[str, str], Field(description='an object of strings such as {"READY": "MAYBE"}')
]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One switch for each open question and for each unpleasant habit; by default, nothing hurts.

    Raises ValueError for a value that a switch cannot have.

    endpoints_limit: how many endpoints the workspace has room for; None: any number.
        Source: documentation, model-serving-limits
    single_external_entity: an endpoint has one external model at most.
        Source: documentation of 2024; that of today allows several
    duplicate_status: 400 or 409 when an endpoint is created whose name is taken.
        Source: REST reference (400); the fake service of databricks/cli (409)
    missing_secret_status: 400 or 404 for a reference to a secret that does not exist.
        Source: none
    plaintext_becomes_reference: answers have a reference of the service's own making in place of a
        `*_plaintext` value. Source: a comment in databricks/cli
    not_found_code: the `error_code` for an endpoint that does not exist.
        Source: observed (RESOURCE_DOES_NOT_EXIST); REST reference (NOT_FOUND)
    delete_waits: a deletion during an update is refused with 409. Source: none
    tags_as_list: PATCH tags answers a bare list. Source: older releases of the API
    telemetry_tables_shown: answers name the tables of telemetry.
        Source: contradictory: databricks/cli does not see them, one captured answer has them
    weak_rules: refuse also what only one source calls unsupported for a kind of endpoint.
        Source: documentation, overview-serving-gateway
    one_amount_per_limit: keep only the calls of a rate limit that has calls and tokens.
        Source: a thread in the community's forum (136468)
    cancel_drops_pending: a cancelled update leaves no pending config behind. Source: none
    defaults: which fields the service fills where a request leaves them out: those that are known
        (usual), also those that it is said to fill at times (all), or as few as it can (none).
        Source: what databricks/cli and the Terraform provider have to bear
    shuffle: entities and tags come in another order with each answer.
        Source: the Terraform provider has to bear it
    unknown_fields: answers have fields that no client has heard of. Source: APIs grow
    unknown_values: enum values that answers replace by others, as `{"READY": "MAYBE"}` says.
        Source: APIs grow
    stale_reads: for how many GETs of an endpoint a write of it is not seen yet. With
        `stale_seconds`, both must have passed. Source: inferred; the service promises nothing
    stale_seconds: for how many seconds a write of an endpoint is not seen yet.
        Source: inferred; the service promises nothing
    gateway_seconds: for how many seconds GET goes on showing the gateway from before a write.
        Source: documentation: AI Gateway updates take 20 to 40 seconds
    stale_acl_seconds: for how many seconds after a write of an access list its readers see the one
        before. Source: the Terraform provider reads again for up to 5 minutes
    lost_acl_writes_seconds: for how many seconds a write of a scope's access list stays open;
        another one that comes meanwhile starts from the same list, and one of the two is lost.
        Source: the Terraform provider writes them one at a time
    unstable_acl_order: access lists come in another order each time.
        Source: the Terraform provider has to bear it
    permissions_outlive_objects: the permissions of a deleted endpoint can still be read and
        written. Source: a comment in databricks/cli
    refuse_unknown_principals: an access list may name only who is in the workspace. Source: none
    write_budget: how many create and update calls of endpoints five minutes have room for, the
        next being answered with 429; None: any number.
        Source: documentation, model-serving-limits (50)
    latency: for how many seconds each answer of the API is held back; any number of clients wait
        at the same time. Source: every network
    """

    endpoints_limit: CountOrAny = 1000
    single_external_entity: Switch = False
    duplicate_status: DuplicateStatus = 400
    missing_secret_status: MissingStatus = 400
    plaintext_becomes_reference: Switch = False
    not_found_code: NotFoundCode = "RESOURCE_DOES_NOT_EXIST"
    delete_waits: Switch = False
    tags_as_list: Switch = False
    telemetry_tables_shown: Switch = False
    weak_rules: Switch = False
    one_amount_per_limit: Switch = False
    cancel_drops_pending: Switch = False
    defaults: Defaults = "usual"
    shuffle: Switch = False
    unknown_fields: Switch = False
    unknown_values: Replacements = field(default_factory=dict)
    stale_reads: Count = 0
    stale_seconds: Seconds = 0.0
    gateway_seconds: Seconds = 0.0
    stale_acl_seconds: Seconds = 0.0
    lost_acl_writes_seconds: Seconds = 0.0
    unstable_acl_order: Switch = False
    permissions_outlive_objects: Switch = False
    refuse_unknown_principals: Switch = False
    write_budget: CountOrAny = None
    latency: Seconds = 0.0

    def __post_init__(self) -> None:
        """Refuse what no switch can be."""
        check(self)


USUAL = Behaviour()
