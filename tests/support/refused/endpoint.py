"""Breaches of the endpoint itself: names, texts, tags, entities."""

from __future__ import annotations

from databricks_serving_schema import UNKNOWN

from ..endpoints import REFERENCE, config, openai, program, registered
from .breach import ENTITY, MODEL, SEVERAL, Breach, external, one, served

_NAME = "1 to 63 letters, digits, - and _ are allowed"
_NO_CONFIG = "required: name at least one, or leave `config` out altogether"
_ONE_EXTERNAL = (
    "an endpoint with an external model has exactly one served entity, and here are 2. Make one "
    "endpoint for each, or say allow_multiple_external_models=True where your workspace allows "
    "several"
)
_NO_REFERENCE = (
    "is no reference such as {{secrets/my_scope/my_key}}; the model would get it as text"
)

KEPT = {
    "no config yet": Breach(program(config=None)),
    "a name as long as allowed": Breach(program(name="x" * 63)),
    "a name of every allowed character": Breach(program(name="aZ09-_")),
    "a name that only looks reserved": Breach(program(name="databricks")),
    "a description as long as allowed": Breach(program(description="x" * 1000)),
    "tags that are not yet known": Breach(program(tags=UNKNOWN)),
    "a tag without a value": Breach(program(tags=[{"key": "flag"}])),
    "an entity's name as long as allowed": Breach(served(registered("x" * 63))),
    "several external models where they are allowed": Breach(
        served(openai("a"), openai("b"), routes={"a": 50, "b": 50}), allowances=SEVERAL
    ),
    "several external models, a task not yet known": Breach(
        served(openai("a"), openai("b", model={"task": UNKNOWN}), routes={"a": 50, "b": 50}),
        allowances=SEVERAL,
    ),
    "environment variables, plain, empty and by reference": Breach(
        served(
            registered(
                environment_vars={
                    "A": "{ x }",
                    "B": "",
                    "C": "{{secrets/llm/a}}",
                    "D": "{{ secrets/llm/a }}",
                    "E": "x {{secrets/llm/a}}",
                    "F": UNKNOWN,
                }
            )
        )
    ),
    "notifications to nobody": Breach(
        program(email_notifications={"on_update_failure": [], "on_update_success": []})
    ),
    "one address in both lists": Breach(
        program(
            email_notifications={
                "on_update_failure": ["ops@example.com"],
                "on_update_success": ["ops@example.com"],
            }
        )
    ),
}

BROKEN = {
    "tag-list, a misspelt field": one(
        program(tags=[{"key": "a", "value": "b"}, {"key": "c", "valu": "d"}]),
        "tags",
        "tag-list",
        "[1]: no such field 'valu'; did you mean 'value'?",
    ),
    "tag-list, an unknown field": one(
        program(tags=[{"key": "a", "value": "b", "inherited": True}]),
        "tags",
        "tag-list",
        "[0]: no such field 'inherited'; a tag has key and value",
    ),
    "tag-list, no key": one(
        program(tags=[{"value": "b"}]), "tags", "tag-list", "[0]: key: required, as text"
    ),
    "tag-list, no object": one(
        program(tags=["team"]), "tags", "tag-list", "[0]: takes an object with key and value"
    ),
    "required, a name": one(program(name=None), "name", "required", "required"),
    "required, an empty name": one(
        program(name=""), "name", "required", "required, and here it is empty"
    ),
    "required, of a model": Breach(
        external({"name": "", "task": None}),
        (
            (f"{MODEL}.name", "required", "required, and here it is empty"),
            (f"{MODEL}.task", "required", "required"),
        ),
    ),
    "required, inside a list": one(
        program(ai_gateway={"rate_limits": [{"calls": 1}]}),
        "ai_gateway.rate_limits[0].renewal_period",
        "required",
        "required",
    ),
    "spelling, a name with a blank": one(program(name="my endpoint"), "name", "spelling", _NAME),
    "spelling, a name too long": one(program(name="x" * 64), "name", "spelling", _NAME),
    "spelling, a line break at a name's end": one(
        program(name="chat\n"), "name", "spelling", _NAME
    ),
    "spelling, an entity's name": one(served(openai("gpt 4")), f"{ENTITY}.name", "spelling", _NAME),
    "spelling, an entity's empty name": one(
        served(registered("")), f"{ENTITY}.name", "spelling", _NAME
    ),
    "spelling, a name made of the model's": one(
        served({**openai(model={"name": "gpt 4"}), "name": None}),
        f"{ENTITY}.name",
        "spelling",
        _NAME,
    ),
    "reserved-name": one(
        program(name="databricks-chat"),
        "name",
        "reserved-name",
        "names that begin with databricks- are reserved for Databricks' own",
    ),
    "reserved-tag": one(
        program(tags={"managed-by-pulumi": "me"}),
        'tags["managed-by-pulumi"]',
        "reserved-tag",
        "this tag is the provider's own mark; leave it out (stack configuration "
        "databricks-serving:ownershipTag: false switches the mark off)",
    ),
    "map-key, a tag": one(
        program(tags=[{"key": "", "value": "x"}]), 'tags[""]', "map-key", "a key cannot be empty"
    ),
    "map-key, an environment variable": one(
        served(registered(environment_vars={"": "x"})),
        f'{ENTITY}.environment_vars[""]',
        "map-key",
        "a key cannot be empty",
    ),
    "length, a description": one(
        program(description="x" * 1001),
        "description",
        "length",
        "1001 characters; 1000 are allowed",
    ),
    "stands-once, an address": one(
        program(
            email_notifications={
                "on_update_failure": ["a@example.com", "b@example.com", "a@example.com"]
            }
        ),
        "email_notifications.on_update_failure[2]",
        "stands-once",
        "stands here already",
    ),
    "stands-once, two entities": one(
        served(registered("a"), registered("a"), routes={"a": 100}),
        "config.served_entities[1]",
        "stands-once",
        "another one with this name stands here already",
    ),
    "config-not-empty": one(
        program(config={}), "config.served_entities", "config-not-empty", _NO_CONFIG
    ),
    "config-not-empty, an empty list": one(
        program(config={"served_entities": []}),
        "config.served_entities",
        "config-not-empty",
        _NO_CONFIG,
    ),
    "single-external-entity": one(
        program(config=config(openai("a"), openai("b"))),
        "config.served_entities",
        "single-external-entity",
        _ONE_EXTERNAL,
    ),
    "single-external-entity, the other not yet known": one(
        program(config=config(openai("a"), UNKNOWN)),
        "config.served_entities",
        "single-external-entity",
        _ONE_EXTERNAL,
    ),
    "several-external-models": Breach(
        served(
            openai("a"),
            openai("b", model={"task": "llm/v1/embeddings"}),
            registered("c"),
            routes={"a": 50, "b": 40, "c": 10},
        ),
        (
            (
                "config.served_entities[2]",
                "several-external-models",
                "external models and other entities cannot be mixed in one endpoint",
            ),
            (
                "config.served_entities",
                "several-external-models",
                "all external models of one endpoint have the same task",
            ),
        ),
        allowances=SEVERAL,
    ),
    "environment-reference, half a reference": one(
        served(registered(environment_vars={"A": "{{secrets/llm}}"})),
        f"{ENTITY}.environment_vars.A",
        "environment-reference",
        _NO_REFERENCE,
    ),
    "environment-reference, misspelt": one(
        served(registered(environment_vars={"A": "{{secret/llm/a}}", "B": "{{secrets/a/b}}"})),
        f"{ENTITY}.environment_vars.A",
        "environment-reference",
        _NO_REFERENCE,
    ),
    "secret-reference": one(
        external({"openai_config": {"openai_api_key": "sk-1"}}),
        f"{MODEL}.openai_config.openai_api_key",
        "secret-reference",
        "takes a reference such as {{secrets/my_scope/my_key}}, and what stands here is none. It "
        "is not repeated, for it may be the credential itself. Put that into a `Secret` and write "
        "`secret.reference` here, or move it to the field of the same name with `_plaintext` added",
    ),
    "one-credential, both": one(
        external(
            {"openai_config": {"openai_api_key": REFERENCE, "openai_api_key_plaintext": "sk-1"}}
        ),
        f"{MODEL}.openai_config.openai_api_key",
        "one-credential",
        "give either openai_api_key or openai_api_key_plaintext, not both",
    ),
}
