"""The ground of a report, and a value in it: of a secret, nothing is shown."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    JsonValue,
    PrivateAttr,
    ValidationInfo,
    field_validator,
)
from typing_extensions import Self


class Stated(BaseModel):
    """The ground of every part of a report."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore")


class Val(Stated):
    """A value in one of the three states.

    A secret shows nothing: no value, no digits, no length. `hidden`: it is a secret perhaps, an
    environment variable in clear.
    """

    kind: Literal["plain", "secret", "hidden", "absent", "unknown"]
    value: JsonValue = None
    #: Of what holds something hidden, the SHA-256 of its JSON, for the digest of a plan alone: it
    #: is in no output, and what was hidden could be guessed from it.
    _hidden: str = PrivateAttr(default="")

    def with_hidden(self, text: str) -> Self:
        """The same; `text`, which is not kept, tells it from others that look the same."""
        self._hidden = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return self

    @property
    def hidden(self) -> str:
        """What tells it from others that look the same; empty where all of it is shown."""
        return self._hidden

    @field_validator("value")
    @classmethod
    def _only_of_plain(cls, value: JsonValue, info: ValidationInfo) -> JsonValue:
        """Whatever was handed over for a secret goes no further."""
        return value if info.data.get("kind") == "plain" else None
