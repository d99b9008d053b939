"""What the workspace, a SQL warehouse or GitHub answered, and credentials that lead nowhere.

A table of texts without code, so it may be longer than a module is else.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        "api-invalid-request",
        happened="The service refuses the request (400). Sent again, it would be refused again.",
        remedy="Correct what the answer names.",
        sample=(
            "PUT /api/2.0/serving-endpoints/chat/config: the workspace answered 400 "
            "INVALID_PARAMETER_VALUE: no such model."
        ),
    ),
    Entry(
        "api-unauthenticated",
        happened="The credential is missing, wrong or expired (401, or 403 with the code 403).",
        remedy=(
            "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile, to credentials of this "
            "workspace. `dbserving doctor` shows whose they are."
        ),
        sample=(
            "GET /api/2.0/serving-endpoints/chat: the workspace answered 403: Invalid access "
            "token. Set DATABRICKS_HOST and DATABRICKS_TOKEN, or a profile, to credentials of "
            "this workspace."
        ),
    ),
    Entry(
        "api-permission-denied",
        happened="The caller lacks a right (403).",
        remedy=(
            "Ask for the right, or run as somebody who has it. `dbserving doctor` lists what the "
            "caller may read."
        ),
        sample=(
            "GET /api/2.0/serving-endpoints/chat: the workspace answered 403 PERMISSION_DENIED: "
            "No. Ask for the right, or run as somebody who has it."
        ),
    ),
    Entry(
        "api-not-found",
        happened="The thing is not there.",
        remedy="Check the name, and with `dbserving doctor` where the credentials lead.",
        sample=(
            "GET /api/2.0/serving-endpoints/chat: the workspace answered 404 "
            "RESOURCE_DOES_NOT_EXIST: No such endpoint."
        ),
    ),
    Entry(
        "api-already-exists",
        happened="The name is taken.",
        remedy="Choose another name, or say adopt=True to take over what is there.",
        sample=(
            "POST /api/2.0/serving-endpoints: the workspace answered 400 RESOURCE_ALREADY_EXISTS: "
            "Endpoint chat exists."
        ),
    ),
    Entry(
        "api-conflict",
        happened="Something else is under way there (409), mostly another update.",
        remedy="Wait for it, and run again.",
        sample=(
            "PUT /api/2.0/serving-endpoints/chat/config: the workspace answered 409 "
            "RESOURCE_CONFLICT: Endpoint is being updated."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "api-too-many-requests",
        happened="The service asked to slow down (429), and still did after all retries.",
        remedy="Run it again later, or with a lower --parallel.",
        sample=(
            "POST /api/2.0/serving-endpoints: the workspace answered 429 REQUEST_LIMIT_EXCEEDED: "
            "Too many. Run it again later, or with a lower --parallel."
        ),
    ),
    Entry(
        "api-unavailable",
        happened="The service is in trouble (500 and above), and still was after all retries.",
        remedy=(
            "Run it again later: what was done is kept. Databricks' support looks up the request "
            "id of the message."
        ),
        sample=(
            "GET /api/2.0/serving-endpoints/chat: the workspace answered 503 "
            "TEMPORARILY_UNAVAILABLE: Try later. Run it again later: what was done is kept."
        ),
    ),
    Entry(
        "api-odd-answer",
        happened=(
            "The answer is none that the API has: a proxy's page, or a host that is no workspace."
        ),
        remedy="Check DATABRICKS_HOST, and with `dbserving doctor` what answers there.",
        sample=(
            "GET /api/2.0/serving-endpoints/chat: the workspace answered 200: something that is "
            "no endpoint."
        ),
    ),
    Entry(
        "unreachable",
        happened="No answer came at all: a wrong host, no network, a proxy or a firewall.",
        remedy=(
            "Check DATABRICKS_HOST and the network. If it is the emulator, start it with "
            "`dbserving emulator`."
        ),
        sample=(
            "https://example.com cannot be reached (no route to host). Check DATABRICKS_HOST and "
            "the network; if it is the emulator, start it with `dbserving emulator`. Then run "
            "again: what is recorded stays recorded."
        ),
    ),
    Entry(
        "not-an-address",
        happened="The workspace's host is written in a way that no address is.",
        remedy=(
            "Correct DATABRICKS_HOST, or the host that the profile, the stack's configuration or "
            "the program gives: https:// and a name, as in the address of the workspace's page in "
            "a browser."
        ),
        sample=(
            "http://[::1 is no address of a workspace (Invalid port: ':1'). One looks like "
            "https://adb-1234567890123456.7.azuredatabricks.net, or http://127.0.0.1:8765 for an "
            "emulator. Correct DATABRICKS_HOST, or the host that the profile, the stack's "
            "configuration or the program gives. Nothing was sent."
        ),
    ),
    Entry(
        "unusable-authorities",
        happened=(
            "SSL_CERT_FILE or SSL_CERT_DIR, which say whose certificates are trusted, names "
            "nothing that holds certificates."
        ),
        remedy="Set it to a file of certificates in PEM form, or unset it.",
        sample=(
            "SSL_CERT_FILE names /etc/company-ca.pem, which cannot be used: No such file or "
            "directory. Set it to a file of certificates in PEM form, or unset it: then the usual "
            "authorities count. Nothing was sent."
        ),
    ),
    Entry(
        "unusable-proxy",
        happened="A variable of the environment names a proxy that cannot be asked.",
        remedy=(
            "Correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, whichever the message names, or unset "
            'it. For a SOCKS proxy: `pip install "httpx[socks]"`.'
        ),
        sample=(
            "HTTPS_PROXY cannot be used: it is no address of an HTTP proxy, as "
            "http://proxy.example.com:3128 is. Correct it, or unset it; NO_PROXY lists the hosts "
            "that are asked themselves. Nothing was sent."
        ),
    ),
    Entry(
        "no-workspace",
        happened="Nothing tells which workspace is meant.",
        remedy=(
            "Set DATABRICKS_HOST and DATABRICKS_TOKEN, or name a profile. `dbserving emulator` "
            "starts a workspace without an account."
        ),
        sample=(
            "No Databricks workspace is named. Set DATABRICKS_HOST and DATABRICKS_TOKEN (or any "
            "other method of Databricks unified authentication), or name a profile with "
            "`workspace={'profile': …}` or the stack configuration databricks-serving:profile. "
            "Without an account: `dbserving emulator` starts a workspace on this machine and "
            "prints what to set."
        ),
    ),
    Entry(
        "no-credentials",
        happened=(
            "The workspace is known, and no method of Databricks unified authentication gives a "
            "credential for it."
        ),
        remedy=(
            "Set DATABRICKS_TOKEN, or log in with the method that your team uses, or name a "
            "profile."
        ),
        sample=(
            "No credentials for the workspace https://dev.example.com: cannot configure default "
            "credentials. Set DATABRICKS_HOST and DATABRICKS_TOKEN (or any other method of "
            "Databricks unified authentication), or name a profile with `workspace={'profile': …}` "
            "or the stack configuration databricks-serving:profile. Without an account: `dbserving "
            "emulator` starts a workspace on this machine and prints what to set."
        ),
    ),
    Entry(
        "no-token",
        happened=(
            "A method of authentication is configured, and gives no token: an expired login, a "
            "wrong client secret."
        ),
        remedy="Log in anew, or correct the client's id and secret.",
        sample=(
            "https://example.com gives no token: invalid_client. Set DATABRICKS_HOST and "
            "DATABRICKS_TOKEN (or any other method of Databricks unified authentication), or name "
            "a profile with `workspace={'profile': …}` or the stack configuration "
            "databricks-serving:profile. Without an account: `dbserving emulator` starts a "
            "workspace on this machine and prints what to set."
        ),
    ),
    Entry(
        "token-characters",
        happened=(
            "DATABRICKS_TOKEN holds a line break or a blank, as a file that was read whole has at "
            "its end."
        ),
        remedy="Set it without.",
        sample=(
            "DATABRICKS_TOKEN holds characters that no token has. Set DATABRICKS_HOST and "
            "DATABRICKS_TOKEN (or any other method of Databricks unified authentication), or name "
            "a profile with `workspace={'profile': …}` or the stack configuration "
            "databricks-serving:profile. Without an account: `dbserving emulator` starts a "
            "workspace on this machine and prints what to set."
        ),
    ),
    Entry(
        "credentials-characters",
        happened="A credential holds a character that no HTTP header can have.",
        remedy="Set the credential anew, without line breaks.",
        sample=(
            "The credentials for https://example.com hold a character that no HTTP header can "
            "have, a line break perhaps. Nothing was sent."
        ),
    ),
    Entry(
        "credentials-in-host",
        happened=(
            "The host is written with a user or a password in it, which would be shown wherever "
            "the host is."
        ),
        remedy="Give the host alone.",
        sample=(
            "The workspace's host https://example.com is written with a user or a password before "
            "it, which would be shown wherever the host is. Give the host alone. Set "
            "DATABRICKS_HOST and DATABRICKS_TOKEN (or any other method of Databricks unified "
            "authentication), or name a profile with `workspace={'profile': …}` or the stack "
            "configuration databricks-serving:profile. Without an account: `dbserving emulator` "
            "starts a workspace on this machine and prints what to set."
        ),
    ),
    Entry(
        "config-file",
        happened=(
            "The file of profiles (~/.databrickscfg, or DATABRICKS_CONFIG_FILE) cannot be read."
        ),
        remedy="Correct the line that the message names, or the file's rights.",
        sample="/home/ann/.databrickscfg cannot be read: it is no UTF-8 text.",
    ),
    Entry(
        "stopped-before-sending",
        happened=(
            "Ctrl-C came while a request waited because the service had asked to slow down. It "
            "was not sent."
        ),
        remedy="Run again: the next run does what is left.",
        sample=(
            "Stopped while POST /api/2.0/serving-endpoints waited for its turn: the workspace "
            "asks to slow down (50 creates and updates of endpoints in 5 minutes). It was not "
            "carried out; the next run does what is left."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "stopped-before-retry",
        happened=(
            "Ctrl-C came between two attempts of a request. The message tells how the first one "
            "ended."
        ),
        remedy="Run again.",
        sample=(
            "Stopped before another attempt. GET /api/2.0/serving-endpoints/chat: the workspace "
            "answered 503: Try later."
        ),
        page="explanation/cancel.md",
    ),
    Entry(
        "statement-failed",
        happened="The SQL warehouse refused or could not finish the statement.",
        remedy=(
            "Read what the warehouse says. Where the system tables are not there, an account "
            "administrator has to enable them."
        ),
        sample="The SQL statement ended as FAILED: TABLE_OR_VIEW_NOT_FOUND.",
        page="usage.md",
    ),
    Entry(
        "statement-not-allowed",
        happened=(
            "The caller may not read a table that `usage` needs, or may not use the warehouse."
        ),
        remedy="Ask for SELECT on the system tables, and CAN_USE on the warehouse.",
        sample="The SQL statement ended as FAILED: INSUFFICIENT_PERMISSIONS.",
        page="usage.md",
    ),
    Entry(
        "result-too-large",
        happened="The result has more rows than the warehouse hands out at once.",
        remedy="Ask for a shorter time, for one stack, or with fewer keys in --by.",
        sample=(
            "The result is larger than the warehouse hands out at once, so it is not whole. Ask "
            "for a shorter time with --since and --until, for the endpoints of one stack, or with "
            "fewer keys of usage_context in --by."
        ),
        page="usage.md",
    ),
    Entry(
        "warehouse-odd-answer",
        happened="The warehouse answered something that its API does not have.",
        remedy="Run it again. If it stays so, report it with this message.",
        sample=(
            "The warehouse answered with a row that is no list: so nothing is known. Run it again."
        ),
        page="usage.md",
    ),
    Entry(
        "warehouse-too-slow",
        happened="The warehouse did not answer in time. A stopped one takes minutes to start.",
        remedy="Run it again, or give it longer with --timeout.",
        sample=(
            "The warehouse had no answer after 600 s: it may be starting, or busy. Run it again, "
            "or give it longer with --timeout."
        ),
        page="usage.md",
    ),
    Entry(
        "stopped-at-warehouse",
        happened="Ctrl-C came before the warehouse answered.",
        remedy="Run again.",
        sample="Stopped before the warehouse answered.",
        page="usage.md",
    ),
    Entry(
        "github-bad-token",
        happened="GitHub does not accept the token (401).",
        remedy="Set GITHUB_TOKEN, or the variable that --token-env names, to a valid token.",
        sample=(
            "GET /repos/acme/infra/pulls/1: GitHub answered 401: Bad credentials. Set "
            "GITHUB_TOKEN (or --token-env) to a token that is valid."
        ),
        page="notify.md",
    ),
    Entry(
        "github-forbidden",
        happened="The token may not do it (403). That of a pull request from a fork only reads.",
        remedy=(
            "Give the job `permissions: pull-requests: write` or `issues: write`, or post from a "
            "workflow_run workflow."
        ),
        sample=(
            "POST /repos/acme/infra/issues/1/comments: GitHub answered 403: Resource not "
            "accessible by integration."
        ),
        page="notify.md",
    ),
    Entry(
        "github-not-found",
        happened="GitHub knows no such repository or number, or hides it from this token (404).",
        remedy="Check the repository and the number, and what the token may see.",
        sample=(
            "GET /repos/acme/infra/pulls/1: GitHub answered 404: Not Found. Check the repository "
            "and the number; a token without access to a private repository gets the same answer."
        ),
        page="notify.md",
    ),
    Entry(
        "github-gone",
        happened="Issues are switched off in the repository, or it was deleted (410).",
        remedy="Switch issues on, or post to another repository.",
        sample=(
            "POST /repos/acme/infra/issues: GitHub answered 410: Issues are disabled. Issues are "
            "switched off in this repository, or it was deleted."
        ),
        page="notify.md",
    ),
    Entry(
        "github-invalid",
        happened="GitHub takes the request for malformed (422).",
        remedy="Report it with the message: it is a defect of dbserving.",
        sample=(
            "POST /repos/acme/infra/issues: GitHub answered 422: Validation Failed. That is a "
            "defect of dbserving; please report it with this line."
        ),
        page="notify.md",
    ),
    Entry(
        "github-odd-answer",
        happened=(
            "GitHub's answer is none that its API has: a proxy's page, or another server behind "
            "--api-url."
        ),
        remedy="Check --api-url, and run it again.",
        sample="POST /graphql: something that is not what GitHub answers.",
        page="notify.md",
    ),
    Entry(
        "github-rate-limit",
        happened="GitHub asked to wait for longer than the command waits.",
        remedy="Run it again later.",
        sample=(
            "POST /graphql: GitHub answered 403: API rate limit exceeded. The rate limit lasts "
            "longer than this command waits (5 minutes). Run it again later."
        ),
        page="notify.md",
    ),
    Entry(
        "github-unreachable",
        happened="No answer of GitHub came.",
        remedy="Run it again later.",
        sample="POST /graphql: GitHub cannot be reached (no route to host). Run it again later.",
        page="notify.md",
    ),
    Entry(
        "github-not-sure",
        happened="The answer to a write got lost, so nobody knows whether it was carried out.",
        remedy="Run it again. It looks first, and posts nothing twice.",
        sample=(
            "POST /graphql: GitHub gave no sure answer (answered 502). What it asked for may have "
            "been done; running it again is safe."
        ),
        page="notify.md",
    ),
    Entry(
        "stopped-at-github",
        happened="Ctrl-C came while GitHub was waited for.",
        remedy="Run it again: it posts nothing twice.",
        sample="Stopped while GitHub was waited for.",
        page="notify.md",
    ),
)
