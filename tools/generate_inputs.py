"""Write the TypedDicts of a program's dicts from the schema's models; `--check` only compares.

Every value is a `pulumi.Input`, at every depth. What the constructors take beyond the schema (the
settings of a rollout, older forms) stands in the tables below.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import SecretStr

from databricks_serving_schema import (
    Config,
    Deploy,
    Endpoint,
    OnChange,
    Policy,
    RateLimit,
    Route,
    Unknown,
    Value,
    WorkspaceChoice,
)

INPUTS = Path(__file__).parents[1] / "provider" / "databricks_serving" / "dynamic" / "inputs.py"
ROOTS = (Deploy, WorkspaceChoice, Endpoint)

HEADER = '''\
"""What a program may say in its dicts.

Generated from the schema by `make generate`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from typing_extensions import Required, TypedDict
'''

# A leaf of a model, and how a program writes it.
LEAVES: Mapping[object, str] = {
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    SecretStr: "str",
    Any: "Any",
}


@dataclass(frozen=True)
class Entry:
    """One key of a TypedDict: its type as it is written, and what is said of it."""

    name: str
    kind: str
    doc: str = ""
    required: bool = False


@dataclass(frozen=True)
class Dict:
    """One TypedDict."""

    name: str
    doc: str
    entries: tuple[Entry, ...]


class Unwritable(TypeError):
    """A model has a field of a kind that this tool knows no type for."""


NAMES: Mapping[type[Value], str] = {
    Endpoint: "ServingEndpointArgs",
    WorkspaceChoice: "WorkspaceArgs",
}
DOCS: Mapping[type[Value], str] = {
    Endpoint: "A serving endpoint: what `ServingEndpoint` takes, as a dict to be unpacked there.",
}
TAG = Dict(
    "TagArgs",
    "A tag in the API's own form; a map of tags says the same.",
    (Entry("key", "pulumi.Input[str]", required=True), Entry("value", "pulumi.Input[str]")),
)
#: Takes the place of what the schema says: the schema knows one form, a program may write two.
OTHERWISE: Mapping[tuple[type[Value], str], str] = {
    (Endpoint, "tags"): (
        f"pulumi.Input[Mapping[str, pulumi.Input[str]] | Sequence[pulumi.Input[{TAG.name}]]]"
    ),
}
#: A policy calls these required, and yet a program may leave them out.
FILLED_IN: Mapping[tuple[type[Value], str], str] = {
    (Endpoint, "name"): "Left out, the endpoint is named after the resource."
}
BESIDE: Mapping[type[Value], tuple[Entry, ...]] = {
    Config: (Entry("name", "pulumi.Input[str]", "The endpoint's own name, repeated; not sent."),),
    Route: (
        Entry("served_model_name", "pulumi.Input[str]", "The older name of `served_entity_name`."),
    ),
    Endpoint: (
        Entry(
            "rate_limits",
            "pulumi.Input[Sequence[pulumi.Input[RateLimitArgs]]]",
            "The older place of `ai_gateway.rate_limits`.",
        ),
        Entry(
            "allow_multiple_external_models",
            "bool",
            "The workspace allows several external models behind one endpoint.",
        ),
        Entry("deploy", "pulumi.Input[DeployArgs]", "How changes are rolled out: never sent."),
        Entry(
            "adopt",
            "bool",
            "An existing endpoint of that name is taken over, and brought to what is said here.",
        ),
        Entry("workspace", "pulumi.Input[WorkspaceArgs]", "Which workspace: never a credential."),
    ),
}
COSTLY = {
    OnChange.REPLACE: "A change replaces the endpoint: ",
    OnChange.REFUSE: "A change is refused: ",
}


def name_of(model: type[Value]) -> str:
    """`ServedEntity` -> `ServedEntityArgs`."""
    return NAMES.get(model, f"{model.__name__}Args")


def kind_of(annotation: object) -> str:
    """The type as a program's dict has it, Inputs at every depth below it."""
    own = _own(annotation)
    origin, inner = get_origin(own), get_args(own)
    if origin is tuple:
        return f"Sequence[pulumi.Input[{kind_of(inner[0])}]]"
    if origin is dict:
        return f"Mapping[str, pulumi.Input[{kind_of(inner[1])}]]"
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin in (Union, types.UnionType):
        return " | ".join(kind_of(one) for one in inner if one not in (Unknown, type(None)))
    if _is_model(own):
        return name_of(own)
    if own in LEAVES:
        return LEAVES[own]
    raise Unwritable(f"{own!r}: say in tools/generate_inputs.py how a program writes it")


def dicts() -> Iterator[Dict]:
    """Every TypedDict, the inner ones before those that hold them."""
    yield TAG
    models: dict[type[Value], None] = {}
    for root in ROOTS:
        _gather(root, models)
    if RateLimit not in models:
        raise Unwritable("the older rate_limits are typed as RateLimit, which no root reaches")
    for model in models:
        yield Dict(
            name_of(model),
            DOCS.get(model) or inspect.getdoc(model) or "",
            (*(_entry(model, name) for name in model.model_fields), *BESIDE.get(model, ())),
        )


def written() -> str:
    """The whole module, formatted."""
    text = "\n\n".join((HEADER, *map(_lines, dicts())))
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(INPUTS), "-"]
    return subprocess.run(
        command, input=text, capture_output=True, encoding="utf-8", check=True
    ).stdout


def _own(annotation: object) -> object:
    """The type itself, without what says `or unknown`, `or unsaid`, `validated`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        if get_origin(annotation) not in (Union, types.UnionType):
            return annotation
        own = [one for one in get_args(annotation) if one not in (Unknown, type(None))]
        if len(own) != 1:
            return annotation
        annotation = own[0]


def _is_model(kind: object) -> TypeGuard[type[Value]]:
    # Python 3.10 takes `tuple[str]` for a type, and then stumbles over it.
    return get_origin(kind) is None and isinstance(kind, type) and issubclass(kind, Value)


def _gather(model: type[Value], found: dict[type[Value], None]) -> None:
    for info in model.model_fields.values():
        for inner in _models_in(info.annotation):
            if inner not in found:
                _gather(inner, found)
    found[model] = None


def _models_in(annotation: object) -> Iterator[type[Value]]:
    if _is_model(annotation):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _models_in(inner)


def _entry(model: type[Value], name: str) -> Entry:
    info = model.model_fields[name]
    kind = OTHERWISE.get((model, name)) or f"pulumi.Input[{kind_of(info.annotation)}]"
    policy = next((item for item in info.metadata if isinstance(item, Policy)), None)
    if policy is None:
        return Entry(name, kind)
    because = COSTLY.get(policy.on_change, "") + policy.because
    doc = f"{because[0].upper()}{because[1:]}."
    if (model, name) in FILLED_IN:
        return Entry(name, kind, f"{FILLED_IN[model, name]} {doc}")
    return Entry(name, kind, doc, policy.required)


def _lines(one: Dict) -> str:
    parts = [f"class {one.name}(TypedDict, total=False):", _docstring(one.doc), ""]
    for entry in one.entries:
        kind = f"Required[{entry.kind}]" if entry.required else entry.kind
        parts.append(f"    {entry.name}: {kind}")
        if entry.doc:
            parts.append(_docstring(entry.doc))
    return "\n".join(parts)


def _docstring(text: str) -> str:
    paragraphs = text.splitlines()
    if len(paragraphs) == 1:
        paragraphs = textwrap.wrap(text, 93)
    if len(paragraphs) == 1:
        return textwrap.indent(f'"""{paragraphs[0]}"""', "    ")
    body = "\n".join(paragraphs)
    return textwrap.indent(f'"""{body}\n"""', "    ")


def main(arguments: list[str]) -> int:
    """Write the module; with `--check`, answer 1 where it is not what it should be."""
    should_be = written()
    if INPUTS.exists() and INPUTS.read_text(encoding="utf-8") == should_be:
        return 0
    if arguments == ["--check"]:
        print(f"{INPUTS.name} is not what the schema says; run `make generate`", file=sys.stderr)
        return 1
    INPUTS.write_text(should_be, encoding="utf-8")
    print(f"generate: wrote {INPUTS.relative_to(Path(__file__).parents[1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
