"""Grants on endpoints, and access to scopes, that people have and no resource gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.access import MANAGE
from databricks_serving.plan.bodies import wire
from databricks_serving.plan.comparison import not_in_code
from databricks_serving.plan.grants import (
    GRANTS,
    LEVEL,
    MANAGES,
    folded,
    grants_in,
    level_of,
    whom_of,
)
from databricks_serving.state.bag import text
from databricks_serving_schema import EndpointPermissions, Grant, SecretAcl

from .declarations import claims_of_grant
from .neighbours import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from databricks_serving.plan.comparison import Difference
    from databricks_serving.plan.states import Actual

    from .neighbours import Neighbours, Placed

_PERMISSION = "permission"


def other_grants(
    one: Placed,
    neighbours: Neighbours,
    actual: Actual,
    own: Collection[str],
    managers: tuple[str | None, ...],
) -> Iterator[Difference]:
    """The direct grants that no resource declares, but for the CAN_MANAGE of these managers.

    own: the keys of those that this resource has to do with
    """
    endpoint = endpoint_of(one.subject) or ""
    if neighbours.hides_grants(one, endpoint):
        return
    fields = ("user_name", "service_principal_name")
    manage = {whom_of({field: name}) for name in managers if name for field in fields}
    for whom, grant in grants_in(actual).items():
        if whom in own or not isinstance(grant, dict):
            continue
        if whom in manage and level_of(grant) == MANAGES:
            continue
        claims = claims_of_grant(endpoint, wire(Grant, grant), secret=False)
        if not any(neighbours.declares(one, claim) for claim in claims):
            there = {LEVEL: level_of(grant)}
            yield not_in_code(EndpointPermissions, (GRANTS, whom), there)


def other_access(
    one: Placed, neighbours: Neighbours, scope: str, acls: Mapping[str, str], caller: str | None
) -> Iterator[Difference]:
    """The access to a scope that no resource gives, but for the MANAGE that comes with a scope.

    That is the caller's, and that of whom the scope was created for.
    """
    first = text(neighbours.scope_inputs(one, scope), "initial_manage_principal")
    manage = {folded(name) for name in (caller, first) if name}
    for principal, permission in acls.items():
        own = neighbours.has(one, "SecretAcl", f"{scope}/{principal}")
        if own or (permission == MANAGE and folded(principal) in manage):
            continue
        yield not_in_code(SecretAcl, (_PERMISSION, principal), permission)
