"""What `dbserving` says of reports, ignore files, thresholds and posts.

A table of texts without code, so it may be longer than a module is else.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        "unknown-format",
        happened="-f names a format that there is not.",
        remedy="Say one of those that the message names.",
        sample="-f jsno: there is no format 'jsno'; did you mean json?",
        page="drift.md",
    ),
    Entry(
        "no-path-for-format",
        happened="-f FORMAT= is followed by no path.",
        remedy="Add the path, or leave out the equals sign.",
        sample="-f json=: a path follows the equals sign.",
        page="drift.md",
    ),
    Entry(
        "one-format-on-stdout",
        happened="Two formats would be mixed on the standard output.",
        remedy="Give all but one a path.",
        sample=(
            "The standard output takes one format, not json and markdown: give the others a path, "
            "-f markdown=PATH."
        ),
        page="drift.md",
    ),
    Entry(
        "two-formats-one-path",
        happened="Two formats are to be written to one file.",
        remedy="Give each a path of its own.",
        sample="report.json is given to two formats, and would hold the last alone.",
        page="drift.md",
    ),
    Entry(
        "would-overwrite-input",
        happened="A report would replace a file that the same run reads.",
        remedy="Choose another path.",
        sample="-f json=state.json would overwrite what --state names: choose another path.",
        page="drift.md",
    ),
    Entry(
        "not-written",
        happened="A report's file cannot be written.",
        remedy="Choose another path, or make the directory writable.",
        sample=(
            "out/report.json cannot be written: Permission denied. Choose another path, or make "
            "the directory writable."
        ),
        page="exit-codes.md",
    ),
    Entry(
        "stdout-not-written",
        happened="The standard output cannot be written: it is closed, or the disk is full.",
        remedy="Correct where it leads, and run again.",
        sample="The standard output cannot be written: No space left on device.",
        page="exit-codes.md",
    ),
    Entry(
        "path-with-line-break",
        happened=(
            "The path of a report has a line break, which a step's output of GitHub cannot have."
        ),
        remedy="Choose another path.",
        sample=(
            "The step's output report cannot be written: 'a\\nb' has a line break or the like in "
            "it. Choose another path."
        ),
        page="notify.md",
    ),
    Entry(
        "report-unreadable",
        happened="The file of a report cannot be read.",
        remedy="Check the path. A job that failed may have written none.",
        sample="report.json cannot be read: [Errno 2] No such file or directory: 'report.json'.",
        page="drift.md",
    ),
    Entry(
        "no-report",
        happened="The file is none that `dbserving drift -f json` or `plan -f json` wrote.",
        remedy="Give the report in JSON.",
        sample=(
            "report.json is no report of `dbserving … -f json`: Invalid JSON: expected value at "
            "line 1 column 1."
        ),
        page="drift.md",
    ),
    Entry(
        "report-version",
        happened="The report's format has another major number than this release reads.",
        remedy="Use the release that wrote it.",
        sample=(
            "report.json has format 2.0.0, and this release reads 1.0.0: use the release that "
            "wrote it (dbserving 2.0.0)."
        ),
        page="drift.md",
    ),
    Entry(
        "nothing-to-merge",
        happened="`report merge` was given no report.",
        remedy="Name at least one.",
        sample="There is no report to merge; name at least one.",
        page="drift.md",
    ),
    Entry(
        "nothing-to-post",
        happened="`notify` was given no report.",
        remedy="Name at least one, or say with --expect-shards how many there should be.",
        sample=(
            "There is no report to post: name at least one, or say with --expect-shards how many "
            "there should be."
        ),
        page="notify.md",
    ),
    Entry(
        "shards-without-key",
        happened="`notify --expect-shards` was given no key for its post.",
        remedy="Give it one: `--key preview`.",
        sample=(
            "--expect-shards goes with --key: without one the post is found by what its reports "
            "are about, which those that are missing do not tell."
        ),
        page="notify.md",
    ),
    Entry(
        "drift-with-plans",
        happened="Reports of drift and of plans say different things, and cannot be one.",
        remedy="Merge each kind alone.",
        sample=(
            "These are reports of drift and of plans, which say different things; merge each alone."
        ),
        page="drift.md",
    ),
    Entry(
        "several-runs",
        happened="The reports are of several runs, so some of them may be old.",
        remedy="Merge those of one run, or say --allow-mixed.",
        sample=(
            "These are reports of 2 runs (a, b, …), so some may be old: merge those of one run, "
            "or allow it (--allow-mixed)."
        ),
        page="drift.md",
    ),
    Entry(
        "missing-reports",
        happened="Fewer reports were given than --expect says.",
        remedy="Look for the jobs that wrote none.",
        sample=(
            "1 of 3 reports are missing: what they looked at is not known. Look for the jobs that "
            "wrote none."
        ),
        page="drift.md",
    ),
    Entry(
        "bad-threshold",
        happened="--max-changes or --max-deletes is neither a number nor a share.",
        remedy="Write 10 or 25%.",
        sample=(
            "'many' is no threshold: write a number of resources (10) or a share of all of them "
            "(25%)."
        ),
        page="plan.md",
    ),
    Entry(
        "unknown-fail-on",
        happened="--fail-on names something that a run cannot fail on.",
        remedy="Say one of those that the message names.",
        sample=(
            "--fail-on does not know 'drfit'; it takes in_sync, drifted, missing, unmanaged, "
            "pending, in_flux, unverifiable, ignored, error, changes, overwrites."
        ),
        page="plan.md",
    ),
    Entry(
        "ignore-unreadable",
        happened="The ignore file is there and cannot be read.",
        remedy="Correct its rights, or leave it out.",
        sample=(
            ".dbserving-ignore.toml: cannot be read ([Errno 13] Permission denied). Mend it or "
            "leave it out."
        ),
        page="drift.md",
    ),
    Entry(
        "ignore-no-toml",
        happened="The ignore file is no TOML.",
        remedy="Correct the line that the message names.",
        sample=(
            ".dbserving-ignore.toml: is no TOML (Expected '=' after a key in a key/value pair (at "
            "line 1, column 6)). Mend that line."
        ),
        page="drift.md",
    ),
    Entry(
        "bad-ignore-rule",
        happened="A rule of the ignore file lacks something, or has something that no rule has.",
        remedy="Correct it. `dbserving schema ignore` says what a rule has.",
        sample=(
            ".dbserving-ignore.toml: ignore[0].owner: is missing. `dbserving schema ignore` says "
            "what a rule has."
        ),
        page="drift.md",
    ),
    Entry(
        "ignore-rule-twice",
        happened="Two rules of the ignore file have one id.",
        remedy="Give each its own.",
        sample=".dbserving-ignore.toml: the id 'soon' stands at two rules; give each its own.",
        page="drift.md",
    ),
    Entry(
        "no-destination",
        happened="`notify` was not told where to post.",
        remedy="Say --to github-pr or --to github-issue.",
        sample="Say where to: --to github-pr or --to github-issue.",
        page="notify.md",
    ),
    Entry(
        "unknown-destination",
        happened="--to names a place that there is not.",
        remedy="Say --to github-pr or --to github-issue.",
        sample="--to slack: it is github-pr or github-issue.",
        page="notify.md",
    ),
    Entry(
        "unknown-mode",
        happened="--mode is none that there is.",
        remedy="Say one of those that the message names.",
        sample="--mode often: it is one of update, recreate.",
        page="notify.md",
    ),
    Entry(
        "no-drift-report",
        happened="An issue tells of drift, and the report is of a plan.",
        remedy="Give it reports of `dbserving drift`.",
        sample="--to github-issue tells of drift: give it reports of `dbserving drift`.",
        page="notify.md",
    ),
    Entry(
        "key-length",
        happened="The key by which a post is found again is empty or too long.",
        remedy="Say a shorter one with --key.",
        sample="A key has 1 to 200 characters, and this one 300: say --key.",
        page="notify.md",
    ),
    Entry(
        "bad-start-time",
        happened="The report's start is no time: somebody changed the report.",
        remedy="Give the report as `dbserving` wrote it.",
        sample="A report's run.started is no time: 'soon'. Give the report as it was written.",
        page="notify.md",
    ),
    Entry(
        "no-repository",
        happened="Which repository to post to is not known.",
        remedy="Say --repo OWNER/NAME, or set GITHUB_REPOSITORY.",
        sample="No repository is known: say --repo OWNER/NAME, or set GITHUB_REPOSITORY.",
        page="notify.md",
    ),
    Entry(
        "no-github-token",
        happened="There is no token to post with.",
        remedy="Set GITHUB_TOKEN at the step.",
        sample=(
            "No token to post with: set GITHUB_TOKEN. In a workflow: `env: {GITHUB_TOKEN: ${{ "
            "github.token }}}` at the step."
        ),
        page="notify.md",
    ),
    Entry(
        "no-pull-request",
        happened="The job runs for no pull request.",
        remedy="Say --pr NUMBER.",
        sample="This job is about no pull request: say --pr NUMBER.",
        page="notify.md",
    ),
    Entry(
        "bad-event",
        happened="GITHUB_EVENT_PATH leads to something that is no event of GitHub.",
        remedy="Say --pr NUMBER.",
        sample=(
            "GITHUB_EVENT_PATH names /tmp/event.json, which is no event of GitHub: say --pr NUMBER."
        ),
        page="notify.md",
    ),
    Entry(
        "not-whole",
        happened=(
            "A warning: the preview says nothing of some resources of the stack, so nobody looked "
            "at them. The report names them."
        ),
        remedy=(
            "Make the preview with `pulumi preview --json --refresh=false --show-sames`, and "
            "without --target."
        ),
        sample="Warning: not all of the stack was looked at; the report says of what, and why.",
        page="plan.md",
    ),
)
