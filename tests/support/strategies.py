"""Programs for generated tests, made of what the schema says of its fields.

A field's type and marks decide what is drawn for it: a new field is drawn without a word here.
Only what spans fields (shares that sum to 100, a lower bound under its upper one) is by hand.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from hypothesis import strategies as st

from databricks_serving_schema import (
    OWNERSHIP_TAG,
    RESOURCES,
    Allowances,
    Config,
    Endpoint,
    ExternalModel,
    Field,
    KeyedBy,
    Kind,
    RateLimit,
    Readback,
    Resource,
    Route,
    Secret,
    SecretScope,
    ServedEntity,
    Shape,
    Value,
    config_of,
    fields_of,
    parse_answer,
)
from databricks_serving_schema.ai_gateway import Guardrails, InferenceTable
from databricks_serving_schema.config import AutoCaptureConfig
from databricks_serving_schema.external_models import AmazonBedrockConfig, OpenAiConfig
from databricks_serving_schema.fields import own_type
from databricks_serving_schema.limits import (
    NOT_EMPTY,
    AlsoAs,
    AtMost,
    Bounds,
    NotFor,
    OneOf,
    OnlyWayIn,
    Selects,
    Spelled,
    When,
)

Json = dict[str, Any]
Drawn = st.SearchStrategy[Any]

#: What programs from here may need: several external models behind one endpoint.
ALLOWED = Allowances(multiple_external_models=True)
RESOURCE = {resource.name: resource for resource in RESOURCES}
EMBEDDINGS = "llm/v1/embeddings"
#: Doubles hold every whole number up to here.
_MOST = 2**53
_FEW = 4


@dataclass(frozen=True)
class Around:
    """What an object stands in: the kind of the endpoint, the task of its external models."""

    kind: Kind | None = None
    task: str | None = None
    several: bool = True


NOWHERE = Around()


# What later tests ask for.


def programs(resource: Resource | str) -> Drawn:
    """Valid programs of a resource: what is planned and sent, as a user's dicts."""
    known = RESOURCE[resource] if isinstance(resource, str) else resource
    return endpoint_programs() if known.model is Endpoint else objects(known.model)


def settings(resource: Resource | str) -> Drawn:
    """What a program says of a resource beside that: how, and in which workspace."""
    known = RESOURCE[resource] if isinstance(resource, str) else resource
    return objects(known.settings)


@st.composite
def bags(draw, resource: Resource | str) -> Json:
    """Everything that a program says of a resource; several external models are allowed there."""
    known = RESOURCE[resource] if isinstance(resource, str) else resource
    said = {**draw(settings(known)), **draw(programs(known))}
    if known.model is Endpoint:
        said["allow_multiple_external_models"] = True
    return said


@st.composite
def endpoint_programs(draw, *kinds: Kind | None, several: bool = True) -> Json:
    """Valid programs of an endpoint that serves one of `kinds`, each kind where none is named.

    None among the kinds: an endpoint without a config. `several`: with more than one external
    model too; `ALLOWED` lets them pass.
    """
    kind = draw(st.sampled_from(kinds or (*Kind, None)))
    task = draw(leaves(ExternalModel, "task")) if kind is Kind.EXTERNAL else None
    return draw(objects(Endpoint, Around(kind, task, several)))


@st.composite
def objects(draw, model: type[Value], around: Around = NOWHERE) -> Json:
    """Valid objects of a model."""
    said = {name: draw(values(model, name, around)) for name in draw(_names(model, around=around))}
    for name, field in fields_of(model).items():
        if field.mark(Selects) is not None:
            said[name] = next(value for value, other in config_of(model).items() if other in said)
    _in_order(said)
    spans = SPANNING.get(model)
    return said if spans is None else spans(draw, said, around)


def values(model: type[Value], name: str, around: Around = NOWHERE) -> Drawn:
    """Valid values of one field of a model."""
    field = fields_of(model)[name]
    if (model, name) in BY_HAND:
        return BY_HAND[model, name]
    if field.shape is Shape.MODEL:
        return objects(field.model, around)
    if field.shape is Shape.MAP:
        return _maps(model, name)
    if field.shape is Shape.LEAF:
        return leaves(model, name)
    if field.model is None:
        return _plain_lists(model, name)
    return st.lists(
        objects(field.model, around),
        min_size=0,
        max_size=_FEW,
        unique_by=None if field.keyed_by is None else _key(field.keyed_by),
    )


def fields_in(model: type[Value]) -> Iterator[tuple[type[Value], Field]]:
    """Every field of a model and of the models in it, with the model that has it."""
    for field in fields_of(model).values():
        yield model, field
        if field.model is not None:
            yield from fields_in(field.model)


# Which fields an object says.


def unfit(field: Field, kind: Kind | None) -> bool:
    """Whether entities of this kind, and endpoints that serve them, have no such field."""
    return any(kind in mark.kinds for mark in field.marks_of(NotFor))


@cache
def alternatives(model: type[Value]) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Fields of which at most one is said, and whether one must be."""
    fields = fields_of(model)
    groups: dict[object, list[str]] = {}
    for name, field in fields.items():
        for mark in field.marks_of(OneOf):
            groups.setdefault(mark, []).append(name)
    pairs = [
        ((name, f"{name}_plaintext"), field.mark(OnlyWayIn) is not None)
        for name, field in fields.items()
        if f"{name}_plaintext" in fields
    ]
    selected = tuple(name for name, field in fields.items() if field.mark(When) is not None)
    return (
        *((tuple(names), mark.needed) for mark, names in groups.items()),
        *pairs,
        *([(selected, True)] if selected else []),
    )


@st.composite
def _names(draw, model: type[Value], around: Around) -> list[str]:
    fields = fields_of(model)
    out = {name for name, field in fields.items() if unfit(field, around.kind)}
    must = {name for name, field in fields.items() if field.policy.required}
    for names, needed in alternatives(model):
        one = draw(st.sampled_from(names if needed else (None, *names)))
        out |= {name for name in names if name != one}
        must |= {one} - {None}
    may = [name for name in fields if name not in out and name not in must]
    more = draw(st.sets(st.sampled_from(may))) if may else set()
    return [name for name in fields if name in (must - out) | more]


# What a field says.


@cache
def takes(model: type[Value], name: str, value: Any) -> bool:
    """Whether the field's own type takes the value."""
    try:
        model.model_validate({name: value})
    except ValueError:
        return False
    return True


#: Text in the forms that some fields ask for; a field gets the first that its type takes.
REFERENCES = st.builds(
    "{{{{secrets/{}/{}}}}}".format,
    st.sampled_from(["llm", "my_scope", "a.b@c"]),
    st.sampled_from(["openai", "k-1", "token"]),
)
# No braces: half a reference is a breach of its own.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=12)
_FORMS = (
    ("any text", WORDS),
    ("{{secrets/a/b}}", REFERENCES),
    ("1h30m", st.sampled_from(["90s", "45m", "2h", "1h30m", "0s"])),
)


def _must_be_something(field: Field) -> bool:
    """Whether an empty text is as good as none."""
    return field.policy.required or field.secret or field.mark(OneOf) is not None


def _texts(model: type[Value], field: Field, most: int | None = None, *, some: bool) -> Drawn:
    name, spelled = field.name, field.mark(Spelled)
    some = some or spelled is NOT_EMPTY
    if spelled is not None and spelled is not NOT_EMPTY:
        return st.from_regex(spelled.pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
    in_list = field.shape is not Shape.LEAF
    drawn = next(
        form for sample, form in _FORMS if takes(model, name, (sample,) if in_list else sample)
    )
    if some:
        drawn = drawn.filter(bool)
    if most is not None:
        drawn = st.one_of(drawn, st.just("x" * most))
    if not in_list and takes(model, name, 3):
        drawn = st.one_of(drawn, st.integers(1, 99))
    return drawn


def _choices(model: type[Value], field: Field) -> Drawn:
    values = list(field.choices)
    if field.shape is Shape.LEAF:
        shouted = [value.upper() for value in values]
        folded = model.model_validate({field.name: shouted[0]})
        values += shouted if getattr(folded, field.name) == values[0] else []
    return st.sampled_from(values)


def _whole(field: Field) -> Drawn:
    mark = field.mark(Bounds) or Bounds(-_MOST)
    step = mark.step or 1
    most = _MOST if mark.most is None else int(mark.most)
    return st.integers(-(-int(mark.least) // step), most // step).map(lambda n: n * step)


def _numbers(field: Field) -> Drawn:
    mark = field.mark(Bounds) or Bounds(-1e6, 1e6)
    return st.floats(mark.least, 1e6 if mark.most is None else mark.most)


def in_other_forms(numbers: Drawn) -> Drawn:
    """Whole numbers as programs write them: Pulumi's doubles and the pages' texts too."""
    return st.one_of(numbers, numbers.map(float), numbers.map(str))


@cache
def leaves(model: type[Value], name: str) -> Drawn:
    """Valid values of a leaf, in every form that a program may write it in."""
    field = fields_of(model)[name]
    if field.choices:
        return _choices(model, field)
    if field.kind is bool:
        return st.sampled_from([True, False, "true", "false"])
    if field.kind is int:
        return in_other_forms(_whole(field))
    if field.kind is float:
        return _numbers(field)
    mark = field.mark(AtMost)
    return _texts(model, field, mark and mark.count, some=_must_be_something(field))


def _plain_lists(model: type[Value], name: str) -> Drawn:
    field = fields_of(model)[name]
    mark = field.mark(AtMost) or AtMost(_FEW)
    if field.choices:
        elements: Drawn = st.sampled_from(field.choices)
    elif field.kind is Any:
        elements = st.one_of(WORDS, st.booleans(), st.integers(-_MOST, _MOST), st.lists(WORDS))
    else:
        elements = _texts(model, field, mark.of_each, some=False)
    return st.lists(elements, max_size=min(_FEW, mark.count), unique=field.keyed_by is not None)


@st.composite
def _maps(draw, model: type[Value], name: str, keys: Drawn = WORDS, inner: Drawn = WORDS) -> Any:
    said = draw(st.dictionaries(keys.filter(bool), inner, max_size=_FEW))
    other = fields_of(model)[name].mark(AlsoAs)
    if other is None or draw(st.booleans()):
        return said
    key, value = fields_of(own_type(get_args(own_type(other.kind))[0]))
    return [{key: each, value: said[each]} for each in said]


def _key(by: KeyedBy) -> Callable[[Json], str]:
    return lambda element: by.key(tuple(element.get(name) for name in by.fields))


BY_HAND: dict[tuple[type[Value], str], Drawn] = {
    (Endpoint, "name"): leaves(Endpoint, "name").filter(lambda n: not n.startswith("databricks-")),
    (Endpoint, "tags"): _maps(Endpoint, "tags", WORDS.filter(lambda key: key != OWNERSHIP_TAG)),
    (ServedEntity, "environment_vars"): _maps(
        ServedEntity, "environment_vars", inner=st.one_of(WORDS, REFERENCES)
    ),
    # Drawn where it is known what is served.
    (Endpoint, "config"): st.just({}),
    (Config, "served_entities"): st.just([]),
    (Config, "traffic_config"): st.just({}),
    (ServedEntity, "external_model"): st.just({}),
    (Secret, "value_base64"): st.binary(max_size=12).map(lambda v: base64.b64encode(v).decode()),
}


# What spans fields.


def _in_order(said: Json) -> None:
    for upper in [name for name in said if name.startswith("max_")]:
        lower = upper.replace("max_", "min_", 1)
        if lower in said and float(said[lower]) > float(said[upper]):
            said[lower], said[upper] = said[upper], said[lower]


def _say(draw, model: type[Value], said: Json, *names: str) -> None:
    """The fields are said, and not as an empty text."""
    for name in names:
        if said.get(name) in (None, ""):
            said[name] = draw(values(model, name).filter(lambda value: value != ""))


def _leave_out(said: Json, *names: str) -> None:
    for name in names:
        said.pop(name, None)


def _say_credential(draw, model: type[Value], said: Json, name: str) -> None:
    if name not in said and f"{name}_plaintext" not in said:
        _say(draw, model, said, draw(st.sampled_from([name, f"{name}_plaintext"])))


def _credential(name: str) -> tuple[str, str]:
    return name, f"{name}_plaintext"


def _limit(draw, said: Json, _: Around) -> Json:
    if not {"calls", "tokens"} & set(said):
        _say(draw, RateLimit, said, draw(st.sampled_from(["calls", "tokens"])))
    if said.get("key", "endpoint") == "endpoint":
        _leave_out(said, "principal")
    elif said["key"] != "user":
        _say(draw, RateLimit, said, "principal")
    return said


def _table(model: type[Value]) -> Callable[[Any, Json, Around], Json]:
    def spans(draw, said: Json, _: Around) -> Json:
        if said.get("enabled") in (True, "true"):
            _say(draw, model, said, "catalog_name", "schema_name")
        return said

    return spans


def _guardrails(_draw, said: Json, around: Around) -> Json:
    if around.task == EMBEDDINGS:
        _leave_out(said, "output")
    return said


def _openai(draw, said: Json, _: Around) -> Json:
    kind = said.get("openai_api_type", "openai")
    if kind == "openai":
        _leave_out(said, "openai_deployment_name")
    else:
        _leave_out(said, "openai_organization")
        azure = ("openai_api_base", "openai_api_version", "openai_deployment_name")
        _say(draw, OpenAiConfig, said, *azure)
    if kind == "azuread":
        _leave_out(said, *_credential("openai_api_key"))
        entra = ("microsoft_entra_client_id", "microsoft_entra_tenant_id")
        _say(draw, OpenAiConfig, said, *entra)
        _say_credential(draw, OpenAiConfig, said, "microsoft_entra_client_secret")
    else:
        _say_credential(draw, OpenAiConfig, said, "openai_api_key")
    return said


def _bedrock(draw, said: Json, _: Around) -> Json:
    keys = ("aws_access_key_id", "aws_secret_access_key")
    others = ("instance_profile_arn", "uc_service_credential_name")
    way = draw(st.sampled_from(["keys", *others]))
    _leave_out(said, *(name for name in others if name != way))
    if way == "keys":
        for name in keys:
            _say_credential(draw, AmazonBedrockConfig, said, name)
    else:
        _leave_out(said, *(form for name in keys for form in _credential(name)))
        said[way] = said.get(way) or draw(leaves(AmazonBedrockConfig, way).filter(bool))
    return said


def _external(_draw, said: Json, around: Around) -> Json:
    return said if around.task is None else {**said, "task": around.task}


#: The fields that make an entity one of its kind: others than these are no such entity.
_THROUGHPUT = ("min_provisioned_throughput", "max_provisioned_throughput")
_CONCURRENCY = ("min_provisioned_concurrency", "max_provisioned_concurrency")


def _entity(draw, said: Json, around: Around) -> Json:
    said = _of_its_kind(draw, said, around)
    if float(said.get("min_provisioned_concurrency", 4)) == 0:
        said["scale_to_zero_enabled"] = True  # nothing else goes down to 0
    return said


def _of_its_kind(draw, said: Json, around: Around) -> Json:
    kind = around.kind or Kind.EXTERNAL
    if kind is Kind.EXTERNAL:
        said["external_model"] = draw(objects(ExternalModel, around))
        return said
    _leave_out(said, "external_model")
    if kind is Kind.FEATURE_SPEC:
        _leave_out(said, "entity_version")
        said["entity_name"] = draw(_FEATURE_SPECS)
    else:
        _say(draw, ServedEntity, said, "entity_name", "entity_version")
    if kind is Kind.THROUGHPUT:
        _leave_out(said, "provisioned_model_units")
        if not set(_THROUGHPUT) & set(said):
            _say(draw, ServedEntity, said, draw(st.sampled_from(_THROUGHPUT)))
    elif kind is Kind.MODEL_UNITS:
        _leave_out(said, *_THROUGHPUT)
        _say(draw, ServedEntity, said, "provisioned_model_units")
    else:
        _leave_out(said, "provisioned_model_units", *_THROUGHPUT)
        _say(draw, ServedEntity, said, "scale_to_zero_enabled")
        _size(draw, said)
    return said


_FEATURE_SPECS = st.from_regex(r"[a-z]{1,4}\.[a-z]{1,4}\.[a-z_ ]{1,9}", fullmatch=True)


def _size(draw, said: Json) -> None:
    if draw(st.booleans()):
        _leave_out(said, *_CONCURRENCY)
        said.setdefault("workload_size", draw(leaves(ServedEntity, "workload_size")))
    else:
        _leave_out(said, "workload_size")
        _say(draw, ServedEntity, said, *_CONCURRENCY)
        _in_order(said)


def name_of(entity: Json) -> str:
    """The name under which GET shows an entity."""
    if "name" in entity:
        return entity["name"]
    if "external_model" in entity:
        return entity["external_model"]["name"].replace(".", "-").replace(":", "-")
    last = entity["entity_name"].rsplit(".", 1)[-1]
    return f"{last}-{entity['entity_version']}" if "entity_version" in entity else last


_LEGAL = re.compile(r"[A-Za-z0-9_-]{1,63}")


def _config(draw, said: Json, around: Around) -> Json:
    most = 1 if around.kind is Kind.EXTERNAL and not around.several else 3
    elements = objects(ServedEntity, around)
    entities = draw(st.lists(elements, min_size=1, max_size=most))
    names: list[str] = []
    for entity in entities:
        if not _LEGAL.fullmatch(name_of(entity)) or name_of(entity) in names:
            unused = leaves(ServedEntity, "name").filter(lambda name: name not in names)
            entity["name"] = draw(unused)
        names.append(name_of(entity))
    said["served_entities"] = entities
    if len(entities) > 1 or "traffic_config" in said:
        said["traffic_config"] = draw(_traffic(names))
    return said


@st.composite
def _traffic(draw, names: list[str]) -> Json:
    if len(names) == 1 and draw(st.booleans()):
        return {}
    served = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    cut = st.lists(st.integers(0, 100), min_size=len(served) - 1, max_size=len(served) - 1)
    cuts = sorted(draw(cut))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    return {"routes": [draw(_route(*each)) for each in zip(served, shares, strict=True)]}


_ROUTE_NAMES = ("served_entity_name", "served_model_name")


@st.composite
def _route(draw, name: str, share: int) -> Json:
    said = draw(objects(Route))
    named = draw(st.sampled_from([_ROUTE_NAMES[:1], _ROUTE_NAMES[1:], _ROUTE_NAMES]))
    _leave_out(said, "served_entity_name")
    written = draw(in_other_forms(st.just(share)))
    return {**said, **dict.fromkeys(named, name), "traffic_percentage": written}


def _endpoint(draw, said: Json, around: Around) -> Json:
    if around.kind is None:
        _leave_out(said, "config")
    else:
        said["config"] = draw(objects(Config, around))
    return said


def _scope(draw, said: Json, _: Around) -> Json:
    if said.get("scope_backend_type") == "AZURE_KEYVAULT":
        _say(draw, SecretScope, said, "backend_azure_keyvault")
    else:
        _leave_out(said, "backend_azure_keyvault")
    return said


SPANNING: dict[type[Value], Callable[[Any, Json, Around], Json]] = {
    RateLimit: _limit,
    InferenceTable: _table(InferenceTable),
    AutoCaptureConfig: _table(AutoCaptureConfig),
    Guardrails: _guardrails,
    OpenAiConfig: _openai,
    AmazonBedrockConfig: _bedrock,
    ExternalModel: _external,
    ServedEntity: _entity,
    Config: _config,
    Endpoint: _endpoint,
    SecretScope: _scope,
}


# What becomes of a program.


def kind_of(said: Json) -> Kind | None:
    """What an endpoint's program serves."""
    entities = said.get("config", {}).get("served_entities", [])
    return parse_answer(ServedEntity, entities[0]).kind if entities else None


def normal(model: type[Value], said: Json) -> Json:
    """A program with one form for each value: whole numbers, true and false, newer names."""
    plain = {name: _normal(model, name, value) for name, value in said.items()}
    if model is Route and "served_model_name" in plain:
        plain["served_entity_name"] = plain.pop("served_model_name")
    if model is Config:
        entities = plain.get("served_entities", [])
        plain["served_entities"] = [{**entity, "name": name_of(entity)} for entity in entities]
    return plain


def _normal(model: type[Value], name: str, value: Any) -> Any:
    field = fields_of(model).get(name)
    if field is None:
        return value
    if field.shape is Shape.MODEL:
        return normal(field.model, value)
    if field.shape is Shape.MAP:
        is_map = isinstance(value, dict)
        return value if is_map else dict(map(dict.values, value))
    if isinstance(value, list):
        return [normal(field.model, each) if field.model else each for each in value]
    return _normal_leaf(field, value)


def _normal_leaf(field: Field, value: Any) -> Any:
    if field.kind is bool:
        return value in (True, "true")
    if field.kind in (int, float):
        number = float(value) if field.kind is float else int(value)
        return int(number) if number == int(number) else number
    if field.choices and value not in field.choices:
        return value.lower()
    return value if isinstance(value, str) else str(value)


@st.composite
def answers(draw, said: Json) -> Json:
    """What GET tells of the endpoint of a program.

    Names are filled in, routes have both names, tags are a list, lists have some other order, what
    GET never tells is gone; defaults may be filled in, and empties left out.
    """
    kind = kind_of(said)
    body = draw(_told(Endpoint, normal(Endpoint, said), kind))
    config = body.get("config")
    if config is not None:
        entities = config["served_entities"]
        if len(entities) == 1 and not config.get("traffic_config", {}).get("routes"):
            route = {"served_entity_name": entities[0]["name"], "traffic_percentage": 100}
            config["traffic_config"] = {"routes": [route]}
        for route in config["traffic_config"]["routes"]:
            route["served_model_name"] = route["served_entity_name"]
        config["config_version"] = draw(st.integers(1, 9))
    if "tags" in body:
        body["tags"] = [{"key": key, "value": value} for key, value in body["tags"].items()]
    return {**body, **STAMPS}


#: What GET tells of every endpoint.
STAMPS: Json = {
    "id": "0123456789abcdef0123456789abcdef",
    "creator": "ada@example.com",
    "creation_timestamp": 1_767_571_200_000,
    "last_updated_timestamp": 1_767_571_200_000,
    "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
    "permission_level": "CAN_MANAGE",
}


@st.composite
def _told(draw, model: type[Value], said: Json, kind: Kind | None) -> Json:
    told: Json = {}
    for name, field in fields_of(model).items():
        if field.policy.readback is Readback.NEVER:
            continue
        value = said.get(name)
        if value is None:
            fills = field.policy.default is not None and not unfit(field, kind)
            if fills and draw(st.booleans()):
                told[name] = field.policy.default
        elif value not in ([], {}) or draw(st.booleans()):
            told[name] = draw(_told_value(field, value, kind))
    return draw(shuffled(told))


def _told_value(field: Field, value: Any, kind: Kind | None) -> Drawn:
    if field.shape is Shape.MODEL:
        return _told(field.model, value, kind)
    if field.keyed_by is None:
        return st.just(value)
    if field.model is None:
        return st.permutations(value)
    return st.tuples(*(_told(field.model, each, kind) for each in value)).flatmap(st.permutations)


def shuffled(said: Json) -> Drawn:
    """The object with its keys in some order."""
    return st.permutations(list(said.items())).map(dict)


def in_any_order(model: type[Value], said: Json) -> Drawn:
    """The same program: keys of objects, and lists in which order means nothing, shuffled."""
    inner = {name: _any_order(model, name, value) for name, value in said.items()}
    return st.fixed_dictionaries(inner).flatmap(shuffled)


def _any_order(model: type[Value], name: str, value: Any) -> Drawn:
    field = fields_of(model).get(name)
    if field is None or field.shape is Shape.LEAF or field.shape is Shape.LIST:
        return st.just(value)
    if field.shape is Shape.MODEL:
        return in_any_order(field.model, value)
    if isinstance(value, dict):
        return shuffled(value)
    if field.model is None:
        return st.permutations(value)
    return st.tuples(*(in_any_order(field.model, each) for each in value)).flatmap(st.permutations)


@st.composite
def with_strangers(draw, model: type[Value], answer: Json) -> Json:
    """An answer of a newer service: fields, choices and types that nobody here has heard of."""
    newer: Json = {}
    for name, value in answer.items():
        field = fields_of(model).get(name)
        if field is None or field.shape is Shape.MAP:
            newer[name] = value
        elif field.model is not None:
            many = isinstance(value, list)
            inner = [draw(with_strangers(field.model, v)) for v in (value if many else [value])]
            newer[name] = inner if many else inner[0]
        elif field.choices and isinstance(value, str) and draw(st.booleans()):
            newer[name] = "never_heard_of"
        elif field.shape is Shape.LEAF and draw(st.integers(0, 9)) == 9:
            newer[name] = {"another": ["type"]}
        else:
            newer[name] = value
    if draw(st.booleans()):
        newer["strange_field"] = draw(STRANGE)
    return newer


#: Any JSON, numbers as they are written once they are whole.
STRANGE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-_MOST, _MOST), st.just(0.5), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)


def settings_in(model: type[Value], answer: Json) -> Json:
    """An answer without what only answers have, and with one form for each thing."""
    told: Json = {}
    for name, value in answer.items():
        field = fields_of(model).get(name)
        older = name == "served_model_name" and answer.get("served_entity_name") == value
        if name in model.ANSWER_ONLY or (model is Route and older):
            continue
        if field is None or field.shape is Shape.MAP:
            is_list = field is not None and isinstance(value, list)
            told[name] = {tag["key"]: tag["value"] for tag in value} if is_list else value
        elif isinstance(value, list) and field.model is not None:
            told[name] = [settings_in(field.model, each) for each in value]
        elif field.model is not None:
            told[name] = settings_in(field.model, value)
        else:
            told[name] = value
    return told
