"""What is said of a deployment that failed: the entity, its message, its log, where to look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from databricks_serving.errors import ServingError, UpdateCanceled, UpdateFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks_serving_schema import EndpointStamps

    from .context import Context

#: Lines from the end of a log: enough for the last frames of a Python traceback.
LOG_LINES = 12
#: What a model's own log may show of credentials that this run has never seen, by their shape.
_CREDENTIAL = re.compile(
    r"\b(?:dapi[0-9a-f]{8,}|dose[0-9a-f]{8,}|sk-[\w-]{8,}|AKIA[0-9A-Z]{12,}"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|(?i:bearer)\s+[\w.~+/=-]{8,})"
)


def failure_of(name: str, stamps: EndpointStamps, context: Context) -> UpdateFailed | None:
    """Why the last update of an endpoint did not come through; None where it did, or goes on."""
    update = stamps.state.config_update
    if update == "UPDATE_CANCELED":
        return UpdateCanceled(
            f"The update of endpoint {name} was cancelled with the button in the Serving UI. What "
            f"served before keeps serving. `pulumi up` sends it again.",
            id="deployment-cancelled",
        )
    if update != "UPDATE_FAILED":
        return None
    pending = stamps.pending_config
    messages = [
        f"{entity.name}: {entity.state.deployment}: {entity.state.deployment_state_message}"
        for entity in (pending.served_entities if pending else ())
        if entity.state is not None and entity.state.deployment_state_message
    ]
    said = masked("; ".join(message.rstrip(".") for message in messages))
    return UpdateFailed(
        f"The service gave up on the deployment of endpoint {name}: "
        f"{said or 'it gives no reason'}. What served before keeps serving. Correct the program, "
        f"then `pulumi up` sends it again. The endpoint's page: {page_of(name, context)}"
        + "".join(_logs(name, stamps, context)),
        id="deployment-failed",
    )


def masked(said: str) -> str:
    """The service's words with `***` for whatever has the shape of a credential."""
    return _CREDENTIAL.sub("***", said)


def page_of(name: str, context: Context) -> str:
    """Where the endpoint is shown in the workspace's UI."""
    return f"{context.api.identity().host}/ml/endpoints/{quote(name, safe='')}"


def _logs(name: str, stamps: EndpointStamps, context: Context) -> Iterator[str]:
    pending = stamps.pending_config
    readers = (("build log", context.api.build_logs), ("log", context.api.server_logs))
    for entity in pending.served_entities if pending else ():
        for what, read in readers if entity.name is not None else ():
            try:
                lines = read(name, str(entity.name)).splitlines()[-LOG_LINES:]
            except ServingError as unread:
                # The failure itself must not get lost over its log.
                yield f"\nThe {what} of {entity.name} could not be read: {unread}"
                continue
            told = "".join(f"\n  {masked(line)}" for line in lines)
            if told:
                yield f"\nThe end of the {what} of {entity.name}:{told}"
