"""The form in which things are compared: keyed lists as mappings, secrets as fingerprints.

A canonical tree is built of dicts, tuples and scalars only, so it is also what `__applied` holds in
the state. The way back, to the body of a request, is `bodies.wire`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from pydantic import Secret, SecretStr
from typing_extensions import Self

from databricks_serving_schema import KeyedBy, Shape, Unknown, Value, fields_of

Scalar: TypeAlias = str | int | float | bool | Unknown | None
Tree: TypeAlias = "dict[str, Tree] | tuple[Tree, ...] | Scalar"
#: Where in a canonical tree: field names and keys of elements, never positions.
TreePath: TypeAlias = "tuple[str, ...]"

_FINGERPRINT = re.compile(r"^hmac-sha256:[0-9a-f]{64}$")


class Fingerprint(str):
    """What stands for a secret: equal where the secrets are equal, and showing nothing of them.

    A `str`, so that it is written to the state as it is; `sealed` has the secret itself where it is
    at hand (a desired value that may have to be sent), and is never compared or written.
    """

    __slots__ = ("sealed",)
    sealed: Secret[object] | None

    def __new__(cls, text: str, sealed: Secret[object] | None = None) -> Self:
        """`text` is `hmac-sha256:` and 64 hexadecimal digits."""
        self = super().__new__(cls, text)
        self.sealed = sealed
        return self

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether a text has the form of a fingerprint, as a key or in a state."""
        # Every text of a state is asked; most are not worth a regular expression.
        return text.startswith("hmac-") and _FINGERPRINT.fullmatch(text) is not None

    def __repr__(self) -> str:
        return "(secret)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("(secret)", spec)


@dataclass(frozen=True)
class Sealing:
    """How secrets of one resource become fingerprints: HMAC-SHA256 under the resource's own key.

    `marked`: paths of leaves and containers that the program itself marks as secret.
    """

    key: bytes = field(repr=False)
    marked: frozenset[TreePath] = frozenset()

    def seal(self, secret: SecretStr) -> Fingerprint:
        """The fingerprint of a credential, holding the credential."""
        text = secret.get_secret_value()
        return self._sealed(text.encode(), text)

    def seal_leaf(self, leaf: str | float) -> Fingerprint:
        """The fingerprint of a leaf that the program marks as secret, holding the leaf."""
        return self._sealed(json.dumps(leaf).encode(), leaf)

    def _sealed(self, content: bytes, value: object) -> Fingerprint:
        digest = hmac.new(self.key, content, hashlib.sha256).hexdigest()
        return Fingerprint(f"hmac-sha256:{digest}", Secret[object](value))

    def seal_key(self, key: str) -> str:
        """What stands for an element's key, the same in all three states."""
        return str.__str__(self.seal_leaf(key))

    def at_element(self, path: TreePath, key: str) -> Sealing:
        """This, for the element of that key in the list at `path`.

        What was applied knows an element that has a secret in its key by the fingerprint of it.
        """
        depth = len(path)
        below = [mark for mark in self.marked if mark[:depth] == path and len(mark) > depth]
        if not any(Fingerprint.is_one(mark[depth]) for mark in below):
            return self  # most lists have no such element, and a fingerprint is not for nothing
        clear, sealed = (*path, key), (*path, self.seal_key(key))
        met = {mark for mark in below if mark[: len(sealed)] == sealed}
        return replace(self, marked=self.marked | {clear + mark[len(sealed) :] for mark in met})

    def marks(self, path: TreePath) -> bool:
        """Whether the program marks this path, or a container of it, as secret."""
        if not self.marked:
            return False
        return any(path[:length] in self.marked for length in range(1, len(path) + 1))


@dataclass(frozen=True)
class Canonical:
    """One of the three states of a resource: what kind it is, and its canonical tree."""

    kind: type[Value]
    tree: dict[str, Tree]

    @cached_property
    def sealed(self) -> frozenset[TreePath]:
        """Where the tree holds fingerprints."""
        return fingerprinted(self.tree)


def located(value: Value, path: tuple[str | int, ...]) -> TreePath:
    """A path of a program (positions in lists) as one of its canonical tree (keys of elements)."""
    steps: list[str] = []
    here: object = value
    by: KeyedBy | None = None
    for step in path:
        if isinstance(step, int):
            element = here[step] if isinstance(here, tuple) and step < len(here) else None
            if by is None or not by.fields:
                break
            steps.append(element_key(element, by, step))
            here, by = element, None
        elif isinstance(here, Value):
            field = fields_of(type(here)).get(step)
            steps.append(step)
            by = field.keyed_by if field is not None else None
            here = getattr(here, step, None)
        else:
            steps.append(step)
            here = here.get(step) if isinstance(here, Mapping) else None
    return tuple(steps)


def element_key(element: object, by: KeyedBy, position: int) -> str:
    """The key of a list's element; its position where it has none, or none that is known yet."""
    if isinstance(element, str) and not by.fields:
        return element
    if isinstance(element, Value):
        said = tuple(getattr(element, name) for name in by.fields)
        if all(part is None or isinstance(part, str) for part in said):
            return by.key(said) or f"#{position}"
    return f"#{position}"


def canonical(value: Value, sealing: Sealing) -> Canonical:
    """A model in canonical form: what is unsaid is left out, what is said stays, even if empty."""
    return Canonical(type(value), _model(value, sealing, ()))


def _model(value: Value, sealing: Sealing, path: TreePath) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    known = fields_of(type(value))
    here = path
    # In the order of the fields; asking for each by name takes longer, and most are unsaid.
    for name, said in vars(value).items():
        if said is None or (its := known.get(name)) is None:
            continue
        if sealing.marked:  # without a mark nobody asks where anything stands
            here = (*path, name)
        if its.shape is Shape.KEYED_LIST and isinstance(said, tuple) and its.keyed_by is not None:
            tree[name] = _keyed(said, its.keyed_by, sealing, here)
        else:
            tree[name] = tree_of(said, sealing, here)
    for name, extra in (value.model_extra or {}).items():
        if name not in type(value).ANSWER_ONLY:
            tree[name] = tree_of(extra, sealing, (*path, name))
    return tree


def _keyed(
    elements: tuple[object, ...], by: KeyedBy, sealing: Sealing, path: TreePath
) -> dict[str, Tree]:
    keyed: dict[str, Tree] = {}
    for position, element in enumerate(elements):
        key = element_key(element, by, position)
        of_element = sealing.at_element(path, key) if sealing.marked else sealing
        tree = tree_of(element, of_element, (*path, key))
        # What is secret must not stand in clear as a key, or in one.
        if isinstance(tree, Fingerprint):
            key = str.__str__(tree)
        elif isinstance(tree, dict) and any(
            isinstance(tree.get(name), Fingerprint) for name in by.fields
        ):
            # Of the whole, which has the defaults in it: sealed one by one, they would not match.
            key = sealing.seal_key(key)
        while key in keyed:
            # Only an answer can hold two elements of one key; both are shown.
            key += "'"
        keyed[key] = tree
    return keyed


def tree_of(value: object, sealing: Sealing, path: TreePath) -> Tree:
    """Any value of a program in canonical form; `path` is where it stands, for what is marked."""
    if isinstance(value, (str, int, float)):  # first, as most are
        leaf = value if isinstance(value, str) else _whole(value)
        return sealing.seal_leaf(leaf) if sealing.marks(path) else leaf
    if isinstance(value, Value):
        return _model(value, sealing, path)
    if isinstance(value, SecretStr):
        return sealing.seal(value)
    if isinstance(value, (list, tuple)):
        return tuple(tree_of(inner, sealing, path) for inner in value)
    if isinstance(value, Mapping):
        return {
            str(key): tree_of(inner, sealing, (*path, str(key))) for key, inner in value.items()
        }
    return _nothing_said(value)


def _whole(leaf: str | float) -> str | int | float:
    # Pulumi's numbers are doubles: what was said as 100 comes as 100.0.
    return int(leaf) if isinstance(leaf, float) and leaf.is_integer() else leaf


def _nothing_said(value: object) -> Scalar:
    if value is None or isinstance(value, Unknown):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def revived(kind: type[Value], stored: Mapping[str, object]) -> Canonical:
    """A canonical form as it comes from the state: floats that are whole become integers again."""
    return Canonical(kind, {name: _revive(value) for name, value in stored.items()})


def _revive(value: object) -> Tree:
    if isinstance(value, str):
        return Fingerprint(value) if Fingerprint.is_one(value) else value
    if isinstance(value, (int, float)):
        return _whole(value)
    if isinstance(value, (list, tuple)):
        return tuple(_revive(inner) for inner in value)
    if isinstance(value, Mapping):
        return {str(key): _revive(inner) for key, inner in value.items()}
    return _nothing_said(value)


def fingerprinted(tree: Tree) -> frozenset[TreePath]:
    """Where a tree holds fingerprints: what was secret when it was written."""
    found: set[TreePath] = set()
    _find_fingerprints(tree, (), found)
    return frozenset(found)


def _find_fingerprints(tree: Tree, path: TreePath, found: set[TreePath]) -> None:
    if isinstance(tree, Fingerprint):
        found.add(path)
    elif isinstance(tree, dict):
        inside = [k for k, inner in tree.items() if isinstance(inner, (dict, tuple, Fingerprint))]
        if any(tree[key] == key for key in inside):
            found.add(path)  # elements that are their own keys are secret all together
            return
        for key in inside:
            _find_fingerprints(tree[key], (*path, key), found)
    elif isinstance(tree, tuple):
        for element in tree:
            _find_fingerprints(element, path, found)
