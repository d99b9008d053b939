"""What workspaces have and no resource declares: endpoints, and secrets in declared scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from databricks_serving.errors import Interrupted, ServingError
from databricks_serving.state.bag import text

from .declarations import claims_of
from .neighbours import endpoint_of
from .observed import AZURE_KEYVAULT
from .ownership import owner_of
from .subjects import Stray

if TYPE_CHECKING:
    from databricks_serving.state.bag import Bag

    from .neighbours import Placed
    from .views import Views

#: What one question of a workspace brings to light.
Question: TypeAlias = Callable[[], Iterable[Stray]]

#: Endpoints that Databricks itself brings along.
_DATABRICKS = "databricks-"


def strays_in(
    placed: list[Placed],
    over: Callable[
        [Callable[[Question], tuple[Stray, ...] | ServingError], Iterable[Question]],
        Iterable[tuple[Stray, ...] | ServingError],
    ],
    on_error: Callable[[ServingError], None] | None,
) -> tuple[Stray, ...]:
    """The strays of all workspaces that a subject is in.

    over: asks each question, many at a time. on_error: told what could not be asked; without it,
    that is raised.
    """
    strays: list[Stray] = []
    unmarked: list[Question] = []

    def marked_later(question: Question) -> None:
        unmarked.append(question)

    questions = [*_of_endpoints(placed, marked_later), *_of_secrets(placed)]
    for answered in over(_answer, questions):
        if not isinstance(answered, ServingError):
            strays += answered
        elif on_error is None:
            raise answered
        else:
            on_error(answered)
    for answered in over(_answer, unmarked):
        strays += () if isinstance(answered, ServingError) else answered
    return tuple(sorted(strays, key=lambda stray: (stray.workspace, stray.kind, stray.name)))


def _answer(question: Question) -> tuple[Stray, ...] | ServingError:
    try:
        return tuple(question())
    except Interrupted:
        raise
    except ServingError as failed:
        return failed


def _of_endpoints(placed: list[Placed], later: Callable[[Question], None]) -> Iterator[Question]:
    # Nobody can tell where these are: anywhere, they are declared.
    nowhere = {endpoint_of(one.subject) or "" for one in placed if one.views is None}
    known: dict[int, tuple[str, Views, set[str]]] = {}
    for one in placed:
        if one.views is not None:
            *_, names = known.setdefault(id(one.views), (one.workspace, one.views, {*nowhere}))
            names.add(endpoint_of(one.subject) or "")
    for workspace, views, names in known.values():
        yield partial(_stray_endpoints, workspace, views, names, later)


def _stray_endpoints(
    workspace: str, views: Views, known: set[str], later: Callable[[Question], None]
) -> Iterator[Stray]:
    """The strays of a list; where that tells no tags, whose they are is to be asked for later."""
    for listed in views.api.list_endpoints(but=known):
        name = listed.stamps.name
        if name.startswith(_DATABRICKS):
            continue
        stray = Stray("ServingEndpoint", name, workspace)
        if listed.settings.tags is None:
            later(partial(_with_owner, stray, views))
        else:
            yield replace(stray, owner=owner_of(listed))


def _with_owner(stray: Stray, views: Views) -> Iterator[Stray]:
    """The same with the mark that it carries; without one where it may not be read."""
    try:
        yield replace(stray, owner=owner_of(views.api.get_endpoint(stray.name)))
    except Interrupted:
        raise
    except ServingError:
        yield stray


def _of_secrets(placed: list[Placed]) -> Iterator[Question]:
    known = {
        (id(one.views), name)
        for one in placed
        if one.subject.kind == "Secret"
        for name in (one.subject.id, *_addresses(one.subject.inputs))
    }
    for one in placed:
        if one.subject.kind == "SecretScope" and one.views is not None and not _is_vault(one):
            yield partial(_stray_secrets, one, one.views, known)


def _stray_secrets(one: Placed, views: Views, known: set[tuple[int, str]]) -> Iterator[Stray]:
    scope = one.subject.id
    for key in views.scope(scope).secrets() or ():
        names = (f"{scope}/{key}", *_addresses({"scope": scope, "key": key}))
        # One that stands nobody knows where is declared here too.
        if not any((id(place), name) in known for name in names for place in (views, None)):
            yield Stray("Secret", names[0], one.workspace)


def _addresses(secret: Bag) -> tuple[str, ...]:
    """What a secret is found by; in a scope's name, not in a key, case is the same."""
    return tuple(claim.thing[1] for claim in claims_of("Secret", secret))


def _is_vault(one: Placed) -> bool:
    """Whether the secrets of a scope are a vault's, and nobody's here."""
    recorded = {} if one.subject.recorded is None else one.subject.recorded.outputs
    backend = text(recorded, "backend_type"), text(one.subject.inputs, "scope_backend_type")
    return AZURE_KEYVAULT in backend
