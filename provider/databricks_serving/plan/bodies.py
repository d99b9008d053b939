"""From a canonical tree back to the body of a request: the only way that secrets get there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from databricks_serving_schema import Shape, fields_of

from .canonical import Fingerprint

if TYPE_CHECKING:
    from databricks_serving_schema import Value

    from .canonical import Tree


def wire(kind: type[Value], tree: Mapping[str, Tree]) -> dict[str, object]:
    """A canonical tree as the body of a request, secrets in clear.

    A secret that is known by its fingerprint only stays a `Fingerprint`; nothing sends that.
    """
    known = fields_of(kind)
    body: dict[str, object] = {}
    for name, value in tree.items():
        its = known.get(name)
        inner = its.model if its is not None else None
        if its is not None and its.shape is Shape.KEYED_LIST and isinstance(value, dict):
            body[name] = [_wire(inner, element) for element in value.values()]
        else:
            body[name] = _wire(inner, value)
    return body


def _wire(kind: type[Value] | None, value: Tree) -> object:
    if isinstance(value, Fingerprint):
        return unsealed(value)
    if isinstance(value, dict):
        if kind is not None:
            return wire(kind, value)
        return {key: _wire(None, inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_wire(kind, inner) for inner in value]
    return value


def unsealed(fingerprint: Fingerprint) -> object:
    """The secret behind a fingerprint; the fingerprint itself where the secret is not at hand."""
    return fingerprint if fingerprint.sealed is None else fingerprint.sealed.get_secret_value()
