"""What Pulumi offers for every resource, and two resources that declare the same."""

from __future__ import annotations

from support.programs import QUICKSTART

CLAUDE = "/api/2.0/serving-endpoints/databricks-claude"
TYPE = "pulumi-python:dynamic/databricks_serving"
OPTIONS = """
RateLimits(
    "limits",
    pulumi.ResourceOptions(protect={protect}),
    endpoint_name="databricks-claude",
    rate_limits=[{{"calls": 5, "renewal_period": "minute"}}],
)
EndpointPermissions(
    "callers",
    pulumi.ResourceOptions(ignore_changes=["access_control"]),
    endpoint_name="databricks-claude",
    access_control=[{{"group_name": "users", "permission_level": "{level}"}}],
)
"""
RETAINED = """
AiGateway(
    "gateway",
    pulumi.ResourceOptions(retain_on_delete=True),
    endpoint_name="databricks-claude",
    usage_tracking_config={"enabled": False},
)
"""


def test_one_part_declared_twice_is_one_paragraph_in_preview_that_names_both(project):
    chat = QUICKSTART.replace("ServingEndpoint(", "chat = ServingEndpoint(")
    limits = 'rate_limits=[{"calls": 5, "renewal_period": "minute"}]'
    project.write(chat + f'RateLimits("limits", endpoint_name=chat.name, {limits})\n')

    printed = project.preview(expect=1)

    errors = [line.strip() for line in printed.splitlines() if "has a problem" in line]
    assert errors == [
        (
            f"error: {TYPE}:RateLimits resource 'limits' has a problem: rate_limits of "
            'endpoint chat: declared by two resources, RateLimits "limits" and '
            'ServingEndpoint "chat". '
            "Each `pulumi up` would put what one says in place of what the other says. Declare it "
            "in one of the two, and take it out of the other. [declared-twice]"
        )
    ]
    assert "Traceback" not in printed
    assert project.sent() == []


def test_protect_ignore_changes_and_retain_on_delete_work_as_everywhere(project):
    project.write(OPTIONS.format(protect=True, level="CAN_QUERY") + RETAINED)
    project.up()
    gateway = project.workspace.ui("GET", CLAUDE).json()["ai_gateway"]
    project.sent()

    project.write(OPTIONS.format(protect=True, level="CAN_MANAGE"))
    project.up()
    ignored_and_retained = project.sent()
    project.write("")
    protected = project.preview(expect=1)
    project.write(OPTIONS.format(protect=False, level="CAN_MANAGE"))
    project.up()

    assert ignored_and_retained == []
    assert sorted(r["urn"].rsplit("::", 1)[1] for r in project.state()) == ["callers", "limits"]
    assert project.workspace.ui("GET", CLAUDE).json()["ai_gateway"] == gateway
    assert 'limits" cannot be deleted' in protected
    assert project.sent() == []
