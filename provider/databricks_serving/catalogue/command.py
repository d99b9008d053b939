"""What `dbserving` says of its options, of files that it is given, and of the engine.

A table of texts without code, so it may be longer than a module is else.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        "bad-command-line",
        happened=(
            "An option or argument that the command does not have, or a value that it does not "
            "take."
        ),
        remedy="`dbserving COMMAND --help` lists what there is.",
        sample="No such option: --stak (Possible options: --stack, --state)",
        page="reference/cli.md",
    ),
    Entry(
        "unknown-id",
        happened="`dbserving explain` was asked for an id that no message has.",
        remedy="Look at the list: `dbserving explain` without an id.",
        sample="No message has the id 'endpoint-takn'; did you mean endpoint-taken?",
        page="errors.md",
    ),
    Entry(
        "bad-setting",
        happened=(
            "A setting has a value that it does not take. The message names where it was said: an "
            "option, a variable DBSERVING_… or the configuration file."
        ),
        remedy="Correct it there. `dbserving schema config` says what each setting takes.",
        sample="--color: 'blue' is none of auto, always, never.",
        page="drift.md",
    ),
    Entry(
        "unknown-setting",
        happened="A variable DBSERVING_… or a key of the configuration file is none that there is.",
        remedy="Correct the spelling, or take it out.",
        sample="dbserving.toml: stak is not known; did you mean stack?",
        page="drift.md",
    ),
    Entry(
        "config-no-toml",
        happened="The configuration file is no TOML.",
        remedy="Correct the line that the message names.",
        sample=(
            "dbserving.toml is no TOML: Expected '=' after a key in a key/value pair (at line 1, "
            "column 6)."
        ),
        page="drift.md",
    ),
    Entry(
        "config-unreadable",
        happened="The configuration file is there and cannot be read.",
        remedy="Correct its rights, or take it away.",
        sample="dbserving.toml cannot be read: Permission denied.",
        page="drift.md",
    ),
    Entry(
        "bad-config-table",
        happened=(
            "A name in the configuration file is that of a table, and has a value in its place."
        ),
        remedy="Write it as a table in brackets.",
        sample="pyproject.toml: [tool.dbserving] is a table.",
        page="drift.md",
    ),
    Entry(
        "bad-duration",
        happened="--timeout is no duration.",
        remedy="Write it as 45m, 2h or 1h30m.",
        sample="--timeout: 'soon' takes a duration such as 2h, 45m or 1h30m.",
        page="reference/cli.md",
    ),
    Entry(
        "bad-time",
        happened="--since or --until is neither a duration nor a time.",
        remedy="Write 24h or 7d, or a time such as 2026-11-01T08:00:00Z.",
        sample=(
            "--since yesterday: say how long ago (90m, 24h, 7d), or a time such as 2026-11-01 or "
            "2026-11-01T08:00:00Z."
        ),
        page="usage.md",
    ),
    Entry(
        "until-before-since",
        happened="The time asked for ends before it begins.",
        remedy="Give a later --until, or an earlier --since.",
        sample="--until 2026-11-01 is not after --since 2026-11-02.",
        page="usage.md",
    ),
    Entry(
        "no-stack",
        happened="`pulumi` knows no such stack here, or no stack is selected.",
        remedy=(
            "Name one with --stack, run in the project's directory, or give a state with --state."
        ),
        sample=(
            "`pulumi stack export`: no stack named 'prod' found. Name a stack of this project "
            "with --stack (`pulumi stack ls` lists them), run it in the project's directory, or "
            "give a state with --state."
        ),
        page="exit-codes.md",
    ),
    Entry(
        "no-engine",
        happened=(
            "There is no `pulumi` on PATH, and the state is read through it, or the demo runs on "
            "it."
        ),
        remedy="Install it, or give the state with --state.",
        sample=(
            "There is no `pulumi` on PATH, and the state is read through it. Install it "
            "(https://www.pulumi.com/docs/install/), or give the state itself with --state: what "
            "`pulumi stack export` printed elsewhere."
        ),
        page="index.md",
    ),
    Entry(
        "engine-not-run",
        happened="The `pulumi` on PATH cannot be started.",
        remedy="Install it anew, or put another first on PATH.",
        sample=(
            "/usr/bin/pulumi cannot be run: Exec format error. Install pulumi anew "
            "(https://www.pulumi.com/docs/install/), or put another first on PATH."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "engine-failed",
        happened="`pulumi` ended with an error. The message repeats the end of what it said.",
        remedy="Correct what it says; the same command can be run by hand.",
        sample="`pulumi stack export` failed: incorrect passphrase.",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "preview-failed",
        happened="`pulumi preview` reported an error of a resource or of the program.",
        remedy="Correct what it says. The report is of what was planned until then.",
        sample="The preview failed: Endpoint plain cannot be changed so.",
        page="plan.md",
    ),
    Entry(
        "state-unreadable",
        happened="The file that --state names cannot be read, or is no text.",
        remedy="Give what `pulumi stack export` prints.",
        sample="state.json cannot be read: No such file or directory.",
        page="drift.md",
    ),
    Entry(
        "state-too-deep",
        happened="The file is nested deeper than any state that Pulumi writes.",
        remedy="Give what `pulumi stack export` prints.",
        sample="What state.json holds is nested too deep for any Pulumi state.",
        page="drift.md",
    ),
    Entry(
        "no-json",
        happened="The file is no JSON.",
        remedy=(
            "Give what `pulumi stack export` or `pulumi preview --json` prints, and nothing "
            "before or after it."
        ),
        sample="What state.json holds is no JSON: Expecting value: line 1 column 1 (char 0).",
        page="drift.md",
    ),
    Entry(
        "no-state",
        happened="The file is JSON, and no Pulumi state.",
        remedy="Give what `pulumi stack export` prints, or a checkpoint of the file backend.",
        sample=(
            "This is no Pulumi state: neither what `pulumi stack export` prints, nor a checkpoint "
            "of the file backend."
        ),
        page="drift.md",
    ),
    Entry(
        "no-preview",
        happened="The file that --preview names is JSON, and no preview.",
        remedy="Give what `pulumi preview --json` prints.",
        sample="This is no preview: it is not what `pulumi preview --json` prints.",
        page="plan.md",
    ),
    Entry(
        "no-pulumi-file",
        happened="A list that every such file of Pulumi has is none here.",
        remedy="Make the file anew with `pulumi stack export` or `pulumi preview --json`.",
        sample="This is none of Pulumi's files: its `steps` is no list.",
        page="drift.md",
    ),
    Entry(
        "preview-without-state",
        happened="A saved preview says what is wanted, and not what was recorded.",
        remedy="Add --stack, or --state with the state that the preview was made from.",
        sample=(
            "A --preview does not say what was recorded: give --stack, or the state itself with "
            "--state."
        ),
        page="plan.md",
    ),
    Entry(
        "state-without-preview",
        happened="A state alone says what was recorded, and not what is wanted.",
        remedy="Add --preview, or take --stack.",
        sample=(
            "A --state goes with a --preview that was made from it: without one, `pulumi preview` "
            "runs here and reads the stack's own state. Add --preview FILE, or take --stack."
        ),
        page="plan.md",
    ),
    Entry(
        "selects-nothing",
        happened="--select meets no resource, so nothing would be known.",
        remedy="Correct the name, or take a glob such as 'ServingEndpoint/*'.",
        sample=(
            "--select chta matches nothing here. Did you mean chat? A glob stands for a name or "
            "for Kind/name, in the workspace or in the program."
        ),
        page="drift.md",
    ),
    Entry(
        "no-strategy",
        happened="`cancel` shows what is under way, and does nothing by itself.",
        remedy="Say --supersede or --abandon.",
        sample="Nothing was done. Say which strategy: --supersede or --abandon.",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "two-strategies",
        happened="--supersede and --abandon were both said.",
        remedy="Say one of them.",
        sample="--supersede and --abandon exclude each other: say one of them.",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "nobody-to-ask",
        happened=(
            "--abandon deletes an endpoint and asks first, and there is no terminal to ask at."
        ),
        remedy="Say --yes where that is wanted.",
        sample=(
            "--abandon deletes endpoint chat, and nobody can be asked here. Say --yes where that "
            "is wanted. Nothing was deleted."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "nothing-to-cancel",
        happened="There is no endpoint of that name in the workspace.",
        remedy="Check the name, and with `dbserving doctor` where the credentials lead.",
        sample=(
            "There is no endpoint called chat at https://example.com. Check the name, and with "
            "`dbserving doctor` where the credentials lead."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "nothing-under-way",
        happened="The update had ended before it could be abandoned.",
        remedy="Nothing; `dbserving cancel NAME` shows how it stands.",
        sample="Nothing is under way at endpoint chat any more. Nothing was deleted.",
        page="cancel-and-doctor.md",
    ),
    Entry(
        "nothing-recorded-to-send",
        happened=(
            "The state records no configuration of this endpoint, so --supersede has nothing to "
            "send."
        ),
        remedy="Leave out --stack and --state: then what serves now is sent.",
        sample=(
            "The state records no configuration of endpoint chat: there is none to send. Without "
            "--stack and --state, what serves now is sent."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "not-in-state",
        happened="The stack records no endpoint of that name.",
        remedy="Correct the name, or leave out --stack and --state.",
        sample=(
            "Stack dev records no ServingEndpoint called chta. Did you mean chat? Without --stack "
            "and --state, what serves now is sent. Nothing was sent."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "never-served",
        happened=(
            "The endpoint is in its first deployment, so there is no configuration to go back to."
        ),
        remedy="Say --abandon to delete it, or --supersede with --stack or --state.",
        sample=(
            "Endpoint chat has never served: there is no configuration to go back to. --abandon "
            "deletes this first deployment; --supersede with --stack or --state sends what the "
            "stack applied."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "served-before",
        happened="--abandon deletes first deployments only, and this endpoint has served before.",
        remedy="Say --supersede.",
        sample=(
            "Endpoint chat has a configuration that served before: it is not deleted. --supersede "
            "waits for the update under way and then sends the wanted configuration."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "credentials-not-known",
        happened=(
            "The configuration to send has plaintext credentials, which neither a state nor the "
            "workspace shows."
        ),
        remedy="Run `pulumi up`, which has them from the program.",
        sample=(
            "The state holds no credentials of endpoint chat that could be sent, only "
            "fingerprints: config. Nothing was sent. `pulumi up` has them: it waits for the "
            "update under way, then sends the whole configuration."
        ),
        page="cancel-and-doctor.md",
    ),
    Entry(
        "ended-before-answer",
        happened="The run was ended (Ctrl-C, SIGTERM) while an answer was waited for.",
        remedy="Run it again. What had been sent may still take effect.",
        sample=(
            "The run was ended while the workspace or GitHub had not answered. What had been sent "
            "by then may still take effect."
        ),
    ),
    Entry(
        "unknown-choice",
        happened="An option of `import` names a kind, or another choice, that there is not.",
        remedy="Say one of those that the message names.",
        sample="--kinds ServingEndpint: there is no such; did you mean ServingEndpoint?",
        page="import.md",
    ),
    Entry(
        "out-needed",
        happened="`import` would write into a directory that holds other files.",
        remedy="Name a directory with --out.",
        sample=(
            "The current directory is not empty. Say where to write the program: --out DIR (--out "
            ". for here)."
        ),
        page="import.md",
    ),
    Entry(
        "out-is-a-file",
        happened="--out names a file.",
        remedy="Name a directory.",
        sample="--out program.py is a file; name a directory.",
        page="import.md",
    ),
    Entry(
        "out-not-writable",
        happened="The directory of --out cannot be written.",
        remedy="Choose another.",
        sample="/srv/out cannot be written: Permission denied. Choose another --out.",
        page="import.md",
    ),
    Entry(
        "would-overwrite",
        happened="`import` would overwrite files of yours.",
        remedy="Choose another --out, or say --force.",
        sample=(
            "__main__.py and Pulumi.yaml in . would be overwritten. Choose another --out, or say "
            "--force."
        ),
        page="import.md",
    ),
    Entry(
        "several-workspaces",
        happened=(
            "The endpoints of the stack are in several workspaces, and system tables belong to one."
        ),
        remedy="Name it with --workspace.",
        sample="The endpoints of this stack are in several workspaces: name one with --workspace.",
        page="usage.md",
    ),
    Entry(
        "no-warehouse",
        happened="`usage` reads system tables, and no SQL warehouse is named for it.",
        remedy="Set --warehouse or DBSERVING_WAREHOUSE to its id.",
        sample=(
            "No SQL warehouse is named, and one has to read the tables: set --warehouse, "
            "DBSERVING_WAREHOUSE or DATABRICKS_WAREHOUSE_ID to its id (the end of its address in "
            "SQL Warehouses). On the emulator any 16 hex digits will do."
        ),
        page="usage.md",
    ),
    Entry(
        "bad-grouping",
        happened="--by names nothing to group by, or too much.",
        remedy="Say endpoint, requester or a key of usage_context.",
        sample="--by: say what to group by, such as endpoint.",
        page="usage.md",
    ),
    Entry(
        "bad-prices",
        happened="The file of prices cannot be read, or is not of its form.",
        remedy="Correct what the message names.",
        sample="prices.toml cannot be read: No such file or directory.",
        page="usage.md",
    ),
    Entry(
        "extra-missing",
        happened="A package is missing that the command or the emulator needs.",
        remedy="Install it with: pip install 'databricks-serving[cli,emulator]'",
        sample=(
            "dbserving emulator: The package 'uvicorn' is missing. Install what the emulator "
            "needs with: pip install 'databricks-serving[cli,emulator]'"
        ),
        page="index.md",
    ),
    Entry(
        "remote-address",
        happened="The emulator would listen where other machines reach it, without encryption.",
        remedy="Listen on 127.0.0.1, or say --allow-remote.",
        sample=(
            "dbserving emulator: Refusing to listen on 0.0.0.0: other machines could reach it, "
            "and tokens and secrets would travel in clear. Add --allow-remote if that is wanted."
        ),
        page="emulator.md",
    ),
    Entry(
        "cannot-listen",
        happened="The port is in use, or the address is not this machine's.",
        remedy="Stop what listens there, or choose another --port (0 takes a free one).",
        sample=(
            "dbserving emulator: Port 8765 on 127.0.0.1 is in use, perhaps by another emulator. "
            "Stop that one, or choose another port with --port (0 takes a free one)."
        ),
        page="emulator.md",
    ),
    Entry(
        "emulator-not-opened",
        happened="The emulator's --db or --token cannot be used.",
        remedy="Choose another file, or a token of ASCII letters, digits and signs.",
        sample="dbserving emulator: The token must be ASCII text without blanks, and not empty.",
        page="emulator.md",
    ),
    Entry(
        "no-emulator",
        happened="The address that `demo` was given is not answered by an emulator.",
        remedy="Start one with `dbserving emulator`, or leave out --emulator.",
        sample=(
            "http://127.0.0.1:9 does not answer as an emulator does: Connection refused. Start "
            "one with `dbserving emulator`, or leave out --emulator."
        ),
        page="tutorial.md",
    ),
    Entry(
        "demo-engine",
        happened=(
            "The `pulumi` on PATH is too old for the demo, or comes without its part for Python."
        ),
        remedy="Install a newer Pulumi.",
        sample=(
            "/usr/bin/pulumi is 3.100.0, and too old. Install Pulumi 3.227 or newer: "
            "https://www.pulumi.com/docs/install/ (in a checkout of this project, `make setup` "
            "obtains one, and `make demo` uses it), then run this again."
        ),
        page="tutorial.md",
    ),
    Entry(
        "demo-broken",
        happened="A step of the demo did not go as told.",
        remedy="Read what it printed above, and run `dbserving doctor`.",
        sample=(
            "`pulumi up` ended with exit code 255, not 0; what it printed stands above. "
            "`dbserving doctor` looks for what is wrong with this installation, of `pip` too, "
            "which the engine runs."
        ),
        page="tutorial.md",
    ),
    Entry(
        "demo-taken",
        happened="The emulator that `demo` was given has already what the demo makes.",
        remedy="Delete it there, or use an empty emulator.",
        sample=(
            "http://127.0.0.1:8765 has the scope llm-keys already, which the demo makes itself. "
            "Delete it there, or use another emulator: `dbserving emulator` starts an empty one; "
            "`POST /_emulator/reset` empties this one."
        ),
        page="emulator.md",
    ),
    Entry(
        "system-error",
        happened=(
            "The operating system refused something: a file that is not there, a full disk, a "
            "right."
        ),
        remedy="Correct what the message names.",
        sample="reports: No such file or directory.",
    ),
    Entry(
        "defect",
        happened="A defect of dbserving.",
        remedy="Report it with the message. DBSERVING_TRACEBACK=1 shows where it happened.",
        sample="KeyError: 'x' This is a defect; DBSERVING_TRACEBACK=1 shows where it happened.",
    ),
)
