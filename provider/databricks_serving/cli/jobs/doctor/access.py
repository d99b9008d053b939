"""The workspace: who we are there, what we may read, whether clocks and networks agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from databricks_serving.apply.wait import duration
from databricks_serving.errors import NoCredentials, ServingError
from databricks_serving.state.bag import Bag, text
from databricks_serving_schema import EndpointAnswer, dotted
from databricks_serving_schema.rules.rule import objects

from .check import Check, Finding, Skip, Surroundings, failed, ok, skipped, some, warning

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi

_GROUP = "Workspace"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
#: Read by httpx (the first two), and by the SDK that fetches tokens (the others).
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: From here on somebody should know; from there on tokens are refused as not yet valid, or expired.
_SKEW_SECONDS = 60
_BAD_SKEW_SECONDS = 300
#: Enough to know whether a right is there; a large stack has to wait for no doctor.
MOST = 50


def authentication(around: Surroundings) -> Finding:
    """Which credentials are used, and for which workspace."""
    try:
        credentials = around.credentials
        credentials.authenticate()
    except NoCredentials as none:
        return failed("there are no credentials that could be used", str(none))
    where = around.where
    place = f"profile {where.profile}" if where.profile else credentials.host
    told = f"{credentials.method}, {place} ({credentials.host})" if where.profile else None
    told = told or f"{credentials.method}, {credentials.host}"
    address = urlsplit(credentials.host)
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        return warning(f"{told}: tokens and secrets travel in clear", "Say https:// in the host.")
    return ok(told)


def caller(around: Surroundings) -> Finding:
    """Whom the workspace takes us for."""
    me = around.caller_or_error()
    if isinstance(me, NoCredentials):
        raise Skip("there are no credentials")
    if isinstance(me, ServingError):
        return failed("the workspace does not say who we are", str(me))
    groups = f", in {some(sorted(me.groups))}" if me.groups else ""
    return ok(f"{me.name}{groups}")


def workspace(around: Surroundings) -> Finding:
    """Which workspace that is."""
    identity = around.api.identity()
    if identity.workspace_id is None:
        return warning(
            f"{identity.host} does not tell its workspace id",
            "Nothing, if resources are always reached by this address: it stands for the id.",
        )
    return ok(f"workspace {identity.workspace_id}")


def clock(around: Surroundings) -> Finding:
    """Whether this machine's clock agrees with the workspace's."""
    said = around.api.server_date()
    try:
        there = parsedate_to_datetime(said or "")
    except ValueError:
        return skipped("the workspace's answers have no Date")
    if there.tzinfo is None:
        there = there.replace(tzinfo=timezone.utc)
    ahead = (around.now() - there).total_seconds()
    told = f"{duration(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the workspace's"
    remedy = "Set this machine's clock, best by NTP: OAuth tokens are refused with a wrong one."
    if abs(ahead) >= _BAD_SKEW_SECONDS:
        return failed(f"this machine's clock is {told}", remedy)
    if abs(ahead) >= _SKEW_SECONDS:
        return warning(f"this machine's clock is {told}", remedy)
    return ok("agrees with the workspace's")


def network(around: Surroundings) -> Finding:
    """What the environment says of proxies and certificates."""
    said = {
        name: value
        for name in (*_PROXIES, "NO_PROXY", *_CERTIFICATES)
        if (value := around.environment.get(name) or around.environment.get(name.lower()))
    }
    gone = [
        f"{name}={said[name]}"
        for name in _CERTIFICATES
        if name in said and not Path(said[name]).exists()
    ]
    if gone:
        return failed(
            f"no such file: {', '.join(gone)}", "Correct the variable, or unset it to use the own."
        )
    told = ", ".join(f"{name}={_without_user(value)}" for name, value in said.items())
    for_tokens_only = "REQUESTS_CA_BUNDLE" in said or "CURL_CA_BUNDLE" in said
    if for_tokens_only and not ("SSL_CERT_FILE" in said or "SSL_CERT_DIR" in said):
        return warning(
            f"{told}: heeded where tokens are fetched, not by the calls themselves",
            "Set SSL_CERT_FILE to the same file.",
        )
    return ok(told or "no proxy, no certificates of one's own")


def _without_user(address: str) -> str:
    """An address without user and password."""
    scheme, separator, rest = address.rpartition("://")
    return f"{scheme}{separator}***@{rest.rpartition('@')[2]}" if "@" in rest else address


def list_endpoints(around: Surroundings) -> Finding:
    """Whether endpoints can be listed: `drift` names those that no code declares."""
    try:
        listed = around.api.list_endpoints()
    except ServingError as refused:
        return failed(
            f"endpoints cannot be listed: {refused}",
            "Give the caller workspace access, and CAN VIEW on the endpoints.",
        )
    return ok(f"{len(listed)} endpoint{'' if len(listed) == 1 else 's'} to be seen")


def view_endpoints(around: Surroundings) -> Finding:
    """Whether each endpoint of the stack can be read."""
    return _each(
        around,
        ("ServingEndpoint", "AiGateway", "RateLimits"),
        "endpoint",
        lambda kind, bag: text(bag, "name" if kind == "ServingEndpoint" else "endpoint_name"),
        lambda name, _bag, api: api.get_endpoint(name) is not None,
        "Give the caller CAN VIEW on it.",
    )


def view_permissions(around: Surroundings) -> Finding:
    """Whether the permissions that the stack manages can be read."""
    return _each(
        around,
        ("EndpointPermissions",),
        "access list of",
        lambda _kind, bag: text(bag, "endpoint_name"),
        lambda _name, bag, api: api.get_permissions(str(bag.get("endpoint_id"))) is not None,
        "Give the caller CAN MANAGE on the endpoint: only who manages it reads its permissions.",
    )


def read_scopes(around: Surroundings) -> Finding:
    """Whether the lists of secrets can be read: rotation is seen by their timestamps."""
    return _each(
        around,
        ("Secret", "SecretScope"),
        "scope",
        lambda kind, bag: text(bag, "name" if kind == "SecretScope" else "scope"),
        lambda scope, _bag, api: api.list_secrets(scope) is not None,
        "Give the caller READ on the scope.",
    )


def read_acls(around: Surroundings) -> Finding:
    """Whether the access lists of scopes can be read."""
    return _each(
        around,
        ("SecretAcl",),
        "scope",
        lambda _kind, bag: text(bag, "scope"),
        lambda scope, _bag, api: api.list_acls(scope) is not None,
        "Give the caller MANAGE on the scope: only who manages it reads its access list.",
    )


def newer_fields(around: Surroundings) -> Finding:
    """Whether answers have fields that this release does not know."""
    unknown: set[str] = set()
    looked = 0
    unread: list[ServingError] = []
    for answer in _answers(around):
        if isinstance(answer, ServingError):
            unread.append(answer)
            continue
        looked += 1
        for path, owner in objects(answer.settings):
            extra = set(owner.model_extra or {}) - type(owner).ANSWER_ONLY
            steps = tuple(step for step in path if isinstance(step, str))
            unknown |= {dotted((*steps, name)) for name in extra}
    if unknown:
        return warning(
            f"the API answers fields that this release does not know: {some(sorted(unknown))}",
            "They are kept as they are. A newer release may know them: "
            "pip install --upgrade databricks-serving",
        )
    if not looked and not unread:
        return skipped("there is no endpoint to look at")
    told = f"none in {looked} endpoint{'' if looked == 1 else 's'}"
    if unread:
        return warning(f"{told}; {len(unread)} could not be read", str(unread[0]))
    return ok(told)


def _answers(around: Surroundings) -> Iterator[EndpointAnswer | ServingError]:
    """The endpoints of the stack; where none is named, those of the workspace."""
    try:
        recorded = [r for r in around.deployment.resources if r.kind == "ServingEndpoint"]
        wanted = [(around.api_of(r), r.id) for r in recorded[:MOST]]
    except Skip:
        api = around.api
        wanted = [(api, e.stamps.name) for e in api.list_endpoints()[:MOST]]
    for api, name in wanted:
        try:
            answer = api.get_endpoint(name)
        except ServingError as failure:
            yield failure
            continue
        if answer is not None:
            yield answer


def _each(
    around: Surroundings,
    kinds: tuple[str, ...],
    what: str,
    name_of: Callable[[str, Bag], str | None],
    is_there: Callable[[str, Bag, WorkspaceApi], bool],
    remedy: str,
) -> Finding:
    """Read something of each resource of these kinds, once for each name."""
    asked: dict[str, ServingError | bool] = {}
    for recorded in around.deployment.resources:
        name = name_of(recorded.kind, recorded.outputs) if recorded.kind in kinds else None
        if name is None or name in asked or len(asked) >= MOST:
            continue
        try:
            asked[name] = is_there(name, recorded.outputs, around.api_of(recorded))
        except ServingError as refused:
            asked[name] = refused
    if not asked:
        return skipped(f"the stack has no {' or '.join(kinds)}")
    refusals = {name: said for name, said in asked.items() if isinstance(said, ServingError)}
    if refusals:
        first = next(iter(refusals.values()))
        return failed(f"{what} {some(list(refusals))} cannot be read: {first}", remedy)
    gone = [name for name, there in asked.items() if there is False]
    if gone:
        return warning(
            f"{what} {some(gone)}: not there, or not visible",
            f"`dbserving drift` tells whether it was deleted. If it is there: {remedy}",
        )
    return ok(f"can be read: {what} {some(list(asked))}")


CHECKS = (
    Check("authentication", _GROUP, "Authentication", authentication),
    Check("caller", _GROUP, "Caller", caller),
    Check("workspace", _GROUP, "Workspace", workspace),
    Check("clock", _GROUP, "Clock", clock),
    Check("network", _GROUP, "Network", network, here=True),
    Check("newer-fields", _GROUP, "Unknown fields", newer_fields),
    Check("list-endpoints", "Rights", "List endpoints", list_endpoints),
    Check("view-endpoints", "Rights", "Endpoints", view_endpoints),
    Check("view-permissions", "Rights", "Permissions", view_permissions),
    Check("read-scopes", "Rights", "Secrets", read_scopes),
    Check("read-acls", "Rights", "Scope access", read_acls),
)
