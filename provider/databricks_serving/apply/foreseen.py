"""What `pulumi up` will do beside what the plan of each resource tells: foreseen, not done.

The verbs of each kind decide it when they run; a review asks here, and says it before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.errors import Refused
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving.plan.compare import at
from databricks_serving.plan.operations import CancelStrategy, CancelUpdate
from databricks_serving.state.addresses import id_of
from databricks_serving_schema import OWNERSHIP_TAG

from .declarations import Declarations, claims_of
from .observed import AZURE_KEYVAULT
from .recorded import is_said
from .refusals import (
    endpoint_of_others,
    endpoint_taken,
    no_endpoint,
    refusal,
    scope_not_empty,
    scope_taken,
    secret_taken,
    update_in_the_way,
)
from .verdict import ABANDONED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from databricks_serving.errors import ServingError
    from databricks_serving.plan.comparison import Comparison
    from databricks_serving.plan.states import Actual
    from databricks_serving.state.bag import Bag
    from databricks_serving.state.deployment import Recorded, Step

    from .subjects import Seen, Stray

_GATEWAYS = ("AiGateway", "RateLimits")
#: What is there whole under a name: whoever declares that has all of it.
_NAMED = ("ServingEndpoint", "SecretScope")
_ON_ENDPOINTS = (*_GATEWAYS, "EndpointPermissions")


def refused_create(
    kind: str, id_: str, inputs: Bag, actual: Actual | None, mark: str | None
) -> ServingError | None:
    """Why a create is refused where something has the name already; None where it is not.

    mark: the one that an endpoint carries which this very resource made.
    """
    if actual is None or is_said(inputs, "adopt"):
        return None
    if kind == "ServingEndpoint":
        owner = _owner(actual)
        return None if owner is not None and owner == mark else endpoint_taken(id_, owner)
    if kind == "SecretScope":
        return scope_taken(id_)
    if kind == "Secret":
        scope, _, key = id_.partition("/")
        return secret_taken(scope, key)
    return None


def refused_delete(seen: Seen, mark: str | None, strays: Iterable[Stray]) -> ServingError | None:
    """Why a delete is refused; None where it is not. strays: what no program declares."""
    subject, recorded = seen.subject, seen.subject.recorded
    if subject.kind == "ServingEndpoint" and _is_another(seen.comparison):
        owner = None if seen.actual is None else _owner(seen.actual)
        return None if owner is not None and owner == mark else endpoint_of_others(subject.id)
    if subject.kind != "SecretScope" or recorded is None:
        return None
    held = secrets_in(subject.id, strays)
    vault = recorded.outputs.get("backend_type") == AZURE_KEYVAULT
    if not held or vault or is_said(recorded.outputs, "force_destroy"):
        return None
    return scope_not_empty(subject.id, held)


def secrets_in(scope: str, strays: Iterable[Stray]) -> tuple[str, ...]:
    """The keys of a scope among the strays."""
    parts = (stray.name.partition("/") for stray in strays if stray.kind == "Secret")
    return tuple(key for name, _, key in parts if name.casefold() == scope.casefold())


def left_alone(step: Step, recorded: Recorded | None, comparison: Comparison | None) -> str:
    """Why nothing is done in the workspace though the resource goes; empty where something is."""
    if step.retained:
        return "retain_on_delete: the state forgets it, and it stays as it is"
    outputs = {} if recorded is None else recorded.outputs
    if step.kind in _GATEWAYS and outputs.get("on_delete") == "keep":
        return 'on_delete="keep": the state forgets it, and it stays as it is'
    if step.kind in _ON_ENDPOINTS and _is_another(comparison):
        return "the endpoint is another one than was written to; nothing is taken from it"
    return ""


def given_back(step: Step, recorded: Recorded | None) -> str:
    """What becomes of a gateway whose resource goes."""
    if step.kind not in _GATEWAYS or recorded is None:
        return ""
    if not is_given_back(step, recorded):
        return 'on_delete="clear": its sections are cleared'
    return 'on_delete="restore": what stood there before is put back'


def is_given_back(step: Step, recorded: Recorded | None) -> bool:
    """Whether what stood there before a gateway comes back when its resource goes."""
    if step.kind not in _GATEWAYS or recorded is None:
        return False
    return recorded.outputs.get("on_delete") not in ("clear", "keep")


def taken_along(kind: str, id_: str, strays: Iterable[Stray]) -> str:
    """What goes with a scope although no program declares it; empty where nothing does."""
    held = secrets_in(id_, strays) if kind == "SecretScope" else ()
    if not held:
        return ""
    return f"{len(held)} secret(s) that no program declares go with it: {', '.join(sorted(held))}"


def abandoned(comparison: Comparison | None) -> str:
    """What becomes of a first deployment that stands in the way; empty where it is waited for."""
    return ABANDONED if in_the_way(comparison) is CancelStrategy.ABANDON else ""


def taken_over(kind: str, inputs: Bag) -> str:
    """What becomes of a thing that is there before its create."""
    if kind in _ON_ENDPOINTS or kind == "SecretAcl" or not is_said(inputs, "adopt"):
        return ""
    return "it is there already: adopt=True takes it over, and brings it to what the program says"


def in_the_way(comparison: Comparison | None) -> CancelStrategy | None:
    """What is done about an update under way that a configuration meets; None: it meets none."""
    operations = () if comparison is None else comparison.plan.operations
    return next((one.strategy for one in operations if isinstance(one, CancelUpdate)), None)


def refused_plan(kind: str, id_: str, comparison: Comparison | None) -> ServingError | None:
    """Why the plan of a resource refuses; None where it does not."""
    if in_the_way(comparison) is CancelStrategy.FAIL:
        return update_in_the_way(id_)
    if comparison is None or not (refused := comparison.plan.of(Action.REFUSE)):
        return None
    if kind == "ServingEndpoint":
        return refusal(id_, comparison.plan)
    said = (f"{shown(one.path)}: {one.because or one.reason.value}" for one in refused)
    return Refused("; ".join(said), id="no-call-changes-it")


class Declared:
    """What the program of a preview declares, all resources together."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._declarations = Declarations()
        self._endpoints: set[str] = set()
        for step in steps:
            if step.inputs is not None:
                claims = claims_of(step.kind, step.inputs)
                self._declarations.declare(step.urn, _workspace(step.inputs), claims)
            if step.inputs is not None and step.kind == "ServingEndpoint":
                self._endpoints.add(id_of(step.kind, step.inputs))

    def refused_without_endpoint(
        self, kind: str, id_: str, comparison: Comparison | None
    ) -> ServingError | None:
        """Why what stands on an endpoint is refused: it is not there, and nothing here makes it."""
        gone = comparison is not None and comparison.plan.action is Action.CREATE
        if kind not in _ON_ENDPOINTS or not gone or not id_ or id_ in self._endpoints:
            return None
        return no_endpoint(id_)

    def left_to(self, step: Step, recorded: Recorded) -> str:
        """Who declares now all that this resource, which goes, has declared; empty: not all."""
        said = {**recorded.inputs, "name": recorded.id} if step.kind in _NAMED else recorded.inputs
        own = claims_of(step.kind, said)
        claims = own[:1] if step.kind in _NAMED else own
        where = _workspace(recorded.inputs)
        others = [self._declarations.elsewhere(step.urn, where, claim) for claim in claims]
        if not others or None in others:
            return ""
        names = ", ".join(dict.fromkeys(other for other in others if other is not None))
        return f"{names} declares it now, so it is left as it is"


def _workspace(inputs: Bag) -> str:
    return repr(inputs.get("workspace"))


def _owner(actual: Actual) -> str | None:
    owner = at(actual.tree, ("tags", OWNERSHIP_TAG))
    return owner if isinstance(owner, str) else None


def _is_another(comparison: Comparison | None) -> bool:
    changes = () if comparison is None else comparison.plan.changes
    return any(change.reason is Reason.RECREATED for change in changes)
