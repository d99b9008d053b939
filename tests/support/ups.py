"""Programs on their way to the verbs, and workspaces that have what the programs refer to."""

from __future__ import annotations

from typing import Any

from databricks_serving.apply import endpoint
from databricks_serving.apply.context import LeftUnfinished
from databricks_serving.errors import ServingError
from databricks_serving_emulator import Behaviour

from .context import SECRETS, Bench, wired
from .endpoints import Json


def prepared(**behaviour: Any) -> Bench:
    """A bench whose workspace behaves so and has the secret that programs refer to."""
    bench = Bench(behaviour=Behaviour(**behaviour))
    for call, body in (
        ("scopes/create", {"scope": "llm", "initial_manage_principal": "users"}),
        ("put", {"scope": "llm", "key": "openai", "string_value": "sk-1"}),
    ):
        bench.workspace.ui("POST", f"{SECRETS}/{call}", body)
    return bench


def inputs_of(bench: Bench, said: Json) -> Json:
    """The inputs that the engine records: credentials stand apart, and `check` found no fault."""
    checked = endpoint.check({}, wired(with_credentials_apart(said)), bench.context().stack)
    assert checked.problems == ()
    return wired(checked.inputs)


def created(bench: Bench, said: Json) -> tuple[Json, Json]:
    """Inputs and outputs of a program whose endpoint was just created; no call is remembered."""
    inputs = inputs_of(bench, said)
    outputs = bench.create(endpoint, inputs).outputs
    bench.workspace.clear_calls()
    return inputs, outputs


def up(bench: Bench, inputs: Json, state: Json | None) -> tuple[Json | None, ServingError | None]:
    """One `pulumi up`: create or update, and what the engine keeps in the state afterwards."""
    try:
        if state is None:
            return bench.create(endpoint, inputs).outputs, None
        return bench.update(endpoint, "chat", state, inputs), None
    except LeftUnfinished as left:
        return left.outputs, left
    except ServingError as failed:
        return state, failed


def preview(bench: Bench, outputs: Json, inputs: Json) -> Any:
    """What a preview shows: it calls nothing."""
    return endpoint.diff(wired(outputs), wired(inputs), bench.context().stack)


def with_credentials_apart(said: Json) -> Json:
    config = said.get("config")
    if config is None:
        return said
    apart: dict[str, Json] = {}
    entities = []
    for entity in config["served_entities"]:
        own: Json = {}
        entities.append(_without_plaintext(entity, (), own))
        if own:
            apart[entity["name"]] = own
    moved = {**said, "config": {**config, "served_entities": entities}}
    return {**moved, "credentials": apart} if apart else moved


def _without_plaintext(value: Any, path: tuple[str, ...], apart: Json) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        if name.endswith("_plaintext"):
            apart[".".join((*path, name))] = inner
        else:
            kept[name] = _without_plaintext(inner, (*path, name), apart)
    return kept
