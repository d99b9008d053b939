"""`dbserving drift`, as a scheduled job runs it, on a recorded stack and a workspace over HTTP."""

from __future__ import annotations

import gzip
import json
import signal
import stat
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from databricks_serving_emulator import Fault
from support.shop import ENDPOINTS

CANARY = 'sk-C4N4RY/that+nobody=may"see'


def report(path):
    return json.loads(path.read_text(encoding="utf-8"))


def named(found):
    return [(finding["classification"], finding["kind"], finding["name"]) for finding in found]


def test_a_stack_in_step_has_nothing_to_report(shop):
    ended = shop.drift()

    assert ended.stderr == ""
    assert ended.stdout.startswith("dev: no drift")
    assert "9 in sync" in ended.stdout


def test_what_somebody_changed_is_named_with_its_place_and_both_values(shop):
    shop.block_claude()

    ended = shop.drift("-f", "json")

    (finding,) = json.loads(ended.stdout)["findings"]
    (change,) = finding["changes"]
    assert named([finding]) == [("drifted", "RateLimits", "databricks-claude")]
    assert (change["pointer"], change["origin"]) == ("/rate_limits/user/calls", "outside")
    assert (change["applied"]["value"], change["actual"]["value"]) == (100, 0)


def test_only_what_two_looks_show_counts(shop):
    shop.block_claude()

    ended = shop.run("drift", "--state", "state.json", "--confirm-delay", "1s", "-f", "json")

    looks = [c for c in shop.workspace.calls if c.path == f"{ENDPOINTS}/databricks-claude"]
    assert (ended.returncode, len(looks)) == (2, 2)


def test_what_nobody_declares_is_named_and_fails_only_if_asked_for(shop):
    shop.make_rogue()

    told = shop.drift("-f", "json")
    failing = shop.drift("--fail-on", "drifted,unmanaged")
    left_out = shop.drift("--no-include-unmanaged", "-f", "json")

    findings = json.loads(told.stdout)["findings"]
    assert named(findings) == [("unmanaged", "ServingEndpoint", "rogue")]
    assert (told.returncode, failing.returncode) == (0, 2)
    assert json.loads(left_out.stdout)["findings"] == []


def test_strays_that_cannot_be_listed_are_a_notice_and_an_error_if_they_count(shop):
    refused = Fault("GET", ENDPOINTS, times=None, status=403, error_code="PERMISSION_DENIED")
    shop.workspace.faults.add(refused)

    told = shop.drift("-f", "json")
    failing = shop.drift("--fail-on", "unmanaged", "-f", "json")

    (notice,) = json.loads(told.stdout)["notices"]
    assert notice.startswith("What is not in code could not be listed.")
    assert (told.returncode, failing.returncode) == (0, 1)
    assert len(json.loads(failing.stdout)["errors"]) == 1


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (("--select", "databricks-*"), ["AiGateway", "RateLimits"]),
        (("--select", "Secret*/*"), ["Secret", "SecretAcl", "SecretScope"]),
        (("--select", "claude"), ["AiGateway"]),
        (("--exclude", "*/*"), []),
    ],
    ids=["a name", "kind and name", "the program's name", "all but all"],
)
def test_select_and_exclude_take_globs(shop, arguments, kinds):
    ended = shop.drift(*arguments, "-f", "json")

    told = json.loads(ended.stdout)
    assert [name.partition("/")[0].rpartition(":")[2] for name in told["in_sync"]] == kinds
    assert told["coverage"]["resources_total"] == len(kinds)


def test_what_a_resource_that_is_left_out_declares_is_in_code_all_the_same(shop):
    ended = shop.drift("--select", "AiGateway/*", "-f", "json")

    told = json.loads(ended.stdout)
    assert (told["findings"], len(told["in_sync"])) == ([], 2)


def test_a_code_of_ones_own_may_stand_for_drift(shop):
    shop.block_claude()

    ended = shop.drift("--drift-exit-code", "0", "-f", "json")

    assert (ended.returncode, json.loads(ended.stdout)["summary"]["outcome"]) == (0, "drift")


def test_what_is_less_grave_than_asked_for_is_told_and_fails_nothing(shop):
    tags = {"add_tags": [{"key": "team", "value": "crm"}]}
    assert shop.workspace.ui("PATCH", f"{ENDPOINTS}/chat/tags", tags).status == 200

    grave = shop.drift("--min-severity", "high")
    slight = shop.drift("--min-severity", "low")

    assert "tags.team" in grave.stdout
    assert (grave.returncode, slight.returncode) == (0, 2)


def test_an_ignore_file_is_found_and_can_be_left_out(shop):
    shop.block_claude()
    (shop.directory / ".dbserving-ignore.toml").write_text(
        '[[ignore]]\nresource = "RateLimits/*"\nreason = "load test"\nowner = "me"\n'
        "permanent = true\n"
    )

    ignored = shop.drift("-f", "json")
    judged = shop.drift("--no-ignore")

    assert named(json.loads(ignored.stdout)["findings"]) == [
        ("ignored", "RateLimits", "databricks-claude")
    ]
    assert (ignored.returncode, judged.returncode) == (0, 2)


def test_an_ignore_file_that_is_wrong_is_a_mistake(shop):
    (shop.directory / "wrong.toml").write_text('[[ignore]]\nresource = "RateLimits/*"\n')

    ended = shop.drift("--ignore-file", "wrong.toml", "-f", "json")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (64, 1)
    assert "reason" in json.loads(ended.stdout)["errors"][0]["message"]


def test_each_format_goes_where_it_is_sent(shop):
    shop.block_claude()
    formats = ("json=a/report.json", "markdown=report.md", "junit=report.xml", "text=report.txt")

    ended = shop.drift(*(part for said in formats for part in ("-f", said)))

    assert (ended.returncode, ended.stdout) == (2, "")
    assert report(shop.directory / "a/report.json")["summary"]["exit_code"] == 2
    assert "databricks-claude" in (shop.directory / "report.md").read_text(encoding="utf-8")
    assert ET.parse(shop.directory / "report.xml").getroot().tag == "testsuites"
    assert "changed outside" in (shop.directory / "report.txt").read_text(encoding="utf-8")


def test_a_directory_takes_what_has_no_path_beside_the_text(shop):
    ended = shop.drift("-f", "text", "-f", "json", "-f", "junit", "--output-dir", "out")

    assert ended.stdout.startswith("dev: no drift")
    assert sorted(p.name for p in (shop.directory / "out").iterdir()) == [
        "report.json",
        "report.xml",
    ]


def test_a_file_is_replaced_whole_and_readable_as_any(shop):
    path = shop.directory / "report.json"
    path.write_text("x" * 1_000_000)

    shop.drift("-f", "json=report.json")

    assert report(path)["summary"]["exit_code"] == 0
    assert stat.S_IMODE(path.stat().st_mode) & 0o400
    assert [p.name for p in shop.directory.iterdir() if p.name.startswith(".report")] == []


def test_a_link_and_a_device_stay_what_they_are(shop):
    (shop.directory / "real.json").write_text("")
    (shop.directory / "link.json").symlink_to("real.json")

    ended = shop.drift("-f", "json=link.json", "-f", "text=/dev/null")

    assert ended.returncode == 0
    assert (shop.directory / "link.json").is_symlink()
    assert report(shop.directory / "real.json")["findings"] == []


def test_a_path_that_cannot_be_written_is_an_error_after_all_others_are_written(shop):
    (shop.directory / "file").write_text("")

    ended = shop.drift("-f", "json=file/report.json", "-f", "text")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "file/report.json cannot be written" in ended.stderr
    assert ended.stdout.startswith("dev: no drift")


@pytest.mark.parametrize(
    ("formats", "says"),
    [
        (("jsn",), "there is no format 'jsn'; did you mean json?"),
        (("json", "text"), "takes one format, not json and text"),
        (("json=",), "a path follows the equals sign"),
    ],
)
def test_formats_that_make_no_sense_are_a_mistake(shop, formats, says):
    ended = shop.drift(*(part for said in formats for part in ("-f", said)))

    assert ended.returncode == 64
    assert says in ended.stderr


def test_github_gets_annotations_a_summary_and_outputs(shop):
    shop.block_claude()
    files = {
        "GITHUB_STEP_SUMMARY": str(shop.directory / "summary.md"),
        "GITHUB_OUTPUT": str(shop.directory / "outputs"),
    }
    (shop.directory / "outputs").write_text("before=1\n")

    ended = shop.drift("-f", "github", "-f", "json=report.json", **files)

    outputs = (shop.directory / "outputs").read_text().splitlines()
    assert ended.stdout.startswith("::error ")
    assert "databricks-claude" in (shop.directory / "summary.md").read_text(encoding="utf-8")
    assert outputs[0] == "before=1"
    assert {"exit_code=2", "outcome=drift", "report_path=report.json"} <= set(outputs)


def test_annotations_leave_the_standard_output_to_json(shop):
    shop.block_claude()

    ended = shop.drift("-f", "github", "-f", "json")

    assert json.loads(ended.stdout)["summary"]["exit_code"] == 2
    assert "::error " in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--state", "nowhere.json"), 6),
        (("--state", "state.json", "--timeout", "soon"), 64),
        (("--stack", "dev"), 1),
    ],
    ids=["no state", "a wrong duration", "no engine"],
)
def test_json_on_the_standard_output_is_valid_when_the_run_fails(shop, arguments, code):
    ended = shop.run("drift", "-f", "json", *arguments, PATH="/nowhere")

    told = json.loads(ended.stdout)
    assert (ended.returncode, told["summary"]["exit_code"], len(told["errors"])) == (code, code, 1)
    assert len([line for line in ended.stderr.splitlines() if line.startswith("Error: ")]) == 1


def test_one_unreadable_resource_does_not_hide_the_others(shop):
    shop.block_claude()
    refused = Fault("GET", f"{ENDPOINTS}/plain", times=None, status=403)
    shop.workspace.faults.add(refused)

    told = json.loads(shop.drift("-f", "json").stdout)

    assert named(told["findings"]) == [
        ("error", "ServingEndpoint", "plain"),
        ("drifted", "RateLimits", "databricks-claude"),
    ]
    assert (told["summary"]["exit_code"], len(told["in_sync"])) == (1, 7)


def test_credentials_for_another_workspace_are_one_error_and_nothing_is_gone(shop):
    state = shop.directory / "state.json"
    state.write_text(state.read_text().replace(shop.workspace.workspace_id, "99"))

    ended = shop.drift("-f", "json")

    told = json.loads(ended.stdout)
    (error,) = told["errors"]
    assert (ended.returncode, told["findings"], told["coverage"]["resources_total"]) == (1, [], 9)
    assert error["message"].startswith("This resource is recorded in workspace 99")


def test_no_credentials_are_told_once(shop):
    ended = shop.drift(DATABRICKS_HOST="", DATABRICKS_TOKEN="")

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (3, "", 1)
    assert "Set DATABRICKS_HOST and DATABRICKS_TOKEN" in ended.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_report_of_what_was_found_until_then(shop, number, code):
    ended, printed, complaints = shop.signalled(number, "-f", "json")

    told = json.loads(printed)
    assert (ended, complaints) == (code, "")
    assert (told["run"]["complete"], told["summary"]["outcome"]) == (False, "interrupted")
    assert told["summary"]["exit_code"] == code
    assert (told["coverage"]["resources_total"], told["coverage"]["resources_checked"]) == (9, 6)


def test_a_run_whose_time_is_up_reports_what_it_has(shop):
    shop.door.path = f"{ENDPOINTS}/chat"

    ended = shop.drift("--timeout", "2s", "--parallel", "1", "-f", "json=report.json")

    told = report(shop.directory / "report.json")
    assert (ended.returncode, ended.stderr) == (9, "")
    assert (told["run"]["complete"], told["summary"]["outcome"]) == (False, "timed_out")
    assert told["coverage"]["resources_checked"] == 6


def test_with_less_time_than_the_second_look_is_to_wait_it_comes_sooner_and_drift_is_told(shop):
    shop.block_claude()

    ended = shop.run(
        "drift", "--state", "state.json", "--confirm-delay", "20s", "--timeout", "3s", "-f", "json"
    )

    told = json.loads(ended.stdout)
    assert named(told["findings"]) == [("drifted", "RateLimits", "databricks-claude")]
    assert (ended.returncode, told["run"]["complete"], len(told["in_sync"])) == (2, True, 8)
    assert "sooner than after 20 s" in told["notices"][0]


def test_a_state_may_be_piped(shop):
    exported = (shop.directory / "state.json").read_text()

    ended = shop.run("drift", "--state", "-", "--confirm-delay", "0", "-f", "json", piped=exported)

    assert len(json.loads(ended.stdout)["in_sync"]) == 9


@pytest.mark.parametrize("form", ["packed", "checkpoint"])
def test_a_state_may_be_packed_or_a_checkpoint(shop, form):
    exported = (shop.directory / "state.json").read_text()
    latest = json.loads(exported)["deployment"]
    checkpoint = json.dumps({"version": 3, "checkpoint": {"stack": "s", "latest": latest}})
    (shop.directory / "state.json").write_bytes(
        {
            "packed": gzip.compress(exported.encode()),
            "checkpoint": gzip.compress(checkpoint.encode()),
        }[form]
    )

    ended = shop.drift("-f", "json")

    assert len(json.loads(ended.stdout)["in_sync"]) == 9


def test_a_state_that_is_none_is_not_found(shop):
    (shop.directory / "state.json").write_bytes(gzip.compress(b"{}")[:-4])
    damaged = shop.drift()
    (shop.directory / "state.json").write_text('{"some": "json"}')
    other = shop.drift()

    assert (damaged.returncode, other.returncode) == (6, 6)
    assert "damaged" in damaged.stderr
    assert "no Pulumi state" in other.stderr


def test_no_engine_is_said_in_one_paragraph(shop):
    ended = shop.run("drift", "--stack", "dev", PATH="/nowhere")

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)
    assert "There is no `pulumi` on PATH" in ended.stderr


def test_an_engine_that_does_not_know_the_stack_is_quoted(shop):
    engine(shop, "echo \"error: no stack named 'prod' found\" >&2; exit 6")

    ended = shop.run("drift", "--stack", "prod", PATH=f"{shop.directory}/bin:/usr/bin:/bin")

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (6, "", 1)
    assert "no stack named 'prod' found" in ended.stderr


def test_the_engine_says_what_is_recorded_and_which_workspace(shop):
    config = {"databricks-serving:host": {"value": shop.url}, "shop:key": {"secret": True}}
    (shop.directory / "config.json").write_text(json.dumps(config))
    engine(
        shop,
        'echo "$@" >> asked; case "$1" in stack) cat state.json;; config) cat config.json;; esac',
    )
    path = f"{shop.directory}/bin:/usr/bin:/bin"

    ended = shop.run(
        "drift", "--stack", "dev", "-f", "json", PATH=path, DATABRICKS_HOST="http://127.0.0.1:1"
    )

    assert len(json.loads(ended.stdout)["in_sync"]) == 9
    assert (shop.directory / "asked").read_text().splitlines() == [
        "stack export --stack dev --non-interactive --color never",
        "config --json --stack dev --non-interactive --color never",
    ]


def engine(shop, script):
    """A `pulumi` that does what the script says."""
    (shop.directory / "bin").mkdir()
    program = shop.directory / "bin/pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_an_engine_that_hangs_is_ended_with_the_run(shop):
    engine(shop, "echo $$ > started; exec sleep 600")

    ended = shop.run(
        "drift", "--stack", "dev", "--timeout", "1s", PATH=f"{shop.directory}/bin:/usr/bin:/bin"
    )

    assert ended.returncode == 9
    assert not Path("/proc", (shop.directory / "started").read_text().strip()).exists()


def test_quiet_says_the_verdict_and_twice_nothing_where_there_is_nothing(shop):
    silent = shop.drift("-qq")
    shop.block_claude()
    verdict = shop.drift("-q")

    assert (silent.stdout, silent.stderr) == ("", "")
    assert "1 drifted" in verdict.stdout
    assert "rate_limits" not in verdict.stdout


def test_a_secret_of_the_environment_leaves_in_no_form(shop):
    tags = {"add_tags": [{"key": "team", "value": f"see {CANARY}"}]}
    assert shop.workspace.ui("PATCH", f"{ENDPOINTS}/chat/tags", tags).status == 200
    formats = ("json=report.json", "markdown=report.md", "junit=report.xml", "text")

    ended = shop.drift(
        *(part for said in formats for part in ("-f", said)), OPENAI_API_KEY=CANARY, COLUMNS="40"
    )

    texts = [ended.stdout, *(p.read_text() for p in shop.directory.glob("report.*"))]
    assert ended.returncode == 2
    assert len(texts) == 4
    for text in texts:
        assert "see ***" in " ".join(text.replace("&#42;", "*").split())
        assert "C4N4RY" not in text


def test_github_is_told_what_to_mask_before_anything_else(shop):
    ended = shop.drift("-f", "json", GITHUB_ACTIONS="true", OPENAI_API_KEY="sk-first%second")

    masked = ended.stderr.splitlines()
    assert "::add-mask::sk-first%25second" in masked
    assert all(line.startswith("::add-mask::") for line in masked)
    assert json.loads(ended.stdout)["summary"]["exit_code"] == 0


def test_the_page_and_the_commit_of_a_run_in_github_are_known(shop):
    ended = shop.drift(
        "-f",
        "json",
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="me/shop",
        GITHUB_RUN_ID="17",
        GITHUB_RUN_ATTEMPT="2",
        GITHUB_SHA="0a1b2c",
    )

    run = json.loads(ended.stdout)["run"]
    assert run["url"] == "https://github.com/me/shop/actions/runs/17"
    assert (run["id"], run["commit"]) == ("17-2", "0a1b2c")


def test_a_line_of_the_program_is_told_from_the_repository_on(shop):
    (shop.directory / ".git").mkdir()
    (shop.directory / "infra").mkdir()
    (shop.directory / "infra/Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    state = json.loads((shop.directory / "state.json").read_text())
    for resource in state["deployment"]["resources"]:
        resource["sourcePosition"] = "project:///__main__.py#7"
    (shop.directory / "infra/state.json").write_text(json.dumps(state))
    shop.block_claude()
    shop.directory /= "infra"

    ended = shop.drift("-f", "json")

    (finding,) = json.loads(ended.stdout)["findings"]
    assert finding["source"] == {"file": "infra/__main__.py", "line": 7}


@pytest.mark.parametrize("glob", ["rate-limits", "ratelimits/*"])
def test_a_selection_that_meets_nothing_is_a_mistake(shop, glob):
    ended = shop.drift("--select", glob)

    assert ended.returncode == 64
    assert f"--select {glob} matches nothing here. The nearest: " in ended.stderr
    assert "no drift" not in ended.stdout


def test_what_nobody_declares_can_be_selected(shop):
    shop.make_rogue()

    ended = shop.drift("--select", "rogue")

    assert ended.returncode == 0
    assert "rogue  ServingEndpoint" in ended.stdout


def test_what_could_not_be_read_is_told_loudly_where_it_fails_nothing(shop):
    shop.workspace.faults.add(Fault("GET", f"{ENDPOINTS}/plain", times=None, status=403))

    ended = shop.drift("--fail-on", "drifted", "-f", "json")

    report = json.loads(ended.stdout)
    assert (ended.returncode, report["summary"]["outcome"]) == (0, "incomplete")
    assert "could not be checked, so how they stand is not known" in ended.stderr
    assert ended.stderr.endswith(" [api-unavailable]\n")
    assert [one["error_id"] for one in report["findings"]] == ["api-unavailable"]


def test_a_secret_that_is_a_word_of_the_report_leaves_it_one(shop):
    shop.block_claude()

    ended = shop.drift("-f", "json=report.json", "-f", "junit=report.xml", CACHE_KEY="workspace")

    assert ended.returncode == 2
    again = shop.run("report", "render", "report.json", CACHE_KEY="drifted")
    assert (again.returncode, again.stderr) == (0, "")
    assert "databricks-claude" in again.stdout


def test_a_path_sets_no_output_of_its_own(shop):
    outputs = shop.directory / "outputs"

    ended = shop.drift("-f", "github", "-f", "json=a\nPWNED=1", GITHUB_OUTPUT=str(outputs))

    assert ended.returncode == 1
    assert "has a line break or the like in it" in ended.stderr
    assert not outputs.exists()
