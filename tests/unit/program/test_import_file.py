"""The file for `pulumi import --file`."""

from __future__ import annotations

import json

from databricks_serving.program.declared import Imported
from databricks_serving.program.import_file import import_file

SCOPE = (
    "gASVOwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWST"
    "jAtTZWNyZXRTY29wZYVSLg=="
)


def test_each_resource_has_its_provider_in_both_bags_and_no_key_of_fingerprints():
    outputs = {
        "name": "llm",
        "endpoint_url": None,
        "__key": "ab" * 32,
        "__before": {},
        "__format": 1,
    }
    imported = Imported("SecretScope", "llm", "llm", {"name": "llm"}, outputs)

    file = json.loads(import_file([imported]))

    assert file == {
        "resources": [
            {
                "type": "pulumi-python:dynamic/databricks_serving:SecretScope",
                "name": "llm",
                "id": "llm",
                "inputs": {"name": "llm", "__provider": SCOPE},
                "outputs": {"name": "llm", "__format": 1, "__provider": SCOPE},
            }
        ]
    }
