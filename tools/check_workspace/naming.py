"""The names of one run: all that a conversation makes gets the run's prefix before its name."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from databricks_serving_emulator.world import Settings

from .conversations import Conversation, Json, Step

PREFIX = re.compile(r"dbserving-check-[0-9a-f]{8}-")
#: As long as a name may be (REST reference for endpoints, the SDK's text for scopes).
MOST = {"endpoint": 63, "scope": 128}
#: Groups that every workspace has.
EVERYBODY = "users"
BUILT_IN = (EVERYBODY, "admins")

_REFERENCE = re.compile(r"(\{\{\s*secrets/)([^/{}]+)(/[^{}]+\}\})")
_ENDPOINT = re.compile(r"(/api/2\.0/serving-endpoints/(?:pt/)?)([^/]+)(.*)")
_NOT_NAMES = ("pt", "get-model-optimization-info")
_ID = re.compile(r"\{id of (.*)\}")
_PRINCIPALS = ("user_name", "group_name", "service_principal_name", "principal")


def new_prefix() -> str:
    """A prefix that nobody has used."""
    return f"dbserving-check-{secrets.token_hex(4)}-"


@dataclass(frozen=True)
class Caller:
    """Who asks: a user name or an application id."""

    name: str
    is_service_principal: bool = False


@dataclass(frozen=True)
class People:
    """Who stands in for the made-up people of the tests: the caller, and whoever else is there."""

    caller: Caller
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A registered model that may be served, where the person says so."""

    name: str
    version: str


class NobodyError(ValueError):
    """A conversation names somebody for whom nobody stands in."""


def placed(
    conversation: Conversation, head: str, people: People, model: Model | None = None
) -> Conversation:
    """The conversation under that prefix, among those people. Raises `NobodyError`.

    head: what all of its names begin with
    model: what stands in for the made-up models of the tests; None: they stay
    """
    names = _stand_ins(conversation, people)
    steps = (_with_people(step, names, people) for step in conversation.steps)
    placed_steps = (_placed(step, head, model) for step in steps)
    return replace(
        conversation, steps=tuple(_kept_in(step, people.caller) for step in placed_steps)
    )


def under(head: str, name: str, most: int) -> str:
    """The name with that before it; one that is too long stays as long as it was."""
    excess = len(head) + len(name) - max(most, len(name))
    return head + name[max(0, excess) :]


def id_wanted(path: str) -> str | None:
    """The name of the endpoint whose id is wanted there."""
    found = _ID.search(path)
    return found and found[1]


def with_id(path: str, identifier: str) -> str:
    """The path with the id in its place."""
    return _ID.sub(identifier, path)


def _placed(step: Step, head: str, model: Model | None) -> Step:
    body = _mapped(step.body, lambda text: _REFERENCE.sub(lambda m: _reference(m, head), text))
    if isinstance(body, dict):
        body = _body_under(step, body, head)
        body = body if model is None else _served(body, model)
    query = dict(step.query)
    if query.get("scope"):
        query["scope"] = under(head, query["scope"], MOST["scope"])
    return replace(step, path=_path_under(step.path, head), query=query, body=body)


def _kept_in(step: Step, caller: Caller) -> Step:
    """The step with the caller among those who manage: a PUT without would lock the caller out."""
    entries = step.body.get("access_control_list") if isinstance(step.body, dict) else None
    if step.method != "PUT" or "/permissions/" not in step.path or not isinstance(entries, list):
        return step
    if any(caller.name in entry.values() for entry in entries if isinstance(entry, dict)):
        return step
    kind = "service_principal_name" if caller.is_service_principal else "user_name"
    own = {kind: caller.name, "permission_level": "CAN_MANAGE"}
    return replace(step, body={**step.body, "access_control_list": [*entries, own]})


def _reference(found: re.Match[str], head: str) -> str:
    return f"{found[1]}{under(head, found[2], MOST['scope'])}{found[3]}"


def _body_under(step: Step, body: dict[str, Json], head: str) -> dict[str, Json]:
    kind = "name" if "/serving-endpoints" in step.path else "scope"
    said = body.get(kind)
    if not isinstance(said, str) or not said:
        return body
    return {**body, kind: under(head, said, MOST["endpoint" if kind == "name" else "scope"])}


def _path_under(path: str, head: str) -> str:
    if wanted := id_wanted(path):
        return with_id(path, f"{{id of {under(head, wanted, MOST['endpoint'])}}}")
    found = _ENDPOINT.fullmatch(path)
    if found is None or found[2] in _NOT_NAMES:
        return path
    name = under(head, unquote(found[2]), MOST["endpoint"])
    # Colons stand in some routes (`config:stop`), never in what is quoted here.
    return f"{found[1]}{quote(name, safe='')}{found[3]}"


def _served(body: Json, model: Model) -> Json:
    """The body with that model in place of every other one."""
    if isinstance(body, list):
        return [_served(inner, model) for inner in body]
    if not isinstance(body, dict):
        return body
    served = {name: _served(inner, model) for name, inner in body.items()}
    if isinstance(served.get("entity_name"), str):
        served.update(entity_name=model.name, entity_version=model.version)
    return served


def _mapped(value: Json, change: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    if isinstance(value, dict):
        return {name: _mapped(inner, change) for name, inner in value.items()}
    return value


def _stand_ins(conversation: Conversation, people: People) -> Mapping[str, str]:
    """For each principal that is named, who it is in the workspace."""
    known = {Settings.user: people.caller.name, **{name: name for name in BUILT_IN}}
    named = list(_named(conversation))
    users, groups = list(people.users), list(people.groups)
    if EVERYBODY not in {name for _, name in named}:
        groups.append(EVERYBODY)  # who has the rights of everybody takes nothing from anybody
    for kind, name in named:
        if name in known:
            continue
        # Where a user is limited, a group is nobody; an access list takes either.
        is_user = kind in ("user", "user_name") or "@" in name
        standing = users if is_user and (users or kind == "user") else groups
        if not standing or kind.startswith("service_principal"):
            raise NobodyError(
                "it grants something to several made-up users or groups, or to a service principal"
                " (--user and --group name real ones)"
            )
        known[name] = standing.pop(0)
    return known


def _named(conversation: Conversation) -> Iterator[tuple[str, str]]:
    """Each principal that is named, after what it is: a rate limit's key, or the field."""
    for step in conversation.steps:
        principal = step.query.get("principal")
        if principal:
            yield "principal", principal
        yield from _named_in(step.body)


def _named_in(value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for inner in value:
            yield from _named_in(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in _PRINCIPALS and isinstance(inner, str) and inner:
                if sum(other in _PRINCIPALS for other in value) == 1:
                    yield str(value.get("key", name)), inner
            else:
                yield from _named_in(inner)


def _with_people(step: Step, names: Mapping[str, str], people: People) -> Step:
    query = dict(step.query)
    if query.get("principal"):
        query["principal"] = names[query["principal"]]
    return replace(step, query=query, body=_renamed(step.body, names, people))


def _renamed(value: Json, names: Mapping[str, str], people: People) -> Json:
    if isinstance(value, list):
        return [_renamed(inner, names, people) for inner in value]
    if not isinstance(value, dict):
        return value
    if sum(name in _PRINCIPALS for name in value) > 1:
        return value  # an entry that is refused for that, whoever they are
    renamed = {}
    for name, inner in value.items():
        if name not in _PRINCIPALS or not isinstance(inner, str):
            renamed[name] = _renamed(inner, names, people)
            continue
        someone = names.get(inner, inner)
        renamed[_kind(name, someone, people)] = someone
    return renamed


def _kind(said: str, someone: str, people: People) -> str:
    """As what whoever stands in for a user is named."""
    if said != "user_name":
        return said
    if people.caller.is_service_principal and someone == people.caller.name:
        return "service_principal_name"
    return "group_name" if someone in (*people.groups, EVERYBODY) else said
