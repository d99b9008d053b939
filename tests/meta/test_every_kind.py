"""A kind of resource is known wherever kinds are told apart, or the first user of it finds out."""

from __future__ import annotations

import pytest

from databricks_serving.apply.inspection import _LOOKS
from databricks_serving.apply.wanted import _READERS
from databricks_serving.cli.jobs.import_recorded import VERBS
from databricks_serving.dynamic.providers import PROVIDERS
from databricks_serving.state.addresses import _PARTS
from databricks_serving.state.tokens import PROVIDER_OF
from databricks_serving_schema import RESOURCES

TABLES = {
    "state/tokens.py: PROVIDER_OF, as state files hold it": PROVIDER_OF,
    "state/addresses.py: _PARTS, of which its id is made": _PARTS,
    "dynamic/providers.py: PROVIDERS": PROVIDERS,
    "apply/inspection.py: _LOOKS, for drift": _LOOKS,
    "apply/wanted.py: _READERS, for a review": _READERS,
    "cli/jobs/import_recorded.py: VERBS, for an import": VERBS,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_kind_of_resource_stands_in(table):
    assert {resource.name for resource in RESOURCES} - set(TABLES[table]) == set(), table
