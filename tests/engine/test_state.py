"""What stands in users' state files, pinned: from the first release on it never changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from support.programs import QUICKSTART, plaintext_endpoint

GOLDEN = Path(__file__).with_name("golden_state.json")

# What stands on something of somebody else's.
STANDING = """
SecretAcl("readers", scope=scope.name, principal="users", permission="READ")
AiGateway(
    "gateway", endpoint_name="databricks-claude", usage_tracking_config={"enabled": False}
)
RateLimits(
    "limits",
    endpoint_name="databricks-claude",
    rate_limits=[{"calls": 5, "key": "user", "renewal_period": "minute"}],
)
EndpointPermissions(
    "callers",
    endpoint_name="databricks-claude",
    access_control=[{"group_name": "users", "permission_level": "CAN_QUERY"}],
)
"""


def still(text: str) -> str:
    """The state with what differs in each run made the same."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8765", text)
    text = re.sub(r"hmac-sha256:[0-9a-f]{64}", "hmac-sha256:…", text)
    text = re.sub(r'(_timestamp": )\d+', r"\g<1>0", text)
    return re.sub(r'(endpoint_id": )"[0-9a-f]{32}"', r'\g<1>"…"', text)


def test_the_layout_of_the_state_is_the_recorded_one(project):
    program = QUICKSTART + plaintext_endpoint("plain", more='description="", deploy={},') + STANDING
    project.write(program)

    project.up()

    resources = sorted(project.state(), key=lambda resource: resource["urn"])
    state = still(json.dumps(resources, indent=2, sort_keys=True, ensure_ascii=False))
    assert state + "\n" == GOLDEN.read_text()
