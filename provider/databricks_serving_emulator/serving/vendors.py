"""External models: which configuration each provider takes, and its rules (contract §5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ApiError, invalid
from ..fields import TEXT, Fields, Kind, fields, texts
from ..wire import JsonObject

TASKS = ("llm/v1/chat", "llm/v1/completions", "llm/v1/embeddings")
PLAINTEXT = "_plaintext"


@dataclass(frozen=True)
class Vendor:
    """A provider's configuration object. Each secret `x` has a twin `x_plaintext`.

    needed: secrets of which exactly one form must be given; None: all of them
    """

    config: str
    secrets: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needed: tuple[str, ...] | None = None

    @property
    def shape(self) -> Fields:
        """The members of the configuration object."""
        return fields(texts(*self.required, *self.optional, *twins(self.secrets)))


def twins(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Both forms of each secret field."""
    return (*secrets, *(f"{name}{PLAINTEXT}" for name in secrets))


_AZURE = ("openai_api_base", "openai_api_version", "openai_deployment_name")
_ENTRA = ("microsoft_entra_client_id", "microsoft_entra_tenant_id")
_AWS_KEYS = ("aws_access_key_id", "aws_secret_access_key")
_BEDROCK_PROVIDERS = {"anthropic", "cohere", "ai21labs", "amazon"}

VENDORS: dict[str, Vendor] = {
    "openai": Vendor(
        "openai_config",
        secrets=("openai_api_key", "microsoft_entra_client_secret"),
        optional=("openai_api_type", "openai_organization", *_AZURE, *_ENTRA),
        needed=(),
    ),
    "anthropic": Vendor("anthropic_config", secrets=("anthropic_api_key",)),
    "cohere": Vendor("cohere_config", secrets=("cohere_api_key",), optional=("cohere_api_base",)),
    "ai21labs": Vendor("ai21labs_config", secrets=("ai21labs_api_key",)),
    "palm": Vendor("palm_config", secrets=("palm_api_key",)),
    "amazon-bedrock": Vendor(
        "amazon_bedrock_config",
        secrets=_AWS_KEYS,
        required=("aws_region", "bedrock_provider"),
        optional=("instance_profile_arn", "uc_service_credential_name"),
        needed=(),
    ),
    "google-cloud-vertex-ai": Vendor(
        "google_cloud_vertex_ai_config",
        secrets=("private_key",),
        required=("project_id", "region"),
    ),
    "databricks-model-serving": Vendor(
        "databricks_model_serving_config",
        secrets=("databricks_api_token",),
        required=("databricks_workspace_url",),
    ),
    "custom": Vendor("custom_provider_config", required=("custom_provider_url",), needed=()),
}

_CUSTOM_AUTHS: dict[str, Vendor] = {
    "api_key_auth": Vendor("api_key_auth", secrets=("value",), required=("key",)),
    "bearer_token_auth": Vendor("bearer_token_auth", secrets=("token",)),
}


def external_model_shape() -> Fields:
    """The members of `external_model`."""
    configs: dict[str, Kind] = {vendor.config: vendor.shape for vendor in VENDORS.values()}
    auths: dict[str, Kind] = {name: vendor.shape for name, vendor in _CUSTOM_AUTHS.items()}
    configs["custom_provider_config"] = fields(auths, **texts("custom_provider_url"))
    return fields(configs, provider=TEXT.among(*VENDORS), name=TEXT, task=TEXT.among(*TASKS))


def check_external_model(model: JsonObject, where: str) -> None:
    """Raise `ApiError` 400 for an external model that the service would refuse."""
    for name in ("provider", "name", "task"):
        _require(model, name, where)
    if model["task"] not in TASKS:
        raise invalid(f"{where}.task must be one of {', '.join(TASKS)}.")
    vendor = VENDORS.get(model["provider"])
    if vendor is None:
        raise invalid(f"{where}.provider must be one of {', '.join(VENDORS)}.")
    given = [other.config for other in VENDORS.values() if other.config in model]
    if given != [vendor.config]:
        found = ", ".join(given) or "none"
        raise invalid(
            f"{where}: provider '{model['provider']}' needs exactly {vendor.config}, found {found}."
        )
    config = model[vendor.config]
    inside = f"{where}.{vendor.config}"
    _check_config(vendor, config, inside)
    special = {"openai": _openai, "amazon-bedrock": _bedrock, "custom": _custom}
    if model["provider"] in special:
        special[model["provider"]](config, inside)


def secret_references(model: JsonObject, where: str) -> Iterator[tuple[str, str]]:
    """Where an external model refers to secrets, and the references."""
    vendor = VENDORS[model["provider"]]
    config = model[vendor.config]
    holders = [(vendor.secrets, config, f"{where}.{vendor.config}")]
    holders += [
        (auth.secrets, config[name], f"{where}.{vendor.config}.{name}")
        for name, auth in _CUSTOM_AUTHS.items()
        if name in config
    ]
    for secrets, holder, inside in holders:
        yield from ((f"{inside}.{name}", holder[name]) for name in secrets if name in holder)


def without_plaintext(model: JsonObject, made_up: str | None) -> JsonObject:
    """The model without plaintext; with `made_up`, references to a scope of that name instead."""
    kept: JsonObject = {}
    for key, value in model.items():
        if isinstance(value, dict):
            kept[key] = without_plaintext(value, made_up)
        elif not key.endswith(PLAINTEXT):
            kept[key] = value
        elif made_up is not None:
            name = key.removesuffix(PLAINTEXT)
            kept[name] = f"{{{{secrets/{made_up}/{name}}}}}"
    return kept


def _check_config(vendor: Vendor, config: JsonObject, where: str) -> None:
    for name in vendor.required:
        _require(config, name, where)
    for name in vendor.secrets if vendor.needed is None else vendor.needed:
        _require_secret(config, name, where)


def _openai(config: JsonObject, where: str) -> None:
    kind = config.get("openai_api_type", "openai")
    if kind not in {"openai", "azure", "azuread"}:
        raise invalid(f"{where}.openai_api_type must be one of openai, azure, azuread.")
    if kind != "openai" and "openai_organization" in config:
        # The text of a real answer; the field's own documentation says otherwise.
        raise invalid(
            "OpenAI external model configuration can only specify a value for "
            "'openai_organization' if 'openai_api_type' is one of ['openai']"
        )
    if kind == "openai" and "openai_deployment_name" in config:
        raise invalid(f"{where}: openai_deployment_name is only for azure and azuread.")
    if kind != "openai":
        for name in _AZURE:
            _require(config, name, where)
    if kind != "azuread":
        _require_secret(config, "openai_api_key", where)
        return
    for name in _ENTRA:
        _require(config, name, where)
    _require_secret(config, "microsoft_entra_client_secret", where)
    if _forms(config, "openai_api_key"):
        raise invalid(f"{where}: openai_api_key is not allowed with azuread.")


def _bedrock(config: JsonObject, where: str) -> None:
    if config["bedrock_provider"].lower() not in _BEDROCK_PROVIDERS:
        known = ", ".join(sorted(_BEDROCK_PROVIDERS))
        raise invalid(f"{where}.bedrock_provider must be one of {known}.")
    ways = [
        any(_forms(config, name) for name in _AWS_KEYS),
        "instance_profile_arn" in config,
        "uc_service_credential_name" in config,
    ]
    if sum(ways) != 1:
        raise invalid(
            f"{where}: exactly one of an access key pair, instance_profile_arn and "
            "uc_service_credential_name must be given."
        )
    if ways[0]:
        for name in _AWS_KEYS:
            _require_secret(config, name, where)


def _custom(config: JsonObject, where: str) -> None:
    given = [name for name in _CUSTOM_AUTHS if name in config]
    if len(given) != 1:
        raise invalid(f"{where}: exactly one of {' and '.join(_CUSTOM_AUTHS)} must be given.")
    name = given[0]
    _check_config(_CUSTOM_AUTHS[name], config[name], f"{where}.{name}")


def _forms(config: JsonObject, secret: str) -> int:
    return (secret in config) + (f"{secret}{PLAINTEXT}" in config)


def _require_secret(config: JsonObject, secret: str, where: str) -> None:
    given = [config[form] for form in twins((secret,)) if form in config]
    if len(given) != 1 or not given[0]:
        raise invalid(f"{where}: exactly one of {secret} and {secret}{PLAINTEXT} must be given.")


def _require(holder: JsonObject, name: str, where: str) -> None:
    if not holder.get(name):
        raise _missing_field(f"{where}.{name}")


def _missing_field(path: str) -> ApiError:
    return invalid(f"Missing required field: {path}")
