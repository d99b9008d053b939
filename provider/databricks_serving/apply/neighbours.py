"""What the resources that are looked at together declare, and which of them tells of the rest.

What the workspace has and one resource does not declare may be another's. What is nobody's is told
once: of an endpoint by one resource that stands on it, of a scope by one that gives access to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.state.bag import text
from databricks_serving.state.deployment import Sealed
from databricks_serving_schema import Unknown

from .declarations import Claim, claim_of_section, claims_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from databricks_serving.errors import ServingError
    from databricks_serving.plan.canonical import TreePath
    from databricks_serving.state.bag import Bag

    from .subjects import Subject
    from .views import Views

#: Who tells of an endpoint's gateway what nobody declares: the first of these that there is.
_TELLERS = ("ServingEndpoint", "AiGateway", "RateLimits")
ON_ENDPOINTS = (*_TELLERS, "EndpointPermissions")


@dataclass(frozen=True)
class Placed:
    """A subject in its workspace.

    `views` None: there is no way to it, and `error` says why.
    """

    subject: Subject
    number: int
    workspace: str
    views: Views | None = None
    error: ServingError | None = None


class HiddenAddress(Exception):
    """What a resource is found by is secret: nobody here can look for it."""


def address_of(subject: Subject, *names: str) -> tuple[str, ...] | None:
    """What a resource is found by, under these names; None where that is not known yet.

    Raises `HiddenAddress` where it is secret.
    """
    said = subject.inputs if subject.recorded is None else subject.recorded.outputs
    found: list[str] = []
    for name in names:
        value = said.get(name, subject.inputs.get(name))
        if isinstance(value, Sealed):
            raise HiddenAddress
        if isinstance(value, Unknown) or not isinstance(value, str):
            return None
        found.append(value)
    return tuple(found)


def endpoint_of(subject: Subject) -> str | None:
    """The name of the endpoint that a resource is, or stands on; None where it is not known."""
    if subject.kind not in ON_ENDPOINTS:
        return None
    return subject.id or text(subject.inputs, _name_in(subject.kind))


def _name_in(kind: str) -> str:
    """The input that names the endpoint."""
    return "name" if kind == "ServingEndpoint" else "endpoint_name"


class Neighbours:
    """The subjects of one pass, each with its views, by what they declare."""

    def __init__(self, placed: Iterable[Placed], looked_at: int) -> None:
        """`looked_at`: how many of them, the first ones; only these can tell."""
        self._looked_at = looked_at
        self._claims: dict[tuple[int, tuple[str, str]], list[tuple[int, Claim]]] = {}
        self._told_by: dict[tuple[int, str, str], tuple[int, int]] = {}
        self._ids: set[tuple[int, str, str]] = set()
        self._inputs: dict[tuple[int, str], Bag] = {}
        self._secretive: set[tuple[int, str]] = set()
        for one in placed:
            if one.views is not None:
                self._add(one, id(one.views))

    def _add(self, one: Placed, where: int) -> None:
        subject = one.subject
        for claim in claims_of(subject.kind, _with_endpoint(subject)):
            self._claims.setdefault((where, claim.thing), []).append((one.number, claim))
        self._ids.add((where, subject.kind, subject.id.casefold()))
        if subject.kind == "SecretScope":
            self._inputs[where, subject.id.casefold()] = subject.inputs
        for what, rank in self._told_of(subject) if one.number < self._looked_at else ():
            key = (where, *what)
            self._told_by[key] = min(self._told_by.get(key, (rank, one.number)), (rank, one.number))
        endpoint = endpoint_of(subject)
        if subject.kind == "EndpointPermissions" and endpoint and _hides_principals(subject):
            self._secretive.add((where, endpoint))

    def _told_of(self, subject: Subject) -> Iterator[tuple[tuple[str, str], int]]:
        endpoint = endpoint_of(subject)
        if subject.kind in _TELLERS and endpoint is not None:
            yield ("gateway", endpoint), _TELLERS.index(subject.kind)
        elif subject.kind == "EndpointPermissions" and endpoint is not None:
            yield ("grants", endpoint), 0
        elif subject.kind == "SecretAcl":
            scope = _scope_of(subject)
            if scope is not None:
                yield ("acls", scope), 0

    def tells(self, one: Placed) -> bool:
        """Whether this is the resource that tells what nobody declares where it stands."""
        return any(
            self._told_by.get((id(one.views), *what)) == (rank, one.number)
            for what, rank in self._told_of(one.subject)
        )

    def declares(self, one: Placed, claim: Claim) -> bool:
        """Whether another resource than this one declares some of that."""
        there = self._claims.get((id(one.views), claim.thing), ())
        return any(number != one.number and claim.overlaps(other) for number, other in there)

    def declared_elsewhere(self, one: Placed) -> Callable[[TreePath], bool]:
        """Whether what stands at a path in the workspace is not this resource's to tell of."""
        endpoint = endpoint_of(one.subject)
        nested = one.subject.kind == "ServingEndpoint"

        def elsewhere(path: TreePath) -> bool:
            section = path[1:2] if nested else path[:1]
            if endpoint is None or not section or (nested and path[0] != "ai_gateway"):
                return False
            if not self.tells(one):
                return True
            return self.declares(one, claim_of_section(endpoint, section[0]))

        return elsewhere if one.subject.kind in _TELLERS else lambda _path: False

    def has(self, one: Placed, kind: str, id_: str) -> bool:
        """Whether a resource of that kind and id is among them, case aside."""
        return (id(one.views), kind, id_.casefold()) in self._ids

    def hides_grants(self, one: Placed, endpoint: str) -> bool:
        """Whether a resource declares grants on this endpoint for somebody who is secret."""
        return (id(one.views), endpoint) in self._secretive

    def scope_inputs(self, one: Placed, scope: str) -> Bag:
        """What is declared of a scope; nothing where none of them declares it."""
        return self._inputs.get((id(one.views), scope.casefold()), {})


def _with_endpoint(subject: Subject) -> Bag:
    """The inputs with the name of the endpoint that the id tells, where they seal it."""
    name = endpoint_of(subject)
    if name is None or not isinstance(subject.inputs.get(_name_in(subject.kind)), Sealed):
        return subject.inputs
    return {**subject.inputs, _name_in(subject.kind): name}


def _scope_of(subject: Subject) -> str | None:
    try:
        found = address_of(subject, "scope")
    except HiddenAddress:
        return None
    return None if found is None else found[0].casefold()


def _hides_principals(subject: Subject) -> bool:
    """Whether grants name somebody by a secret, so that nobody can tell whose they are."""
    grants = subject.inputs.get("access_control")
    if isinstance(grants, Unknown):
        return True
    return any(
        isinstance(grant, Unknown)
        or (isinstance(grant, dict) and any(isinstance(v, Sealed) for v in grant.values()))
        for grant in (grants if isinstance(grants, list) else ())
    )
