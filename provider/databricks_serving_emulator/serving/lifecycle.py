"""The state machine of deployments (contract §11). Pure: an endpoint in, an endpoint out."""

from __future__ import annotations

from dataclasses import replace

from ..deployments import Plan
from .model import Config, Endpoint, Entity, EntityKind, Rollout

IN_PROGRESS = "IN_PROGRESS"
_FAILED_AS = {
    "failed": "DEPLOYMENT_FAILED",
    "aborted": "DEPLOYMENT_ABORTED",
    "timed_out": "DEPLOYMENT_ABORTED",
}


def is_updating(endpoint: Endpoint) -> bool:
    """Whether a deployment is under way."""
    return endpoint.rollout is not None


def begin(endpoint: Endpoint, config: Config, plan: Plan, now: float) -> Endpoint:
    """The endpoint with `config` pending. What it served before goes on serving.

    now: seconds since the epoch
    """
    polls = usual_polls(config) if plan.polls is None else plan.polls
    rollout = Rollout(
        polls_left=polls,
        until=None if plan.seconds is None else now + plan.seconds,
        outcome=plan.outcome,
        message=plan.message,
    )
    pending = replace(endpoint, pending=config, rollout=rollout, update_state=IN_PROGRESS)
    return settle(pending, now)


def usual_polls(config: Config) -> int:
    """How many GETs see a deployment in progress when nothing else was planned (contract §17)."""
    first = config.entities[0]
    if first.kind is EntityKind.EXTERNAL:
        return 0 if config.version == 1 else 1
    return 1 if first.is_throughput else 3


def settle(endpoint: Endpoint, now: float) -> Endpoint:
    """The endpoint as it is at that time: a deployment that is due has ended."""
    rollout, pending = endpoint.rollout, endpoint.pending
    if rollout is None or pending is None:
        return endpoint
    due = rollout.polls_left <= 0 if rollout.until is None else now >= rollout.until
    if not due:
        return endpoint
    if rollout.outcome == "ready":
        ready = tuple(
            replace(entity, deployment="DEPLOYMENT_READY", message="")
            for entity in pending.entities
        )
        active = replace(pending, entities=ready, start_time=None)
        # No source tells what an update does to a stopped endpoint: here, it starts it.
        return replace(
            endpoint,
            active=active,
            pending=None,
            rollout=None,
            update_state="NOT_UPDATING",
            stopped=False,
        )
    stopped = _stopped(pending, _FAILED_AS[rollout.outcome], rollout.message)
    return replace(endpoint, pending=stopped, rollout=None, update_state="UPDATE_FAILED")


def polled(endpoint: Endpoint) -> Endpoint:
    """The endpoint after one more client has seen its deployment in progress."""
    rollout = endpoint.rollout
    if rollout is None or rollout.until is not None:
        return endpoint
    return replace(endpoint, rollout=replace(rollout, polls_left=rollout.polls_left - 1))


def canceled(endpoint: Endpoint, now: int, *, drops_pending: bool = False) -> Endpoint:
    """The endpoint after somebody pressed the button in the UI (now: milliseconds).

    No source tells what becomes of the pending config: it stays here, aborted, unless it is to be
    dropped (contract §11, §12, §18).
    """
    pending = None if drops_pending else endpoint.pending
    return replace(
        endpoint,
        pending=None if pending is None else _stopped(pending, "DEPLOYMENT_ABORTED", ""),
        rollout=None,
        update_state="UPDATE_CANCELED",
        last_updated_timestamp=now,
    )


def suspended(endpoint: Endpoint, now: int) -> Endpoint:
    """The endpoint after `config:stop`: it keeps its config and answers no queries (§11)."""
    return replace(
        endpoint,
        stopped=True,
        pending=None,
        update_state="NOT_UPDATING",
        last_updated_timestamp=now,
    )


def next_version(endpoint: Endpoint) -> int:
    """The number of the next config; one that failed, and is still there, has used up its own."""
    versions = [config.version for config in (endpoint.active, endpoint.pending) if config]
    return 1 + max(versions, default=0)


def again(config: Config, version: int, now: int, *, creator: str) -> Config:
    """The same config, to be deployed once more by somebody (now: milliseconds)."""
    entities = tuple(
        Entity(entity.kind, entity.definition, creator=creator, creation_timestamp=now)
        for entity in config.entities
    )
    return replace(config, version=version, entities=entities, start_time=now)


def _stopped(config: Config, deployment: str, message: str) -> Config:
    new = [entity for entity in config.entities if entity.deployment == "DEPLOYMENT_CREATING"]
    hit = new or list(config.entities)

    def outcome(entity: Entity) -> Entity:
        return replace(entity, deployment=deployment, message=message) if entity in hit else entity

    return replace(config, entities=tuple(outcome(entity) for entity in config.entities))
