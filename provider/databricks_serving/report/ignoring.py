"""The ignore file: differences that are fine for a reason, for somebody, until a day.

A rule changes the alarm alone, never what `pulumi up` does: in a plan, what the deploy writes stays
listed and only stops counting as an overwrite.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from typing_extensions import Self

from databricks_serving.plan.comparison import Origin

from .build import told
from .ignore_file import FILE_NAME
from .mistakes import ReportMistake
from .model import Classification, Effect, FieldChange, RuleUse
from .paths import covers, steps_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Finding

#: How many days before its end a rule is told of.
_SOON = 14


class Rule(BaseModel):
    """One `[[ignore]]`: which differences are fine, why, who answers for it, and until when.

    `resource`: `Kind/name` or `workspace:Kind/name`, with `*` for any text. `path`: a JSON Pointer;
    `*` is any one step, `[key=user]` the element of a list with that field; what is below counts
    too. Without a path all of the resource is meant, its absence included. `value`: only while the
    workspace has this. `until`: the last day, in UTC, that it works.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    resource: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    path: Annotated[str, Field(pattern=r"^(/.*)?$")] = ""
    value: JsonValue = None
    until: date | None = None
    permanent: bool = False
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]*$")] = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.permanent == (self.until is not None):
            raise ValueError("say either `until = 2027-01-31` or `permanent = true`")
        if "/" not in self.resource:
            raise ValueError('`resource` is "Kind/name", such as "ServingEndpoint/chat-*"')
        steps_of(self.path)
        return self

    @property
    def has_value(self) -> bool:
        """Whether the rule is about one value only (which may be null)."""
        return "value" in self.model_fields_set

    def is_about(self, finding: Finding) -> bool:
        """Whether the rule names the resource."""
        name = f"{finding.kind}/{finding.name}"
        return fnmatchcase(name, self.resource) or fnmatchcase(
            f"{finding.workspace}:{name}", self.resource
        )

    def allows(self, change: FieldChange, kind: str) -> bool:
        """Whether the difference is one that the rule is about."""
        if not covers(self.path, change.pointer, kind):
            return False
        if not self.has_value:
            return True
        # A secret shows no value, so no rule can be about one.
        return change.actual.kind == "plain" and _equal(change.actual.value, self.value)

    def days_left(self, today: date) -> int | None:
        """Days until it ends: 0 on its last one, negative afterwards; None: it never does."""
        return None if self.until is None else (self.until - today).days


def _equal(one: JsonValue, other: JsonValue) -> bool:
    """Equal as JSON is: `True` is not 1, and 0 is not false."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return one is other if isinstance(one, bool) or isinstance(other, bool) else one == other


class _Contents(BaseModel):
    """The whole file."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    ignore: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class IgnoreFile:
    """The rules of one file. `path`: how messages call it."""

    path: str
    rules: tuple[Rule, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The rules of a file. Raises ReportMistake, with every problem that it has."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ReportMistake(
                f"{path}: cannot be read ({error}). Mend it or leave it out.",
                id="ignore-unreadable",
            ) from None
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, path: str = FILE_NAME) -> Self:
        """The rules of a file's text. Raises ReportMistake, with every problem that it has."""
        try:
            rules = _Contents.model_validate(tomllib.loads(text)).ignore
        except tomllib.TOMLDecodeError as error:
            raise ReportMistake(
                f"{path}: is no TOML ({error}). Mend that line.", id="ignore-no-toml"
            ) from None
        except ValidationError as error:
            raise ReportMistake(_problems(path, error), id="bad-ignore-rule") from None
        named = tuple(
            rule if rule.id else rule.model_copy(update={"id": f"rule-{number}"})
            for number, rule in enumerate(rules, 1)
        )
        twice = [id_ for id_, count in Counter(rule.id for rule in named).items() if count > 1]
        if twice:
            raise ReportMistake(
                f"{path}: the id {twice[0]!r} stands at two rules; give each its own.",
                id="ignore-rule-twice",
            )
        return cls(path, named)

    def applied_to(
        self, findings: Iterable[Finding], *, mode: str, today: date
    ) -> tuple[tuple[Finding, ...], tuple[RuleUse, ...]]:
        """The findings with what is ignored set apart, and what became of each rule."""
        working = [rule for rule in self.rules if (rule.days_left(today) or 0) >= 0]
        matched: Counter[str] = Counter()
        found = []
        for finding in findings:
            kept, used = _sorted_out(finding, working, mode)
            found.append(kept)
            matched.update(used)
        return tuple(found), tuple(
            RuleUse(
                id=rule.id,
                file=self.path,
                reason=rule.reason,
                owner=rule.owner,
                until=None if rule.until is None else rule.until.isoformat(),
                matched=matched[rule.id],
                expires_in_days=rule.days_left(today),
            )
            for rule in self.rules
        )

    def notices(self, uses: Iterable[RuleUse], *, whole: bool) -> list[str]:
        """What people should know of the rules: expired, ending soon, and used for nothing.

        whole: the run saw everything, so a rule that met nothing is not needed.
        """
        said = []
        for use in uses:
            left, who = use.expires_in_days, _called(use)
            if left is not None and left < 0:
                said.append(
                    f"{who} expired on {use.until} and does nothing any more; "
                    "renew it or take it out."
                )
            elif not use.matched and whole:
                said.append(unused(use))
            elif left is not None and left <= _SOON:
                said.append(f"{who} expires {_in_days(left)}, on {use.until}.")
        return said


def unused(use: RuleUse) -> str:
    """What is said of a rule that met nothing in a run that saw everything."""
    return f"{_called(use)} met nothing; take it out."


def _called(use: RuleUse) -> str:
    return f'{use.file}: {use.id} ("{use.reason}", {use.owner})'


def _in_days(left: int) -> str:
    return "today" if left == 0 else f"in {left} day{'s' if left != 1 else ''}"


#: What pydantic says in words for programmers.
_WORDS = {"missing": "is missing", "extra_forbidden": "is no key of a rule"}


def _problems(path: str, error: ValidationError) -> str:
    """Every problem, each with its place: `.dbserving-ignore.toml: ignore[2].owner: is missing`."""
    said = []
    for problem in error.errors(include_url=False, include_input=False):
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in problem["loc"])
        what = _WORDS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        said.append(f"{path}: {''.join(steps)[1:]}: {what[:1].lower()}{what[1:]}")
    return "; ".join(said) + ". `dbserving schema ignore` says what a rule has."


def _sorted_out(
    finding: Finding, rules: Iterable[Rule], mode: str
) -> tuple[Finding, tuple[str, ...]]:
    """A finding with its ignored changes set apart, and the ids of the rules that were met.

    What a plan writes is marked and stays where it is.
    """
    about = [rule for rule in rules if rule.is_about(finding)]
    if not about:
        return finding, ()
    kept: list[FieldChange] = []
    ignored: list[FieldChange] = []
    for change in _marked(finding.changes, about, finding.kind):
        written = mode == "plan" and change.effect is not Effect.NONE
        (ignored if change.rule and not written else kept).append(change)
    beside = _marked(finding.not_in_code, about, finding.kind)
    ignored += [change for change in beside if change.rule]
    whole = next((rule for rule in about if not rule.path and not rule.has_value), None)
    news: dict[str, object] = {
        "changes": tuple(kept),
        "not_in_code": tuple(change for change in beside if not change.rule),
        "ignored": (*finding.ignored, *ignored),
    }
    used = [change.rule for change in (*kept, *ignored) if change.rule]
    if mode == "plan" and finding.effect is not Effect.NONE:
        if _is_allowed(finding, kept, whole):
            news["classification"] = Classification.PENDING
            used = used or ([whole.id] if whole else [])
        return told(finding, **news), tuple(used)
    if finding.classification in _WHOLE and whole is not None:
        news |= {"classification": Classification.IGNORED, "reason": whole.reason}
        used = used or [whole.id]
    elif finding.classification is Classification.DRIFTED and not (kept or finding.reason):
        news["classification"] = Classification.IGNORED
    if "classification" in news:
        news["effect"] = Effect.NONE
    return told(finding, **news), tuple(used)


def _is_allowed(finding: Finding, kept: Iterable[FieldChange], whole: Rule | None) -> bool:
    """Whether rules allow all that makes a resource drifted or missing, which a plan writes."""
    if finding.classification is Classification.MISSING:
        return whole is not None
    outside = (Origin.OUTSIDE, Origin.BOTH)
    allowed = all(change.rule is not None for change in kept if change.origin in outside)
    return allowed and finding.classification is Classification.DRIFTED


#: Said of a resource as a whole, so ignored by a rule about the whole.
_WHOLE = (
    Classification.MISSING,
    Classification.UNMANAGED,
    Classification.PENDING,
    Classification.DRIFTED,
)


def _marked(
    changes: Iterable[FieldChange], rules: Iterable[Rule], kind: str
) -> tuple[FieldChange, ...]:
    """The changes; those that a rule allows have its id."""
    return tuple(
        change.model_copy(
            update={"rule": next((rule.id for rule in rules if rule.allows(change, kind)), None)}
        )
        for change in changes
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of the ignore file, for editors (`dbserving schema ignore`)."""
    said = _Contents.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **said, "title": FILE_NAME}
