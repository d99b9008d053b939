"""What a query asks: the body by task, and what a model reads of it (contract §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from ..errors import ApiError
from ..fields import ANY, FLAG, NUMBER, TEXT, TEXT_MAP, WHOLE, Kind, ListOf, MapOf, fields
from ..serving.model import Config, EntityKind
from ..wire import JsonObject
from .tokens import estimated_tokens

Form = Literal["chat", "completions", "embeddings", "model", "features"]

#: The field by which each form is told; a custom model takes one of four.
_MODEL_INPUTS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_INPUTS: Mapping[Form, tuple[str, ...]] = {
    "chat": ("messages",),
    "completions": ("prompt",),
    "embeddings": ("input",),
    "model": _MODEL_INPUTS,
    "features": ("dataframe_records", "dataframe_split"),
}
_FORMS: Mapping[str, Form] = {
    "chat": "chat",
    "completions": "completions",
    "embeddings": "embeddings",
}
#: Source: REST reference, query: from 1 to 5, and from 0.0 to 2.0.
_MOST_CHOICES = 5
_HIGHEST_TEMPERATURE = 2.0
#: Source: OpenAI's reference of embeddings.
_MOST_INPUTS = 2_048
#: How many prompts, each as often as there are choices, an answer has room for.
_MOST_ANSWERS = 1_000

# What OpenAI's clients and vendors of models know beside the fields of the REST reference: an echo
# makes nothing of it.
_PASSED_ON: dict[str, Kind] = dict.fromkeys(
    (
        "audio",
        "best_of",
        "context",
        "custom_inputs",
        "databricks_options",
        "dimensions",
        "echo",
        "encoding_format",
        "error_behavior",
        "extra_params",
        "frequency_penalty",
        "function_call",
        "functions",
        "instruction",
        "logit_bias",
        "logprobs",
        "metadata",
        "modalities",
        "moderation",
        "parallel_tool_calls",
        "params",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "store",
        "stream_options",
        "suffix",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_logprobs",
        "top_p",
        "use_raw_prompt",
        "user",
        "verbosity",
        "web_search_options",
    ),
    ANY,
)

QUERY = fields(
    _PASSED_ON,
    model=TEXT,
    messages=ListOf(MapOf(ANY)),
    prompt=ANY,
    input=ANY,
    inputs=ANY,
    instances=ListOf(ANY),
    dataframe_records=ListOf(ANY),
    dataframe_split=fields(columns=ListOf(ANY), index=ListOf(ANY), data=ListOf(ANY)),
    max_tokens=WHOLE,
    max_completion_tokens=WHOLE,
    temperature=NUMBER,
    n=WHOLE,
    stop=ANY,
    stream=FLAG,
    usage_context=TEXT_MAP,
    client_request_id=TEXT,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query as a model gets it.

    texts: what it reads, in order; of a chat the messages, with their `roles`
    rows: of custom models and feature specs, one for each prediction
    most_tokens: of the answer; None: any number
    stops: texts at which the answer ends
    """

    form: Form
    texts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    rows: tuple[object, ...] = ()
    choices: int = 1
    most_tokens: int | None = None
    stops: tuple[str, ...] = ()
    streaming: bool = False
    usage_context: Mapping[str, str] = field(default_factory=dict)
    client_request_id: str = ""

    @property
    def characters(self) -> int:
        """How many characters a model reads."""
        return sum(len(text) for text in self.texts)

    @property
    def tokens(self) -> int:
        """How many tokens a model reads, by the estimate: the sum of what each text has."""
        return sum(estimated_tokens(text) for text in self.texts)

    @property
    def of_user(self) -> tuple[str, ...]:
        """What the user says: of a chat in which no user speaks, and of other tasks, all texts."""
        pairs = zip(self.roles, self.texts, strict=False)
        return tuple(text for role, text in pairs if role == "user") or self.texts


def bad_request(message: str) -> ApiError:
    """400 BAD_REQUEST, the code that queries get (contract §8, §15)."""
    return ApiError(400, "BAD_REQUEST", message)


def form_of(config: Config) -> Form:
    """What an endpoint that serves this config is asked; `ApiError` 400 for a Responses agent."""
    if config.entities[0].kind is EntityKind.FEATURE_SPEC:
        return "features"
    known = (config.task or "").rpartition("/")[2]
    if known == "responses":
        raise bad_request(f"The emulator has no Responses API, which {config.task} is for.")
    return _FORMS.get(known, "model")


def read_asked(body: JsonObject, form: Form) -> Asked:
    """The query in a body; `ApiError` 400 where it is none for a model of that form."""
    given = [name for name in _INPUTS[form] if name in body]
    if len(given) != 1:
        wanted = " or ".join(_INPUTS[form])
        others = [name for known in _INPUTS.values() for name in known if name in body]
        sent = f"it has {', '.join(dict.fromkeys(others))}" if others else "it has none"
        raise bad_request(f"The endpoint takes exactly one of {wanted}: {sent}.")
    _check_parameters(body, form)
    texts, roles = _texts(body, given[0], form)
    _check_amount(len(texts), body.get("n", 1), form)
    return Asked(
        form=form,
        texts=texts,
        roles=roles,
        rows=_rows(body, given[0]) if form in {"model", "features"} else (),
        choices=body.get("n", 1),
        most_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
        stops=_listed(body.get("stop", []), "stop"),
        streaming=body.get("stream", False),
        usage_context=body.get("usage_context", {}),
        client_request_id=body.get("client_request_id", ""),
    )


def _check_parameters(body: JsonObject, form: Form) -> None:
    if not 1 <= body.get("n", 1) <= _MOST_CHOICES:
        raise bad_request(f"n must lie between 1 and {_MOST_CHOICES}.")
    if not 0 <= body.get("temperature", 1) <= _HIGHEST_TEMPERATURE:
        raise bad_request(f"temperature must lie between 0.0 and {_HIGHEST_TEMPERATURE}.")
    if min(body.get(name, 1) for name in ("max_tokens", "max_completion_tokens")) < 1:
        raise bad_request("max_tokens must be at least 1.")
    if body.get("stream") and form not in {"chat", "completions"}:
        raise bad_request("Streaming is supported only for chat and completions.")


def _texts(body: JsonObject, name: str, form: Form) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if form == "chat":
        messages: list[JsonObject] = body["messages"]
        if not messages or not all(isinstance(message.get("role"), str) for message in messages):
            raise bad_request("messages must have at least one message, each with a role.")
        return (
            tuple(_content(message.get("content", "")) for message in messages),
            tuple(message["role"] for message in messages),
        )
    if form in {"completions", "embeddings"}:
        texts = _listed(body[name], name)
        if not texts:
            raise bad_request(f"{name} must not be empty.")
        return texts, ()
    return (), ()


def _check_amount(texts: int, choices: int, form: Form) -> None:
    if form == "embeddings" and texts > _MOST_INPUTS:
        raise bad_request(f"input may have at most {_MOST_INPUTS} texts.")
    if form == "completions" and texts * choices > _MOST_ANSWERS:
        raise bad_request(
            f"prompt has room for {_MOST_ANSWERS} texts, each of which counts n times."
        )


def _content(content: object) -> str:
    """The text of a message, also of one that comes in parts; images and the like have none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = cast("list[object]", content)
        found = [part.get("text") for part in parts if isinstance(part, dict)]
        return "\n".join(text for text in found if isinstance(text, str))
    raise bad_request("messages: content must be a string or a list of parts.")


def _listed(value: object, name: str) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise bad_request(f"{name} must be a string or a list of strings.")
    return tuple(cast("list[str]", texts))


def _rows(body: JsonObject, name: str) -> tuple[object, ...]:
    """One for each prediction: of columns, as many as the first has values."""
    given = body[name]
    if name == "dataframe_split":
        return tuple(cast("list[object]", given.get("data", [])))
    if isinstance(given, dict):
        columns = list(cast("JsonObject", given).values())
        return tuple(columns[0]) if columns and isinstance(columns[0], list) else (given,)
    return tuple(cast("list[object]", given)) if isinstance(given, list) else (given,)
