"""Type tokens and serialized providers, as they stand in users' state files. They never change.

Each `__provider` is the base64 of a pickle (protocol 4) that says: call `load(kind)` in
`databricks_serving.dynamic.pickled`. Pulumi's own serialization would give the same bytes up to
Python 3.13 and others from 3.14 on, where the default protocol is 5.
"""

from __future__ import annotations

from .keys import MODULE


def type_token(kind: str) -> str:
    """The type of a resource: `pulumi-python:dynamic/databricks_serving:ServingEndpoint`."""
    return f"pulumi-python:dynamic/{MODULE}:{kind}"


# One line each: they are compared byte by byte.
# fmt: off
PROVIDER_OF = {
    "ServingEndpoint": "gASVPwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjA9TZXJ2aW5nRW5kcG9pbnSFUi4=",  # noqa: E501 - a constant
    "SecretScope": "gASVOwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAtTZWNyZXRTY29wZYVSLg==",  # noqa: E501 - a constant
    "Secret": "gASVNgAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAZTZWNyZXSFUi4=",  # noqa: E501 - a constant
    "AiGateway": "gASVOQAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAlBaUdhdGV3YXmFUi4=",  # noqa: E501 - a constant
    "RateLimits": "gASVOgAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjApSYXRlTGltaXRzhVIu",  # noqa: E501 - a constant
    "SecretAcl": "gASVOQAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjAlTZWNyZXRBY2yFUi4=",  # noqa: E501 - a constant
    "EndpointPermissions": "gASVQwAAAAAAAACMImRhdGFicmlja3Nfc2VydmluZy5keW5hbWljLnBpY2tsZWSMBGxvYWSTjBNFbmRwb2ludFBlcm1pc3Npb25zhVIu",  # noqa: E501 - a constant
}
# fmt: on
