"""Sending what names somebody whom the workspace may not know yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.errors import ApiError, InvalidRequest, NotFound

from .refusals import unknown_principal
from .wait import look_later, polls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .context import Context
    from .wait import Deadline


def with_known(
    send: Callable[[], None],
    principals: Collection[str],
    what: str,
    context: Context,
    deadline: Deadline,
) -> None:
    """Send, again until the deadline (`wait.looking`) while the service does not know a principal.

    A user or group made a moment ago is not known at once (terraform-provider-databricks issue
    2423). Raises `Refused` where it stays unknown.
    """
    following = polls()
    while True:
        try:
            send()
        except (InvalidRequest, NotFound) as refused:
            if not _is_unknown(refused, principals):
                raise
            if deadline.left <= 0:
                raise unknown_principal(refused, deadline.asked) from None
            context.say(f"the workspace does not know everybody named on {what} yet")
            look_later(context, min(following(), deadline.left), what)
        else:
            return


def _is_unknown(refused: ApiError, principals: Collection[str]) -> bool:
    # No code says so: it comes as INVALID_PARAMETER_VALUE or as RESOURCE_DOES_NOT_EXIST.
    said = refused.answer.message.casefold()
    named = any(principal.casefold() in said for principal in principals)
    missing = "does not exist" in said or "not found" in said
    return named and missing and not said.startswith(("scope ", "serving endpoint "))
