"""What GET answers, as the actual state of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.plan.canonical import Sealing, Tree, canonical
from databricks_serving.plan.compare import is_empty
from databricks_serving.plan.endpoint import ENDPOINT_ID
from databricks_serving.plan.gateway import ENDPOINT_NAME
from databricks_serving.plan.grants import folded
from databricks_serving.plan.secrets import TIMESTAMP
from databricks_serving.plan.states import Actual
from databricks_serving.state.bag import Bag, section
from databricks_serving.state.keys import BEFORE
from databricks_serving_schema import (
    AiGateway,
    Endpoint,
    Secret,
    SecretAcl,
    SecretScope,
    inference_table_name,
    parse_answer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from databricks_serving.api.transport import Json
    from databricks_serving_schema import EndpointAnswer, Value

AZURE_KEYVAULT = "AZURE_KEYVAULT"
#: Where there is no secret, or no key: in a state that is exported without its secrets, of a
#: fingerprint nothing can be told.
UNSEALED = Sealing(b"")


def actual_of(answer: EndpointAnswer, sealing: Sealing) -> Actual:
    """The endpoint as it is, or as the update under way will make it."""
    stamps = answer.stamps
    return Actual(
        Endpoint,
        read_tree(answer.settings, sealing),
        updating=stamps.updating,
        ever_ready=stamps.config is not None,
    )


def read_tree(value: Value, sealing: Sealing) -> dict[str, Tree]:
    """The canonical tree of what was read, without its empties.

    GET answers `[]`, `{}` and null where nothing was said; a program's `[]` means "clear".
    """
    return _without_empties(canonical(value, sealing).tree)


def _without_empties(tree: dict[str, Tree]) -> dict[str, Tree]:
    kept: dict[str, Tree] = {}
    for key, value in tree.items():
        said = _without_empties(value) if isinstance(value, dict) else value
        if said is not None and not is_empty(said):
            kept[key] = said
    return kept


def listed_as(acls: Mapping[str, str], principal: str) -> str | None:
    """The principal as the list spells it; None where it is not in it."""
    return next((one for one in acls if folded(one) == folded(principal)), None)


def access_of(
    acls: Mapping[str, str], scope: str, principal: str, sealing: Sealing
) -> Actual | None:
    """One principal's access to a scope, out of all; None where it has none."""
    listed = listed_as(acls, principal)
    if listed is None:
        return None
    answered = {"scope": scope, "principal": listed, "permission": acls[listed]}
    return Actual(SecretAcl, read_tree(parse_answer(SecretAcl, answered), sealing))


def gateway_of(kind: type[Value], answer: EndpointAnswer, sealing: Sealing) -> Actual:
    """The whole gateway of an endpoint as it is, with whose it is."""
    gateway, stamps = answer.settings.ai_gateway, answer.stamps
    tree: dict[str, Tree] = {ENDPOINT_NAME: stamps.name}
    if stamps.id is not None:
        tree[ENDPOINT_ID] = stamps.id
    if isinstance(gateway, AiGateway):
        tree |= read_tree(gateway, sealing)
    return Actual(kind, tree)


def scope_of(listed: Json | None) -> Actual | None:
    """A scope as the list tells it; None where it does not."""
    if listed is None:
        return None
    answered = {
        "name": str(listed.get("name")),
        "scope_backend_type": backend_of(listed),
        # Said under one name and answered under another (REST reference, secrets/listscopes).
        "backend_azure_keyvault": listed.get("keyvault_metadata"),
    }
    return Actual(SecretScope, read_tree(parse_answer(SecretScope, answered), UNSEALED))


def backend_of(listed: Json) -> str:
    """What keeps a scope's secrets, as the list tells it."""
    return str(listed.get("backend_type") or "DATABRICKS")


def secret_of(scope: str, key: str, listed: int | None) -> Actual | None:
    """A secret as the list tells it, by the time of its last put; None where it is not listed."""
    return (
        None if listed is None else Actual(Secret, {"scope": scope, "key": key, TIMESTAMP: listed})
    )


def found_before(recorded: Bag, sealing: Sealing) -> dict[str, Tree]:
    """The sections of a gateway as they were found, an absent one as empty."""
    stored = section(recorded, BEFORE)
    tree = read_tree(parse_answer(AiGateway, stored), sealing)
    return {name: tree.get(name, {}) for name in stored}


def table_of(name: object, gateway: object) -> str | None:
    """The full name of the table that a gateway writes to, as far as it can be told."""
    if not isinstance(gateway, AiGateway):
        return None
    return inference_table_name(Endpoint().model_copy(update={"name": name, "ai_gateway": gateway}))
