"""Two programs one after another, in a workspace that has what programs of their kind refer to."""

from __future__ import annotations

import base64
import re
from typing import Any

from databricks_serving.apply import acl, endpoint, permissions, scope, secret
from databricks_serving.apply.context import Checked, Stack, Verdict
from databricks_serving.apply.gateway import AI_GATEWAY, RATE_LIMITS
from databricks_serving.errors import Refused
from support.context import ENDPOINTS, SECRETS, Bench, wired
from support.endpoints import Json, config, openai, program
from support.ups import with_credentials_apart
from unit.apply.granted import GRANTS

VERBS: dict[str, Any] = {
    "ServingEndpoint": endpoint,
    "AiGateway": AI_GATEWAY,
    "RateLimits": RATE_LIMITS,
    "SecretScope": scope,
    "Secret": secret,
    "SecretAcl": acl,
    "EndpointPermissions": permissions,
}
#: What there is before: scopes, secrets, an endpoint that somebody else made.
SCOPE = (f"{SECRETS}/scopes/create", {"scope": "llm", "initial_manage_principal": "users"})
KEYS = tuple(
    (f"{SECRETS}/put", {"scope": "llm", "key": key, "string_value": "sk-0"})
    for key in ("openai", "other")
)
FOREIGN = (ENDPOINTS, program(config=config(openai())))
BEFORE: dict[str, tuple[tuple[str, Json], ...]] = {
    "ServingEndpoint": (SCOPE, *KEYS),
    "SecretScope": (),
    "Secret": (SCOPE,),
    "SecretAcl": (SCOPE,),
}
ENVIRONMENT = {"OPENAI_KEY": "sk-8", "OPENAI_KEY2": "sk-9"}
#: A scope over a vault is made by users of Microsoft Entra ID alone.
ENTRA = "of-entra"


def check(kind: str, said: Json, recorded: Json | None = None) -> Checked:
    """What `check` answers of a program, credentials apart as the constructor leaves them."""
    said = with_credentials_apart(said) if kind == "ServingEndpoint" else said
    return VERBS[kind].check(wired(recorded or {}), wired(said), Stack())


class Life:
    """A resource that exists, and what becomes of it under the next program."""

    def __init__(self, kind: str, said: Json) -> None:
        self.kind, self.verbs = kind, VERBS[kind]
        self.bench = _workspace(kind)
        self.more = {"environment": ENVIRONMENT}
        if kind == "SecretScope":
            self.more["token"] = ENTRA
        self.inputs: Json = {}
        self.inputs = self.checked(said)
        made = self.bench.create(self.verbs, self.inputs, **self.more)
        self.id, self.outputs = made.id, made.outputs
        self.bench.workspace.clear_calls()

    def checked(self, said: Json) -> Json:
        checked = check(self.kind, said, self.inputs)
        assert checked.problems == ()
        return wired(checked.inputs)

    def preview(self, inputs: Json, outputs: Json) -> Verdict:
        bags = wired(outputs), wired(inputs), Stack()
        if self.verbs is secret:
            return secret.diff(*bags, ENVIRONMENT)
        return self.verbs.diff(*bags)

    def up(self, said: Json) -> str | list[str]:
        """One `pulumi up`, as far as it goes in place: what its preview says, and what it sends."""
        inputs = self.checked(said)
        try:
            verdict = self.preview(inputs, self.outputs)
        except Refused as refused:
            return _refused(refused)
        if verdict.replaces:
            first = ", deletes first" if verdict.delete_first else ""
            return f"replaces {', '.join(verdict.replaces)}{first}"
        if not verdict.changed:
            return "nothing"
        self.outputs = self.bench.update(self.verbs, self.id, self.outputs, inputs, **self.more)
        self.inputs = inputs
        sent = [_without_id(call) for call in self.bench.sent]
        return sent or ["stops being managed" if verdict.notices else "recorded"]

    def previews_after(self) -> tuple[Verdict, Verdict]:
        """What the same program says next, without a refresh and after one."""
        reading = self.bench.read(self.verbs, self.id, self.outputs, self.inputs, **self.more)
        assert wired(reading.inputs) == self.inputs
        return (
            self.preview(self.inputs, self.outputs),
            self.preview(self.inputs, reading.outputs),
        )

    def sent(self) -> Json:
        """The last body that was sent, in the shape of a program."""
        call = self.bench.workspace.writes[-1]
        route, body = call.path.rsplit("/", 1)[-1], call.body
        if route == "config":
            return {"config": body.get("config", body)}
        if route == "ai-gateway" and self.kind == "ServingEndpoint":
            return {"ai_gateway": body}
        if route == "tags":
            return {"tags": {tag["key"]: tag["value"] for tag in body.get("add_tags", [])}}
        if self.kind == "EndpointPermissions":
            return {"access_control": body["access_control_list"]}
        return _as_said(body) if self.kind == "Secret" else body

    def there(self) -> Json:
        """What somebody in the UI sees, in the shape of a program."""
        if self.kind == "Secret":
            stored = self._seen(f"{SECRETS}/get?scope=llm&key=openai")
            return _as_said({"bytes_value": stored["value"]})
        if self.kind == "SecretAcl":
            listed = self._seen(f"{SECRETS}/acls/list?scope=llm")["items"]
            return next(acl for acl in listed if acl["principal"] == self.inputs["principal"])
        if self.kind == "EndpointPermissions":
            listed = self._seen(f"{GRANTS}/{self.bench.served()['id']}")["access_control_list"]
            return {"access_control": [_grant(entry) for entry in listed]}
        served = self.bench.served()
        if self.kind == "ServingEndpoint":
            return {**served, "tags": {tag["key"]: tag["value"] for tag in served["tags"]}}
        return served.get("ai_gateway", {})

    def _seen(self, path: str) -> Json:
        return self.bench.workspace.ui("GET", path).json()


def _workspace(kind: str) -> Bench:
    bench = Bench()
    bench.workspace.identities.add_user("ann@example.com", groups=["admins"], entra_token=ENTRA)
    for path, body in BEFORE.get(kind, (SCOPE, *KEYS, FOREIGN)):
        answer = bench.workspace.ui("POST", path, body)
        assert answer.status == 200, answer.json()
    bench.clock.advance(120)
    return bench


def _refused(refused: Refused) -> str:
    """What is refused, by the path that the message begins its reason with."""
    path = re.search(r"cannot be changed so\. ([\w.]+): ", str(refused))
    return f"refused {path and path[1]}"


def _without_id(call: str) -> str:
    """Permissions are sent to an id, which nobody knows beforehand."""
    return re.sub(r"(permissions/serving-endpoints)/[0-9a-f]{32}", r"\1/<id>", call)


def _as_said(body: Json) -> Json:
    """What was put, in each of the forms in which a program may say it."""
    if "string_value" in body:
        value = body["string_value"]
        encoded = base64.b64encode(value.encode()).decode()
    else:
        encoded = body["bytes_value"]
        value = base64.b64decode(encoded).decode()
    variables = [name for name, held in ENVIRONMENT.items() if held == value]
    return {"value": value, "value_base64": encoded, "value_from_env": "".join(variables)}


def _grant(entry: Json) -> Json:
    (right,) = entry["all_permissions"]
    return {**entry, "permission_level": right["permission_level"]}
