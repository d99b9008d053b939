"""One query from the caller to the answer: the rules of the gateway, one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ..errors import ApiError, missing
from ..serving.model import Config, Endpoint, EndpointKind, Entity
from ..wire import JsonObject, Response
from ..world import Ask, World
from .answers import Told, streamed_answer, whole_answer
from .asked import Asked, Form, bad_request, form_of, read_asked
from .echo import Reply, reply_to
from .guardrails import Verdict, blocked, examined
from .limits import check_limits, limits_of, subjects_of
from .records import Query, is_context, logged, served_entity_id
from .traffic import candidates, falls_back

_MIB = 1024 * 1024
#: Source: documentation, model-serving-limits.
_MOST_BYTES = 16 * _MIB
_MOST_BYTES_OF_GENERATIVE = 4 * _MIB
_GENERATIVE = {
    EndpointKind.EXTERNAL,
    EndpointKind.FOUNDATION,
    EndpointKind.THROUGHPUT,
    EndpointKind.AGENT,
}


@dataclass
class Exchange:
    """A query on its way: what is asked of whom, and what has become of it so far.

    only: the entity that is asked whatever the traffic split says
    wanted: what the caller takes the endpoint for; None: what it is
    optimized: whether it is asked at its `endpoint_url`
    entity: the one that was asked last
    """

    world: World
    ask: Ask
    endpoint: Endpoint
    only: str | None = None
    wanted: Form | None = None
    optimized: bool = False
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    config: Config | None = None
    asked: Asked | None = None
    entity: Entity | None = None
    reply: Reply | None = None
    reports: dict[str, JsonObject] = field(default_factory=dict)

    @property
    def serving(self) -> Config:
        """What the endpoint serves, once `check_ready` has seen it."""
        assert self.config is not None  # noqa: S101 - the order of the steps says so
        return self.config

    @property
    def query(self) -> Asked:
        """What is asked, once `read_query` has read it."""
        assert self.asked is not None  # noqa: S101 - the order of the steps says so
        return self.asked


def answered(exchange: Exchange) -> Response:
    """The answer or the refusal, which is recorded either way."""
    began = exchange.world.clock.now()
    try:
        for step in STEPS:
            step(exchange)
        response = _rendered(exchange, int(began))
    except ApiError as error:
        response = error.response(exchange.request_id)
    headers = {**response.headers, "x-request-id": exchange.request_id}
    if response.status == 200 and exchange.entity is not None:
        headers["served-model-name"] = exchange.entity.name
    response = replace(response, headers=headers)
    exchange.world.queries.add(_record(exchange, response, began))
    return response


def check_address(exchange: Exchange) -> None:
    """400 for a route-optimized endpoint anywhere but at its `endpoint_url`.

    Source: documentation, query-route-optimization, of endpoints created since September 22, 2025.
    """
    if exchange.endpoint.route_optimized and not exchange.optimized:
        raise bad_request(
            f"Endpoint {exchange.endpoint.name} is route-optimized: it is queried at its "
            "endpoint_url only."
        )


def check_credential(exchange: Exchange) -> None:
    """401 for a personal access token at a route-optimized endpoint: it takes OAuth (§7.3)."""
    if exchange.endpoint.route_optimized and not exchange.ask.caller.oauth:
        raise ApiError(
            401,
            "UNAUTHENTICATED",
            f"Endpoint {exchange.endpoint.name} is route-optimized and takes OAuth tokens only, "
            "not personal access tokens.",
        )


def check_ready(exchange: Exchange) -> None:
    """400 for an endpoint that is stopped, or that has never been ready; 404 for no such entity."""
    endpoint = exchange.endpoint
    if endpoint.stopped:
        raise bad_request(f"Endpoint {endpoint.name} is stopped. Start it to query it.")
    if endpoint.active is None:
        raise bad_request(f"Endpoint {endpoint.name} is not ready.")
    names = [entity.name for entity in endpoint.active.entities]
    if exchange.only is not None and exchange.only not in names:
        raise missing(
            f"Served entity '{exchange.only}' does not exist in endpoint '{endpoint.name}'."
        )
    exchange.config = endpoint.active


def check_size(exchange: Exchange) -> None:
    """400 for a body that is larger than what endpoints of the kind take."""
    generative = exchange.serving.kind in _GENERATIVE
    most = _MOST_BYTES_OF_GENERATIVE if generative else _MOST_BYTES
    if len(exchange.ask.content) > most:
        raise bad_request(f"The request is larger than {most // _MIB} MB.")


def read_query(exchange: Exchange) -> None:
    """400 for a body that is not what the endpoint's task takes."""
    form = form_of(exchange.serving)
    if exchange.wanted not in {None, form}:
        served = exchange.serving.task or "a custom model"
        name = exchange.endpoint.name
        raise bad_request(f"Endpoint {name} serves {served} and answers no {exchange.wanted}.")
    if exchange.ask.unread is not None:
        raise bad_request(exchange.ask.unread.message)
    exchange.asked = read_asked(exchange.ask.body, form)


def check_usage_context(exchange: Exchange) -> None:
    """400 for a usage_context of more than 10 KiB."""
    if not is_context(exchange.query.usage_context):
        raise bad_request("usage_context may have at most 10 KiB.")


def spend_call(exchange: Exchange) -> None:
    """429 for a query beyond a rate limit; one within is counted, whatever becomes of it."""
    windows, clock = exchange.world.gateway.windows, exchange.world.clock
    caller, endpoint = exchange.ask.caller, exchange.endpoint
    check_limits(windows, endpoint, caller, exchange.query.tokens, clock)
    windows.count(endpoint.id, subjects_of(limits_of(endpoint), caller), clock.now(), calls=1)


def guard_input(exchange: Exchange) -> None:
    """400 for what the input guardrails block; what they mask, no model gets to see."""
    verdict = _verdict(exchange, "input", exchange.query.texts, exchange.query.of_user)
    exchange.asked = replace(exchange.query, texts=verdict.texts)


def ask_model(exchange: Exchange) -> None:
    """The first entity whose turn it is and that answers; the last failure when none does."""
    endpoint, config, gateway = exchange.endpoint, exchange.serving, exchange.world.gateway
    if exchange.only is None:
        first = gateway.traffic.next_entity(endpoint, config)
        asked_in_turn = list(candidates(endpoint, config, first))
    else:
        asked_in_turn = [one for one in config.entities if one.name == exchange.only]
    failure: ApiError | None = None
    for entity in asked_in_turn:
        exchange.entity = entity
        failure = gateway.failures.next_for(endpoint.name, entity.name)
        if failure is None:
            exchange.reply = reply_to(exchange.query)
            return
        if not falls_back(failure.status):
            break
    if failure is not None:
        raise failure


def spend_tokens(exchange: Exchange) -> None:
    """What was read and said counts for the rate limits in tokens."""
    windows, now = exchange.world.gateway.windows, exchange.world.clock.now()
    limits, caller = limits_of(exchange.endpoint), exchange.ask.caller
    said = exchange.reply.tokens if exchange.reply else 0
    windows.count(
        exchange.endpoint.id,
        subjects_of(limits, caller),
        now,
        tokens=exchange.query.tokens + said,
    )


def guard_output(exchange: Exchange) -> None:
    """400 for what the output guardrails block; a stream they leave alone (contract §6.2)."""
    reply = exchange.reply
    if reply is None or exchange.query.streaming:
        return
    verdict = _verdict(exchange, "output", reply.texts, reply.texts)
    exchange.reply = replace(reply, texts=verdict.texts)


Step: TypeAlias = "Callable[[Exchange], None]"

STEPS: tuple[Step, ...] = (
    check_address,
    check_credential,
    check_ready,
    check_size,
    read_query,
    check_usage_context,
    spend_call,
    guard_input,
    ask_model,
    spend_tokens,
    guard_output,
)


def _verdict(
    exchange: Exchange, side: str, texts: tuple[str, ...], on_topic: tuple[str, ...]
) -> Verdict:
    guards: JsonObject = exchange.endpoint.ai_gateway.get("guardrails", {}).get(side, {})
    if not texts or not guards:
        return Verdict(texts)
    verdict = examined(guards, texts, on_topic)
    if verdict.is_blocked:
        raise blocked(exchange.query, side, verdict)
    if verdict.report is not None:
        exchange.reports[f"{side}_guardrail"] = verdict.report
    return verdict


def _rendered(exchange: Exchange, created: int) -> Response:
    render = streamed_answer if exchange.query.streaming else whole_answer
    return render(exchange.query, exchange.reply or Reply(), _told(exchange, created))


def _told(exchange: Exchange, created: int) -> Told:
    model = _model_name(exchange.entity) if exchange.entity else ""
    return Told(exchange.request_id, created, model, exchange.reports)


def _model_name(entity: Entity) -> str:
    known = entity.definition
    described: JsonObject = known.get("external_model") or known.get("foundation_model") or {}
    return str(described.get("name") or known.get("entity_name"))


def _record(exchange: Exchange, response: Response, began: float) -> Query:
    world, endpoint = exchange.world, exchange.endpoint
    body = {} if exchange.ask.unread else exchange.ask.body
    context = body.get("usage_context", {})
    asked, entity, reply = exchange.asked, exchange.entity, exchange.reply
    counts = response.status == 200
    request, no_request = logged(exchange.ask.content, "REQUEST")
    said, no_response = logged(_whole(exchange, response, int(began)), "RESPONSE")
    table: JsonObject = (endpoint.telemetry or {}).get("inference_table_config", {})
    version = exchange.config.version if exchange.config else 0
    return Query(
        endpoint_name=endpoint.name,
        endpoint_id=endpoint.id,
        served_entity_id=served_entity_id(endpoint.id, version, entity.name) if entity else "",
        served_entity_name=entity.name if entity else "",
        requester=exchange.ask.caller.user,
        requested_at=began,
        status_code=response.status,
        databricks_request_id=exchange.request_id,
        client_request_id=body.get("client_request_id", ""),
        input_tokens=asked.tokens if asked and counts else 0,
        output_tokens=reply.tokens if reply and counts else 0,
        input_characters=asked.characters if asked else 0,
        output_characters=reply.characters if reply and counts else 0,
        usage_context=context if is_context(context) else {},
        streaming=body.get("stream", False),
        duration_ms=round((world.clock.now() - began) * 1000),
        request=request,
        response=said,
        sampled=world.gateway.sampling.takes(endpoint.id, table.get("sampling_fraction", 1.0)),
        logging_error_codes=(*no_request, *no_response),
    )


def _whole(exchange: Exchange, response: Response, created: int) -> bytes:
    """The body of an answer; of a stream, that of all its events together.

    Source: documentation, configure-ai-gateway-endpoints.
    """
    if not response.parts:
        return response.body
    told = _told(exchange, created)
    return whole_answer(exchange.query, exchange.reply or Reply(), told).body
