"""Who used what: calls, errors, tokens and what they cost, by endpoint, requester and context.

`dbserving usage -f json` writes a `Usage`; `dbserving schema usage` prints its JSON Schema.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

SCHEMA_ID = "https://databricks-serving.dev/schemas/usage-1.json"
ENDPOINT, REQUESTER = "endpoint", "requester"
#: Stands before the key of a context that is called as one of the two above.
CONTEXT = "usage_context."
_MILLION = Decimal(1_000_000)


#: An amount, in JSON a text of decimal digits: no reader has to know of exponents.
Cost = Annotated[
    Decimal,
    PlainSerializer(lambda cost: f"{cost:f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, mode="serialization"),
]


class _Said(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class Price(_Said):
    """What a million tokens cost."""

    input: Annotated[Decimal, Field(ge=0)]
    output: Annotated[Decimal, Field(ge=0)] = Decimal(0)


class Prices(_Said):
    """The prices file: by served entity (`endpoint/entity`, or its name) or by model."""

    currency: Annotated[str, Field(min_length=1, max_length=16)]
    prices: Mapping[str, Price]

    def of(self, measured: Measured) -> Price | None:
        """The price of one entity's tokens: the nearest name that has one."""
        return next((self.prices[n] for n in measured.names if n in self.prices), None)


@dataclass(frozen=True)
class Measured:
    """One row of the tables: what one requester used of one served entity, in one context.

    `endpoint`, `entity`, `model` None: the tables do not know the entity any more, or none was
    reached. `context`: by key, None where the call said nothing.
    """

    endpoint: str | None
    entity: str | None
    model: str | None
    requester: str | None
    context: Mapping[str, str | None] = field(default_factory=dict)
    calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """What a prices file may call it, the most particular first."""
        own = f"{self.endpoint}/{self.entity}" if self.endpoint and self.entity else None
        return tuple(name for name in (own, self.entity, self.model) if name)


class Figures(_Said):
    """What was used. `errors`: calls that were answered with 400 and above, refused ones too.

    `cost`: in the prices' currency, exact; None without prices, and where a token has none.
    """

    calls: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Cost | None = None


class UsageRow(Figures):
    """The figures of one group, and its name in each dimension of `by`.

    None: not asked for, or nobody knows; of a context, that the calls said nothing.
    """

    endpoint: str | None = None
    requester: str | None = None
    usage_context: dict[str, str | None] = Field(default_factory=dict)

    def named(self, dimension: str) -> str | None:
        """Its name in one dimension of `by`."""
        if dimension in (ENDPOINT, REQUESTER):
            return str(found) if (found := getattr(self, dimension)) is not None else None
        return self.usage_context[dimension.removeprefix(CONTEXT)]


class Usage(_Said):
    """One look at the tables.

    `since`, `until`: RFC 3339; `until` None: up to what the tables have by now. `by`: the
    dimensions of the rows, contexts as `usage_context.KEY`. `endpoints`: those that were asked for;
    None: all. `unpriced`: entities or models with tokens and without a price.
    """

    json_schema: Annotated[str, Field(alias="$schema")] = SCHEMA_ID
    workspace: str
    workspace_id: str | None = None
    since: str
    until: str | None = None
    by: tuple[str, ...]
    endpoints: tuple[str, ...] | None = None
    currency: str | None = None
    rows: tuple[UsageRow, ...] = ()
    total: Figures = Figures()
    unpriced: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


def rows_of(
    measured: Iterable[Measured], by: tuple[str, ...], prices: Prices | None = None
) -> tuple[UsageRow, ...]:
    """The groups of what was measured: the dearest first, then those with the most calls."""
    groups: defaultdict[tuple[str | None, ...], list[Measured]] = defaultdict(list)
    for one in measured:
        groups[tuple(_named(one, dimension) for dimension in by)].append(one)
    rows = (
        UsageRow(**_placed(by, names), **figures_of(ones, prices).model_dump())
        for names, ones in groups.items()
    )
    return tuple(sorted(rows, key=lambda row: _order(row, by)))


def figures_of(measured: Iterable[Measured], prices: Prices | None = None) -> Figures:
    """The sum of what was measured, with its cost where all of it has a price."""
    ones = tuple(measured)
    costs = [cost_of(one, prices) for one in ones]
    known = [cost for cost in costs if cost is not None]
    return Figures(
        calls=sum(one.calls for one in ones),
        errors=sum(one.errors for one in ones),
        input_tokens=sum(one.input_tokens for one in ones),
        output_tokens=sum(one.output_tokens for one in ones),
        cost=sum(known, Decimal(0)) if prices and len(known) == len(costs) else None,
    )


def cost_of(measured: Measured, prices: Prices | None) -> Decimal | None:
    """What its tokens cost; None where there is no price for any: none is invented."""
    if prices is None:
        return None
    if not measured.input_tokens and not measured.output_tokens:
        return Decimal(0)
    price = prices.of(measured)
    if price is None:
        return None
    spent = measured.input_tokens * price.input + measured.output_tokens * price.output
    return spent / _MILLION


def unpriced(measured: Iterable[Measured], prices: Prices | None) -> tuple[str, ...]:
    """What a prices file would have to name, in the words of the file."""
    if prices is None:
        return ()
    missing = (one for one in measured if cost_of(one, prices) is None)
    return tuple(sorted({one.names[-1] if one.names else "(unknown)" for one in missing}))


def schema() -> dict[str, object]:
    """The JSON Schema of `-f json` (`dbserving schema usage`)."""
    said = Usage.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **said}


def _named(measured: Measured, dimension: str) -> str | None:
    if dimension == ENDPOINT:
        return measured.endpoint
    if dimension == REQUESTER:
        return measured.requester
    return measured.context[dimension.removeprefix(CONTEXT)]


def _placed(by: tuple[str, ...], names: tuple[str | None, ...]) -> dict[str, object]:
    placed: dict[str, object] = {
        one: name for one, name in zip(by, names, strict=True) if one in (ENDPOINT, REQUESTER)
    }
    context = {
        one.removeprefix(CONTEXT): name
        for one, name in zip(by, names, strict=True)
        if one.startswith(CONTEXT)
    }
    return {**placed, "usage_context": context}


def _order(row: UsageRow, by: tuple[str, ...]) -> tuple[object, ...]:
    names = tuple(row.named(dimension) or "" for dimension in by)
    return (-(row.cost or 0), -row.calls, names)
