"""The names under which things stand in users' state files.

From the first release on they never change.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Canonical form of what was last written; set by create and update, handed through by read.
APPLIED = "__applied"
#: 32 random bytes, hexadecimal: the key of the resource's fingerprints. Always secret.
KEY = "__key"
#: The sections of a gateway as they were found, which `on_delete="restore"` puts back. Secret, for
#: a program may mark as secret what somebody else had written there in clear.
BEFORE = "__before"
#: Number of this layout.
FORMAT = "__format"
FORMAT_NUMBER = 1
#: Hidden input: the paths of the leaves that the program marks as secret.
SECRET_LEAVES = "__secret_leaves"  # noqa: S105 - the name of an input, no secret
#: Secret input: plaintext credentials, `{entity name: {path: value}}`.
CREDENTIALS = "credentials"
#: Pulumi's own: the serialized provider.
PROVIDER = "__provider"

WORKSPACE_HOST = "workspace_host"
WORKSPACE_ID = "workspace_id"

#: The part of a type token after `pulumi-python:dynamic/`.
MODULE = "databricks_serving"


def entity_key(entity: Mapping[str, object]) -> str | None:
    """The name under which an entity's credentials stand: its own, or the service's default."""
    name = entity.get("name")
    if isinstance(name, str):
        return name
    model = entity.get("external_model")
    model_name = model.get("name") if isinstance(model, Mapping) else None
    if name is None and isinstance(model_name, str):
        # Late: a program asks this, and few leave the name out; the schema is 0.1 s of imports.
        from databricks_serving_schema import external_default_name  # noqa: PLC0415 - a program does without

        return external_default_name(model_name)
    return None
