"""What a survey is asked to look at, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from databricks_serving.plan.comparison import Standing

if TYPE_CHECKING:
    from databricks_serving.errors import ServingError
    from databricks_serving.plan.comparison import Comparison, Wanted
    from databricks_serving.plan.states import Actual
    from databricks_serving.state.bag import Bag
    from databricks_serving.state.deployment import Recorded


@dataclass(frozen=True)
class Subject:
    """One resource to be looked at.

    `id`: its own in the workspace, empty where that is not known yet. `recorded`: as the state has
    it, None where only a preview knows it. `inputs`: of the program, or of the state; they say
    which workspace. `wanted`: None where only what was changed outside is asked for.
    """

    kind: str
    id: str
    recorded: Recorded | None
    inputs: Bag = field(repr=False)
    wanted: Wanted | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Seen:
    """What was seen of one subject.

    `workspace`: how reports name it. `comparison` None: it could not be looked at, and `error` says
    why. `actual` None: it is not there, or nobody could look. `judged` False: it seemed to differ,
    and the work was called off before a second look. `nowhere`: which workspace it is in is not
    known here, so `comparison` tells what the program changes, and nothing of a new one.
    """

    subject: Subject
    workspace: str
    comparison: Comparison | None = field(default=None, repr=False)
    standing: Standing = Standing.SETTLED
    error: ServingError | None = None
    actual: Actual | None = field(default=None, repr=False)
    judged: bool = True
    nowhere: bool = False


@dataclass(frozen=True)
class Stray:
    """An endpoint, or a secret in a scope that is declared, that no subject declares.

    `name`: of a secret `scope/key`. `owner`: the mark of the resource that made an endpoint, None
    where it carries none.
    """

    kind: str
    name: str
    workspace: str
    owner: str | None = None
