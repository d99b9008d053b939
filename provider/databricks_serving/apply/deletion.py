"""Delete an endpoint, so that its name can be used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.errors import ServingError
from databricks_serving.plan.operations import DeleteEndpoint

from .perform import perform
from .wait import pause, polls

if TYPE_CHECKING:
    from .context import Context
    from .wait import Deadline


def delete_and_wait(name: str, context: Context, deadline: Deadline) -> None:
    """Delete an endpoint and return once it is gone: its name is free then."""
    perform(DeleteEndpoint(name), context.api)
    following = polls()
    while context.api.get_endpoint(name) is not None:
        context.say("being deleted")
        if deadline.left <= 0:
            raise ServingError(
                f"Endpoint {name} is still there {deadline.asked} after it was deleted. Run again.",
                id="still-there",
            )
        pause(context, min(following(), deadline.left), name)
