"""What this release does not know: fields and values of a newer API.

Where the stack allows them they are sent as they are, which is told; but never what would keep a
credential in clear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from ..external_models import SECRET_REFERENCE
from ..fields import Field, fields_of
from ..problems import Path
from ..values import Value
from .rule import Allowances, Found, Objects, advice_of_objects, each_of, objects, rule_of_objects

_SOURCE = "this project's design: the API is often ahead of releases"


def unknown_fields(value: Value) -> Iterator[Path]:
    """Where a value holds fields that this release does not know."""
    return _unknown_fields(objects(value))


def _unknown_fields(found: Iterable[tuple[Path, Value]]) -> Iterator[Path]:
    for path, owner in found:
        for name in owner.model_extra or {}:
            yield *path, name


def unknown_values(found: Objects) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Where a field says none of the values that are known of it: what it says, and those."""
    for path, owner in found:
        for field in _with_choices(type(owner)):
            for here, said in each_of((*path, field.name), getattr(owner, field.name)):
                if not isinstance(said, str) or said in field.choices:
                    continue
                if said or not field.policy.required:
                    yield here, said, field.choices


@cache
def _with_choices(model: type[Value]) -> tuple[Field, ...]:
    return tuple(field for field in fields_of(model).values() if field.choices)


@advice_of_objects(
    "newer-field",
    source=_SOURCE,
    remedy="Check the spelling; where it is right, nothing has to be done.",
)
def newer_field(found: Objects, _: Allowances) -> Found:
    """Fields that this release does not know, where the stack allows them."""
    for path in _unknown_fields(found):
        yield path, "not known to this release; it is sent as it is"


@advice_of_objects(
    "newer-value",
    source=_SOURCE,
    remedy="Check the spelling; where it is right, nothing has to be done.",
)
def newer_value(found: Objects, _: Allowances) -> Found:
    """Values that this release does not know, where the stack allows them."""
    for path, _said, _known in unknown_values(found):
        yield path, "this value is not known to this release; it is sent as it is"


_CREDENTIAL = re.compile(r"_key$|(^|_)(token|secret|password)$|credentials?$", re.IGNORECASE)


@rule_of_objects(
    "newer-plaintext",
    source="this project's design: no secret in a state",
    remedy="Put the value into a Secret, and say a reference to it.",
)
def newer_plaintext(found: Objects, allowances: Allowances) -> Found:
    """No plaintext credential in a field that this release does not know."""
    for path, name, said in _inside_unknown_fields(found, allowances):
        if name.lower().endswith("_plaintext") and said is not None:
            yield (
                path,
                (
                    "this release does not know this field, and a plaintext credential in it would "
                    "be kept in clear. Put it into a `Secret`, and write `secret.reference` in the "
                    "field of the same name without `_plaintext`"
                ),
            )


@rule_of_objects(
    "newer-credential",
    source="this project's design: no secret in a state",
    remedy="Put the value into a Secret, and say secret.reference.",
)
def newer_credential(found: Objects, allowances: Allowances) -> Found:
    """A field of an external model that by its name holds a credential takes a reference."""
    for path, name, said in _inside_unknown_fields(found, allowances):
        if "external_model" not in path or not _CREDENTIAL.search(name):
            continue
        if isinstance(said, str) and said and not SECRET_REFERENCE.fullmatch(said):
            yield (
                path,
                (
                    "this release does not know this field, which by its name is a credential: it "
                    "takes a reference such as {{secrets/my_scope/my_key}}, and what stands here "
                    "is none and would be kept in clear. It is not repeated. Put it into a "
                    "`Secret` and write `secret.reference` here"
                ),
            )


def _inside_unknown_fields(
    found: Objects, allowances: Allowances
) -> Iterator[tuple[Path, str, object]]:
    """Whatever has a name in what is unknown: its path, its name, what it says."""
    if not allowances.unknown_fields:
        return  # refused as a whole
    for path, owner in found:
        yield from _named_in(owner.model_extra, path)


def _named_in(tree: object, path: Path) -> Iterator[tuple[Path, str, object]]:
    if isinstance(tree, Mapping):
        for name, inner in tree.items():
            yield (*path, str(name)), str(name), inner
            yield from _named_in(inner, (*path, str(name)))
    elif isinstance(tree, (list, tuple)):
        for index, inner in enumerate(tree):
            yield from _named_in(inner, (*path, index))
