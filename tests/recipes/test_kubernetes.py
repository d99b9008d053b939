"""The CronJob: its container's command, with what the manifest gives to it and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

from support.ci_stage import PASSPHRASE, ROBOT
from support.workflows import loaded

FOLDER = Path(__file__).parents[2] / "examples/ci/kubernetes"


def test_the_job_ends_with_2_on_drift_is_not_tried_again_and_writes_to_its_volume_alone(stage):
    stage.deploy()
    stage.limit(20)
    stage.let_look(ROBOT)
    job = loaded(FOLDER / "cronjob.yaml")["spec"]["jobTemplate"]["spec"]
    [container] = job["template"]["spec"]["containers"]
    entrypoint = re.search(r"^ENTRYPOINT (.*)$", (FOLDER / "Dockerfile").read_text(), re.MULTILINE)
    # What is mounted at /tmp; and what the Secret holds.
    volume = stage.home / "tmp"
    volume.mkdir()
    env = {said["name"]: said["value"].replace("/tmp", str(volume)) for said in container["env"]}
    secret = {
        "DATABRICKS_HOST": stage.url,
        "DATABRICKS_CLIENT_ID": ROBOT,
        "DATABRICKS_CLIENT_SECRET": "dose-made-up",
        "PULUMI_BACKEND_URL": stage.backend,
    }
    before = files(stage.repository)

    ran = subprocess.run(
        [*json.loads(entrypoint[1]), *container["args"]],
        cwd=stage.repository,
        env={**stage.environment, **env, **secret, "TMPDIR": str(volume)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert ran.returncode == 2, ran.stderr
    report = json.loads(ran.stdout)
    assert [report["summary"]["outcome"], report["run"]["complete"]] == ["drift", True]
    [failed, _] = job["podFailurePolicy"]["rules"]
    assert failed["action"] == "FailJob"
    assert ran.returncode in failed["onExitCodes"]["values"]
    assert files(stage.repository) == before
    assert {"/tmp"} == {mount["mountPath"] for mount in container["volumeMounts"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    said = " ".join(container["args"])
    assert not any(text in said for text in (*secret.values(), PASSPHRASE))


def test_two_tries_end_by_themselves_before_the_deadline():
    job = loaded(FOLDER / "cronjob.yaml")["spec"]["jobTemplate"]["spec"]
    [container] = job["template"]["spec"]["containers"]
    minutes = int(re.search(r"--timeout (\d+)m", " ".join(container["args"]))[1])

    assert job["activeDeadlineSeconds"] > (1 + job["backoffLimit"]) * (minutes + 5) * 60


def test_the_image_has_what_the_project_says_of_known_drift_and_its_pinned_releases():
    said = (FOLDER / "Dockerfile").read_text()
    patterns = re.findall(r"^COPY (.*) \./$", said, re.MULTILINE)[0].split()
    wanted = ("Pulumi.yaml", "Pulumi.prod.yaml", ".dbserving-ignore.toml", "dbserving.toml")

    assert [name for name in wanted if not any(fnmatch(name, one) for one in patterns)] == []
    assert re.findall(r"^RUN pip install .*$", said, re.MULTILINE) == [
        "RUN pip install --no-cache-dir -r /tmp/requirements.txt"
    ]


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
