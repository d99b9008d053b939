"""What verbs record in hidden outputs and as settings, and read back from them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from databricks_serving.api import WorkspaceIdentity
from databricks_serving.errors import NewerFormat, WrongWorkspace
from databricks_serving.plan.bodies import unsealed
from databricks_serving.plan.canonical import Canonical, Fingerprint, Tree, revived
from databricks_serving.state.bag import Bag, plain_json, text
from databricks_serving.state.keys import (
    APPLIED,
    FORMAT,
    FORMAT_NUMBER,
    KEY,
    WORKSPACE_HOST,
    WORKSPACE_ID,
)
from databricks_serving_schema import OnChange, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving_schema import Value


def hidden(applied: Mapping[str, Tree], key: str) -> Bag:
    """The hidden outputs: what was last written, and the key of its fingerprints."""
    return {APPLIED: plain_json(applied), KEY: key, FORMAT: FORMAT_NUMBER}


def is_newer(recorded: Mapping[str, object]) -> bool:
    """Whether a release that writes another layout than this one has recorded these outputs."""
    number = recorded.get(FORMAT)
    return isinstance(number, (int, float)) and number > FORMAT_NUMBER


def refuse_newer(recorded: Mapping[str, object]) -> None:
    """Raise `NewerFormat` where a newer release has recorded: read wrongly, it would be undone."""
    if is_newer(recorded):
        raise NewerFormat(
            f"The state has this resource in format {recorded[FORMAT]:.0f}, written by a newer "
            f"release of databricks-serving than this one, which knows format {FORMAT_NUMBER}. "
            f"Nothing was touched. Install the newer release here too: pip install --upgrade "
            f"databricks-serving.",
            id="newer-format",
        )


def recorded_in(outputs: Mapping[str, object], here: WorkspaceIdentity) -> None:
    """Raise `WrongWorkspace` where the outputs were recorded in another workspace than `here`."""
    host, workspace_id = outputs.get(WORKSPACE_HOST), outputs.get(WORKSPACE_ID)
    if not isinstance(host, str):
        return
    known = workspace_id if isinstance(workspace_id, str) else None
    if not here.same_as(WorkspaceIdentity(host, known)):
        raise WrongWorkspace(
            f"This resource is recorded in workspace {known or host} ({host}), and the "
            f"credentials lead to workspace {here.workspace_id or here.host} ({here.host}). "
            f"Nothing was touched. Set credentials for the recorded workspace, or "
            f"`pulumi destroy` there before moving.",
            id="wrong-workspace",
        )


def applied_of(kind: type[Value], recorded: Mapping[str, object]) -> Canonical | None:
    """What was last written, or None where nothing is recorded of it. Raises `NewerFormat`."""
    refuse_newer(recorded)
    stored = recorded.get(APPLIED)
    return revived(kind, stored) if isinstance(stored, Mapping) else None


def key_of(recorded: Mapping[str, object]) -> str:
    """The key of the resource's fingerprints, in hexadecimal; a new one where none is recorded."""
    return text(recorded, KEY) or new_key()


def new_key() -> str:
    """32 random bytes in hexadecimal."""
    return secrets.token_hex(32)


def recorded_settings(kind: type[Value]) -> tuple[str, ...]:
    """The settings that are recorded with the outputs: `read` and `delete` get nothing else."""
    return tuple(
        name for name, its in fields_of(kind).items() if its.policy.on_change is OnChange.RECORD
    )


def picked(said: Bag, names: tuple[str, ...]) -> Bag:
    """What a bag says under these names."""
    return {name: said[name] for name in names if name in said}


def is_said(said: Mapping[str, object], name: str) -> bool:
    """Whether a switch is on; Pulumi's configuration knows texts only."""
    return said.get(name) in (True, "true")


def credentials_in(tree: Tree) -> Iterator[str]:
    """Every secret text that a tree holds: none of them may be repeated in a message."""
    if isinstance(tree, Fingerprint):
        secret = unsealed(tree)
        if isinstance(secret, str) and secret is not tree:
            yield secret
    elif isinstance(tree, (dict, tuple)):
        for inner in tree.values() if isinstance(tree, dict) else tree:
            yield from credentials_in(inner)
