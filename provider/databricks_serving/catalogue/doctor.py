"""What `dbserving doctor` finds; the id is `doctor-` and that of the check.

A table of texts without code, so it may be longer than a module is else.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        "doctor-python",
        happened="This Python is older than the package supports.",
        remedy="Use the release that the message names, or a newer one.",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-packages",
        happened="A library is missing, or older than the package supports.",
        remedy=(
            "Install the package with its extras: pip install 'databricks-serving[cli,emulator]'"
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-pip",
        happened=(
            "This environment has no pip, with which `pulumi` lists the packages of a program: "
            "`pulumi up` says that it failed to discover package requirements."
        ),
        remedy=(
            "`python -m ensurepip`, or `uv venv --seed`; or set `toolchain: uv` in Pulumi.yaml."
        ),
        sample=(
            "not in this environment: `pulumi` cannot list a program's packages without, so that "
            "neither the demo nor a project without another toolchain runs"
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-pulumi-sdk",
        happened="Pulumi's SDK for Python is missing, or too old for a refresh to answer inputs.",
        remedy="Upgrade it: `pip install --upgrade pulumi`.",
        sample="3.200.0: before 3.216 a refresh cannot answer inputs",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-pulumi-cli",
        happened=(
            "`pulumi` is not on PATH, cannot be run, or is too old for something that is used."
        ),
        remedy="Install it anew: https://www.pulumi.com/docs/install/",
        sample="there is no `pulumi` on PATH",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-authentication",
        happened=(
            "No method of Databricks unified authentication gives a credential, or the host is "
            "not encrypted."
        ),
        remedy="Set DATABRICKS_HOST and DATABRICKS_TOKEN, or name a profile.",
        sample="there are no credentials that could be used",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-caller",
        happened="The workspace does not answer these credentials.",
        remedy="Log in anew, or correct the token.",
        sample="the workspace does not say who we are",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-workspace",
        happened="The workspace does not tell its id, so that its address has to stand for it.",
        remedy="Nothing, if it is always reached by this address.",
        sample="https://example.com does not tell its workspace id",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-clock",
        happened="This machine's clock differs from the workspace's: tokens may count as expired.",
        remedy="Let the machine set its clock by the network.",
        sample="this machine's clock is 5m behind the workspace's",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-network",
        happened=(
            "A proxy or a file of certificates is configured, and not all of the calls heed it."
        ),
        remedy="Set SSL_CERT_FILE, or correct the variable that the message names.",
        sample="no such file: SSL_CERT_FILE",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-newer-fields",
        happened=(
            "The API answers fields that this release does not know. They are kept as they are."
        ),
        remedy="A newer release may know them: pip install --upgrade databricks-serving",
        sample="the API answers fields that this release does not know: config.newer",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-list-endpoints",
        happened="The caller may not list endpoints.",
        remedy="Give the caller workspace access, and CAN VIEW on the endpoints.",
        sample=(
            "endpoints cannot be listed: GET /api/2.0/serving-endpoints: the workspace answered "
            "403 PERMISSION_DENIED: No. Ask for the right, or run as somebody who has it."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-view-endpoints",
        happened="The caller may not see endpoints of the stack.",
        remedy="Give the caller CAN VIEW on them.",
        sample="endpoint chat: not there, or not visible",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-view-permissions",
        happened="The caller may not see the permissions of endpoints of the stack.",
        remedy="Give the caller CAN MANAGE on them.",
        sample="access list of chat: not there, or not visible",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-read-scopes",
        happened="The caller may not list secrets of the stack.",
        remedy="Give the caller READ on the scopes.",
        sample="scope llm-keys: not there, or not visible",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-read-acls",
        happened="The caller may not list who has access to scopes of the stack.",
        remedy="Give the caller MANAGE on the scopes.",
        sample=(
            "scope llm-keys cannot be read: GET /api/2.0/secrets/acls/list: the workspace "
            "answered 403 PERMISSION_DENIED: No. Ask for the right, or run as somebody who has it."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-state",
        happened="The state cannot be read.",
        remedy="See the message, which has an error's own remedy.",
        sample="the state cannot be read",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-providers",
        happened=(
            "A resource's provider stands in the state as code by value, which runs instead of "
            "what is installed."
        ),
        remedy="Make the resource with databricks_serving's own class, then run `pulumi up`.",
        sample=(
            "chat: the provider stands in the state as code by value, which runs instead of what "
            "is installed"
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-formats",
        happened="The state was written by a newer release.",
        remedy="Install the newer release: `pip install --upgrade databricks-serving`.",
        sample="chat: written by a newer release than this one",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-pending-operations",
        happened="A run was killed in the middle of an operation.",
        remedy=(
            "If no run is under way: `pulumi cancel`, then `pulumi refresh "
            "--clear-pending-creates`."
        ),
        sample="a run was killed in the middle of chat",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-unfinished",
        happened="The last run did not finish with a resource.",
        remedy="`pulumi up` goes on from there.",
        sample="the last run did not finish chat",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "doctor-recorded-workspace",
        happened="Resources are recorded in another workspace than the credentials lead to.",
        remedy="Set credentials for that workspace, or `pulumi destroy` there before moving.",
        sample="chat: recorded in workspace 1234567890, and the credentials lead elsewhere",
        page="how-to/several-environments.md",
    ),
    Entry(
        "doctor-secrets-in-clear",
        happened="A credential stands in clear in the state.",
        remedy=(
            "Make the resource with databricks_serving's own class and `pulumi up`, then replace "
            "the credential."
        ),
        sample="in clear in the state: chat",
        page="explanation/secrets-and-state.md",
    ),
    Entry(
        "doctor-refresh-always",
        happened=(
            "Pulumi.yaml has no `options: {refresh: always}`, so previews do not look at the "
            "workspace."
        ),
        remedy="Add that line to Pulumi.yaml.",
        sample=(
            "Pulumi.yaml has no options.refresh: previews compare with the state alone, and an "
            "`up` undoes what was changed outside without showing it"
        ),
        page="explanation/three-states.md",
    ),
    Entry(
        "doctor-ignore-file",
        happened="The ignore file cannot be used, or a rule has expired.",
        remedy="Renew the rule with a later `until`, or take it out.",
        sample=".dbserving-ignore.toml: expired, and of no effect any more: soon",
        page="drift.md",
    ),
    Entry(
        "doctor-configuration",
        happened="The configuration file or a variable DBSERVING_… cannot be used.",
        remedy="Correct what the message names.",
        sample="the configuration cannot be used",
        page="drift.md",
    ),
    Entry(
        "doctor-ci",
        happened=(
            "Something is missing that comments and summaries in this CI need, or the run is a "
            "fork's."
        ),
        remedy="See the message, which names the step's settings.",
        sample="GitHub: the step summary cannot be written",
        page="how-to/set-up-ci.md",
    ),
    Entry(
        "doctor-terminal",
        happened="The terminal shows ASCII alone.",
        remedy="Set PYTHONUTF8=1, or a UTF-8 locale such as LANG=C.UTF-8.",
        sample=(
            "no terminal, lines of any length, no colours, ascii: marks are told in ASCII, names "
            "in other scripts may be lost"
        ),
        page="cancel-and-doctor.md",
    ),
)
