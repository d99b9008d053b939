"""The plans of a secret scope and of a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from databricks_serving_schema import Secret, SecretScope, Severity

from .bodies import unsealed
from .canonical import Canonical, Fingerprint, Sealing
from .change import Action, Change, Reason
from .compare import ABSENT, at
from .operations import CreateScope, Operation, PutSecret
from .parts import part_changes, part_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .canonical import Tree
    from .states import Actual

#: Unix milliseconds; in applied, what was listed right after our own put.
TIMESTAMP = "last_updated_timestamp"
#: The fields that hold a value's fingerprint; one from the environment stands under `value`.
VALUES = ("value", "value_base64")

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


def has_value(secret: Canonical) -> bool:
    """Whether the fingerprint of a value stands there."""
    return any(form in secret.tree for form in VALUES)


def values_in(inputs: Mapping[str, object]) -> dict[str, str]:
    """What inputs say of a value, by its form; nothing of one that is not yet known."""
    return {form: value for form in VALUES if isinstance(value := inputs.get(form), str)}


def with_given(
    applied: Canonical | None, before: Mapping[str, object], said: Mapping[str, object], key: bytes
) -> Canonical | None:
    """What was applied; of a value that was never put, what the program said of it `before`.

    An imported secret has no fingerprint. A value that is not yet known is compared with nothing.
    """
    if applied is None or has_value(applied) or not values_in(said):
        return applied
    sealing = Sealing(key)
    given = {form: sealing.seal(SecretStr(value)) for form, value in values_in(before).items()}
    return Canonical(Secret, {**applied.tree, **given})


def comparable(desired: Canonical, applied: Canonical | None) -> Canonical:
    """What can be told of a value where one of the two has none: nothing, so `version` decides.

    A secret that was adopted or imported has no fingerprint, a variable that is unset no value.
    """
    if applied is None or (has_value(applied) and has_value(desired)):
        return desired
    was = {form: applied.tree[form] for form in VALUES if form in applied.tree}
    rest = {name: value for name, value in desired.tree.items() if name not in VALUES}
    return Canonical(Secret, {**rest, **was})


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
