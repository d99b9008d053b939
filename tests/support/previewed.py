"""A preview as `pulumi preview --json --refresh=false --show-sames` prints it, made from a state.

Layout and blinding are those of a real one (pulumi 3.259): a secret is the text `[secret]`, a list
that holds one is that as a whole, and what is not yet known is one UUID.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .endpoints import Json

BLINDED = "[secret]"
NOT_YET_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_DYNAMIC = "pulumi-python:dynamic/databricks_serving:"


def covered(value: Any) -> Any:
    """A value of an export as a preview shows it."""
    if isinstance(value, dict):
        if "ciphertext" in value:
            return BLINDED
        return {name: covered(inner) for name, inner in value.items()}
    return [covered(inner) for inner in value] if isinstance(value, list) else value


class Previewed:
    """A preview of the stack in an export; at first nothing differs from it."""

    def __init__(self, exported: Json) -> None:
        self._steps: dict[str, Json] = {}
        self._diagnostics: list[Json] = []
        for resource in exported["deployment"]["resources"]:
            self._steps[resource["urn"].rsplit("::", 1)[-1]] = {
                "op": "same",
                "urn": resource["urn"],
                "oldState": covered(resource),
                "newState": covered(resource),
                "detailedDiff": None,
            }

    def change(self, name: str, /, *changed: str, op: str = "update", **inputs: Any) -> Previewed:
        """The program says other inputs; None takes one out. `changed`: the engine's paths."""
        step = self._steps[name]
        step["op"] = op
        step["newState"] = copy.deepcopy(step["newState"])
        for key, value in inputs.items():
            step["newState"]["inputs"].pop(key, None)
            if value is not None:
                step["newState"]["inputs"][key] = value
        step["detailedDiff"] = {path: {"kind": "update", "inputDiff": True} for path in changed}
        return self

    def create(self, kind: str, name: str, /, **inputs: Any) -> Previewed:
        """The program has one more resource."""
        urn = f"urn:pulumi:dev::shop::{_DYNAMIC}{kind}::{name}"
        state = {"urn": urn, "type": f"{_DYNAMIC}{kind}", "inputs": inputs, "outputs": inputs}
        self._steps[name] = {"op": "create", "urn": urn, "newState": state, "detailedDiff": None}
        return self

    def rename(self, name: str, successor: str) -> Previewed:
        """The program gives a resource another name, with an alias of the former one."""
        step = self._steps.pop(name)
        step["urn"] = step["urn"].removesuffix(name) + successor
        step["newState"] = {**step["newState"], "urn": step["urn"]}
        self._steps[successor] = step
        return self

    def delete(self, *names: str, **more: Any) -> Previewed:
        """The program lacks these resources; `more`: what else the state says of them."""
        for name in names:
            step = self._steps[name]
            step["op"] = "delete"
            step["oldState"] = {**step["oldState"], **more}
            del step["newState"]
        return self

    def fail(self, message: str, name: str | None = None, *unseen: str) -> Previewed:
        """The preview fails, at a resource or as a whole; of those `unseen` it says nothing."""
        said = {"message": f"error: {message}\n", "severity": "error"}
        if name is not None:
            said["urn"] = self._steps.pop(name)["urn"]
        self._diagnostics.append(said)
        for one in unseen:
            del self._steps[one]
        return self

    def text(self) -> str:
        """What the engine prints."""
        digest: Json = {"steps": list(self._steps.values()), "duration": 1, "changeSummary": {}}
        if self._diagnostics:
            digest["diagnostics"] = self._diagnostics
        return json.dumps(digest)
