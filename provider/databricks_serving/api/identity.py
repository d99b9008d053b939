"""Which workspace this is, and who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """Whoever the credentials belong to: a user name or an application id, and its groups' names.

    Source: SCIM `Me`, which tells the groups of a user and of a service principal.
    """

    name: str
    groups: frozenset[str] = frozenset()


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
