"""Breaches of the endpoint itself: names, texts, tags, entities."""

from __future__ import annotations

from databricks_serving_schema import UNKNOWN, ExternalModel

from ..endpoints import LENIENT, REFERENCE, config, openai, program, registered
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

_OWN_MARK = (
    "this tag is the provider's own mark; leave it out (stack configuration "
    "databricks-serving:ownershipTag: false switches the mark off)"
)
_IN_CLEAR = (
    "this release does not know this field, and a plaintext credential in it would be kept in "
    "clear. Put it into a `Secret`, and write `secret.reference` in the field of the same name "
    "without `_plaintext`"
)
_BY_REFERENCE = (
    "this release does not know this field, which by its name is a credential: it takes a "
    "reference such as {{secrets/my_scope/my_key}}, and what stands here is none and would be kept "
    "in clear. It is not repeated. Put it into a `Secret` and write `secret.reference` here"
)
_LEFT_OUT = "left out, the service would name it after its model, and"
_ILLEGAL = f"{_LEFT_OUT} that is no legal name; say a `name`: {_NAME}"
_ANOTHERS = f"{_LEFT_OUT} that is another entity's name here; say a `name`: {_NAME}"

KEPT = {
    "a newer provider's credentials by reference": Breach(
        external(
            {
                "initech_config": {
                    "initech_api_key": REFERENCE,
                    "token": UNKNOWN,
                    "secret": "",
                    "password": None,
                    "token_limit": "7",
                    "key": "X-Header",
                    "x_plaintext": None,
                }
            },
            newer_token="not inside a model",
        ),
        allowances=LENIENT,
    ),
    "an environment variable whose name ends in _plaintext": Breach(
        served(registered(environment_vars={"my_plaintext": "x"})), allowances=LENIENT
    ),
    "a listed tag whose key is not yet known": Breach(
        program(tags=[{"key": UNKNOWN}, {"key": "a", "value": UNKNOWN}, UNKNOWN])
    ),
    "a route with an explicit None for one of its two names": Breach(
        program(
            config={
                **config(registered("a"), registered("b")),
                "traffic_config": {
                    "routes": [
                        {
                            "served_entity_name": None,
                            "served_model_name": "a",
                            "traffic_percentage": 90,
                        },
                        {
                            "served_entity_name": "b",
                            "served_model_name": None,
                            "traffic_percentage": 10,
                        },
                    ]
                },
            }
        )
    ),
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
    "unknown-field, of a listed tag": Breach(
        program(tags=[{"key": "a", "inherited": True}, {"key": "c", "valu": "d"}]),
        (
            ("tags[0].inherited", "unknown-field", "no such field; tags[0] has key, value"),
            ("tags[1].valu", "unknown-field", "no such field; did you mean 'value'?"),
        ),
        allowances=LENIENT,
    ),
    "all that is wrong with listed tags, with a key that is not yet known": Breach(
        program(
            tags=[
                {"key": UNKNOWN, "valu": "a"},
                {"value": "b"},
                "team",
                {"key": "", "value": 7},
                {"key": "twice"},
                {"key": "twice"},
                {"key": "managed-by-pulumi", "value": "me"},
            ]
        ),
        (
            ("tags[0].valu", "unknown-field", "no such field; did you mean 'value'?"),
            ("tags[2]", "type", "takes an object"),
            ("tags[3].value", "type", "takes text, in quotes"),
            ("tags[1].key", "required", "required"),
            ("tags[3].key", "required", "required, and here it is empty"),
            ("tags[5]", "stands-once", "another one with this key stands here already"),
            ("tags[6].key", "reserved-tag", _OWN_MARK),
        ),
    ),
    "reserved-tag, in a list": one(
        program(tags=[{"key": "team"}, {"key": "managed-by-pulumi", "value": "me"}]),
        "tags[1].key",
        "reserved-tag",
        _OWN_MARK,
    ),
    "unknown-field, with a plaintext in it": one(
        external({"initech_config": {"initech_api_key_plaintext": "sk-1"}}),
        f"{MODEL}.initech_config",
        "unknown-field",
        f"no such field; {MODEL} has {', '.join(ExternalModel.model_fields)}",
    ),
    "older-form": one(
        program(rate_limits=[]),
        "rate_limits",
        "older-form",
        "not taken here: the older place of `ai_gateway.rate_limits`",
    ),
    "unknown-field, near an older form": one(
        program(rate_limit=[]),
        "rate_limit",
        "unknown-field",
        "no such field; did you mean 'rate_limits'?",
        allowances=LENIENT,
    ),
    "newer-plaintext": Breach(
        external({"initech_config": {"initech_api_key_plaintext": "sk-1"}, "X_PLAINTEXT": UNKNOWN}),
        (
            (f"{MODEL}.initech_config.initech_api_key_plaintext", "newer-plaintext", _IN_CLEAR),
            (f"{MODEL}.X_PLAINTEXT", "newer-plaintext", _IN_CLEAR),
        ),
        allowances=LENIENT,
    ),
    "newer-credential": Breach(
        external(
            {
                "initech_config": {
                    "initech_api_key": "sk-1",
                    "others": [{"token": "sk-1"}, {"client_secret": "sk-1"}],
                    "Password": "sk-1",
                    "aws_credential": "sk-1",
                }
            }
        ),
        tuple(
            (f"{MODEL}.initech_config.{name}", "newer-credential", _BY_REFERENCE)
            for name in (
                "initech_api_key",
                "others[0].token",
                "others[1].client_secret",
                "Password",
                "aws_credential",
            )
        ),
        allowances=LENIENT,
    ),
    "default-name, illegal": Breach(
        served(
            *(
                {**openai(model={"name": name}), "name": None}
                for name in ("meta-llama/Llama-3", "my model")
            ),
            routes={"a": 100},
        ),
        tuple(
            (f"config.served_entities[{index}].name", "default-name", _ILLEGAL) for index in (0, 1)
        ),
        allowances=SEVERAL,
    ),
    "default-name, the same": Breach(
        served(
            {**registered(), "name": None},
            {**registered(), "name": None},
            registered("other-1"),
            {**registered(entity_name="main.ml.other"), "name": None},
            routes={"churn-1": 100},
        ),
        (
            ("config.served_entities[1].name", "default-name", _ANOTHERS),
            ("config.served_entities[3].name", "default-name", _ANOTHERS),
        ),
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
        _OWN_MARK,
    ),
    "map-key, a tag": one(program(tags={"": "x"}), 'tags[""]', "map-key", "a key cannot be empty"),
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
