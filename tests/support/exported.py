"""Resources as `pulumi stack export` shows them, and surveys of them.

What the verbs answered is written as the engine writes it, secrets as ciphertexts, and parsed as
the command parses it.
"""

from __future__ import annotations

from typing import Any

from databricks_serving.api import WorkspaceApi
from databricks_serving.apply.survey import Seen, Subject, Survey
from databricks_serving.plan.change import shown
from databricks_serving.state.deployment import Recorded, deployment_of
from databricks_serving.state.keys import BEFORE, CREDENTIALS, KEY, SECRET_LEAVES

from .context import Bench, credentials, wired
from .endpoints import Json

#: What the engine writes in place of a secret (pulumi, sdk/go/common/resource/properties.go).
CIPHERTEXT = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1:7a3c",
}
#: What this provider marks as secret, whatever the program says.
_ALWAYS = (KEY, BEFORE, CREDENTIALS, "value", "value_base64")


def exported(kind: str, id_: str, inputs: Json, outputs: Json, *, name: str = "it") -> Recorded:
    """One resource of a stack's state."""
    marked = inputs.get(SECRET_LEAVES) or ()
    entry = {
        "urn": f"urn:pulumi:dev::shop::pulumi-python:dynamic/databricks_serving:{kind}::{name}",
        "type": f"pulumi-python:dynamic/databricks_serving:{kind}",
        "id": id_,
        "inputs": _sealed(wired(inputs), marked),
        "outputs": _sealed(wired(outputs), marked),
    }
    deployment = deployment_of({"version": 3, "deployment": {"resources": [entry]}})
    return deployment.resources[0]


def _sealed(bag: Json, marked: Any) -> Json:
    """A list is hidden whole where one leaf in it is marked; objects have their leaves hidden."""
    for name in _ALWAYS:
        if name in bag:
            bag[name] = CIPHERTEXT
    for path in marked:
        here: Any = bag
        for step, following in zip(path, (*path[1:], None), strict=True):
            if not isinstance(here, dict) or step not in here:
                break
            if following is None or isinstance(here[step], list):
                here[step] = CIPHERTEXT
            here = here[step]
    return bag


def subject(recorded: Recorded, **more: Any) -> Subject:
    """The resource as drift detection looks at it."""
    return Subject(recorded.kind, recorded.id, recorded, recorded.inputs, **more)


def made(bench: Bench, kind: str, verbs: Any, said: Json, **more: Any) -> Recorded:
    """A resource that these verbs just created, as the state has it; no call is remembered."""
    created = bench.create(verbs, said, **more)
    bench.workspace.clear_calls()
    return exported(kind, created.id, said, created.outputs)


def survey(
    bench: Bench,
    *,
    token: str = "dapi-emulator",
    transport: Any = None,
    delay: float = 0.0,
    parallel: int = 2,
) -> Survey:
    """A survey of the bench's workspace by a client that only reads; one look decides."""
    api = WorkspaceApi(
        credentials(token),
        bench.clock,
        transport or bench.workspace.transport(),
        read_only=True,
    )
    return Survey(lambda _inputs: api, bench.clock, parallel=parallel, confirm_delay=delay)


def look(bench: Bench, *recorded: Recorded, **more: Any) -> list[Seen]:
    """What drift detection sees of these resources."""
    return list(survey(bench, **more).look([subject(one) for one in recorded]))


def read(bench: Bench) -> list[str]:
    """The calls as `METHOD path`, without what all paths begin with."""
    return [f"{c.method} {c.path.removeprefix('/api/2.0/')}" for c in bench.workspace.calls]


def differences(seen: Seen) -> dict[str, str]:
    """Each difference's place, and whose it is."""
    assert seen.comparison is not None, seen.error
    return {
        shown(found.change.path): found.origin.value if found.origin else ""
        for found in seen.comparison.differences
    }


def undeclared(seen: Seen) -> dict[str, Any]:
    """Each place that nobody declares, and what stands there."""
    assert seen.comparison is not None, seen.error
    return {shown(found.change.path): found.change.actual for found in seen.comparison.undeclared}
