"""A project's own files as a stack of a test takes them: without what only its owners can open.

Edited as nodes of YAML, never as values: written anew, `yes` or `012` would be another text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # comes with pulumi; its types would be one more

#: How a stack's secrets are encrypted (the engine's sdk/go/common/workspace, `ProjectStack`).
_ENCRYPTION = ("encryptionsalt", "secretsprovider", "encryptedkey")
_DIRECTORY = "stackConfigDir"
_TEXT = "tag:yaml.org,2002:str"


class UnreadableError(Exception):
    """A file of the project is no YAML object; the message names it."""


@dataclass(frozen=True)
class ProjectFile:
    """A Pulumi.yaml: the project's `name`, and where it keeps the files of its stacks.

    `alone`: its text, for a directory in which the stack's file stands beside it.
    """

    name: str
    directory: str
    alone: str


@dataclass(frozen=True)
class StackFile:
    """A Pulumi.STACK.yaml: its text without what is encrypted, and the keys of that."""

    text: str
    encrypted: tuple[str, ...] = ()


def project_file(path: Path) -> ProjectFile:
    """Read a Pulumi.yaml. Raises `UnreadableError`."""
    root = _root(path)
    scalars = {key: node.value for key, node in _entries(root) if isinstance(node, yaml.ScalarNode)}
    # `config` was once what `stackConfigDir` is; a text there still means that.
    directory = scalars.get(_DIRECTORY) or scalars.get("config") or "."
    alone = _without(root, (_DIRECTORY, "config") if "config" in scalars else (_DIRECTORY,))
    return ProjectFile(scalars.get("name", ""), directory, alone)


def stack_file(path: Path) -> StackFile:
    """Read a stack's file. Raises `UnreadableError`."""
    root = _root(path)
    config = dict(_entries(root)).get("config")
    encrypted = tuple(key for key, node in _entries(config) if _is_encrypted(node))
    if isinstance(config, yaml.MappingNode):
        config.value = [pair for pair in config.value if pair[0].value not in encrypted]
    return StackFile(_without(root, _ENCRYPTION), encrypted)


def _root(path: Path) -> yaml.MappingNode:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeError) as wrong:
        raise UnreadableError(f"{path} cannot be read: {' '.join(str(wrong).split())}.") from None
    if root is None:
        return yaml.MappingNode("tag:yaml.org,2002:map", [])
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableError(f"{path} is no object of YAML.")
    return root


def _entries(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), value) for key, value in node.value)


def _is_encrypted(node: yaml.Node) -> bool:
    """Whether a value is encrypted, or any part of it: a part alone is no value.

    That is an object with no other key than `secure`, whose value is a text (the engine's
    sdk/go/common/resource/config, `isSecureValue`).
    """
    if isinstance(node, yaml.SequenceNode):
        return any(_is_encrypted(one) for one in node.value)
    entries = list(_entries(node))
    if [(key, inner.tag) for key, inner in entries] == [("secure", _TEXT)]:
        return True
    return any(_is_encrypted(inner) for _, inner in entries)


def _without(root: yaml.MappingNode, names: tuple[str, ...]) -> str:
    root.value = [pair for pair in root.value if pair[0].value not in names]
    return str(yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True))
