"""Plans from programs and answers, and what is told of them."""

from __future__ import annotations

from databricks_serving.plan.change import Action, shown
from databricks_serving.plan.plan import make_plan
from databricks_serving.plan.states import Orders
from support.endpoints import answered, config, registered, state


def plan(applied, desired, actual, **orders):
    """The plan from programs' overrides for applied and desired, and an answer's for actual."""
    return make_plan(
        applied=None if applied is None else state(**applied),
        desired=state(**desired),
        actual=None if actual is None else answered(**actual),
        orders=Orders(**orders),
    )


def told(made):
    """The changes that count: path, action and reason."""
    return [
        (shown(change.path), change.action, change.reason)
        for change in made.changes
        if change.action is not Action.SKIP
    ]


def churn(*names, routes=None, **overrides):
    """A config of registered models."""
    return config(*(registered(name, **overrides) for name in names or ("churn",)), routes=routes)
