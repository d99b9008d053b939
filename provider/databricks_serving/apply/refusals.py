"""What is said where a plan is not carried out, with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks_serving.errors import Refused, TakenAlready
from databricks_serving.plan.change import Action, Reason, shown
from databricks_serving_schema import OWNERSHIP_TAG

if TYPE_CHECKING:
    from collections.abc import Collection

    from databricks_serving.errors import ApiError, InvalidRequest
    from databricks_serving.plan.access import LockOut
    from databricks_serving.plan.plan import Plan


def refuse_what_cannot_be(name: str, plan: Plan) -> None:
    """Raise `Refused` where the plan would have to replace, or to change what no call changes."""
    refused = plan.of(Action.REFUSE)
    if refused:
        raise refusal(name, plan)
    replaced = plan.of(Action.REPLACE)
    if replaced:
        raise Refused(
            f"Endpoint {name} would have to be replaced ({replaced[0].reason.value}: "
            f"{', '.join(shown(change.path) for change in replaced)}): it was changed "
            f"outside since the last refresh. Nothing was sent. `pulumi up --refresh` plans it.",
            id="replacement-not-planned",
        )


def refusal(name: str, plan: Plan) -> Refused:
    """The error of a plan that refuses."""
    said = "; ".join(
        f"{shown(change.path)}: {change.because or Reason.NO_CALL_CHANGES_IT.value}"
        for change in plan.of(Action.REFUSE)
    )
    fields = ", ".join(f'"{change.path[0]}"' for change in plan.of(Action.REFUSE))
    return Refused(
        f"Endpoint {name} cannot be changed so. {said}. Put the former value back, or have the "
        f"endpoint replaced (it is down meanwhile, and gets a new id): "
        f'deploy={{"replace_on": [{fields}]}}.',
        id="no-call-changes-it",
    )


def endpoint_taken(name: str, owner: str | None = None) -> TakenAlready:
    """The error that a create meets where somebody else's endpoint has the name.

    owner: the mark that it carries, `<project>.<stack>.<hash>`
    """
    whose = "nothing shows that this stack made it"
    if owner is not None:
        whose = f"its tag {OWNERSHIP_TAG} says that another resource made it: {owner}"
    return TakenAlready(
        f"An endpoint called {name} exists already, and {whose}. "
        f"Nothing was touched. Choose another name, or say adopt=True to take it over: it is then "
        f"brought to what the program says.",
        id="endpoint-taken",
    )


def endpoint_of_others(name: str) -> Refused:
    """The error of a delete that meets another endpoint of that name."""
    return Refused(
        f"Endpoint {name} is not the one that this stack made: somebody deleted that and made "
        f"another under its name. It was not touched. `pulumi up` takes the new one over, "
        f"`pulumi destroy` deletes it then; `pulumi state delete` forgets it.",
        id="endpoint-recreated",
    )


def update_in_the_way(name: str) -> Refused:
    """The error of a configuration that meets another update, and was told not to wait."""
    return Refused(
        f"Another update of endpoint {name} is under way, and "
        f'deploy.on_update_in_progress is "fail". The configuration was not sent. Wait for '
        f'the update, or say "wait".',
        id="update-in-the-way",
    )


def no_step_of_units(refused: InvalidRequest) -> Refused:
    """The service's refusal of a step to or from model units, with the way out."""
    return Refused(
        f"{refused} This is a step to or from provisioned_model_units, and no source says that an "
        f"endpoint can make it in place. Where it cannot, put the former kind of compute back, or "
        f"have the endpoint replaced (it is down meanwhile, and gets a new id): "
        f"`pulumi up --replace URN`, with its URN from `pulumi stack --show-urns`.",
        id="model-units-step",
    )


def scope_taken(name: str) -> TakenAlready:
    """The error that a create meets where somebody else's scope has the name."""
    return TakenAlready(
        f"A secret scope called {name} exists already, and nothing shows that this stack made it. "
        f"Nothing was touched. Choose another name, or say adopt=True to take it over.",
        id="scope-taken",
    )


def scope_not_empty(name: str, held: Collection[str]) -> Refused:
    """The error of a delete that would take secrets along which no program of ours made."""
    return Refused(
        f"The secret scope {name} still holds {len(held)} secret(s) that this stack did not "
        f"make: {', '.join(sorted(held))}. Deleting the scope would delete them. It was not "
        f"touched. Delete them first, or say force_destroy=True and run `pulumi up` before "
        f"`pulumi destroy`.",
        id="scope-not-empty",
    )


def secret_taken(scope: str, key: str) -> TakenAlready:
    """The error that a create meets where somebody else's secret has the key."""
    return TakenAlready(
        f"The secret {scope}/{key} exists already, and nothing shows that this stack made it. "
        f"Nothing was touched. Choose another key, or say adopt=True to take it over: its "
        f"value is then overwritten with the program's.",
        id="secret-taken",
    )


def no_scope(scope: str, kind: str) -> Refused:
    """The error of a `Secret` or a `SecretAcl` whose scope is not there."""
    return Refused(
        f"There is no secret scope {scope} in this workspace. Create it first: a {kind} that takes "
        f"scope=scope.name from its SecretScope waits for it. If somebody deleted it, `pulumi up "
        f"--refresh` makes both again.",
        id="no-scope",
    )


def scope_lock_out(scope: str, principal: str, permission: str, why: LockOut) -> Refused:
    """The error of a lower permission that would lock somebody out of a scope."""
    return Refused(
        f"{principal} has MANAGE on the secret scope {scope}, and {why.value}: with {permission} "
        f"only, nobody here could manage it any more. Nothing was sent. Say permission='MANAGE', "
        f"take this SecretAcl out of the program, or run with the credentials of another who has "
        f"MANAGE there.",
        id="scope-lock-out",
    )


def nothing_to_cancel(name: str, host: str) -> Refused:
    """The error of a cancellation at an endpoint that is not there."""
    return Refused(
        f"There is no endpoint called {name} at {host}. Check the name, and with `dbserving "
        f"doctor` where the credentials lead.",
        id="nothing-to-cancel",
    )


def not_to_be_sent(why: str) -> Refused:
    """The error of a configuration with credentials that only the program knows."""
    return Refused(
        f"{why} Nothing was sent. `pulumi up` has them: it waits for the update under way, then "
        f"sends the whole configuration.",
        id="credentials-not-known",
    )


def made_anew(name: str) -> Refused:
    """The error of an endpoint that is not the one that a stack recorded."""
    return Refused(
        f"Endpoint {name} is not the one that this stack made: somebody deleted that and made "
        f"another under its name. It was not touched. `pulumi up` takes the new one over.",
        id="endpoint-recreated",
    )


def no_endpoint(name: str) -> Refused:
    """The error of a gateway, limits or grants of an endpoint that is not there."""
    return Refused(
        f"There is no endpoint called {name} in this workspace, and AiGateway, RateLimits and "
        f"EndpointPermissions set what an endpoint has that is there: they make none. Check "
        f"endpoint_name, or make the endpoint with ServingEndpoint: those that take "
        f"endpoint_name=endpoint.name from it wait for it. If somebody deleted it, `pulumi up "
        f"--refresh` makes both again.",
        id="no-endpoint",
    )


def not_given_back(name: str, refused: ApiError) -> Refused:
    """The service's refusal to take back what stood in a gateway before, with the ways out."""
    return Refused(
        f"{refused} So the gateway of endpoint {name} was not brought back to what stood there "
        f"before this stack. If the service goes on refusing it, leave the gateway as it is: say "
        f'on_delete="keep" and run `pulumi up` once before the destroy, or forget the resource '
        f"with `pulumi state delete URN` (its URN: `pulumi stack --show-urns`).",
        id="gateway-not-restored",
    )


def endpoint_lock_out(name: str, whose: str, level: str) -> Refused:
    """The error of grants that would take the caller's CAN_MANAGE away, its own or its group's."""
    return Refused(
        f"These credentials manage endpoint {name} by the CAN_MANAGE of {whose}: with {level} "
        f"only, they could not manage it any more. Nothing was sent. Say CAN_MANAGE, leave {whose} "
        f"out of access_control (the CAN_MANAGE is then kept), or run with the credentials of "
        f"another who manages the endpoint.",
        id="endpoint-lock-out",
    )


def unknown_principal(refused: ApiError, waited: str) -> Refused:
    """The service's refusal of somebody it does not know, with what it goes by."""
    return Refused(
        f"{refused} It was sent again for {waited}, as somebody new may not be known at once. A "
        f"service principal is named by its application id, not by its display name; a user (by "
        f"e-mail) and a group must have been added to this workspace.",
        id="unknown-principal",
    )


def put_into_vault(scope: str, key: str) -> Refused:
    """The error of a secret in a scope whose secrets a vault holds."""
    return Refused(
        f"The scope {scope} shows an Azure Key Vault, which can only be read through Databricks: "
        f"the secret {scope}/{key} was not put. Put it into the vault itself (the Azure portal, "
        f"`az keyvault secret set`, or Pulumi's azure-native provider), refer to it as "
        f"{{{{secrets/{scope}/{key}}}}}, and take this Secret out of the program.",
        id="secret-in-vault",
    )


def no_vault_with_these_credentials(name: str, refused: ApiError) -> Refused:
    """The service's refusal of a scope over a vault, with the credentials that it takes."""
    return Refused(
        f"{refused} A scope over an Azure Key Vault is created by a user of Microsoft Entra ID "
        f"only, not with a personal access token, nor by OAuth of Databricks. Run `az login` as a "
        f"user who may grant roles on the vault, unset DATABRICKS_TOKEN, set "
        f"DATABRICKS_AUTH_TYPE=azure-cli, and run again; or create {name} in the UI and say "
        f"adopt=True.",
        id="vault-credentials",
    )


def managed_by_users_only(name: str, refused: ApiError) -> Refused:
    """The service's refusal of a scope with one manager, in a workspace of the standard tier."""
    return Refused(
        f"{refused} In a workspace of the standard tier there is no access control on secret "
        f"scopes: everybody manages all of them. If {name} may be so, say "
        f"initial_manage_principal='users'; else it needs the premium tier.",
        id="scope-managed-by-users",
    )
