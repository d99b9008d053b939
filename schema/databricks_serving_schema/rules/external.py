"""Rules of external models: provider, config object, credentials."""

from __future__ import annotations

from collections.abc import Iterator

from ..endpoint import Endpoint
from ..external_models import CONFIG_OF_PROVIDER, TASKS, OnlyCredential
from ..fields import fields_of
from ..problems import Path
from ..values import Value
from .rule import Allowances, external_models, known, must_be_among, rule


@rule("known-provider", source="REST reference, ExternalModel.provider")
def known_provider(endpoint: Endpoint, allowances: Allowances) -> Iterator[tuple[Path, str]]:
    """Provider and task are known ones."""
    providers = tuple(CONFIG_OF_PROVIDER)
    for path, model in external_models(endpoint):
        yield from must_be_among((*path, "provider"), model.provider or None, providers, allowances)
        yield from must_be_among((*path, "task"), model.task or None, TASKS, allowances)


@rule("provider-config", source="REST reference, ExternalModel")
def provider_config(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Exactly the config object that matches the provider."""
    for path, model in external_models(endpoint):
        provider = known(model.provider)
        wanted = CONFIG_OF_PROVIDER.get(provider or "")
        if wanted is None:
            continue
        if getattr(model, wanted) is None:
            yield (*path, wanted), f"required for provider {provider!r}"
        for name in CONFIG_OF_PROVIDER.values():
            if name != wanted and getattr(model, name) is not None:
                yield (*path, name), f"belongs to another provider than {provider!r}"


@rule("one-credential", source="SDK, fields of the provider configs")
def one_credential(endpoint: Endpoint, _: Allowances) -> Iterator[tuple[Path, str]]:
    """Of `x` and `x_plaintext` at most one; exactly one where the vendor knows no other way in."""
    for path, model in external_models(endpoint):
        yield from _credentials(path, model)


def _credentials(path: Path, value: Value) -> Iterator[tuple[Path, str]]:
    for name, info in type(value).model_fields.items():
        inner = getattr(value, name)
        if isinstance(inner, Value):
            yield from _credentials((*path, name), inner)
        plaintext = f"{name}_plaintext"
        if plaintext not in fields_of(type(value)):
            continue
        said = (inner is not None, getattr(value, plaintext) is not None)
        if all(said):
            yield (*path, name), f"give either {name} or {plaintext}, not both"
        elif not any(said) and any(isinstance(mark, OnlyCredential) for mark in info.metadata):
            yield (*path, name), f"required: a secret reference here, or {plaintext}"
