"""Who declares what: one thing in one workspace, or one part of it, is declared by one resource.

Two that declare the same part would put their own in place of each other's at every `up`. Seen from
one resource that is drift without end, so it is refused where all pass by: in `check`. Nothing is
called for it, and what is not yet known is told apart once it is known, in the check of the `up`.

What one resource drops, another may declare now, renamed or moved there: each `check` of a run
comes before the deletions at its end, so these ask, and leave it alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from databricks_serving.plan.gateway import ENDPOINT_NAME
from databricks_serving.plan.grants import LEVEL, PRINCIPALS, folded, whom_of
from databricks_serving.state.bag import text
from databricks_serving.state.deployment import Sealed
from databricks_serving.state.derived import derived_of
from databricks_serving.state.endpoint import marked_paths
from databricks_serving.state.keys import PROVIDER, SECRET_LEAVES
from databricks_serving_schema import (
    EndpointAiGateway,
    GatewaySettings,
    Problem,
    Unknown,
    fields_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from databricks_serving.plan.canonical import Tree

#: What inputs of a gateway say beside its sections; a newer API may have more of those.
_BESIDE = (
    ENDPOINT_NAME,
    *fields_of(GatewaySettings),
    *derived_of(EndpointAiGateway),
    PROVIDER,
    SECRET_LEAVES,
)


@dataclass(frozen=True)
class Claim:
    """What a resource declares, and no other may.

    `part`: steps into the `thing`; the shorter of two overlaps with all that begins with it.
    `words`: what it is, for a person; `because`: why it is the whole, where nobody wrote it out.
    """

    thing: tuple[str, str]
    words: str
    part: tuple[str, ...] = ()
    because: str = ""

    def overlaps(self, other: Claim) -> bool:
        """Whether there is something that both declare."""
        shared = min(len(self.part), len(other.part))
        return self.thing == other.thing and self.part[:shared] == other.part[:shared]


class Declarations:
    """The declarations of one process, which is one run of the engine."""

    def __init__(self) -> None:
        #: Workspace and thing -> URN -> what it claims there.
        self._claims: dict[tuple[str, tuple[str, str]], dict[str, list[Claim]]] = {}
        self._of: dict[str, list[tuple[str, tuple[str, str]]]] = {}
        self._declared: set[str] = set()
        self._lock = threading.Lock()

    def declare(self, urn: str, workspace: str, claims: Iterable[Claim]) -> tuple[Problem, ...]:
        """A problem for each other resource that declares some of it; without one, it is taken.

        What the same URN declared before is forgotten: a resource is checked again where it is to
        be replaced. `workspace` is any text that tells workspaces apart.
        """
        wanted = tuple(claims)
        with self._lock:
            self._declared.add(urn)
            for place in self._of.pop(urn, ()):
                self._claims[place].pop(urn, None)
            twice: dict[str, list[tuple[Claim, Claim]]] = {}
            for claim in wanted:
                for other, theirs in self._claims.get((workspace, claim.thing), {}).items():
                    pairs = [(claim, their) for their in theirs if claim.overlaps(their)]
                    twice.setdefault(other, []).extend(pairs)
            problems = tuple(
                _problem(urn, other, pairs, self._in(workspace))
                for other, pairs in twice.items()
                if pairs
            )
            # One that is refused takes nothing, or a third would be refused because of it.
            for claim in wanted if not problems else ():
                place = (workspace, claim.thing)
                self._of.setdefault(urn, []).append(place)
                self._claims.setdefault(place, {}).setdefault(urn, []).append(claim)
        return problems

    def _in(self, workspace: str) -> str:
        """Which workspace, where there are several. Goes through all: only for a message."""
        several = len({where for where, _ in self._claims} | {workspace}) > 1
        return f" in {workspace}" if several else ""

    def has(self, urn: str) -> bool:
        """Whether this run's program has declared the resource: a refresh alone declares none."""
        return urn in self._declared

    def elsewhere(self, urn: str, workspace: str, claim: Claim) -> str | None:
        """Which other resource of this run declares some of it, for a person; None where none."""
        with self._lock:
            for other, theirs in self._claims.get((workspace, claim.thing), {}).items():
                if other != urn and any(claim.overlaps(their) for their in theirs):
                    return _named(other)
        return None


def _problem(urn: str, other: str, pairs: list[tuple[Claim, Claim]], there: str) -> Problem:
    mine, theirs = _named(urn), _named(other)
    # The longer one is what both declare.
    words = dict.fromkeys(max(pair, key=lambda claim: len(claim.part)).words for pair in pairs)
    whole = dict.fromkeys(
        f" {who} declares {claim.because}."
        for pair in pairs
        for who, claim in zip((mine, theirs), pair, strict=True)
        if claim.because
    )
    return Problem(
        (),
        "declared-twice",
        f"{', '.join(words)}{there}: declared by two resources, {mine} and {theirs}. Each `pulumi "
        f"up` would put what one says in place of what the other says. Declare it in one of the "
        f"two, and take it out of the other.{''.join(whole)}",
    )


def _named(urn: str) -> str:
    """`ServingEndpoint "chat"`: the last part of the type, and the resource's name."""
    *_, kind, name = urn.split("::", 3)
    return f'{kind.rsplit(":", 1)[-1]} "{name}"'


def claims_of(kind: str, inputs: Mapping[str, object]) -> tuple[Claim, ...]:
    """What a resource of this kind declares with these inputs; what has no name yet is nothing."""
    if kind == "ServingEndpoint":
        return tuple(_of_endpoint(inputs))
    if kind in ("SecretScope", "Secret", "SecretAcl"):
        return tuple(_of_scope(kind, inputs))
    endpoint = text(inputs, "endpoint_name")
    if endpoint is None:
        return ()
    if kind == "EndpointPermissions":
        return tuple(_of_permissions(endpoint, inputs))
    if inputs.get("mode") == "authoritative":
        return (_gateway(endpoint, 'every section, by mode="authoritative"'),)
    own = {name: value for name, value in inputs.items() if name not in _BESIDE}
    return tuple(_sections(endpoint, own))


def _of_endpoint(inputs: Mapping[str, object]) -> Iterator[Claim]:
    name = text(inputs, "name")
    if name is None:
        return
    yield Claim(("endpoint", name), f"endpoint {name}")
    gateway = inputs.get("ai_gateway")
    if gateway == {}:
        yield _gateway(name, "every section, by ai_gateway={}")
    elif isinstance(gateway, Sealed):
        yield _gateway(name, "every section, as nobody can read which")
    elif isinstance(gateway, Mapping):
        yield from _sections(name, gateway)


def _gateway(endpoint: str, because: str) -> Claim:
    return Claim(("gateway", endpoint), f"ai_gateway of endpoint {endpoint}", because=because)


def _sections(endpoint: str, said: Mapping[str, object]) -> Iterator[Claim]:
    for section, value in said.items():
        # What is not yet known may turn out to be None; what is sealed is there.
        if value is not None and (isinstance(value, Sealed) or not isinstance(value, Unknown)):
            yield claim_of_section(endpoint, section)


def claim_of_section(endpoint: str, section: str) -> Claim:
    """The claim of one section of an endpoint's gateway."""
    return Claim(("gateway", endpoint), f"{section} of endpoint {endpoint}", (section,))


def _of_permissions(endpoint: str, inputs: Mapping[str, object]) -> Iterator[Claim]:
    thing = ("permissions", endpoint)
    if inputs.get("mode") == "authoritative":
        because = 'every grant, by mode="authoritative"'
        yield Claim(thing, f"grants on endpoint {endpoint}", because=because)
        return
    secret = any(path[:1] == ("access_control",) for path in marked_paths(inputs))
    grants = inputs.get("access_control")
    for grant in grants if isinstance(grants, (list, tuple)) else ():
        if isinstance(grant, Mapping):
            yield from claims_of_grant(endpoint, grant, secret=secret)


def claims_of_grant(
    endpoint: str, grant: Mapping[str, object], *, secret: bool
) -> tuple[Claim, ...]:
    """The claim of a grant on an endpoint; none while it is not known whom it is for.

    `secret`: the program marks that as secret, so the words leave it out.
    """
    fields = (field for field in (*PRINCIPALS, *grant) if field != LEVEL)
    said: dict[str, Tree] = {
        field: who for field in fields if (who := text(grant, field)) is not None
    }
    whom = whom_of(said)
    if whom is None:
        return ()
    field = next(iter(said))
    named = field if secret else f"{field} {said[field]}"
    words = f"grant to {named} on endpoint {endpoint}"
    return (Claim(("permissions", endpoint), words, (whom,)),)


def _of_scope(kind: str, inputs: Mapping[str, object]) -> Iterator[Claim]:
    scope = text(inputs, "name" if kind == "SecretScope" else "scope")
    if scope is None:
        return
    # Upper and lower case are the same to the service: in a scope's name, not in a key.
    same = scope.casefold()
    if kind == "SecretScope":
        yield Claim(("scope", same), f"secret scope {scope}")
    key, principal = text(inputs, "key"), text(inputs, "principal")
    if kind == "Secret" and key is not None:
        yield Claim(("secret", f"{same}/{key}"), f"secret {scope}/{key}")
    if kind == "SecretAcl" and principal is not None:
        words = f"access of {principal} to scope {scope}"
        yield Claim(("acl", f"{same}/{folded(principal)}"), words)
