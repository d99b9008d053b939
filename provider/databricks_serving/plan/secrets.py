"""The plans of a secret scope and of a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving_schema import Secret, SecretScope, Severity

from .canonical import Canonical, Fingerprint, unsealed
from .change import Action, Change, Reason
from .compare import ABSENT, at
from .operations import CreateScope, Operation, PutSecret
from .parts import part_changes, part_paths

if TYPE_CHECKING:
    from .canonical import Tree
    from .states import Actual

#: Unix milliseconds; in applied, what was listed right after our own put.
TIMESTAMP = "last_updated_timestamp"

_VAULT = "backend_azure_keyvault"


def scope_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual | None
) -> tuple[Change, ...]:
    """Every difference of a scope."""
    if actual is None:
        return (Change((), ABSENT, ABSENT, ABSENT, Action.CREATE, Reason.MISSING),)
    was, wanted, there = (_without_slash(state) for state in (applied, desired, actual))
    return tuple(
        change
        for part in part_paths(SecretScope, was, wanted)
        for change in part_changes(SecretScope, part, applied=was, desired=wanted, actual=there)
    )


def _without_slash(scope: Canonical | None) -> dict[str, Tree]:
    """A scope's tree; the address of its vault is the same with a slash at the end and without.

    Azure shows it with one, and people write it without.
    """
    tree = {} if scope is None else scope.tree
    vault = tree.get(_VAULT)
    address = vault.get("dns_name") if isinstance(vault, dict) else None
    if not isinstance(vault, dict) or not isinstance(address, str):
        return tree
    if isinstance(address, Fingerprint):
        return tree
    return {**tree, _VAULT: {**vault, "dns_name": address.rstrip("/")}}


def scope_operations(changes: tuple[Change, ...], *, desired: Canonical) -> tuple[Operation, ...]:
    """The one call that a scope knows, if it is not there."""
    if not any(change.action is Action.CREATE for change in changes):
        return ()
    body: dict[str, object] = {
        "scope" if name == "name" else name: value for name, value in desired.tree.items()
    }
    return (CreateScope(body),)


def secret_changes(
    *, applied: Canonical | None, desired: Canonical, actual: Actual | None
) -> tuple[Change, ...]:
    """Every difference of a secret; a put by somebody else shows in the timestamp only."""
    if actual is None:
        return (Change((), ABSENT, ABSENT, ABSENT, Action.CREATE, Reason.MISSING),)
    was = {k: v for k, v in (applied.tree if applied is not None else {}).items() if k != TIMESTAMP}
    there = {k: v for k, v in actual.tree.items() if k != TIMESTAMP}
    # A value in another form, or without a version, is the same secret: it does not stop being
    # managed.
    found = [
        change
        for part in part_paths(Secret, was, desired.tree)
        for change in part_changes(Secret, part, applied=was, desired=desired.tree, actual=there)
        if change.reason is not Reason.NO_LONGER_MANAGED
    ]
    if applied is not None:
        put, listed = at(applied.tree, (TIMESTAMP,)), at(actual.tree, (TIMESTAMP,))
        # Without a timestamp, our put could not be listed: nothing can be told.
        if isinstance(put, int) and put != listed:
            found.append(
                Change(
                    (TIMESTAMP,),
                    put,
                    put,
                    listed,
                    Action.UPDATE,
                    Reason.ROTATED_OUTSIDE,
                    severity=Severity.CRITICAL,
                )
            )
    return tuple(found)


def secret_operations(changes: tuple[Change, ...], *, desired: Canonical) -> tuple[Operation, ...]:
    """One put, wherever anything about the value changed."""
    actions = {change.action for change in changes}
    if Action.REPLACE in actions or not actions & {Action.CREATE, Action.UPDATE}:
        return ()
    scope, key = str(desired.tree["scope"]), str(desired.tree["key"])
    body: dict[str, object] = {"scope": scope, "key": key}
    for field, name in (("value", "string_value"), ("value_base64", "bytes_value")):
        value = desired.tree.get(field)
        if isinstance(value, Fingerprint):
            body[name] = unsealed(value)
    return (PutSecret(scope, key, body),)
