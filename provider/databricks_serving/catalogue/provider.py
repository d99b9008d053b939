"""What `pulumi up`, `refresh` and `destroy` refuse, or could not bring to an end.

A table of texts without code, so it may be longer than a module is else.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        "endpoint-taken",
        happened=(
            "An endpoint of that name is in the workspace, and it does not carry this resource's "
            "ownership mark."
        ),
        remedy="Choose another name, or say adopt=True to take it over.",
        sample=(
            "An endpoint called chat exists already, and nothing shows that this stack made it. "
            "Nothing was touched. Choose another name, or say adopt=True to take it over: it is "
            "then brought to what the program says."
        ),
        page="how-to/adopt-an-existing-endpoint.md",
    ),
    Entry(
        "scope-taken",
        happened=(
            "A secret scope of that name is in the workspace, and it is not empty or somebody "
            "else has access to it."
        ),
        remedy="Choose another name, or say adopt=True to take it over.",
        sample=(
            "A secret scope called llm-keys exists already, and nothing shows that this stack "
            "made it. Nothing was touched. Choose another name, or say adopt=True to take it over."
        ),
        page="how-to/adopt-an-existing-endpoint.md",
    ),
    Entry(
        "secret-taken",
        happened=(
            "The scope holds a secret of that key, with another value or one that may not be read."
        ),
        remedy="Choose another key, or say adopt=True. The value is then overwritten.",
        sample=(
            "The secret llm-keys/openai exists already, and nothing shows that this stack made "
            "it. Nothing was touched. Choose another key, or say adopt=True to take it over: its "
            "value is then overwritten with the program's."
        ),
        page="how-to/adopt-an-existing-endpoint.md",
    ),
    Entry(
        "endpoint-recreated",
        happened=(
            "The endpoint has another id than the one recorded: somebody deleted it and made "
            "another under its name."
        ),
        remedy="`pulumi up` takes the new one over. `pulumi state delete` forgets it.",
        sample=(
            "Endpoint chat is not the one that this stack made: somebody deleted that and made "
            "another under its name. It was not touched. `pulumi up` takes the new one over."
        ),
        page="how-to/delete-or-hand-over-an-endpoint.md",
    ),
    Entry(
        "wrong-workspace",
        happened=(
            "The credentials lead to another workspace than the one that the state records. That "
            "is never taken for a deleted resource."
        ),
        remedy=(
            "Set credentials for the recorded workspace, or `pulumi destroy` there before moving. "
            "If a refresh goes on failing so although the configuration is right again: it goes by "
            "the host or profile that the last `pulumi up` recorded. One `pulumi up "
            "--refresh=false` records the right one."
        ),
        sample=(
            "This resource is recorded in workspace 1234567890 (https://a.example.com), and the "
            "credentials lead to workspace 9876543210 (https://b.example.com). Nothing was "
            "touched. Set credentials for the recorded workspace, or `pulumi destroy` there "
            "before moving."
        ),
        page="how-to/several-environments.md",
    ),
    Entry(
        "newer-format",
        happened=(
            "A newer release of databricks-serving has written the state, in a layout that this "
            "one does not know."
        ),
        remedy="Install the newer release here too: pip install --upgrade databricks-serving.",
        sample=(
            "The state has this resource in format 2, written by a newer release of "
            "databricks-serving than this one, which knows format 1. Nothing was touched. Install "
            "the newer release here too: pip install --upgrade databricks-serving."
        ),
        page="stability.md",
    ),
    Entry(
        "no-call-changes-it",
        happened=(
            "The program changes something that no call of the API changes, such as an endpoint's "
            "description."
        ),
        remedy=(
            "Put the former value back, or name the field in deploy.replace_on: the endpoint is "
            "then replaced and gets a new id."
        ),
        sample=(
            "Endpoint chat cannot be changed so. description: no public call changes the "
            "description; replacing a live endpoint for a text would be an outage. Put the former "
            "value back, or have the endpoint replaced (it is down meanwhile, and gets a new id): "
            'deploy={"replace_on": ["description"]}.'
        ),
        page="fields.md",
    ),
    Entry(
        "replacement-not-planned",
        happened=(
            "The endpoint was changed outside since the last refresh, in a way that only a "
            "replacement undoes. A preview has not shown that."
        ),
        remedy="Run `pulumi up --refresh`, which plans and shows it.",
        sample=(
            "Endpoint chat would have to be replaced (an endpoint with an external model never "
            "becomes one without, or the reverse: config.served_entities): it was changed outside "
            "since the last refresh. Nothing was sent. `pulumi up --refresh` plans it."
        ),
        page="explanation/three-states.md",
    ),
    Entry(
        "model-units-step",
        happened="The service refused a step to or from provisioned model units in place.",
        remedy=(
            "Put the former kind of compute back, or replace the endpoint with `pulumi up "
            "--replace URN`."
        ),
        sample=(
            "PUT /api/2.0/serving-endpoints/chat/config: the workspace answered 400 "
            "INVALID_PARAMETER_VALUE: not supported. This is a step to or from "
            "provisioned_model_units, and no source says that an endpoint can make it in place. "
            "Where it cannot, put the former kind of compute back, or have the endpoint replaced "
            "(it is down meanwhile, and gets a new id): `pulumi up --replace URN`, with its URN "
            "from `pulumi stack --show-urns`."
        ),
    ),
    Entry(
        "update-in-the-way",
        happened=(
            "Somebody else's update of the endpoint is under way, and the program says not to "
            "wait for it."
        ),
        remedy='Wait for the update, or say deploy={"on_update_in_progress": "wait"}.',
        sample=(
            "Another update of endpoint chat is under way, and deploy.on_update_in_progress is "
            '"fail". The configuration was not sent. Wait for the update, or say "wait".'
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "no-endpoint",
        happened=(
            "An AiGateway, RateLimits or EndpointPermissions names an endpoint that is not in the "
            "workspace."
        ),
        remedy="Check endpoint_name, or take it from the ServingEndpoint that makes it.",
        sample=(
            "There is no endpoint called chat in this workspace, and AiGateway, RateLimits and "
            "EndpointPermissions set what an endpoint has that is there: they make none. Check "
            "endpoint_name, or make the endpoint with ServingEndpoint: those that take "
            "endpoint_name=endpoint.name from it wait for it. If somebody deleted it, `pulumi up "
            "--refresh` makes both again."
        ),
        page="how-to/govern-pay-per-token.md",
    ),
    Entry(
        "no-scope",
        happened="A Secret or a SecretAcl names a scope that is not in the workspace.",
        remedy="Declare the scope, and take scope=scope.name from it.",
        sample=(
            "There is no secret scope llm-keys in this workspace. Create it first: a Secret that "
            "takes scope=scope.name from its SecretScope waits for it. If somebody deleted it, "
            "`pulumi up --refresh` makes both again."
        ),
    ),
    Entry(
        "scope-not-empty",
        happened=(
            "The scope holds secrets that this stack did not make, which a deletion would take "
            "along."
        ),
        remedy=(
            "Delete them first, or say force_destroy=True and run `pulumi up` before `pulumi "
            "destroy`."
        ),
        sample=(
            "The secret scope llm-keys still holds 2 secret(s) that this stack did not make: a, "
            "b. Deleting the scope would delete them. It was not touched. Delete them first, or "
            "say force_destroy=True and run `pulumi up` before `pulumi destroy`."
        ),
        page="how-to/delete-or-hand-over-an-endpoint.md",
    ),
    Entry(
        "scope-differs",
        happened=(
            "The scope is there with another backend than the program says, and no call changes "
            "that."
        ),
        remedy="Say what the scope has, or choose another name.",
        sample=(
            "The secret scope llm-keys is there and has another scope_backend_type than the "
            "program says, and no call changes that. Nothing was touched. Say what it has, or "
            "choose another name."
        ),
    ),
    Entry(
        "scope-managed-by-users",
        happened="A workspace of the standard tier has no access control on secret scopes.",
        remedy='Say initial_manage_principal="users", or use a workspace of the premium tier.',
        sample=(
            "POST /api/2.0/secrets/scopes/create: the workspace answered 400 BAD_REQUEST: premium "
            "tier is disabled. In a workspace of the standard tier there is no access control on "
            "secret scopes: everybody manages all of them. If llm-keys may be so, say "
            "initial_manage_principal='users'; else it needs the premium tier."
        ),
    ),
    Entry(
        "scope-lock-out",
        happened="The change would leave nobody here with MANAGE on the scope.",
        remedy="Keep MANAGE, take the SecretAcl out of the program, or run as another manager.",
        sample=(
            "ann@example.com has MANAGE on the secret scope llm-keys, and it is what these "
            "credentials manage the scope by: with READ only, nobody here could manage it any "
            "more. Nothing was sent. Say permission='MANAGE', take this SecretAcl out of the "
            "program, or run with the credentials of another who has MANAGE there."
        ),
    ),
    Entry(
        "endpoint-lock-out",
        happened="The change would take CAN_MANAGE from the identity that runs it.",
        remedy="Say CAN_MANAGE for it, leave it out of access_control, or run as another manager.",
        sample=(
            "These credentials manage endpoint chat by the CAN_MANAGE of data-team: with "
            "CAN_QUERY only, they could not manage it any more. Nothing was sent. Say CAN_MANAGE, "
            "leave data-team out of access_control (the CAN_MANAGE is then kept), or run with the "
            "credentials of another who manages the endpoint."
        ),
    ),
    Entry(
        "unknown-principal",
        happened="The service does not know the user, group or service principal.",
        remedy=(
            "Name a service principal by its application id and a user by e-mail, and add groups "
            "to this workspace first."
        ),
        sample=(
            "PATCH /api/2.0/permissions/serving-endpoints/0123: the workspace answered 404 "
            "RESOURCE_DOES_NOT_EXIST: Principal does not exist. It was sent again for 1m, as "
            "somebody new may not be known at once. A service principal is named by its "
            "application id, not by its display name; a user (by e-mail) and a group must have "
            "been added to this workspace."
        ),
    ),
    Entry(
        "secret-in-vault",
        happened="The scope shows an Azure Key Vault, whose secrets Databricks can only read.",
        remedy="Put the secret into the vault itself, and refer to it.",
        sample=(
            "The scope kv shows an Azure Key Vault, which can only be read through Databricks: "
            "the secret kv/openai was not put. Put it into the vault itself (the Azure portal, "
            "`az keyvault secret set`, or Pulumi's azure-native provider), refer to it as "
            "{{secrets/kv/openai}}, and take this Secret out of the program."
        ),
    ),
    Entry(
        "vault-credentials",
        happened=(
            "A scope over an Azure Key Vault takes a user of Microsoft Entra ID, and these "
            "credentials are of another kind."
        ),
        remedy=(
            "Run `az login` and set DATABRICKS_AUTH_TYPE=azure-cli, or create the scope in the UI "
            "and adopt it."
        ),
        sample=(
            "POST /api/2.0/secrets/scopes/create: the workspace answered 400 "
            "INVALID_PARAMETER_VALUE: Scope with Azure KeyVault must have userAADToken defined! A "
            "scope over an Azure Key Vault is created by a user of Microsoft Entra ID only, not "
            "with a personal access token, nor by OAuth of Databricks. Run `az login` as a user "
            "who may grant roles on the vault, unset DATABRICKS_TOKEN, set "
            "DATABRICKS_AUTH_TYPE=azure-cli, and run again; or create kv in the UI and say "
            "adopt=True."
        ),
    ),
    Entry(
        "variable-not-set",
        happened=(
            "A Secret takes its value from an environment variable, which is not set where "
            "`pulumi up` runs. A preview warns of it where the value is going to be put; it needs "
            "none itself."
        ),
        remedy="Set the variable for this run.",
        sample=(
            "The secret llm-keys/openai takes its value from the environment variable "
            "OPENAI_API_KEY, which is not set. Nothing was sent. Set it for this run."
        ),
        page="how-to/rotate-a-secret.md",
    ),
    Entry(
        "fingerprint-only",
        happened="The plan holds a secret as a fingerprint only, so there is no value to send.",
        remedy="Run `pulumi up`, which has the value from the program.",
        sample=(
            "A secret of this plan is known by its fingerprint only: not sent. `pulumi up` has it "
            "from the program."
        ),
        page="explanation/secrets-and-state.md",
    ),
    Entry(
        "gateway-not-restored",
        happened=(
            "When the resource was destroyed, the service refused to take back what stood in the "
            "gateway before."
        ),
        remedy=(
            'Say on_delete="keep" and run `pulumi up` once before the destroy, or forget the '
            "resource."
        ),
        sample=(
            "PUT /api/2.0/serving-endpoints/chat/ai-gateway: the workspace answered 400 "
            "BAD_REQUEST: no such table. So the gateway of endpoint chat was not brought back to "
            "what stood there before this stack. If the service goes on refusing it, leave the "
            'gateway as it is: say on_delete="keep" and run `pulumi up` once before the '
            "destroy, or forget the resource with `pulumi state delete URN` (its URN: `pulumi "
            "stack --show-urns`)."
        ),
    ),
    Entry(
        "not-kept",
        happened="The service accepted a write, and what it shows afterwards lacks a part of it.",
        remedy=(
            "Look whether this workspace offers the field. Stack configuration "
            "databricks-serving:readBack: warn makes it a warning."
        ),
        sample=(
            "Endpoint chat: the workspace accepted the write and did not keep "
            "ai_gateway.rate_limits. Either this workspace does not offer it, or somebody changed "
            "it in the same minute. The rest was applied and is recorded."
        ),
        page="explanation/what-get-does-not-tell.md",
    ),
    Entry(
        "access-not-listed",
        happened="Access to a scope was given, and is not listed after a minute.",
        remedy="Run again. If it stays so, somebody else takes it away.",
        sample=(
            "The workspace accepted that data has access to the secret scope llm-keys, and does "
            "not list it. Either lists are late, or somebody takes it away again. The next "
            "`pulumi up` looks again."
        ),
        page="explanation/what-get-does-not-tell.md",
    ),
    Entry(
        "access-still-listed",
        happened="Access to a scope was taken away, and is still listed after a minute.",
        remedy="Run again. If it stays so, somebody else gives it again.",
        sample=(
            "The workspace accepted that data loses its access to the secret scope llm-keys, and "
            "still lists it. Either lists are late, or somebody gives it again. Run again."
        ),
        page="explanation/what-get-does-not-tell.md",
    ),
    Entry(
        "still-there",
        happened="The endpoint was deleted, and the service still shows it.",
        remedy="Run again.",
        sample="Endpoint chat is still there 30m after it was deleted. Run again.",
    ),
    Entry(
        "deployment-failed",
        happened=(
            "The service gave up on a deployment. What served before keeps serving. Lines of the "
            "logs follow the message."
        ),
        remedy="Correct the program by what the message and the logs say, then run `pulumi up`.",
        sample=(
            "The service gave up on the deployment of endpoint chat: churn: DEPLOYMENT_FAILED: no "
            "such version. What served before keeps serving. Correct the program, then `pulumi "
            "up` sends it again. The endpoint's page: https://example.com/ml/endpoints/chat"
        ),
        page="how-to/recover-from-a-failed-update.md",
    ),
    Entry(
        "deployment-cancelled",
        happened="Somebody pressed Cancel in the Serving UI.",
        remedy="`pulumi up` sends the configuration again.",
        sample=(
            "The update of endpoint chat was cancelled with the button in the Serving UI. What "
            "served before keeps serving. `pulumi up` sends it again."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "still-updating",
        happened=(
            "The time for the deployment is up, and the service still works on it. Nothing was "
            "undone."
        ),
        remedy=(
            "Run `pulumi up` again, which goes on waiting, or give it more time with "
            "deploy.timeout."
        ),
        sample=(
            "Endpoint chat is still updating after 30m. It was left as it is and is recorded; the "
            'next `pulumi up` goes on waiting. A longer wait: deploy={"timeout": "2h"}.'
        ),
        page="how-to/recover-from-a-failed-update.md",
    ),
    Entry(
        "still-being-updated",
        happened=(
            "A refresh met an endpoint whose last `pulumi up` did not wait to the end, and the "
            "update is still under way."
        ),
        remedy="Run `pulumi up`, which waits for it.",
        sample="endpoint chat is still being updated",
        page="how-to/recover-from-a-failed-update.md",
    ),
    Entry(
        "stopped-waiting",
        happened="Ctrl-C ended the wait for a deployment. It goes on in the workspace.",
        remedy="Run `pulumi up` again, which goes on from there.",
        sample=(
            "Stopped waiting for endpoint chat, which is updating. The deployment goes on in the "
            "workspace, what served before keeps serving, and the next `pulumi up` goes on from "
            "here."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "stopped-looking",
        happened="Ctrl-C came while what had been written was read back.",
        remedy="Run `pulumi up` again.",
        sample=(
            "Stopped while endpoint chat was being looked at again. What was sent is recorded; "
            "the next `pulumi up` goes on from here."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "stopped-before-turn",
        happened=(
            "Ctrl-C came while the resource waited for another one on the same endpoint or scope."
        ),
        remedy="Run `pulumi up` again.",
        sample=(
            "Stopped before it was the turn of this resource at endpoint chat. Nothing more was "
            "sent; the next `pulumi up` goes on from here."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "unknown-workspace",
        happened=(
            "Which workspace a resource is in is an output that nobody knows yet, or a secret."
        ),
        remedy="Name the workspace with --workspace, or say it plainly in the program.",
        sample=(
            "Which workspace this resource is in is not yet known, or secret, so nobody looked at "
            "what is there. --workspace names it."
        ),
        page="how-to/several-environments.md",
    ),
    Entry(
        "bad-workspace",
        happened=(
            'The `workspace` that the state records is not of the form {"profile": …} or '
            '{"host": …}.'
        ),
        remedy="Correct `workspace` in the program, and run `pulumi up`.",
        sample=(
            "The `workspace` of this resource is no object of texts, so nobody knows where it is."
        ),
        page="how-to/several-environments.md",
    ),
)
