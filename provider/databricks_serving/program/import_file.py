"""The file that `pulumi import --file` takes, with what the provider would have recorded.

With `outputs` in it the engine does not call `read`, which is what keeps `pulumi import` from
dynamic resources (pulumi issue 16175): since 3.254 (pulumi pull request 23984).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from databricks_serving.state.bag import Bag
from databricks_serving.state.keys import BEFORE, KEY, PROVIDER
from databricks_serving.state.tokens import PROVIDER_OF, type_token

from .declared import Imported

#: The first release of `pulumi` that takes outputs.
OLDEST_ENGINE = (3, 254)
#: The key seals no fingerprint yet, and the first update makes one: so the file holds no secret.
_LEFT_OUT = (KEY, BEFORE)


def import_file(resources: Iterable[Imported]) -> str:
    """The text of the file."""
    entries = [
        {
            "type": type_token(one.kind),
            "name": one.name,
            "id": one.id,
            "inputs": _bag(one.kind, one.inputs),
            "outputs": _bag(one.kind, one.outputs),
        }
        for one in resources
    ]
    return json.dumps({"resources": entries}, indent=2) + "\n"


def _bag(kind: str, bag: Bag) -> Bag:
    said = {n: value for n, value in bag.items() if value is not None and n not in _LEFT_OUT}
    return {**said, PROVIDER: PROVIDER_OF[kind]}
