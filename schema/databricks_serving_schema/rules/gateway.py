"""Rules of the AI Gateway, and of telemetry."""

from __future__ import annotations

from ..ai_gateway import GuardrailParameters, InferenceTable, RateLimit
from ..config import AutoCaptureConfig
from ..endpoint import Endpoint
from ..values import Unknown
from .rule import (
    Allowances,
    Found,
    Objects,
    advice,
    entity_count,
    external_models,
    known,
    of_model,
    rule,
    rule_of_objects,
)


@rule_of_objects(
    "rate-limit",
    source="REST reference, AiGatewayRateLimit; Databricks page on rate limits",
    remedy="Say calls or tokens, and for a user, group or service principal its principal.",
)
def rate_limit(found: Objects, _: Allowances) -> Found:
    """A limit says calls or tokens, and whom it is for."""
    for path, limit in of_model(found, RateLimit):
        if limit.calls is None and limit.tokens is None:
            yield path, "say calls, tokens, or both"
        key = "endpoint" if limit.key is None else known(limit.key)
        if key in ("user_group", "service_principal") and limit.principal in (None, ""):
            yield (*path, "principal"), f"required for key {key!r}"
        if key == "endpoint" and limit.principal is not None:
            yield (*path, "principal"), "does not go with key 'endpoint': that limit is everybody's"


_GROUPS = 5


@rule_of_objects(
    "group-limits",
    source="Databricks page on rate limits",
    remedy="Keep the limits of 5 groups, or make one for a group of groups.",
)
def group_limits(found: Objects, _: Allowances) -> Found:
    """At most 5 limits are for groups."""
    limits = of_model(found, RateLimit)
    of_groups = [path for path, limit in limits if known(limit.key) == "user_group"]
    if len(of_groups) > _GROUPS:
        yield of_groups[0][:-1], f"{len(of_groups)} limits for groups; {_GROUPS} are allowed"


@rule(
    "output-guardrails",
    source="Databricks page on AI Gateway",
    remedy="Leave the output guardrails out; those of the input are possible.",
    of=Endpoint,
)
def output_guardrails(endpoint: Endpoint, _: Allowances) -> Found:
    """Embeddings have no answers that could be guarded."""
    gateway = known(endpoint.ai_gateway)
    guardrails = gateway and known(gateway.guardrails)
    output = guardrails and known(guardrails.output)
    if not output or not _keeps_out(output):
        return
    if any(known(model.task) == "llm/v1/embeddings" for _, model in external_models(endpoint)):
        yield ("ai_gateway", "guardrails", "output"), "does not go with task llm/v1/embeddings"


def _keeps_out(side: GuardrailParameters) -> bool:
    pii = known(side.pii)
    behavior = known(pii.behavior) if pii else None
    words = known(side.invalid_keywords) or known(side.valid_topics)
    return known(side.safety) is True or behavior not in (None, "NONE") or bool(words)


@rule_of_objects(
    "inference-table",
    source="REST reference, AiGatewayInferenceTableConfig and AutoCaptureConfigInput",
    remedy="Say catalog_name and schema_name, or switch the table off.",
)
def inference_table(found: Objects, _: Allowances) -> Found:
    """A table that is switched on has a catalog and a schema."""
    for path, table in found:
        if not isinstance(table, (InferenceTable, AutoCaptureConfig)):
            continue
        if known(table.enabled) is not True:
            continue
        for name in ("catalog_name", "schema_name"):
            if getattr(table, name) in (None, ""):
                yield (*path, name), "required where the table is enabled"


@advice(
    "telemetry-needs-model",
    source="databricks/cli, libs/testserver",
    remedy="Make sure that the endpoint serves a registered model.",
    of=Endpoint,
)
def telemetry_needs_model(endpoint: Endpoint, _: Allowances) -> Found:
    """Telemetry is of registered models; the program need not be what says them."""
    if endpoint.telemetry_config is None or isinstance(endpoint.telemetry_config, Unknown):
        return
    if entity_count(endpoint) == 0 and endpoint.telemetry_config.model_fields_set:
        yield (
            ("telemetry_config",),
            "where nothing is served yet, the service drops it in silence: say `config` too",
        )


@advice(
    "telemetry-destination",
    source="databricks/cli, libs/testserver",
    remedy="Say where the telemetry goes, unless the endpoint has a profile already.",
    of=Endpoint,
)
def telemetry_destination(endpoint: Endpoint, _: Allowances) -> Found:
    """Telemetry goes somewhere; only where a profile is there already need the program not say."""
    telemetry = known(endpoint.telemetry_config)
    if not telemetry or not telemetry.model_fields_set:
        return
    if telemetry.table_names is None and telemetry.telemetry_profile_id is None:
        yield (
            ("telemetry_config",),
            (
                "says neither table_names nor telemetry_profile_id: the service keeps it only "
                "where the endpoint has a profile already"
            ),
        )
