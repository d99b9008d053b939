"""What stands in users' state files never changes: not by a byte."""

from __future__ import annotations

import base64
import pickle
import pickletools

import dill
import pytest

import databricks_serving
from databricks_serving.dynamic import providers
from databricks_serving.state import keys
from databricks_serving.state.tokens import PROVIDER_OF, type_token

#: Copies on purpose: a change of the constants must be seen here.
PINNED = {
    "ServingEndpoint": (
        "pulumi-python:dynamic/databricks_serving:ServingEndpoint",
        (
            "gASVPwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjA9TZXJ2aW5nRW5k"
            "cG9pbnSFUi4="
        ),
    ),
    "SecretScope": (
        "pulumi-python:dynamic/databricks_serving:SecretScope",
        (
            "gASVOwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAtTZWNyZXRTY29w"
            "ZYVSLg=="
        ),
    ),
    "Secret": (
        "pulumi-python:dynamic/databricks_serving:Secret",
        "gASVNgAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAZTZWNyZXSFUi4=",
    ),
    "AiGateway": (
        "pulumi-python:dynamic/databricks_serving:AiGateway",
        (
            "gASVOQAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAlBaUdhdGV3YXmF"
            "Ui4="
        ),
    ),
    "RateLimits": (
        "pulumi-python:dynamic/databricks_serving:RateLimits",
        (
            "gASVOgAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjApSYXRlTGltaXRz"
            "hVIu"
        ),
    ),
    "SecretAcl": (
        "pulumi-python:dynamic/databricks_serving:SecretAcl",
        (
            "gASVOQAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAlTZWNyZXRBY2yF"
            "Ui4="
        ),
    ),
    "EndpointPermissions": (
        "pulumi-python:dynamic/databricks_serving:EndpointPermissions",
        (
            "gASVQwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjBNFbmRwb2ludFBl"
            "cm1pc3Npb25zhVIu"
        ),
    ),
}


@pytest.mark.parametrize("kind", PINNED)
def test_type_tokens_and_serialized_providers_are_what_they_were(kind):
    token, provider = PINNED[kind]

    assert type_token(kind) == token
    assert PROVIDER_OF[kind] == provider


def test_every_kind_that_has_a_token_is_pinned():
    assert set(PROVIDER_OF) == set(PINNED)


@pytest.mark.parametrize("kind", PROVIDER_OF)
def test_a_serialized_provider_comes_alive_as_the_provider_of_its_kind(kind):
    provider = dill.loads(base64.b64decode(PROVIDER_OF[kind]))

    assert type(provider) is providers.PROVIDERS[kind]
    assert provider.kind == kind


@pytest.mark.parametrize("kind", PROVIDER_OF)
def test_a_serialized_provider_is_a_call_of_load_and_nothing_else(kind):
    pickled = base64.b64decode(PROVIDER_OF[kind])
    operations = [(code.name, said) for code, said, _ in pickletools.genops(pickled)]

    assert [said for _, said in operations if isinstance(said, str)] == [
        "databricks_serving.dynamic.pickled",
        "load",
        kind,
    ]
    assert operations[0] == ("PROTO", 4)
    assert type(pickle.loads(pickled)) is providers.PROVIDERS[kind]


def test_the_names_in_the_state_are_what_they_were():
    assert {name: value for name, value in vars(keys).items() if name.isupper()} == {
        "APPLIED": "__applied",
        "KEY": "__key",
        "BEFORE": "__before",
        "FORMAT": "__format",
        "FORMAT_NUMBER": 1,
        "SECRET_LEAVES": "__secret_leaves",
        "CREDENTIALS": "credentials",
        "PROVIDER": "__provider",
        "WORKSPACE_HOST": "workspace_host",
        "WORKSPACE_ID": "workspace_id",
        "MODULE": "databricks_serving",
    }


def test_the_public_names_are_sorted_and_there():
    names = databricks_serving.__all__

    assert names == sorted(names)
    assert all(getattr(databricks_serving, name) is not None for name in names)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Endpoint'"):
        databricks_serving.Endpoint  # noqa: B018 - the access is the test
