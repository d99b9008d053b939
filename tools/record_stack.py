"""Write down the stack of this version, for the tests of all later ones.

Writes `tests/engine/golden/<version>`; once for each release, before it is tagged. A folder of a
released version is never written again: it stands for states that users have.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from offline import Pulumi, engine_directory

from databricks_serving_emulator import RunningServer
from support import golden_stack

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "engine" / "golden"


def main() -> int:
    """Record; 1 where the version has been recorded already."""
    folder = GOLDEN / version("databricks-serving")
    if folder.exists():
        print(f"{folder} is there already, and what users have does not change.", file=sys.stderr)
        return 1
    workspace = golden_stack.new_workspace()
    with tempfile.TemporaryDirectory() as kept, RunningServer(workspace) as server:
        project = Path(kept) / "shop"
        project.mkdir()
        (project / "Pulumi.yaml").write_text(golden_stack.PROJECT)
        (project / "__main__.py").write_text(golden_stack.PROGRAM)
        more = {"PULUMI_CONFIG_PASSPHRASE": golden_stack.PASSPHRASE}
        home = Path(kept) / "home"
        pulumi = Pulumi(engine_directory(), home, project, server.url, golden_stack.TOKEN, more)
        done(pulumi, "stack", "init", "dev")
        done(pulumi, "config", "set", "--secret", "key", golden_stack.KEY)
        done(pulumi, "up", "--yes", "--skip-preview")
        found = golden_stack.made_up(workspace, server.url)
        exported = golden_stack.portable(done(pulumi, "stack", "export"))
        calls = golden_stack.recorded_calls(workspace, found)
        salt = (project / "Pulumi.dev.yaml").read_text()
    folder.mkdir(parents=True)
    (folder / "program.txt").write_text(golden_stack.PROGRAM)
    (folder / "Pulumi.dev.yaml").write_text(salt)
    (folder / "stack.json").write_text(golden_stack.with_placeholders(exported, found))
    (folder / "calls.json").write_text(calls)
    print(f"wrote {folder}")
    return 0


def done(pulumi: Pulumi, *arguments: str) -> str:
    """What `pulumi` printed; ends the recording where it failed."""
    code, printed = pulumi.run(*arguments)
    if code:
        raise SystemExit(printed)
    return printed


if __name__ == "__main__":
    sys.exit(main())
