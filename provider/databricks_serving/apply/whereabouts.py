"""Which workspace each subject is in, and whether that is the one that the state recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from databricks_serving.errors import Interrupted, ServingError, UnknownWorkspace
from databricks_serving.state.bag import section, text
from databricks_serving.state.keys import WORKSPACE_HOST

from .neighbours import Placed
from .recorded import recorded_in
from .views import Once, Views

if TYPE_CHECKING:
    from databricks_serving.api import WorkspaceApi, WorkspaceIdentity
    from databricks_serving.state.bag import Bag

    from .subjects import Subject


_NOT_YET_KNOWN = "a workspace not yet known"


class _Client:
    """A client, and where it leads, or why that cannot be told."""

    def __init__(self, api: WorkspaceApi) -> None:
        self.api = api
        self.identity: Once[WorkspaceIdentity] = Once(api.identity)

    def identify(self) -> None:
        """Ask for the identity, and keep what comes of it. Raises `Interrupted`."""
        try:
            self.identity()
        except Interrupted:
            raise
        except ServingError:
            return


class Whereabouts:
    """The workspaces of one survey; two clients that lead to the same one share its views.

    api_of, name_of: as `Survey` takes them
    """

    def __init__(
        self,
        api_of: Callable[[Bag], WorkspaceApi],
        name_of: Callable[[Bag], str | None] | None = None,
    ) -> None:
        self._api_of = api_of
        self._name_of = name_of or _own_profile
        self._clients: dict[int, _Client] = {}
        self._views: dict[str, Views] = {}

    def forget_answers(self) -> None:
        """Look at everything anew; which workspaces there are stays known."""
        self._views = {where: views.anew() for where, views in self._views.items()}

    def of(
        self,
        subjects: Iterable[Subject],
        over: Callable[[Callable[[_Client], None], Iterable[_Client]], Iterable[None]],
    ) -> list[Placed]:
        """Each subject with the views of its workspace, or why there are none, in their order.

        over: does something with each client, many at a time
        """
        led = [(subject, self._client_of(subject)) for subject in subjects]
        for _ in over(_Client.identify, self._clients.values()):
            pass
        return [self._placed(number, *one) for number, one in enumerate(led)]

    def _client_of(self, subject: Subject) -> _Client | ServingError:
        try:
            api = self._api_of(subject.inputs)
        except ServingError as failed:
            return failed
        if id(api) not in self._clients:
            self._clients[id(api)] = _Client(api)
        return self._clients[id(api)]

    def _named(self, subject: Subject) -> str | None:
        try:
            return self._name_of(subject.inputs)
        except UnknownWorkspace:
            return None

    def _placed(self, number: int, subject: Subject, client: _Client | ServingError) -> Placed:
        recorded = {} if subject.recorded is None else subject.recorded.outputs
        own = self._named(subject)
        if isinstance(client, ServingError):
            host = _without_scheme(text(recorded, WORKSPACE_HOST) or "")
            if not host and isinstance(client, UnknownWorkspace):
                host = _NOT_YET_KNOWN
            return Placed(subject, number, own or host, error=client)
        name = own or _without_scheme(client.api.host)
        try:
            here = client.identity()
            recorded_in(recorded, here)
        except Interrupted:
            raise
        except ServingError as failed:
            return Placed(subject, number, name, error=failed)
        where = here.workspace_id or here.host
        if where not in self._views:
            self._views[where] = Views(client.api)
        return Placed(subject, number, name, self._views[where])


def _own_profile(inputs: Bag) -> str | None:
    return text(section(inputs, "workspace"), "profile")


def _without_scheme(host: str) -> str:
    return host.partition("://")[2] or host
