"""Which settings are recorded with the outputs: as their own policies say."""

from __future__ import annotations

import pytest

from databricks_serving.apply import endpoint, scope, secret
from databricks_serving.apply.recorded import recorded_settings
from databricks_serving_schema import (
    RESOURCES,
    EndpointSettings,
    OnChange,
    ScopeSettings,
    SecretSettings,
    fields_of,
)


@pytest.mark.parametrize(
    ("kind", "verbs", "names"),
    [
        (EndpointSettings, endpoint, {"deploy", "workspace"}),
        (ScopeSettings, scope, {"force_destroy", "workspace"}),
        (SecretSettings, secret, {"workspace"}),
    ],
)
def test_what_read_and_delete_use_is_recorded_and_nothing_else(kind, verbs, names):
    assert set(verbs.RECORDED_SETTINGS) == names
    assert recorded_settings(kind) == verbs.RECORDED_SETTINGS


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_a_setting_is_recorded_or_its_change_is_nothing(resource):
    costs = {name: its.policy.on_change for name, its in fields_of(resource.settings).items()}

    assert set(costs.values()) <= {OnChange.RECORD, OnChange.NOTHING}
    assert set(recorded_settings(resource.settings)) == {
        name for name, cost in costs.items() if cost is OnChange.RECORD
    }
