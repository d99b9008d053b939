from support.programs import QUICKSTART
import json

def test_x(project):
    project.write(QUICKSTART)
    print(project.killed("POST /api/2.0/serving-endpoints", "killed after", "--parallel", "1"))
    code, out = project.pulumi.run("stack", "export")
    print(code, out[-2500:])
    print("##################### up")
    print(project.pulumi.run("up", "--yes", "--skip-preview"))
    print("##################### cancel")
    print(project.pulumi.run("cancel", "--yes"))
    code, out = project.pulumi.run("stack", "export")
    d = json.loads(out)["deployment"]
    print([ (r["urn"], r.get("id")) for r in d.get("resources",[])], [(p["type"], p["resource"]["urn"]) for p in d.get("pending_operations", [])])
    print(project.door.asked)
    print("##################### up")
    print(project.pulumi.run("up", "--yes", "--skip-preview")[1])
    print(project.door.asked, project.sent())
    code, out = project.pulumi.run("stack", "export")
    d = json.loads(out)["deployment"]
    print([ (r["urn"], r.get("id")) for r in d.get("resources",[])], [(p["type"], p["resource"]["urn"]) for p in d.get("pending_operations", [])])
    print("##################### preview")
    print(project.pulumi.run("preview", "--expect-no-changes"))
    print(project.pulumi.run("refresh", "--yes", "--skip-preview","--clear-pending-creates")[1])
    code, out = project.pulumi.run("stack", "export")
    d = json.loads(out)["deployment"]
    print([ (r["urn"], r.get("id")) for r in d.get("resources",[])], [(p["type"], p["resource"]["urn"]) for p in d.get("pending_operations", [])])
    print(project.pulumi.run("preview", "--expect-no-changes"))
    assert 0
