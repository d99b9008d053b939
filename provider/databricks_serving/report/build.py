"""From comparisons to findings: pure, and the last place that sees a value that may be a secret."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from databricks_serving.plan.canonical import Fingerprint
from databricks_serving.plan.change import Action, shown
from databricks_serving.plan.compare import ABSENT
from databricks_serving.plan.comparison import Comparison, Difference, Origin, Standing
from databricks_serving.state.deployment import Sealed
from databricks_serving_schema import SECRET_REFERENCE, Severity, Unknown

from .model import EFFECT_OF, Classification, Effect, FieldChange, Finding, SourceLine, gravest
from .values import Val

if TYPE_CHECKING:
    from databricks_serving.errors import ServingError
    from databricks_serving.plan.canonical import Tree, TreePath
    from databricks_serving.plan.compare import MaybeTree
    from databricks_serving.state.deployment import Recorded, Source

_ENVIRONMENT = "environment_vars"
#: What fields are called that take a credential.
_CREDENTIAL = re.compile(
    r"_plaintext$|(^|_)(api_key|(access|private)_key|token|secret|password)$", re.IGNORECASE
)
_SECRET = "(secret)"  # noqa: S105 - what stands for one
#: How grave it is that a thing is gone.
_MISSING = Severity.HIGH


#: What a person should know of an endpoint that stands so.
_STANDING = {
    Standing.UPDATING: "an update is in progress; not judged",
    Standing.UNSETTLED: "it was changed between the two looks; not judged",
    Standing.UPDATE_FAILED: "its last update failed: what serves is the configuration before it",
    Standing.UPDATE_CANCELED: "its last update was cancelled: what serves is what was before it",
}
#: Whose differences drift tells: not what the program alone changes.
_TOLD = (Origin.OUTSIDE, Origin.BOTH, Origin.CONVERGED)
#: What ends it where nothing differs: no plan sends anything then.
_NEXT_UPDATE = "The next update settles it; a changed value in deploy.redeploy_on sends one."


def address(workspace: str, kind: str, name: str) -> str:
    """`workspace:Kind/name`: what a resource is called in a report, and in an ignore rule."""
    return f"{workspace}:{kind}/{name}"


def finding_of(
    recorded: Recorded,
    comparison: Comparison | None,
    *,
    workspace: str,
    stack: str = "",
    standing: Standing = Standing.SETTLED,
    error: ServingError | None = None,
) -> Finding:
    """What a run of `drift` found of one recorded resource, in sync or not.

    comparison: None where it could not be looked at; `error` says why.
    """
    base = Finding(
        kind=recorded.kind,
        name=recorded.id,
        workspace=workspace,
        classification=Classification.IN_SYNC,
        resource=recorded.name,
        urn=recorded.urn,
        stack=stack or None,
        source=line_of(recorded.source),
    )
    if comparison is None:
        return told(base, classification=Classification.ERROR, **of_error(error))
    changes = tuple(change_of(found) for found in comparison.of(*_TOLD))
    classification = _class_of(comparison, changes, standing, unfinished=recorded.unfinished)
    judged = classification is not Classification.IN_FLUX
    return told(
        base,
        classification=classification,
        changes=changes if judged else (),
        not_in_code=tuple(map(change_of, comparison.undeclared)) if judged else (),
        effect=EFFECT_OF[comparison.plan.action] if judged else Effect.NONE,
        reason=_reason(classification, standing, unfinished=recorded.unfinished),
    )


def is_in_step(
    recorded: Recorded, comparison: Comparison | None, standing: Standing = Standing.SETTLED
) -> bool:
    """Whether all that `finding_of` would say is that a resource is as it should be."""
    if comparison is None or comparison.undeclared:
        return False
    if comparison.of(*_TOLD) or EFFECT_OF[comparison.plan.action] is not Effect.NONE:
        return False
    classification = _class_of(comparison, (), standing, unfinished=recorded.unfinished)
    return classification is Classification.IN_SYNC


def _class_of(
    comparison: Comparison,
    changes: tuple[FieldChange, ...],
    standing: Standing,
    *,
    unfinished: bool,
) -> Classification:
    if comparison.plan.action is Action.CREATE:
        return Classification.MISSING
    if standing in (Standing.UPDATING, Standing.UNSETTLED):
        return Classification.IN_FLUX
    if changes:
        return Classification.DRIFTED
    if unfinished or standing is not Standing.SETTLED:
        return Classification.PENDING
    if not comparison.coverage.compared and comparison.coverage.write_only:
        return Classification.UNVERIFIABLE
    return Classification.IN_SYNC


def _reason(classification: Classification, standing: Standing, *, unfinished: bool) -> str:
    if classification is Classification.MISSING:
        return "it is gone from the workspace"
    if classification is Classification.PENDING and not unfinished:
        return f"{_STANDING[standing]}, as the last `pulumi up` left it. {_NEXT_UPDATE}"
    if classification is Classification.PENDING:
        return "the last run of `pulumi up` did not finish with it; the next one does what is left"
    return _STANDING.get(standing, "")


def of_error(error: ServingError | None) -> dict[str, str]:
    """What a finding says of the error that kept it from being looked at."""
    return {} if error is None else {"reason": str(error), "error_id": error.id}


def told(finding: Finding, **news: object) -> Finding:
    """A finding with some more said of it; its severity and fingerprint follow from that."""
    said = finding.model_copy(update=news)
    severities = tuple(change.severity for change in said.changes)
    if said.classification is Classification.MISSING:
        severities = (*severities, _MISSING)
    return said.model_copy(
        update={"severity": gravest(severities), "fingerprint": _fingerprint(said)}
    )


def _fingerprint(finding: Finding) -> str:
    """The same while the same differs in the same way: shown values count, times do not."""
    what = [
        finding.workspace,
        finding.kind,
        finding.name,
        finding.classification.value,
        [[c.path, c.actual.model_dump(mode="json")] for c in finding.changes],
    ]
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def change_of(found: Difference) -> FieldChange:
    """A difference as a report says it."""
    change = found.change
    path = tuple(_SECRET if "hmac-sha256:" in step else step for step in change.path)
    return FieldChange(
        path=shown(path) or "(the whole resource)",
        pointer=pointer(path),
        origin=found.origin,
        severity=change.severity,
        applied=val(change.applied, change.path),
        desired=val(change.desired, change.path),
        actual=val(change.actual, change.path),
        reason=change.reason.value,
        because=change.because,
        effect=EFFECT_OF[change.action],
    )


def pointer(path: TreePath) -> str:
    """A path as a JSON Pointer (RFC 6901), elements of keyed lists by their key."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in path)


def val(value: MaybeTree, path: TreePath = ()) -> Val:
    """A value of a canonical tree. Of a secret, and of what may be one, nothing is shown."""
    if value is ABSENT:
        return Val(kind="absent")
    if isinstance(value, (Fingerprint, Sealed)):
        return Val(kind="secret")
    if isinstance(value, Unknown):
        return Val(kind="unknown")
    seen, hides = _json(value, path), _json(value, path, clear=True)
    if _may_be_secret(value, path):
        return Val(kind="hidden").with_hidden(json.dumps(hides))
    shown_ = Val(kind="plain", value=seen)
    return shown_ if seen == hides else shown_.with_hidden(json.dumps(hides, sort_keys=True))


def _may_be_secret(value: MaybeTree, path: TreePath) -> bool:
    """Whether a leaf may hold a secret, all but a reference to one.

    A variable of an environment may, and a text in a field that is called like a credential: a
    newer API may show such a one.
    """
    if isinstance(value, str) and SECRET_REFERENCE.fullmatch(value):
        return False
    if _ENVIRONMENT in path:
        return not isinstance(value, dict)
    return isinstance(value, str) and any(map(_CREDENTIAL.search, path[-1:]))


def _json(value: Tree, path: TreePath, *, clear: bool = False) -> object:
    """A value as JSON; `clear`: with what may be a secret in it, which is for a digest only."""
    if isinstance(value, (Fingerprint, Sealed)):
        return _SECRET
    if isinstance(value, Unknown):
        return "(not yet known)"
    if isinstance(value, dict):
        return {
            (_SECRET if Fingerprint.is_one(key) else key): _json(inner, (*path, key), clear=clear)
            for key, inner in value.items()
        }
    if isinstance(value, tuple):
        return [_json(inner, path, clear=clear) for inner in value]
    hidden = not clear and _may_be_secret(value, path)
    return "(hidden)" if hidden else value


def line_of(source: Source | None) -> SourceLine | None:
    """The program's line as a report says it."""
    return None if source is None else SourceLine(file=source.file, line=source.line)
