"""One resource, looked at and compared: GETs only, and no secret is needed.

What the workspace answers is turned into the actual state by the code that `read` and `update` of
the kind use; only the fingerprints' key is missing, so `compared` takes fingerprints as unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from databricks_serving.errors import ApiError
from databricks_serving.plan.canonical import Canonical
from databricks_serving.plan.comparison import (
    Comparison,
    Standing,
    Wanted,
    as_applied,
    as_told,
    compared,
)
from databricks_serving.plan.coverage import Coverage, leaves_of
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.gateway import undeclared
from databricks_serving.plan.grants import grants_in
from databricks_serving.plan.plan import Plan
from databricks_serving.plan.states import Actual, Orders
from databricks_serving_schema import RESOURCES

from .grants import for_caller, grants_of
from .neighbours import HiddenAddress, address_of, endpoint_of
from .observed import UNSEALED, access_of, actual_of, gateway_of, scope_of, secret_of
from .recorded import applied_of
from .undeclared import other_access, other_grants

if TYPE_CHECKING:
    from databricks_serving.plan.comparison import Difference
    from databricks_serving_schema import EndpointStamps, Value

    from .neighbours import Neighbours, Placed
    from .subjects import Subject
    from .views import Views

_MODEL: dict[str, type[Value]] = {resource.name: resource.model for resource in RESOURCES}
_AUTHORITATIVE = "authoritative"
_STANDING = {
    "IN_PROGRESS": Standing.UPDATING,
    "UPDATE_FAILED": Standing.UPDATE_FAILED,
    "UPDATE_CANCELED": Standing.UPDATE_CANCELED,
}


@dataclass(frozen=True)
class Found:
    """What a look at one resource found; `actual` None: it is not there."""

    actual: Actual | None
    standing: Standing = Standing.SETTLED


@dataclass(frozen=True)
class Inspection:
    """What was found, compared with what the state says, and with what a program wants."""

    comparison: Comparison
    found: Found


def inspect(one: Placed, views: Views, neighbours: Neighbours) -> Inspection:
    """Look at one resource. Raises `ApiError`, `Unreachable`, `Interrupted`."""
    subject = one.subject
    model = _MODEL[subject.kind]
    applied = None if subject.recorded is None else applied_of(model, subject.recorded.outputs)
    wanted = subject.wanted or _as_recorded(subject, applied)
    if wanted is None:
        return Inspection(_unverifiable(subject), Found(None))
    try:
        found = _LOOKS[subject.kind](subject, views)
    except HiddenAddress:
        return Inspection(_taken_as_recorded(applied, wanted), Found(None))
    orders = wanted.orders
    if orders.authoritative and orders.caller is None:
        orders = for_caller(orders, views.caller())
    comparison = compared(
        applied=applied,
        desired=wanted.desired,
        actual=found.actual,
        orders=orders,
        declared_elsewhere=neighbours.declared_elsewhere(one),
    )
    others: tuple[Difference, ...] = ()
    if found.actual is not None and neighbours.tells(one):
        if subject.kind == "SecretAcl":
            others = _other_access(one, views, neighbours)
        elif subject.kind == "EndpointPermissions" and not orders.authoritative:
            own = {*grants_in(applied), *grants_in(wanted.desired)}
            others = _other_grants(one, views, neighbours, found.actual, own)
    if found.actual is not None and applied is not None and applied.sealed:
        found = replace(found, actual=as_told(found.actual, applied))
    if others:
        comparison = replace(comparison, undeclared=(*comparison.undeclared, *others))
    return Inspection(comparison, found)


def without_a_look(subject: Subject) -> Comparison | None:
    """What is known of a resource that nobody can look at; None of one that is yet to be made."""
    if subject.recorded is None:
        return None
    applied = applied_of(_MODEL[subject.kind], subject.recorded.outputs)
    wanted = subject.wanted or _as_recorded(subject, applied)
    return _unverifiable(subject) if wanted is None else _taken_as_recorded(applied, wanted)


def _as_recorded(subject: Subject, applied: Canonical | None) -> Wanted | None:
    """Drift asks for what was applied; of a state that does not say it, nothing can be told."""
    if applied is None or subject.recorded is None:
        return None
    desired = as_applied(applied)
    authoritative = subject.recorded.outputs.get("mode") == _AUTHORITATIVE
    if subject.kind == "AiGateway":
        removed = undeclared(desired.tree) if authoritative else frozenset()
        return Wanted(desired, Orders(removed=removed))
    return Wanted(desired, Orders(authoritative=authoritative))


def _unverifiable(subject: Subject) -> Comparison:
    said = sum(name in _MODEL[subject.kind].model_fields for name in subject.inputs)
    return Comparison(Plan((), ()), (), (), Coverage(0, max(1, said)))


def _taken_as_recorded(applied: Canonical | None, wanted: Wanted) -> Comparison:
    """Where nobody can look, what the program changes can be told, and nothing else."""
    tree = {} if applied is None else applied.tree
    there = None if applied is None else Actual(applied.kind, tree)
    told = compared(applied=applied, desired=wanted.desired, actual=there, orders=wanted.orders)
    return replace(told, undeclared=(), coverage=Coverage(0, leaves_of(applied or wanted.desired)))


def _endpoint(subject: Subject, views: Views) -> Found:
    name = endpoint_of(subject)
    answer = None if name is None else views.endpoint(name).answer()
    if answer is None:
        return Found(None)
    actual = actual_of(answer, UNSEALED)
    if answer.stamps.id is not None:
        actual = replace(actual, tree={**actual.tree, ENDPOINT_ID: answer.stamps.id})
    return Found(actual, _standing(answer.stamps))


def _standing(stamps: EndpointStamps) -> Standing:
    return _STANDING.get(stamps.state.config_update or "", Standing.SETTLED)


def _gateway(subject: Subject, views: Views) -> Found:
    # How the configuration stands says nothing of the gateway, which has no updates to wait for.
    name = endpoint_of(subject)
    answer = None if name is None else views.endpoint(name).answer()
    model = _MODEL[subject.kind]
    return Found(None if answer is None else gateway_of(model, answer, UNSEALED))


def _permissions(subject: Subject, views: Views) -> Found:
    name = endpoint_of(subject)
    answer = None if name is None else views.endpoint(name).answer()
    if name is None or answer is None or answer.stamps.id is None:
        return Found(None)
    answered = views.endpoint(name).permissions()
    if answered is None:
        return Found(None)
    return Found(grants_of(name, answer.stamps.id, answered, UNSEALED))


def _scope(subject: Subject, views: Views) -> Found:
    name = subject.id or (address_of(subject, "name") or ("",))[0]
    listed = views.scopes().get(name.casefold())
    if listed is None:
        views.scope(name).secrets()  # raises where it is there and not to be seen, as `read` does
    return Found(scope_of(listed))


def _secret(subject: Subject, views: Views) -> Found:
    address = address_of(subject, "scope", "key")
    if address is None:
        return Found(None)
    scope, key = address
    listed = views.scope(scope).secrets()
    return Found(secret_of(scope, key, (listed or {}).get(key)))


def _acl(subject: Subject, views: Views) -> Found:
    address = address_of(subject, "scope", "principal")
    if address is None:
        return Found(None)
    scope, principal = address
    return Found(access_of(views.scope(scope).acls() or {}, scope, principal, UNSEALED))


_LOOKS: dict[str, Callable[[Subject, Views], Found]] = {
    "ServingEndpoint": _endpoint,
    "AiGateway": _gateway,
    "RateLimits": _gateway,
    "EndpointPermissions": _permissions,
    "SecretScope": _scope,
    "Secret": _secret,
    "SecretAcl": _acl,
}


def _other_access(one: Placed, views: Views, neighbours: Neighbours) -> tuple[Difference, ...]:
    scope, _ = address_of(one.subject, "scope", "principal") or ("", "")
    acls = views.scope(scope).acls() or {}
    return tuple(other_access(one, neighbours, scope, acls, _caller(views)))


def _other_grants(
    one: Placed, views: Views, neighbours: Neighbours, actual: Actual, own: set[str]
) -> tuple[Difference, ...]:
    answer = views.endpoint(endpoint_of(one.subject) or "").answer()
    creator = None if answer is None else answer.stamps.creator
    return tuple(other_grants(one, neighbours, actual, own, (creator, _caller(views))))


def _caller(views: Views) -> str | None:
    """Who asks; None where the workspace does not say that to everybody."""
    try:
        return views.caller().name
    except ApiError:
        return None
