"""What `dbserving import` finds in a workspace, as a program would say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from databricks_serving.apply.grants import grants_of
from databricks_serving.apply.observed import AZURE_KEYVAULT, scope_of
from databricks_serving.apply.ownership import owner_of
from databricks_serving.errors import PermissionDenied
from databricks_serving.plan.access import MANAGE
from databricks_serving.plan.bodies import wire
from databricks_serving.plan.canonical import Sealing
from databricks_serving.plan.grants import GRANTS, MANAGES, folded, grants_in, level_of
from databricks_serving.program.idiom import said_of, several_external_models
from databricks_serving.program.names import Taken, variable
from databricks_serving_schema import Grant, SecretScope, parse_answer

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi
    from databricks_serving.api.transport import Json
    from databricks_serving.state.bag import Bag
    from databricks_serving_schema import EndpointAnswer

T = TypeVar("T")
R = TypeVar("R")

#: What names of the endpoints begin with that Databricks makes in every workspace.
SYSTEM = "databricks-"
_AT_ONCE = 16
_UNSEALED = Sealing(b"")


@dataclass(frozen=True)
class Wanted:
    """What is to be imported: globs of endpoints' and scopes' names, and kinds.

    select: none means all
    include_system: the gateways of Databricks' own endpoints too
    """

    kinds: frozenset[str]
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include_system: bool = False

    def takes(self, name: str) -> bool:
        """Whether an endpoint or a scope of that name is wanted."""
        selected = not self.select or any(fnmatchcase(name, glob) for glob in self.select)
        return selected and not any(fnmatchcase(name, glob) for glob in self.exclude)


@dataclass(frozen=True)
class Found:
    """One thing of the workspace.

    said: as a program says it, all in plain values. group: what it stands with in the program.
    unfit: why it cannot be recorded as it is now; None where it can.
    """

    kind: str
    name: str
    said: Bag
    group: str
    unfit: str | None = None


@dataclass
class Search:
    """A workspace's things, in the order of a program; `notes`: what a person should know."""

    api: WorkspaceApi
    wanted: Wanted
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._variables = Taken()
        self._caller = ""

    def found(self) -> tuple[Found, ...]:
        """Everything that is wanted. Raises `ServingError`, but not for what is hidden from us."""
        if self._has("SecretAcl", "EndpointPermissions"):
            self._caller = folded(self.api.caller())
        return (*self._scopes(), *self._endpoints())

    def _has(self, *kinds: str) -> bool:
        return not self.wanted.kinds.isdisjoint(kinds)

    def _scopes(self) -> Iterator[Found]:
        if not self._has("SecretScope", "Secret", "SecretAcl"):
            return
        listed = sorted(self.api.list_scopes(), key=lambda scope: str(scope.get("name")))
        taken = [scope for scope in listed if self.wanted.takes(str(scope.get("name")))]
        for things in side_by_side(self._scope, taken):
            yield from (self._with_variable(thing) for thing in things)

    def _with_variable(self, thing: Found) -> Found:
        """A secret says which environment variable has its value: no answer tells the value."""
        if thing.kind != "Secret":
            return thing
        named = self._variables.unique(variable(thing.name))
        return Found(thing.kind, thing.name, {**thing.said, "value_from_env": named}, thing.group)

    def _scope(self, listed: Json) -> list[Found]:
        name, group = str(listed["name"]), f"scope {listed['name']}"
        found: list[Found] = []
        state = scope_of(listed)
        if self._has("SecretScope") and state is not None:
            said = said_of(parse_answer(SecretScope, wire(SecretScope, state.tree)))
            found.append(Found("SecretScope", name, said, group))
        if self._has("Secret") and listed.get("backend_type") != AZURE_KEYVAULT:
            for key in sorted(self._shown(f"The secrets of scope {name}", self._keys, name) or ()):
                said = {"scope": name, "key": key}
                found.append(Found("Secret", f"{name}/{key}", said, group))
        if self._has("SecretAcl"):
            acls = self._shown(f"Who has access to scope {name}", self.api.list_acls, name) or {}
            for principal, permission in sorted(acls.items()):
                if permission == MANAGE and folded(principal) == self._caller:
                    continue  # its creator has it by itself
                said = {"scope": name, "principal": principal, "permission": permission}
                found.append(Found("SecretAcl", f"{name}/{principal}", said, group))
        return found

    def _keys(self, scope: str) -> list[str]:
        return list(self.api.list_secrets(scope) or ())

    def _shown(self, what: str, ask: Callable[[str], T | None], of: str) -> T | None:
        """What the call answers; None, and a note, where these credentials may not see it."""
        try:
            return ask(of)
        except PermissionDenied as hidden:
            self.notes.append(f"{what}: left out, for these credentials may not see it. {hidden}")
            return None

    def _endpoints(self) -> Iterator[Found]:
        endpoint_kinds = ("ServingEndpoint", "AiGateway", "RateLimits", "EndpointPermissions")
        if not self._has(*endpoint_kinds):
            return
        names = sorted(answer.stamps.name for answer in self.api.list_endpoints())
        taken = [name for name in names if self.wanted.takes(name)]
        left = [name for name in taken if name.startswith(SYSTEM)]
        if left and not self.wanted.include_system:
            taken = [name for name in taken if name not in left]
            self.notes.append(
                f"{len(left)} endpoint(s) of Databricks' own ({SYSTEM}…) were left out; "
                f"--include-system imports their gateways."
            )
        for things in side_by_side(self._endpoint, taken):
            yield from things

    def _endpoint(self, name: str) -> list[Found]:
        answer = self._shown(f"Endpoint {name}", self.api.get_endpoint, name)
        if answer is None:
            return []  # told, or deleted since the list
        system = name.startswith(SYSTEM)
        said = said_of(answer.settings)
        found: list[Found] = []
        if self._has("ServingEndpoint") and not system:
            found.append(self._whole(answer, said))
        else:
            found += self._gateway(name, said.get("ai_gateway") or {})
        if self._has("EndpointPermissions") and not system:
            found += self._permissions(answer)
        return found

    def _whole(self, answer: EndpointAnswer, said: Bag) -> Found:
        name, state = answer.stamps.name, answer.stamps.state.config_update
        if several_external_models(said):
            said = {**said, "allow_multiple_external_models": True}
        if (owner := owner_of(answer)) is not None:
            self.notes.append(
                f"Endpoint {name} is managed by another stack already ({owner}): where that one "
                f"stays, the two undo each other's changes. `pulumi state delete` there forgets it."
            )
        if "config" not in said and answer.stamps.pending_config is not None:
            self.notes.append(
                f"Endpoint {name} serves nothing: its first deployment ended with {state}, and "
                f"the program has no `config` for it. Write what it is to serve."
            )
        unfit = "an update of it is under way" if answer.stamps.updating else None
        return Found("ServingEndpoint", name, said, f"endpoint {name}", unfit)

    def _gateway(self, name: str, sections: Bag) -> Iterator[Found]:
        """The gateway alone, or its limits, where the endpoint itself is not imported."""
        group, address = f"endpoint {name}", {"endpoint_name": name}
        if self._has("AiGateway") and sections:
            yield Found("AiGateway", name, {**address, **sections}, group)
        elif self._has("RateLimits") and "rate_limits" in sections:
            said = {**address, "rate_limits": sections["rate_limits"]}
            yield Found("RateLimits", name, said, group)

    def _permissions(self, answer: EndpointAnswer) -> Iterator[Found]:
        """The direct grants, but for the caller's own CAN_MANAGE, which its creator gets."""
        name, id_ = answer.stamps.name, answer.stamps.id
        if id_ is None:
            return
        what = f"The permissions of endpoint {name}"
        answered = self._shown(what, self.api.get_permissions, id_)
        if answered is None:
            return
        grants = [
            wire(Grant, grant)
            for whom, grant in grants_in(grants_of(name, id_, answered, _UNSEALED)).items()
            if isinstance(grant, dict)
            and not (level_of(grant) == MANAGES and whom.partition(":")[2] == self._caller)
        ]
        if grants:
            said: Bag = {"endpoint_name": name, GRANTS: grants}
            yield Found("EndpointPermissions", name, said, f"endpoint {name}")


def side_by_side(ask: Callable[[T], R], of: Iterable[T]) -> Iterator[R]:
    """The answers, in order; many are asked for at once. Raises what `ask` raises."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        yield from threads.map(ask, of)
