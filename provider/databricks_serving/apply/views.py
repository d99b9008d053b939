"""What a workspace answers, each question asked once in a pass, however many resources ask it.

A pass sees one moment, so nothing is asked again; whoever wants to know anew makes other views.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Generic, TypeVar

from databricks_serving.errors import ServingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from databricks_serving.api import WorkspaceApi
    from databricks_serving.api.identity import Caller
    from databricks_serving.api.transport import Json
    from databricks_serving_schema import EndpointAnswer

T = TypeVar("T")


class Once(Generic[T]):
    """The answer to a question that is asked by whoever comes first; the others wait for it.

    An error is an answer too: it is raised to everybody.
    """

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: list[T] = []
        self._failed: ServingError | None = None

    def __call__(self) -> T:
        """The answer. Raises what asking raised."""
        with self._lock:
            if self._failed is not None:
                raise self._failed.with_traceback(None)  # each would add to the way that it came
            if not self._answers:
                try:
                    self._answers.append(self._ask())
                except ServingError as failed:
                    self._failed = failed
                    raise
            return self._answers[0]


class EndpointView:
    """One endpoint, and the access control list of its id."""

    def __init__(self, api: WorkspaceApi, name: str) -> None:
        answer: Once[EndpointAnswer | None] = Once(lambda: api.get_endpoint(name))

        def permissions() -> Json | None:
            answered = answer()
            id_ = None if answered is None else answered.stamps.id
            return None if id_ is None else api.get_permissions(id_)

        # No method: what holds itself is kept, with its answer, until a collector comes by.
        self.answer = answer
        self.permissions: Once[Json | None] = Once(permissions)


class ScopeView:
    """What the lists of one secret scope say: times of puts by key, permissions by principal."""

    def __init__(self, api: WorkspaceApi, name: str) -> None:
        self.secrets: Once[dict[str, int] | None] = Once(lambda: api.list_secrets(name))
        self.acls: Once[dict[str, str] | None] = Once(lambda: api.list_acls(name))


class Views:
    """One workspace in one pass.

    An endpoint's view is dropped once all who were expected are done with it: of thousands, only
    those under way are held. Those of scopes are small, and stay.
    """

    def __init__(self, api: WorkspaceApi) -> None:
        self.api = api
        self.caller: Once[Caller] = Once(api.me)
        self.scopes: Once[dict[str, Json]] = Once(self._scopes)
        self._endpoints: dict[str, EndpointView] = {}
        self._scope_views: dict[str, ScopeView] = {}
        self._expected: Counter[str] = Counter()
        self._lock = threading.Lock()

    def anew(self) -> Views:
        """The same workspace, nothing asked yet but who asks."""
        views = Views(self.api)
        views.caller = self.caller
        return views

    def expect(self, endpoint: str) -> None:
        """Somebody is going to look at this endpoint, and will say when it is done."""
        self._expected[endpoint] += 1

    def endpoint(self, name: str) -> EndpointView:
        """The view of the endpoint of that name, whether or not there is one."""
        with self._lock:
            view = self._endpoints.get(name)
            if view is None:
                view = self._endpoints[name] = EndpointView(self.api, name)
            return view

    def done(self, endpoint: str) -> None:
        """One of those expected at this endpoint has seen what it wanted."""
        with self._lock:
            self._expected[endpoint] -= 1
            if self._expected[endpoint] <= 0:
                self._endpoints.pop(endpoint, None)
                del self._expected[endpoint]

    def scope(self, name: str) -> ScopeView:
        """The view of the scope of that name, upper and lower case being the same."""
        folded = name.casefold()
        with self._lock:
            view = self._scope_views.get(folded)
            if view is None:
                view = self._scope_views[folded] = ScopeView(self.api, name)
            return view

    def _scopes(self) -> dict[str, Json]:
        return {str(scope.get("name")).casefold(): scope for scope in self.api.list_scopes()}
