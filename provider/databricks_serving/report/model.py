"""The report: what a run of `drift` or `plan` found. Every output and exit code is read from it.

`FORMAT_VERSION` follows semver: the minor number grows where something is added, the major one
where something changes its meaning. `dbserving schema report` prints the JSON Schema.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Annotated, ClassVar, Literal

from pydantic import (
    ConfigDict,
    Field,
)

from databricks_serving.plan.change import Action as PlanAction
from databricks_serving.plan.comparison import Origin
from databricks_serving_schema import Severity, identified

from .values import Stated, Val

FORMAT_VERSION = "1.0.0"
SCHEMA_ID = "https://databricks-serving.dev/schemas/report-1.json"
#: One word for a verdict.
Outcome = Literal[
    "clean",
    "changes",
    "incomplete",
    "overwrites",
    "drift",
    "unsafe",
    "timed_out",
    "interrupted",
    "not_authorized",
    "refused",
    "error",
]


class ExitCode(IntEnum):
    """The exit codes of `dbserving`; they are a contract (docs/exit-codes.md)."""

    NOTHING_TO_REPORT = 0
    ERROR = 1
    DRIFT = 2
    NOT_AUTHORIZED = 3
    UNSAFE = 5
    NO_STATE = 6
    CANCELLED = 8
    TIMED_OUT = 9
    INCOMPLETE = 10
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


class Classification(str, Enum):
    """What a resource is, seen whole."""

    IN_SYNC = "in_sync"
    DRIFTED = "drifted"
    MISSING = "missing"
    UNMANAGED = "unmanaged"
    PENDING = "pending"
    IN_FLUX = "in_flux"
    UNVERIFIABLE = "unverifiable"
    IGNORED = "ignored"
    ERROR = "error"


class Effect(str, Enum):
    """What the next `pulumi up` does with a resource."""

    NONE = "none"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    REFUSE = "refuse"


class FieldChange(Stated):
    """One difference. `path` as reports write it; `pointer` the same as a JSON Pointer.

    `origin` None: not in code. `reason`: why it is what it is, for a person. `rule`: the id of the
    ignore rule that took it out of the alarm.
    """

    path: str
    pointer: str
    origin: Origin | None
    severity: Severity | None = None
    applied: Val
    desired: Val
    actual: Val
    reason: str = ""
    because: str = ""
    effect: Effect = Effect.NONE
    rule: str | None = None


class SourceLine(Stated):
    """A line of the user's program; `file` relative to the repository where that is known."""

    file: str
    line: int


class Finding(Stated):
    """One resource that is not simply in sync.

    `name`: its own in the workspace (an endpoint's name, `scope/key`). `resource`: its name in the
    program, None where no program declares it. `fingerprint`: the same over runs while the finding
    is the same. `error_id`: of the error that `reason` tells (`dbserving explain`).
    `not_in_code`: what the workspace has beside what is declared. `owner`: the mark of another
    stack. `hint`: what to do next.
    """

    kind: str
    name: str
    workspace: str
    classification: Classification
    resource: str | None = None
    urn: str | None = None
    stack: str | None = None
    severity: Severity | None = None
    effect: Effect = Effect.NONE
    changes: tuple[FieldChange, ...] = ()
    not_in_code: tuple[FieldChange, ...] = ()
    ignored: tuple[FieldChange, ...] = ()
    source: SourceLine | None = None
    owner: str | None = None
    reason: str = ""
    error_id: str = ""
    hint: str = ""
    fingerprint: str = ""

    @property
    def told(self) -> str:
        """The reason as a person reads it."""
        return identified(self.reason, self.error_id)

    @property
    def overwritten(self) -> tuple[FieldChange, ...]:
        """The manual changes that the next deploy would overwrite, but for those a rule allows."""
        outside = (Origin.OUTSIDE, Origin.BOTH)
        acts = (Effect.UPDATE, Effect.REPLACE, Effect.CREATE, Effect.DELETE)
        return tuple(
            c for c in self.changes if c.origin in outside and c.effect in acts and c.rule is None
        )


class Tool(Stated):
    """Who made the report."""

    name: str = "dbserving"
    version: str


class Run(Stated):
    """One run. `started`: ISO 8601, UTC. `complete` False: not all could be looked at.

    `selected`: `--select` or `--exclude` left some out.
    """

    id: str
    mode: Literal["drift", "plan"]
    started: str
    duration_ms: int = 0
    complete: bool = True
    selected: bool = False
    stack: str = ""
    project: str = ""
    commit: str = ""
    url: str = ""


class Totals(Stated):
    """Resources and fields: how many there are, how many were compared.

    `fields_total` = compared + write-only + ignored.
    """

    resources_total: int = 0
    resources_checked: int = 0
    fields_total: int = 0
    fields_compared: int = 0
    fields_write_only: int = 0
    fields_ignored: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            **{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields}
        )


class Cause(Stated):
    """One cause that several findings share: the same field with the same value there."""

    kind: str
    path: str
    origin: Origin | None
    actual: Val
    severity: Severity | None
    count: int
    workspaces: tuple[str, ...]
    resources: tuple[str, ...]


class ErrorEntry(Stated):
    """What failed: one paragraph with the remedy, never a secret; `id`: for `dbserving explain`."""

    message: str
    resource: str = ""
    id: str = ""

    @property
    def told(self) -> str:
        """What a person reads of it."""
        return identified(self.message, self.id)


class RuleUse(Stated):
    """What became of a rule of an ignore file. `expires_in_days`: negative where it has expired."""

    id: str
    file: str = ""
    reason: str
    owner: str
    until: str | None
    matched: int
    expires_in_days: int | None = None


class Summary(Stated):
    """The verdict: the exit code, and how many of what.

    `exit_code`: one of `ExitCode`, or what `--drift-exit-code` says in place of 2. `outcome`: one
    word for it. `by_effect`: how many resources the next `pulumi up` creates, updates, … `unsafe`:
    the safety thresholds that the plan breaks, one sentence each. `overwrites`: the manual changes
    that a plan would overwrite; 0 in a report of drift. `fail_on`, `min_severity`: what the run was
    asked to fail on; `fail_on` None: nobody said.
    """

    exit_code: int = ExitCode.NOTHING_TO_REPORT
    outcome: Outcome = "clean"
    by_class: dict[str, int] = Field(default_factory=dict)
    by_severity: dict[str, int] = Field(default_factory=dict)
    by_effect: dict[str, int] = Field(default_factory=dict)
    max_severity: Severity | None = None
    overwrites: int = 0
    not_in_code: int = 0
    unsafe: tuple[str, ...] = ()
    fail_on: tuple[str, ...] | None = None
    min_severity: Severity | None = None


class Report(Stated):
    """All that one run found. Findings are sorted, the gravest first; `in_sync` are names only.

    `in_sync`: `workspace:Kind/name` each. `digest`: of a plan, the same while it would do the same.
    `others`: resources of the stack that are not of this provider, which nobody looked at.
    """

    json_schema: Annotated[str, Field(alias="$schema")] = SCHEMA_ID
    format_version: str = FORMAT_VERSION
    tool: Tool
    run: Run
    summary: Summary = Summary()
    coverage: Totals = Totals()
    findings: tuple[Finding, ...] = ()
    in_sync: tuple[str, ...] = ()
    rules: tuple[RuleUse, ...] = ()
    causes: tuple[Cause, ...] = ()
    errors: tuple[ErrorEntry, ...] = ()
    notices: tuple[str, ...] = ()
    others: int = 0
    digest: str | None = None

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True
    )


EFFECT_OF = {
    PlanAction.SKIP: Effect.NONE,
    PlanAction.NOTE: Effect.NONE,
    PlanAction.UPDATE: Effect.UPDATE,
    PlanAction.CREATE: Effect.CREATE,
    PlanAction.REPLACE: Effect.REPLACE,
    PlanAction.REFUSE: Effect.REFUSE,
}
#: The gravest first.
SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def gravest(severities: tuple[Severity | None, ...]) -> Severity | None:
    """The gravest of some severities; None where there is none."""
    return next((severity for severity in SEVERITIES if severity in severities), None)
