"""What is said where a plan is not carried out, with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.errors import Refused, TakenAlready
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving_schema import OWNERSHIP_TAG

if TYPE_CHECKING:
    from databricks_serving.errors import InvalidRequest
    from databricks_serving.plan.plan import Plan


def refuse_what_cannot_be(name: str, plan: Plan) -> None:
    """Raise `Refused` where the plan would have to replace, or to change what no call changes."""
    refused = plan.of(Action.REFUSE)
    if refused:
        raise Refused(refusal(name, plan))
    replaced = plan.of(Action.REPLACE)
    if replaced:
        raise Refused(
            f"Endpoint {name} would have to be replaced ({replaced[0].reason.value}: "
            f"{', '.join(shown(change.path) for change in replaced)}): it was changed "
            f"outside since the last refresh. Nothing was sent. `pulumi up --refresh` plans it."
        )


def refusal(name: str, plan: Plan) -> str:
    """Why the plan refuses, for a person, with the way out."""
    said = "; ".join(
        f"{shown(change.path)}: {change.because or Reason.NO_CALL_CHANGES_IT.value}"
        for change in plan.of(Action.REFUSE)
    )
    fields = ", ".join(f'"{change.path[0]}"' for change in plan.of(Action.REFUSE))
    return (
        f"Endpoint {name} cannot be changed so. {said}. Put the former value back, or have the "
        f"endpoint replaced (it is down meanwhile, and gets a new id): "
        f'deploy={{"replace_on": [{fields}]}}.'
    )


def endpoint_taken(name: str, owner: str | None = None) -> TakenAlready:
    """The error that a create meets where somebody else's endpoint has the name.

    owner: the mark that it carries, `<project>.<stack>.<hash>`
    """
    whose = "nothing shows that this stack made it"
    if owner is not None:
        whose = f"its tag {OWNERSHIP_TAG} says that another resource made it: {owner}"
    return TakenAlready(
        f"An endpoint called {name} exists already, and {whose}. "
        f"Nothing was touched. Choose another name, or say adopt=True to take it over: it is then "
        f"brought to what the program says."
    )


def no_step_of_units(refused: InvalidRequest) -> Refused:
    """The service's refusal of a step to or from model units, with the way out."""
    return Refused(
        f"{refused} This is a step to or from provisioned_model_units, and no source says that an "
        f"endpoint can make it in place. Where it cannot, put the former kind of compute back, or "
        f"have the endpoint replaced (it is down meanwhile, and gets a new id): "
        f"`pulumi up --replace URN`, with its URN from `pulumi stack --show-urns`."
    )


def scope_taken(name: str) -> TakenAlready:
    """The error that a create meets where somebody else's scope has the name."""
    return TakenAlready(
        f"A secret scope called {name} exists already, and nothing shows that this stack made it. "
        f"Nothing was touched. Choose another name, or say adopt=True to take it over."
    )


def secret_taken(scope: str, key: str) -> TakenAlready:
    """The error that a create meets where somebody else's secret has the key."""
    return TakenAlready(
        f"The secret {scope}/{key} exists already, and nothing shows that this stack made it. "
        f"Nothing was touched. Choose another key, or say adopt=True to take it over: its "
        f"value is then overwritten with the program's."
    )
