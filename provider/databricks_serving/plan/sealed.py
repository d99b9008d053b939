"""What a workspace answers where a state holds fingerprints that nobody here can compare.

A secret leaf is taken for what was recorded. An element that has a secret in its key cannot be
found by it: of those that are left over, each is taken for the one that is most like it, so that
their other leaves and their number are compared all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .canonical import Fingerprint, fingerprinted
from .compare import ABSENT, MaybeTree, at, differing, is_empty, with_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .canonical import Tree, TreePath


def as_recorded(actual: dict[str, Tree], applied: dict[str, Tree]) -> dict[str, Tree]:
    """`actual` with what was recorded wherever nobody here can compare the two."""
    return {name: _taken(there, applied.get(name, ABSENT)) for name, there in actual.items()}


def _taken(actual: Tree, applied: MaybeTree) -> Tree:
    if is_empty(actual):
        return actual
    if isinstance(applied, Fingerprint) or (isinstance(applied, tuple) and fingerprinted(applied)):
        return applied
    if not isinstance(actual, dict) or not isinstance(applied, dict):
        return actual
    hidden = {key: element for key, element in applied.items() if _is_sealed(key)}
    if hidden:
        known = {key: there for key, there in actual.items() if key in applied}
        found = {key: there for key, there in actual.items() if key not in applied}
        return {**as_recorded(known, applied), **_recognized(found, hidden)}
    return as_recorded(actual, applied)


def _is_sealed(key: str) -> bool:
    """Whether the key of an element is, or ends with, a fingerprint."""
    return Fingerprint.is_one(key) or ":hmac-sha256:" in key


def _recognized(found: dict[str, Tree], hidden: dict[str, Tree]) -> dict[str, Tree]:
    """The elements that are found by no plain key, each as the hidden one that it may be.

    Where more are found than are recorded, any of those may be the secret one: none is shown.
    """
    pairs = sorted(
        (len(differing(_taken(there, element), element)), order, key, its)
        for order, (its, element) in enumerate(hidden.items())
        for key, there in found.items()
        if _may_be(there, element)
    )
    whose: dict[str, str] = {}
    for _, _, key, its in pairs:
        if key not in whose and its not in whose.values():
            whose[key] = its
    secret = frozenset().union(*map(fingerprinted, hidden.values()))
    told: dict[str, Tree] = {}
    for number, (key, there) in enumerate(sorted(found.items())):
        seal = Fingerprint(f"hmac-sha256:{number:064x}")
        if key in whose:
            element = hidden[whose[key]]
            told[whose[key]] = _covered(_taken(there, element), secret, element, seal)
        elif any(_may_be(there, element) for element in hidden.values()):
            told[str.__str__(seal)] = _covered(there, secret, ABSENT, seal)
        else:
            told[key] = there
    return told


def _may_be(there: Tree, element: Tree) -> bool:
    """Whether this can be the element: it says some of what is secret there.

    Not all of it: a credential is never answered, and somebody may have cleared a leaf.
    """
    if isinstance(element, Fingerprint):
        return not isinstance(there, dict)
    return any(at(there, path) is not ABSENT for path in fingerprinted(element))


def _covered(there: Tree, secret: Iterable[TreePath], element: MaybeTree, seal: Tree) -> Tree:
    """An element with what `element` has, or a seal, wherever any of its list is secret."""
    for path in secret:
        if at(there, path) is not ABSENT:
            said = at(element, path)
            value = seal if said is ABSENT else said
            there = with_at(there, path, value) if path and isinstance(there, dict) else value
    return there


__all__ = ["as_recorded"]
