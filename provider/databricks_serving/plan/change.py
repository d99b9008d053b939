"""What one difference is: where, in which of the three states, what it takes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

from databricks_serving_schema import dotted

if TYPE_CHECKING:
    from databricks_serving_schema import Severity

    from .canonical import TreePath
    from .compare import MaybeTree


class Action(IntEnum):
    """What a change takes, the gravest last: the gravest of its changes is the plan's."""

    SKIP = 0
    NOTE = 1
    UPDATE = 2
    CREATE = 3
    REPLACE = 4
    REFUSE = 5


class Reason(Enum):
    """Why a change is what it is; skips have one too."""

    NOT_YET_KNOWN = "not yet known"
    WRITE_ONLY = "never shown by the service, and unchanged in the program"
    ALREADY_THERE = "the workspace has it already"
    SERVER_DEFAULT = "filled in by the service"
    UNDECLARED = "not declared here; kept as it is"
    OWNERSHIP_MARK = "the provider's own mark"
    NOT_COMPARED = "the service answers the same there, whatever was written"
    NO_LONGER_MANAGED = "taken out of the program; from now on it is left as it is"
    NO_CALL_CHANGES_IT = "differs in the workspace, and no call changes it"
    KIND_CHANGED = "an endpoint with an external model never becomes one without, or the reverse"
    EDITED = "changed in the program"
    DRIFTED = "changed outside"
    EDITED_AND_DRIFTED = "changed in the program and outside"
    MISSING = "not there"
    REDEPLOY = "a value in deploy.redeploy_on changed"
    RECREATED = "deleted and made again outside, under the same name"
    ROTATED_OUTSIDE = "put by somebody else since"
    OWN_RIGHT = "kept: these credentials manage it by that"


@dataclass(frozen=True)
class Change:
    """One difference. Values are canonical leaves, or ABSENT; secrets are fingerprints."""

    path: TreePath
    applied: MaybeTree
    desired: MaybeTree
    actual: MaybeTree
    action: Action
    reason: Reason
    because: str = ""
    severity: Severity | None = None


def shown(path: TreePath) -> str:
    """`config.served_entities["gpt-4"].name`: a path as reports write it."""
    return dotted(path)
