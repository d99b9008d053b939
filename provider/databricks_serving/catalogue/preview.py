"""What a preview refuses where a program is read, before any rule is asked.

A table of texts without code, so it may be longer than a module is else.
"""

from __future__ import annotations

from .entry import Entry

ENTRIES = (
    Entry(
        "type",
        happened=(
            "A field holds another kind of value than it takes, such as a text where a number "
            "belongs."
        ),
        remedy="Write the value as the message says. Numbers may also be texts of digits.",
        sample="tags[3].value: takes text, in quotes",
        page="fields.md",
    ),
    Entry(
        "unknown-field",
        happened=(
            "The program says a field that this release does not know, or that does not stand "
            "there. Nothing would send it."
        ),
        remedy=(
            "Correct the spelling. Where the service has the field and this release does not know "
            "it yet, set stack configuration databricks-serving:allowUnknownFields to true."
        ),
        sample="rate_limit: no such field; did you mean 'rate_limits'?",
        page="fields.md",
    ),
    Entry(
        "secret-reference",
        happened=(
            "A field that takes a reference to a secret holds something else, perhaps the "
            "credential itself. The message does not repeat it."
        ),
        remedy=(
            "Put the value into a Secret and write `secret.reference`, or use the field of the "
            "same name with `_plaintext` added."
        ),
        sample=(
            "config.served_entities[0].external_model.openai_config.openai_api_key: takes a "
            "reference such as {{secrets/my_scope/my_key}}, and what stands here is none. It is "
            "not repeated, for it may be the credential itself. Put that into a `Secret` and "
            "write `secret.reference` here, or move it to the field of the same name with "
            "`_plaintext` added"
        ),
        page="explanation/secrets-and-state.md",
    ),
    Entry(
        "two-names",
        happened=(
            "A route says both served_entity_name and its older name, served_model_name, and they "
            "differ."
        ),
        remedy="Keep served_entity_name.",
        sample=(
            "config.traffic_config.routes[0]: served_model_name is the older name of "
            "served_entity_name, and here the two differ; keep served_entity_name"
        ),
        page="fields.md",
    ),
    Entry(
        "answer-only",
        happened="The field stands in answers of the service only, so no call sets it.",
        remedy="Leave it out.",
        sample="config.config_version: only answers have this field; leave it out",
        page="fields.md",
    ),
    Entry(
        "older-form",
        happened="An older form of a setting is not taken in this place.",
        remedy="Write the newer form, which the message names.",
        sample="rate_limits: not taken here: the older place of `ai_gateway.rate_limits`",
        page="fields.md",
    ),
    Entry(
        "config-name",
        happened=(
            "The body of PUT config in Databricks' documents has a name, and here it is not the "
            "endpoint's own."
        ),
        remedy="Leave config.name out. The endpoint is named by `name`.",
        sample=(
            "config.name: is not the endpoint's own name; leave it out, the endpoint is named by "
            "`name`"
        ),
        page="fields.md",
    ),
    Entry(
        "plaintext-in-config",
        happened=(
            "A plaintext credential stands in `config`, where the engine would keep it in clear "
            "in the state."
        ),
        remedy=(
            "Create the endpoint with databricks_serving.ServingEndpoint, whose constructor moves "
            "it to an encrypted input."
        ),
        sample=(
            "config.served_entities[0].external_model.openai_config.openai_api_key_plaintext: a "
            "plaintext credential must not stand here, where it would be kept in clear; create "
            "the endpoint with databricks_serving.ServingEndpoint, which moves it to the secret "
            "input `credentials`"
        ),
        page="explanation/secrets-and-state.md",
    ),
    Entry(
        "secret-tag-key",
        happened="The key of a tag is marked as secret, and keys stand in clear in the state.",
        remedy="Mark the value of the tag instead, or neither.",
        sample=(
            "tags: is marked as secret, and a tag's key is a name that stands in clear in the "
            "state; only its value can be secret"
        ),
        page="explanation/secrets-and-state.md",
    ),
    Entry(
        "blank",
        happened=(
            "The name of a principal begins or ends with a blank. The service takes such an "
            "access rule, and no call takes it back."
        ),
        remedy="Take the blank out.",
        sample="principal: begins or ends with a blank, as no principal does",
        page="fields.md",
    ),
    Entry(
        "no-section",
        happened=(
            "An AiGateway in additive mode declares none of its five sections, so it would manage "
            "nothing."
        ),
        remedy='Declare a section, or say mode="authoritative" to clear all of them.',
        sample=(
            "no section is declared, so there is nothing to manage; declare one (an empty one is "
            'cleared), or say mode="authoritative" to clear all of them'
        ),
        page="how-to/govern-pay-per-token.md",
    ),
    Entry(
        "declared-twice",
        happened=(
            "Two resources of the program declare the same part of the same thing. Each `pulumi "
            "up` would put one in place of the other."
        ),
        remedy="Declare it in one of the two, and take it out of the other.",
        sample=(
            'tags of endpoint chat: declared by two resources, ServingEndpoint "chat" and '
            'ServingEndpoint "again". Each `pulumi up` would put what one says in place of what '
            "the other says. Declare it in one of the two, and take it out of the other."
        ),
        page="how-to/split-a-large-stack.md",
    ),
    Entry(
        "stack-configuration",
        happened="A setting of the stack's configuration has a value that it does not take.",
        remedy="Set it as the message says.",
        sample=(
            "stack configuration databricks-serving:allowUnknownFields takes true or false; set "
            "it with `pulumi config set databricks-serving:allowUnknownFields true`"
        ),
        page="how-to/several-environments.md",
    ),
    Entry(
        "limits-twice",
        happened="Rate limits stand both in `rate_limits`, the older form, and in ai_gateway.",
        remedy="Keep them in ai_gateway.rate_limits.",
        sample="rate_limits: give it either here or in ai_gateway, not in both",
        page="fields.md",
    ),
    Entry(
        "no-plain-name",
        happened=(
            "An entity with a plaintext credential has a name that is an output. The credential "
            "is kept under that name, which has to be known at once."
        ),
        remedy="Give the entity a `name` that is a plain text.",
        sample=(
            "config.served_entities: an entity with a plaintext credential needs a plain name, "
            "under which the credential is kept; give it a `name` that is no output"
        ),
        page="explanation/secrets-and-state.md",
    ),
    Entry(
        "no-import",
        happened=(
            "The program uses `import_` or `get`. Pulumi has neither for resources of a dynamic "
            "provider."
        ),
        remedy="Say adopt=True, or let `dbserving import` write the program and the import file.",
        sample=(
            "chat: Pulumi cannot import or get resources of a dynamic provider (pulumi issue "
            "16175). Say adopt=True instead: an existing thing of that name is then taken over "
            "and brought to what the program says."
        ),
        page="how-to/adopt-an-existing-endpoint.md",
    ),
    Entry(
        "older-limits",
        happened=(
            "A warning: the rate limits of an endpoint stand in the older place. They are sent as "
            "ai_gateway.rate_limits."
        ),
        remedy="Move them to ai_gateway.rate_limits.",
        sample=(
            "rate_limits of an endpoint is the older form; it is sent as ai_gateway.rate_limits, "
            "which is where it can be seen and changed. Move it there."
        ),
        page="fields.md",
    ),
)
