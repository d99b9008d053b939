"""Rules of single vendors: what goes with what inside a provider's config."""

from __future__ import annotations

from ..endpoint import Endpoint
from ..external_models import OpenAiConfig
from ..problems import Path
from ..values import Value
from .rule import Allowances, Found, external_models, known, rule

_AZURE = ("openai_api_base", "openai_api_version", "openai_deployment_name")
#: What `openai_api_type` is where it is left out; source: REST reference, OpenAiConfig.
_LEFT_OUT = "openai"
_ENTRA = ("microsoft_entra_client_id", "microsoft_entra_tenant_id")
#: The texts that each type needs. Of a type that is not here nothing is known.
_TEXTS = {_LEFT_OUT: (), "azure": _AZURE, "azuread": (*_AZURE, *_ENTRA)}
_ACCESS_KEYS = ("aws_access_key_id", "aws_secret_access_key")
_INSTEAD_OF_KEYS = ("instance_profile_arn", "uc_service_credential_name")


def _credential_said(config: Value, name: str) -> bool:
    """Whether a credential is there, as a reference or as plaintext."""
    return any(getattr(config, form) is not None for form in (name, f"{name}_plaintext"))


def _credential(here: Path, config: Value, name: str) -> Found:
    if not _credential_said(config, name):
        yield (*here, name), f"required: a secret reference here, or {name}_plaintext"


@rule(
    "openai-type",
    source="REST reference, OpenAiConfig; databricks/cli issue 3124",
    remedy="Say the fields that this type needs, and leave out those that it does not have.",
    of=Endpoint,
)
def openai_type(endpoint: Endpoint, _: Allowances) -> Found:
    """What `openai_api_type` needs and forbids."""
    for path, model in external_models(endpoint):
        config = known(model.openai_config)
        if config is None:
            continue
        here, said = (*path, "openai_config"), config.openai_api_type
        kind = _LEFT_OUT if said is None else known(said)
        if kind in _TEXTS:
            yield from _needs(here, kind, config)
            yield from _forbids(here, kind, config)


def _needs(here: Path, kind: str, config: OpenAiConfig) -> Found:
    for name in _TEXTS[kind]:
        if getattr(config, name) in (None, ""):
            yield (*here, name), f"required for openai_api_type {kind}"
    key = "microsoft_entra_client_secret" if kind == "azuread" else "openai_api_key"
    yield from _credential(here, config, key)


def _forbids(here: Path, kind: str, config: OpenAiConfig) -> Found:
    if kind == "azuread" and _credential_said(config, "openai_api_key"):
        yield (*here, "openai_api_key"), "does not go with openai_api_type azuread"
    name = "openai_deployment_name" if kind == _LEFT_OUT else "openai_organization"
    if getattr(config, name) is not None:
        yield (*here, name), f"does not go with openai_api_type {kind}"


@rule(
    "bedrock-access",
    source="REST reference, AmazonBedrockConfig",
    remedy="Keep one way: both access keys, an instance profile, or a service credential.",
    of=Endpoint,
)
def bedrock_access(endpoint: Endpoint, _: Allowances) -> Found:
    """One way into Bedrock: both access keys, an instance profile, or a service credential."""
    for path, model in external_models(endpoint):
        config = known(model.amazon_bedrock_config)
        if config is None:
            continue
        here = (*path, "amazon_bedrock_config")
        keyed = any(_credential_said(config, name) for name in _ACCESS_KEYS)
        others = sum(getattr(config, name) not in (None, "") for name in _INSTEAD_OF_KEYS)
        if keyed + others != 1:
            yield (
                here,
                (
                    "say exactly one way in: aws_access_key_id with aws_secret_access_key, "
                    "instance_profile_arn, or uc_service_credential_name"
                ),
            )
        elif keyed:
            for name in _ACCESS_KEYS:
                yield from _credential(here, config, name)
