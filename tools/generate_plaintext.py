"""Where plaintext credentials stand in a `config`: all that a constructor asks of the schema.

Written out, because a program would otherwise import every model, and pydantic with them, to learn
these names: 0.11 s of CPU, where Pulumi's own import takes 0.13.
"""

from __future__ import annotations

from typing import TypeAlias

from databricks_serving_schema import Config, Value, fields_of

Fields: TypeAlias = "dict[str, Fields]"

HEADER = '''\
"""Where plaintext credentials stand in an endpoint's `config`.

Generated from the schema by `make generate`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

#: The fields of an object that hold credentials, or (with nothing in them) are one.
Fields: TypeAlias = "Mapping[str, Fields]"
'''


def module() -> str:
    """The module with the tree of those fields; not formatted yet."""
    return f"{HEADER}\nIN_CONFIG: Fields = {_credentials(Config)!r}\n"


def _credentials(model: type[Value]) -> Fields:
    found: Fields = {}
    for name, field in fields_of(model).items():
        inner = _credentials(field.model) if field.model is not None else {}
        if field.secret or inner:
            found[name] = inner
    return found
