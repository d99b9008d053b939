"""Permissions, secrets and identities as answers show them (contract §13, §14, §16)."""

from __future__ import annotations

from ..access import SCOPE_PERMISSIONS
from ..grants import LEVELS, PRINCIPAL_FIELDS
from ..json_schema import FLAG, MILLISECONDS, TEXT, WHOLE, closed, list_of, one_of
from ..wire import JsonObject

_LEVEL = one_of(*LEVELS)
_PERMISSION = one_of(*SCOPE_PERMISSIONS)
_ACL = closed({"principal": TEXT, "permission": _PERMISSION})
ACCESS: dict[str, JsonObject] = {
    "Permissions": closed(
        {
            "object_id": TEXT,
            "object_type": one_of("serving-endpoint"),
            "access_control_list": list_of(
                closed(
                    {
                        "all_permissions": list_of(
                            closed(
                                {"permission_level": _LEVEL, "inherited": FLAG},
                                inherited_from_object=list_of(TEXT),
                            )
                        )
                    },
                    **dict.fromkeys(PRINCIPAL_FIELDS, TEXT),
                    display_name=TEXT,
                )
            ),
        }
    ),
    "PermissionLevels": closed(
        {"permission_levels": list_of(closed({"permission_level": _LEVEL, "description": TEXT}))}
    ),
    "SecretScopes": closed(
        scopes=list_of(
            closed(
                {"name": TEXT, "backend_type": one_of("DATABRICKS", "AZURE_KEYVAULT")},
                keyvault_metadata=closed({"resource_id": TEXT, "dns_name": TEXT}),
            )
        ),
    ),
    "Secrets": closed(
        secrets=list_of(closed({"key": TEXT, "last_updated_timestamp": MILLISECONDS}))
    ),
    "Secret": closed({"key": TEXT, "value": {**TEXT, "contentEncoding": "base64"}}),
    "SecretAcl": _ACL,
    "SecretAcls": closed(items=list_of(_ACL)),
    "Me": closed(
        {
            "schemas": list_of(TEXT),
            "id": TEXT,
            "userName": TEXT,
            "displayName": TEXT,
            "active": FLAG,
            "groups": list_of(closed({"display": TEXT, "value": TEXT})),
        },
        emails=list_of(closed({"value": TEXT, "type": TEXT, "primary": FLAG})),
    ),
    "Discovery": closed(
        {"oidc_endpoint": TEXT, "workspace_id": TEXT, "cloud": TEXT, "host_type": TEXT}
    ),
    "AuthorizationServer": closed(
        {
            "issuer": TEXT,
            "authorization_endpoint": TEXT,
            "token_endpoint": TEXT,
            "grant_types_supported": list_of(TEXT),
            "token_endpoint_auth_methods_supported": list_of(TEXT),
        }
    ),
    "Token": closed(
        {"access_token": TEXT, "token_type": one_of("Bearer"), "expires_in": WHOLE, "scope": TEXT}
    ),
}
