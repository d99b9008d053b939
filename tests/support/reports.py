"""Twelve typical reports, built from findings as a run builds them, for whoever renders reports."""

from __future__ import annotations

from datetime import date

from databricks_serving.plan.comparison import Origin
from databricks_serving.plan.coverage import Coverage
from databricks_serving.report.assemble import assemble
from databricks_serving.report.build import told
from databricks_serving.report.gate import Gate
from databricks_serving.report.ignoring import IgnoreFile
from databricks_serving.report.model import (
    Classification,
    Effect,
    ErrorEntry,
    FieldChange,
    Finding,
    Report,
    Run,
    SourceLine,
    Val,
)
from databricks_serving_schema import Severity, dotted

WORKSPACE = "adb-6131.azuredatabricks.test"
TODAY = date(2026, 11, 22)
ABSENT = Val(kind="absent")
SECRET = Val(kind="secret")
PLACE = SourceLine(file="infra/__main__.py", line=41)
#: 2026-11-17 09:00 and 2026-11-20 17:03, in UTC.
PUT_BY_US, PUT_SINCE = 1_794_906_000_000, 1_795_194_180_000


def run(mode="drift", **said):
    """A run of the stack prod that began on TODAY."""
    return Run(
        **{
            "id": "01JD8ZV3KQ",
            "mode": mode,
            "started": "2026-11-22T05:17:00Z",
            "duration_ms": 4210,
            "stack": "prod",
            "project": "llm-gateway",
            "commit": "4f2c9d1e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d",
            "url": "https://github.com/acme/llm/actions/runs/7",
            **said,
        }
    )


def val(value):
    """A value as it is, or what stands for one."""
    return value if isinstance(value, Val) else Val(kind="plain", value=value)


def change(*steps, applied=ABSENT, desired=None, actual=ABSENT, origin=Origin.OUTSIDE, **said):
    """A changed field; `desired` is what was applied, as in drift, where nothing is said."""
    changed = {Origin.OUTSIDE: "changed outside", Origin.CODE: "changed in the program"}
    escaped = (step.replace("~", "~0").replace("/", "~1") for step in steps)
    return FieldChange(
        **{
            "path": dotted(steps) or "(the whole resource)",
            "pointer": "".join(f"/{step}" for step in escaped),
            "origin": origin,
            "applied": val(applied),
            "desired": val(applied if desired is None else desired),
            "actual": val(actual),
            "reason": changed.get(origin, ""),
            "effect": Effect.UPDATE,
            "severity": Severity.MEDIUM,
            **said,
        }
    )


def finding(name, kind="ServingEndpoint", classification=Classification.DRIFTED, **said):
    """A finding about a resource of WORKSPACE."""
    base = Finding(kind=kind, name=name, workspace=WORKSPACE, classification=classification)
    resource = None if classification is Classification.UNMANAGED else name.rpartition("/")[2]
    return told(base, **{"resource": resource, "stack": "prod", **said})


def in_sync(*names, kind="ServingEndpoint"):
    """Resources with nothing to say of them."""
    return tuple(finding(name, kind, Classification.IN_SYNC) for name in names)


def report_of(findings, mode="drift", gate=None, coverage=None, **said) -> Report:
    """A report as a run assembles it."""
    of_run = said.pop("run", None) or run(mode)
    return assemble(
        of_run,
        findings,
        gate=gate or Gate(),
        today=said.pop("today", TODAY),
        coverage=coverage or Coverage(128, 4),
        **said,
    )


LIMITS = ("ai_gateway", "rate_limits", "user", "calls")
GUARDRAIL_OFF = change(
    "ai_gateway",
    "guardrails",
    "input",
    "pii",
    "behavior",
    applied="BLOCK",
    actual="NONE",
    severity=Severity.CRITICAL,
)
LIMIT_OF_ZERO = change(*LIMITS, applied=100, actual=0, severity=Severity.HIGH)
TAG_ADDED = change("tags", "cost-center", actual="4711", severity=Severity.LOW)
SIZE = ("config", "served_entities", "llama", "workload_size")
ROTATED = change(
    "last_updated_timestamp",
    applied=PUT_BY_US,
    actual=PUT_SINCE,
    reason="put by somebody else since",
    severity=Severity.CRITICAL,
)
RULES = """
[[ignore]]
resource = "ServingEndpoint/chat-*"
path     = "/config/served_entities/*/workload_size"
reason   = "autoscaler owns the size"
owner    = "ml-platform"
until    = 2026-11-28

[[ignore]]
resource = "ServingEndpoint/embed-*"
path     = "/tags"
reason   = "finance tags everything"
owner    = "finops"
permanent = true

[[ignore]]
resource = "ServingEndpoint/chat-*"
path     = "/ai_gateway/rate_limits/[key=user]/calls"
reason   = "incident 4711"
owner    = "on-call"
until    = 2026-11-21
"""


def guardrail_off() -> Report:
    """Somebody switched a guardrail off, set a limit to 0 and added a tag, all in the UI."""
    changes = (TAG_ADDED, LIMIT_OF_ZERO, GUARDRAIL_OFF)
    return report_of(
        (*in_sync("embed-bge", "rerank"), finding("chat-gpt-prod", changes=changes, source=PLACE))
    )


def secret_rotated() -> Report:
    """A secret's value was put by somebody else; nobody reads it to know that."""
    place = SourceLine(file="infra/secrets.py", line=12)
    return report_of(
        (
            *in_sync("chat-gpt-prod"),
            finding("llm-keys/openai_api_key", "Secret", changes=(ROTATED,), source=place),
        ),
        coverage=Coverage(41, 3),
    )


def endpoint_missing() -> Report:
    """An endpoint is gone, and what stood on it with it."""
    gone = {"classification": Classification.MISSING, "reason": "it is gone from the workspace"}
    effect = {"effect": Effect.CREATE, "source": PLACE}
    return report_of(
        (
            finding("chat-gpt-prod", **gone, **effect),
            finding("chat-gpt-prod", "EndpointPermissions", **gone, **effect),
            *in_sync("embed-bge"),
        )
    )


def in_flux() -> Report:
    """An update is under way, another one failed."""
    failed = "its last update failed: what serves is the configuration before it"
    return report_of(
        (
            finding(
                "embed-bge",
                classification=Classification.IN_FLUX,
                reason="an update is in progress; not judged",
            ),
            finding("rerank", reason=failed, source=PLACE),
            *in_sync("chat-gpt-prod"),
        )
    )


def unmanaged() -> Report:
    """Two endpoints that no program of this stack declares, one with another stack's mark."""
    return report_of(
        (
            *in_sync("chat-gpt-prod", "embed-bge"),
            finding("rogue-llama", classification=Classification.UNMANAGED),
            finding(
                "batch-scoring",
                classification=Classification.UNMANAGED,
                owner="batch.prod.1c9f02ab",
            ),
        ),
        gate=Gate(fail_on=frozenset({"drifted", "unmanaged"})),
    )


def not_in_code() -> Report:
    """A declared endpoint has a gateway section and a right that nobody declared."""
    section = change(
        "ai_gateway",
        "usage_tracking_config",
        actual={"enabled": True},
        origin=None,
        severity=Severity.HIGH,
        effect=Effect.NONE,
    )
    grant = change(
        "access_control",
        "user_name:sam@example.com",
        actual={"permission_level": "CAN_MANAGE", "user_name": "sam@example.com"},
        origin=None,
        severity=Severity.CRITICAL,
        effect=Effect.NONE,
    )
    whole = {"classification": Classification.IN_SYNC}
    return report_of(
        (
            finding("chat-gpt-prod", not_in_code=(section,), source=PLACE, **whole),
            finding("chat-gpt-prod", "EndpointPermissions", not_in_code=(grant,), **whole),
        )
    )


def clean() -> Report:
    """Everything is as it should be; other providers' resources were not looked at."""
    return report_of(
        (*in_sync("chat-gpt-prod", "embed-bge"), *in_sync("llm-keys", kind="SecretScope")),
        coverage=Coverage(401, 11),
        others=3,
    )


def incomplete() -> Report:
    """One resource could not be read, and the run was ended before it had seen all of them."""
    refused = (
        "cannot read endpoint 'embed-bge': 403 PERMISSION_DENIED, request 7c1e0d. The identity "
        "sp-drift lacks CAN_VIEW on it; grant it, or leave the endpoint out with --exclude."
    )
    return report_of(
        (
            finding(
                "embed-bge",
                classification=Classification.ERROR,
                reason=refused,
                error_id="api-permission-denied",
            ),
            finding("chat-gpt-prod", changes=(LIMIT_OF_ZERO,), source=PLACE),
        ),
        run=run(complete=False),
        resources_total=5,
        gate=Gate(interrupted=143),
        errors=(
            ErrorEntry(
                message="the run was ended by SIGTERM", resource="", id="ended-before-answer"
            ),
        ),
        coverage=Coverage(20, 1),
    )


def ignored() -> Report:
    """Differences that rules allow: one that ends soon, one that is not needed, one expired."""
    size = change(*SIZE, applied="Small", actual="Medium")
    changes = (size, change(*LIMITS, applied=100, actual=500, severity=Severity.HIGH))
    return report_of(
        (
            finding("chat-gpt-prod", changes=changes, source=PLACE),
            finding("chat-llama", changes=(size,)),
            *in_sync("embed-bge"),
        ),
        ignoring=IgnoreFile.parse(RULES),
    )


def plan_of_each_effect() -> Report:
    """A pull request that creates, updates, replaces and deletes."""
    code = {"origin": Origin.CODE}
    created = {**code, "effect": Effect.CREATE, "severity": None}
    entity = ("config", "served_entities", "bge")
    pending = Classification.PENDING
    return report_of(
        (
            finding(
                "embed-new",
                classification=pending,
                effect=Effect.CREATE,
                changes=(
                    change(*entity, "entity_name", desired="main.models.bge", **created),
                    change(*entity, "entity_version", desired="3", **created),
                    change(*entity, "scale_to_zero_enabled", desired=True, **created),
                ),
                source=SourceLine(file="infra/embeddings.py", line=7),
            ),
            finding(
                "chat-gpt-prod",
                classification=pending,
                effect=Effect.UPDATE,
                changes=(
                    change(*LIMITS, applied=100, desired=150, actual=100, **code),
                    change("credentials", applied=SECRET, desired=SECRET, actual=SECRET, **code),
                ),
                source=PLACE,
            ),
            finding(
                "router",
                classification=pending,
                effect=Effect.REPLACE,
                changes=(
                    change(
                        "route_optimized",
                        applied=False,
                        desired=True,
                        actual=False,
                        effect=Effect.REPLACE,
                        because="no call changes it after creation",
                        **code,
                    ),
                ),
                source=SourceLine(file="infra/__main__.py", line=88),
            ),
            finding("llm-keys/old", "Secret", classification=pending, effect=Effect.DELETE),
            *in_sync("rerank", "embed-bge"),
        ),
        mode="plan",
        others=2,
    )


def plan_that_overwrites() -> Report:
    """A pull request beside manual changes: one it sets back, one it changes too, one it made."""
    changes = (
        change(*LIMITS, applied=100, desired=150, actual=100, origin=Origin.CODE),
        change(*SIZE, applied="Small", actual="Medium", severity=Severity.HIGH),
        change(
            "config",
            "traffic_config",
            "routes",
            "llama",
            "traffic_percentage",
            applied=80,
            desired=50,
            actual=100,
            origin=Origin.BOTH,
        ),
        change(
            "tags",
            "team",
            applied="gen-ai",
            desired="ml",
            actual="ml",
            origin=Origin.CONVERGED,
            effect=Effect.NONE,
            severity=Severity.LOW,
        ),
    )
    return report_of(
        (
            finding("chat-gpt-prod", effect=Effect.UPDATE, changes=changes, source=PLACE),
            *in_sync("embed-bge"),
        ),
        mode="plan",
        gate=Gate(fail_on=frozenset({"overwrites"})),
        notices=(
            "Pulumi.yaml has no `options: refresh: always`, so a plain `pulumi up` sees none.",
        ),
    )


def plan_refused() -> Report:
    """A pull request with a change that no call makes; everything else stays."""
    refused = change(
        "description",
        applied="Chat for support",
        desired="Chat for everybody",
        actual="Chat for support",
        origin=Origin.CODE,
        effect=Effect.REFUSE,
        because="no public call changes the description; replacing a live endpoint for a text "
        "would be an outage",
        severity=Severity.LOW,
    )
    return report_of(
        (
            finding(
                "chat-gpt-prod",
                classification=Classification.PENDING,
                effect=Effect.REFUSE,
                changes=(refused,),
                source=PLACE,
            ),
            *in_sync("embed-bge", "rerank"),
        ),
        mode="plan",
    )


#: Each by what happened.
TYPICAL = {
    "guardrail-off": guardrail_off,
    "secret-rotated": secret_rotated,
    "endpoint-missing": endpoint_missing,
    "in-flux": in_flux,
    "unmanaged": unmanaged,
    "not-in-code": not_in_code,
    "clean": clean,
    "incomplete": incomplete,
    "ignored": ignored,
    "plan-of-each-effect": plan_of_each_effect,
    "plan-that-overwrites": plan_that_overwrites,
    "plan-refused": plan_refused,
}
