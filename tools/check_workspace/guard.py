"""What is never sent, and the client that refuses to: whatever has not the run's prefix, or costs.

Over and above what is chosen to be asked: every request passes by `Guarded.send`, that of the
cleaning too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

from .conversations import Json
from .naming import Caller, Model

_ENDPOINTS = "/api/2.0/serving-endpoints"
_CREATES = (_ENDPOINTS, f"{_ENDPOINTS}/pt")
_OF_ENDPOINT = re.compile(re.escape(_ENDPOINTS) + r"/(?:pt/)?([^/]+)(?:/.*)?")
_PERMISSIONS = re.compile(r"/api/2\.0/permissions/serving-endpoints/([^/]+)")
_SECRETS = "/api/2.0/secrets/"
_READ = re.compile(
    r"/api/2\.0/(serving-endpoints|permissions/serving-endpoints|secrets|preview/scim/v2/Me)(/|$)"
)
#: Fields that reach beyond the prefix: tables of Unity Catalog, and what a policy bills.
_BEYOND = {
    "catalog_name": "a table of Unity Catalog",
    "schema_name": "a table of Unity Catalog",
    "table_name_prefix": "a table of Unity Catalog",
    "table_names": "tables of Unity Catalog",
    "telemetry_profile_id": "a telemetry profile",
    "budget_policy_id": "a budget policy",
}
_MODELS = ("entity_name", "model_name", "entity_version", "model_version")
_COSTS = ("provisioned_model_units", "min_provisioned_throughput", "max_provisioned_throughput")
_SIZES = ("min_provisioned_concurrency", "max_provisioned_concurrency")


class UntouchableError(RuntimeError):
    """A request that is not sent; the text says why."""


@dataclass
class Bounds:
    """What a run may touch.

    prefix: what every name begins with that is written
    ids: of the endpoints with such a name, as answers told them
    model: the one registered model that may be served; None: none may
    """

    prefix: str
    caller: Caller
    model: Model | None = None
    ids: set[str] = field(default_factory=set)

    def why_not(self, method: str, path: str, body: Json) -> str | None:
        """Why that request is not sent; None where it is.

        path: percent-encoded; `{id of NAME}` stands for the id of that endpoint
        """
        if ".." in unquote(path) or "//" in path:
            return "its path is none of the API"
        if method in ("GET", "HEAD"):
            return None if _READ.match(path) else "it reads something else than the API of serving"
        return self._misplaced(path, body) or self._beyond(body)

    def learn(self, answer: Json) -> None:
        """Take the id of an endpoint with the prefix from an answer."""
        if isinstance(answer, dict) and self._ours(answer.get("name")) and answer.get("id"):
            self.ids.add(str(answer["id"]))

    def _ours(self, name: Json) -> bool:
        # What is but the prefix names nothing of ours.
        return isinstance(name, str) and name.startswith(self.prefix) and name != self.prefix

    def _misplaced(self, path: str, body: Json) -> str | None:
        said = body if isinstance(body, dict) else {}
        if path in _CREATES:
            return None if self._ours(said.get("name")) else "it makes something without the prefix"
        if found := _PERMISSIONS.fullmatch(path):
            wanted = re.fullmatch(r"\{id of (.*)\}", found[1])
            known = found[1] in self.ids if wanted is None else self._ours(wanted[1])
            return self._locks_out(said) if known else "it writes permissions by an unknown id"
        if found := _OF_ENDPOINT.fullmatch(path):
            return None if self._ours(unquote(found[1])) else "it writes without the prefix"
        if path.startswith(_SECRETS):
            ours = self._ours(said.get("scope"))
            return self._locks_out(said) if ours else "it writes secrets without the prefix"
        return "it writes something else than endpoints, permissions and secrets"

    def _locks_out(self, said: dict[str, Json]) -> str | None:
        """Whoever takes his own rights away cannot clean up."""
        if said.get("principal") == self.caller.name:
            return "it changes the caller's own rights"
        levels = [
            entry.get("permission_level")
            for entry in _objects(said.get("access_control_list"))
            if self.caller.name in entry.values()
        ]
        return None if set(levels) <= {"CAN_MANAGE"} else "it changes the caller's own rights"

    def _beyond(self, body: Json) -> str | None:
        for found in _objects(body):
            for name, what in _BEYOND.items():
                if name in found:
                    return f"it would reach {what}, which has no prefix"
            if any(name in found for name in _COSTS):
                return "it would provision throughput, which costs"
            if any(name in found for name in _MODELS) and not self._is_cheap(found):
                return "it would serve a registered model (--with-model names one that may be)"
        return None

    def _is_cheap(self, entity: dict[str, Json]) -> bool:
        if self.model is None or any(name in entity for name in _SIZES):
            return False
        served = (entity.get("entity_name"), entity.get("entity_version"))
        return (
            served == (self.model.name, self.model.version)
            and entity.get("workload_size") == "Small"
            and entity.get("workload_type", "CPU") == "CPU"
            and entity.get("scale_to_zero_enabled") in (True, "true")
        )


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, list):
        for inner in value:
            yield from _objects(inner)
    elif isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _objects(inner)


class Guarded(httpx.Client):
    """A client that sends nothing beyond its bounds; raises `UntouchableError` before it would.

    A subclass and no transport around another: httpx takes the environment's proxies only where it
    makes the transport itself.
    """

    def __init__(self, bounds: Bounds, **how: Any) -> None:  # noqa: ANN401 - httpx's
        super().__init__(**how)
        self.bounds = bounds

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
        """Send it, where it is within the bounds."""
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        why = self.bounds.why_not(request.method, path, _content(request.read()))
        if why is not None:
            raise UntouchableError(f"{request.method} {path} is not sent: {why}")
        response = super().send(request, **how)
        response.read()
        self.bounds.learn(_content(response.content))
        return response


def _content(content: bytes) -> Json:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
