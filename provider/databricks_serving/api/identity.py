"""Which workspace this is, and who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkspaceIdentity:
    """A workspace: its address, and its id where it tells one."""

    host: str
    workspace_id: str | None

    def same_as(self, recorded: WorkspaceIdentity) -> bool:
        """The ids decide; where one of them is not known, the addresses do."""
        if self.workspace_id and recorded.workspace_id:
            return self.workspace_id == recorded.workspace_id
        return self.host == recorded.host
