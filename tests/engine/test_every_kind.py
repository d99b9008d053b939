"""All seven kinds in one program on the real engine, from the first `up` to `destroy`."""

from __future__ import annotations

from support.every_kind import CHANGED, every_kind


def test_x(project):
    import subprocess, os
    project.write(every_kind())
    print(project.up())
    print(project.sent())
    print(project.preview("--expect-no-changes"))
    print(project.drift(expect=0))
    project.write(every_kind(**CHANGED))
    print(project.preview())
    print(project.up())
    print(project.sent())
    print(project.run("destroy", "--yes", "--skip-preview"))
    print(project.sent())
    p = project.pulumi.start("up", "--yes", session=True)
    import time; time.sleep(2.5)
    print(subprocess.run(["ps","-eo","pid,ppid,pgid,sid,args"],capture_output=True,text=True).stdout)
    p.communicate()
    assert 0
