"""What a stack recorded, and what a preview would record: Pulumi's own files, parsed once.

A state is what `pulumi stack export` prints, or a checkpoint of the file backend; a preview is what
`pulumi preview --json` prints. Neither gives out secrets: what is there and cannot be read is
`SEALED`. Sources: pulumi's sdk/go/common/apitype (deployments, checkpoints, preview digest).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from databricks_serving.errors import ServingError
from databricks_serving_schema import UNKNOWN, Unknown

from .bag import Bag, section, text
from .tokens import PROVIDER_OF, type_token

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks a secret, is none
_BLINDED = "[secret]"
#: A preview writes so what is not yet known.
_NOT_YET_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_KIND_OF = {type_token(kind): kind for kind in PROVIDER_OF}
#: `urn:pulumi:<stack>::<project>::<type>::<name>`
_SEPARATORS = 3
_DEEPEST = 100
#: Frames of programs: not of a virtual environment's libraries, nor outside the project.
_NOT_THE_USERS = ("site-packages", "dist-packages", "..")


class Sealed(Unknown):
    """A value that is there, and that nobody here can read: a ciphertext, or a blinded secret."""

    def __repr__(self) -> str:
        return "(secret)"


SEALED = Sealed()
_TELLS_NOTHING = {_BLINDED: SEALED, _NOT_YET_KNOWN: UNKNOWN}
_HOLDERS = (dict, list)


class NoState(ServingError):
    """There is no such stack or state file, or it is none."""


@dataclass(frozen=True)
class Source:
    """A line of the user's program; `file` is relative to the project."""

    file: str
    line: int


@dataclass(frozen=True)
class Recorded:
    """One of our resources as a state has it. `unfinished`: its last run did not end well."""

    urn: str
    kind: str
    id: str
    inputs: Bag = field(repr=False)
    outputs: Bag = field(repr=False)
    source: Source | None = None
    unfinished: bool = False

    @property
    def name(self) -> str:
        """The name of the resource in the program."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True)
class Deployment:
    """A stack's state: our resources, and the number of others.

    `pending`: URNs of operations that a killed engine left open.
    """

    project: str
    stack: str
    resources: tuple[Recorded, ...]
    others: int = 0
    pending: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What a preview would do with one of our resources.

    `op`: Pulumi's word (same, create, update, delete, replace, …). `changed`: the property paths
    that differ, as Pulumi writes them. `inputs` None: the resource goes. `before`: its URN in the
    state, another one where an alias renames it; None where it is in none. `retained`: of one that
    goes, that it stays in the workspace (`retain_on_delete`).
    """

    urn: str
    kind: str
    op: str
    inputs: Bag | None = field(repr=False)
    changed: tuple[str, ...] = ()
    source: Source | None = None
    before: str | None = None
    retained: bool = False

    @property
    def name(self) -> str:
        """The name of the resource in the program."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True)
class Complaint:
    """What the engine says of a preview that failed; `urn` None: of the run as a whole."""

    message: str
    urn: str | None = None


@dataclass(frozen=True)
class Preview:
    """What `pulumi preview --json` found; `errors`: why one failed, which then lacks steps."""

    steps: tuple[Step, ...]
    others: int = 0
    errors: tuple[Complaint, ...] = ()


def deployment_of(exported: object) -> Deployment:
    """A state as it was exported, or a checkpoint file. Raises `NoState` where it is neither."""
    document = exported if isinstance(exported, Mapping) else {}
    checkpoint = section(document, "checkpoint")
    deployed = document.get("deployment", checkpoint.get("latest"))
    if "deployment" not in document and not checkpoint:
        raise NoState(
            "This is no Pulumi state: neither what `pulumi stack export` prints, nor a checkpoint "
            "of the file backend.",
            id="no-state",
        )
    if not isinstance(deployed, Mapping | None):
        raise NoState("This is no Pulumi state: its `deployment` is no object.", id="no-state")
    deployed = deployed or {}
    live = [entry for entry in _listed(deployed, "resources") if not entry.get("delete")]
    ours = tuple(_recorded(entry) for entry in live if text(entry, "type") in _KIND_OF)
    project, stack = _owner(live, text(checkpoint, "stack"))
    return Deployment(project, stack, ours, _others(live), tuple(_pending(deployed)))


def preview_of(digest: object) -> Preview:
    """A preview as `--json` prints it. Raises `NoState` where it is none."""
    if not isinstance(digest, Mapping) or "steps" not in digest:
        if isinstance(digest, Mapping) and ("changeSummary" in digest or "diagnostics" in digest):
            return Preview((), 0, tuple(_errors(digest)))
        raise NoState(
            "This is no preview: it is not what `pulumi preview --json` prints.", id="no-preview"
        )
    steps = _listed(digest, "steps")
    ours = [step for step in steps if text(_state_of(step), "type") in _KIND_OF]
    others = _others(map(_state_of, steps))
    return Preview(tuple(map(_step, ours)), others, tuple(_errors(digest)))


def _listed(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list, none where there is no list. Raises `NoState` for anything else."""
    listed = document.get(name)
    if not isinstance(listed, list | None):
        raise NoState(
            f"This is none of Pulumi's files: its `{name}` is no list.", id="no-pulumi-file"
        )
    return [one for one in listed or () if isinstance(one, Mapping)]


def readable(value: Any, depth: int = 0) -> Any:
    """A value of a state or preview, with `SEALED` and `UNKNOWN` where it tells nothing.

    What tells all is given back as it is, not copied. Raises `NoState` for a value that is nested
    deeper than anything that was ever recorded.
    """
    if isinstance(value, str):
        return _TELLS_NOTHING.get(value, value)
    if not isinstance(value, _HOLDERS):
        return value
    if depth > _DEEPEST:
        raise NoState(
            f"This is no Pulumi state: a value in it is nested over {_DEEPEST} deep.",
            id="state-too-deep",
        )
    if isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET:
        return SEALED
    told = value
    for place, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, _HOLDERS):
            seen = readable(inner, depth + 1)
        elif isinstance(inner, str):
            seen = _TELLS_NOTHING.get(inner, inner)  # most are texts: not worth a call
        else:
            continue
        if seen is not inner:
            told = value.copy() if told is value else told
            told[place] = seen
    return told


def _recorded(entry: Mapping[str, Any]) -> Recorded:
    return Recorded(
        urn=str(entry.get("urn")),
        kind=_KIND_OF[str(entry["type"])],
        id=str(entry.get("id", "")),
        inputs=readable(section(entry, "inputs")),
        outputs=readable(section(entry, "outputs")),
        source=_source(entry),
        unfinished=bool(entry.get("initErrors")),
    )


def _step(step: Mapping[str, Any]) -> Step:
    after = step.get("newState")
    gone = step.get("op") in ("delete", "delete-replaced", "discard", "discard-replaced")
    inputs = readable(section(after, "inputs")) if isinstance(after, Mapping) and not gone else None
    detailed = step.get("detailedDiff")
    return Step(
        urn=str(step.get("urn")),
        kind=_KIND_OF[str(_state_of(step)["type"])],
        op=str(step.get("op")),
        inputs=inputs,
        changed=tuple(detailed) if isinstance(detailed, Mapping) else (),
        source=_source(after if isinstance(after, Mapping) else section(step, "oldState")),
        before=text(section(step, "oldState"), "urn"),
        retained=section(step, "oldState").get("retainOnDelete") is True,
    )


def _others(states: Iterable[Mapping[str, Any]]) -> int:
    """How many are not ours; the stack itself and its providers are things of the engine.

    So are components, which only group others: nothing outside of the program is theirs.
    """
    return sum(
        state.get("custom") is not False
        and text(state, "type") not in _KIND_OF
        and not str(state.get("type")).startswith(("pulumi:pulumi:", "pulumi:providers:"))
        for state in states
    )


def _state_of(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step makes, else what it takes away."""
    return section(step, "newState") or section(step, "oldState")


def _source(entry: Mapping[str, Any]) -> Source | None:
    """Where the user's program makes a resource: the innermost frame that is the project's own."""
    frames = entry.get("stackTrace")
    traced = frames if isinstance(frames, list) else ()
    positions = [f.get("sourcePosition") for f in traced if isinstance(f, Mapping)]
    for position in (*positions, entry.get("sourcePosition")):
        if isinstance(position, str) and (own := _users_own(position)) is not None:
            return own
    return None


@lru_cache(maxsize=1024)  # what a loop makes stands in one line of the program
def _users_own(position: str) -> Source | None:
    """`project:///<file>#<line>,<column>`; None for any other place, and for libraries."""
    if not position.startswith("project:///"):
        return None
    file, _, place = position.removeprefix("project:///").partition("#")
    line = place.partition(",")[0]
    if not line.isdecimal() or set(PurePosixPath(unquote(file)).parts) & set(_NOT_THE_USERS):
        return None
    return Source(unquote(file), int(line))


def _owner(entries: list[Mapping[str, Any]], qualified: str | None) -> tuple[str, str]:
    """Project and stack: every URN has both; an empty state may have a name of its own."""
    for entry in entries:
        parts = str(entry.get("urn", "")).split("::")
        if len(parts) > _SEPARATORS:
            return parts[1], parts[0].removeprefix("urn:pulumi:")
    names = (qualified or "").split("/")
    return (names[-2] if len(names) > 1 else ""), names[-1]


def _pending(deployed: Mapping[str, Any]) -> Iterator[str]:
    for operation in _listed(deployed, "pending_operations"):
        if (urn := text(section(operation, "resource"), "urn")) is not None:
            yield urn


def _errors(digest: Mapping[str, Any]) -> Iterator[Complaint]:
    for diagnostic in _listed(digest, "diagnostics"):
        if diagnostic.get("severity") == "error":
            message = (text(diagnostic, "message") or "").strip().removeprefix("error: ")
            urn = text(diagnostic, "urn") or ""
            yield Complaint(message, urn if urn.count("::") >= _SEPARATORS else None)
