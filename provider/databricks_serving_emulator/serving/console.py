"""What happens to endpoints and models without a call of the API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from ..access import direct_grants
from ..auth import person_in_ui
from ..errors import RefusedError
from ..world import World
from . import lifecycle
from .environment import with_environment
from .model import Config, Endpoint
from .registry import RegisteredModel, model_with_task
from .standing import drop, keep, named


class ServingConsole:
    """Events at the endpoints, and what is known of models.

    kept: what holds the workspace's lock, and keeps the changes in its file if there is one

    Raises ValueError, and changes nothing, for what cannot be.
    """

    def __init__(self, world: World, kept: Callable[[], AbstractContextManager[None]]) -> None:
        self._world = world
        self._kept = kept

    def begin(self) -> None:
        """As at the start: the models of the settings are known."""
        for name, task in self._world.settings.model_tasks.items():
            self._world.models[name] = model_with_task(name, task)

    def register_model(self, model: RegisteredModel) -> None:
        """Say what a model is; endpoints that serve it already keep their task."""
        with self._kept():
            self._world.models[model.name] = model

    def models(self) -> list[RegisteredModel]:
        """The models of which somebody has said what they are."""
        with self._kept():
            return list(self._world.models.values())

    def cancel_update(self, name: str) -> None:
        """Somebody presses the button of the UI that no REST call does: UPDATE_CANCELED."""
        with self._kept():
            endpoint = named(self._world, name)
            if not lifecycle.is_updating(endpoint):
                raise RefusedError(f"Endpoint {name} is not updating: there is nothing to cancel.")
            drops = self._world.behaviour.cancel_drops_pending
            now = self._world.now()
            self._world.endpoints[name] = lifecycle.canceled(endpoint, now, drops_pending=drops)

    def redeploy(self, name: str) -> None:
        """Somebody else deploys once more what the endpoint serves: an update is in flight."""
        with self._kept():
            endpoint = named(self._world, name)
            if lifecycle.is_updating(endpoint):
                raise RefusedError(f"Endpoint {name} is updating already.")
            keep(self._world, self._deployed(endpoint, self._config_of(endpoint)))

    def recreate(self, name: str) -> None:
        """Somebody else deletes the endpoint and creates one like it: it has another id."""
        with self._kept():
            endpoint = named(self._world, name)
            drop(self._world, endpoint)
            self._leave_permissions(endpoint)
            bare = self._like(endpoint)
            config = endpoint.config
            keep(self._world, self._deployed(bare, config) if config else bare)

    def _like(self, endpoint: Endpoint) -> Endpoint:
        somebody, now = person_in_ui(), self._world.now()
        return replace(
            endpoint,
            id=uuid.uuid4().hex,
            creator=somebody.user,
            creator_display_name=somebody.display_name,
            creator_kind=somebody.kind,
            creation_timestamp=now,
            last_updated_timestamp=now,
            active=None,
            pending=None,
            rollout=None,
            update_state="NOT_UPDATING",
            stopped=False,
        )

    def _leave_permissions(self, endpoint: Endpoint) -> None:
        if self._world.behaviour.permissions_outlive_objects:
            self._world.grants[endpoint.id] = direct_grants(self._world, endpoint)
        else:
            self._world.grants.pop(endpoint.id, None)

    def _deployed(self, endpoint: Endpoint, config: Config) -> Endpoint:
        world = self._world
        version = lifecycle.next_version(endpoint)
        new = lifecycle.again(config, version, world.now(), creator=person_in_ui().user)
        new = with_environment(world.scopes, new)
        plan = world.deployments.take(endpoint.name)
        endpoint = replace(endpoint, last_updated_timestamp=world.now())
        return lifecycle.begin(endpoint, new, plan, world.clock.now())

    def _config_of(self, endpoint: Endpoint) -> Config:
        if endpoint.config is None:
            raise RefusedError(f"Endpoint {endpoint.name} has no config that could be deployed.")
        return endpoint.config
