"""What a resource declares, and that nobody else declares it too."""

from __future__ import annotations

import sys
import threading

import pytest

from databricks_serving.apply.declarations import Declarations, claim_of_section, claims_of
from databricks_serving_schema import UNKNOWN

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/databricks_serving:{}::{}"
HERE = "https://here"
LIMITS = [{"calls": 1, "renewal_period": "minute"}]
SECTIONS = [
    "rate_limits",
    "guardrails",
    "usage_tracking_config",
    "inference_table_config",
    "fallback_config",
]


def places(kind, inputs):
    """The claims without their words."""
    return [(*claim.thing, *claim.part) for claim in claims_of(kind, inputs)]


@pytest.mark.parametrize(
    ("kind", "inputs", "claimed"),
    [
        ("ServingEndpoint", {"name": "chat"}, [("endpoint", "chat")]),
        (
            "ServingEndpoint",
            {"name": "chat", "ai_gateway": {"rate_limits": [], "guardrails": None}},
            [("endpoint", "chat"), ("gateway", "chat", "rate_limits")],
        ),
        (
            "ServingEndpoint",
            {"name": "chat", "ai_gateway": {}},
            [("endpoint", "chat"), ("gateway", "chat")],
        ),
        ("ServingEndpoint", {"name": "chat", "ai_gateway": UNKNOWN}, [("endpoint", "chat")]),
        ("ServingEndpoint", {"name": UNKNOWN, "ai_gateway": {}}, []),
        (
            "AiGateway",
            {"endpoint_name": "chat", "rate_limits": UNKNOWN, "fallback_config": {}},
            [("gateway", "chat", "fallback_config")],
        ),
        (
            "AiGateway",
            {"endpoint_name": "chat", "guardrails": {"input": UNKNOWN}, "rate_limits": [UNKNOWN]},
            [("gateway", "chat", "guardrails"), ("gateway", "chat", "rate_limits")],
        ),
        (
            "AiGateway",
            {
                "endpoint_name": "chat",
                "semantic_cache": {"enabled": True},
                "mode": "additive",
                "on_delete": "keep",
                "workspace": {"profile": "dev"},
                "inference_table": "main.ml.chat",
                "__provider": "gASV",
                "__secret_leaves": [["semantic_cache", "enabled"]],
            },
            [("gateway", "chat", "semantic_cache")],
        ),
        (
            "ServingEndpoint",
            {"name": "chat", "ai_gateway": {"semantic_cache": {}, "fallback_config": UNKNOWN}},
            [("endpoint", "chat"), ("gateway", "chat", "semantic_cache")],
        ),
        ("AiGateway", {"endpoint_name": "chat"}, []),
        ("AiGateway", {"endpoint_name": "chat", "mode": "authoritative"}, [("gateway", "chat")]),
        ("AiGateway", {"endpoint_name": UNKNOWN, "mode": "authoritative"}, []),
        (
            "RateLimits",
            {"endpoint_name": "chat", "rate_limits": LIMITS},
            [("gateway", "chat", "rate_limits")],
        ),
        ("SecretScope", {"name": "Keys"}, [("scope", "keys")]),
        ("SecretScope", {"name": UNKNOWN}, []),
        ("Secret", {"scope": "Keys", "key": "A/b"}, [("secret", "keys/A/b")]),
        ("Secret", {"scope": UNKNOWN, "key": "a"}, []),
        ("Secret", {"scope": "keys", "key": UNKNOWN}, []),
        ("SecretAcl", {"scope": "Keys", "principal": "Us"}, [("acl", "keys/Us")]),
        ("SecretAcl", {"scope": "keys", "principal": "A@b"}, [("acl", "keys/a@b")]),
        ("SecretAcl", {"scope": "keys", "principal": UNKNOWN}, []),
        (
            "EndpointPermissions",
            {
                "endpoint_name": "chat",
                "access_control": [
                    {"user_name": "A@b", "permission_level": "CAN_VIEW"},
                    {"group_name": "Admins", "permission_level": "CAN_VIEW"},
                    {"service_principal_name": UNKNOWN, "permission_level": "CAN_VIEW"},
                    UNKNOWN,
                ],
            },
            [
                ("permissions", "chat", "user_name:a@b"),
                ("permissions", "chat", "group_name:Admins"),
            ],
        ),
        ("EndpointPermissions", {"endpoint_name": "chat", "access_control": UNKNOWN}, []),
        (
            "EndpointPermissions",
            {"endpoint_name": "chat", "access_control": UNKNOWN, "mode": "authoritative"},
            [("permissions", "chat")],
        ),
    ],
)
def test_a_resource_declares_what_it_names(kind, inputs, claimed):
    assert places(kind, inputs) == claimed


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("ServingEndpoint", {"name": 5, "ai_gateway": "x"}),
        ("ServingEndpoint", {}),
        (
            "EndpointPermissions",
            {"endpoint_name": "chat", "access_control": ["x", {"user_name": 1}]},
        ),
        ("EndpointPermissions", {"endpoint_name": "chat", "access_control": 7}),
        ("AiGateway", {"endpoint_name": ["chat"]}),
    ],
)
def test_what_the_rules_refuse_anyhow_declares_nothing(kind, inputs):
    assert places(kind, inputs) == []


class Programs:
    """The resources of one run, checked one after the other."""

    def __init__(self):
        self.declarations = Declarations()

    def check(self, kind, name, inputs, workspace=HERE):
        urn = URN.format(kind, name)
        found = self.declarations.declare(urn, workspace, claims_of(kind, inputs))
        return [str(problem) for problem in found]


@pytest.fixture
def program():
    return Programs()


def test_a_section_inline_and_in_a_gateway_is_refused_with_both_resources_and_the_remedy(program):
    program.check("ServingEndpoint", "a", {"name": "chat", "ai_gateway": {"rate_limits": LIMITS}})

    (found,) = program.check("RateLimits", "b", {"endpoint_name": "chat", "rate_limits": LIMITS})

    assert found == (
        'rate_limits of endpoint chat: declared by two resources, RateLimits "b" and '
        'ServingEndpoint "a". Each `pulumi up` would put what one says in place of what the other '
        "says. Declare it in one of the two, and take it out of the other."
    )


def test_where_a_program_uses_several_workspaces_the_problem_says_in_which(program):
    program.check("SecretScope", "a", {"name": "keys"}, workspace="profile eu")
    program.check("SecretScope", "b", {"name": "keys"})

    (found,) = program.check("SecretScope", "c", {"name": "keys"}, workspace="profile eu")

    assert found.startswith(
        'secret scope keys in profile eu: declared by two resources, SecretScope "c" and '
        'SecretScope "a".'
    )


def test_all_that_two_resources_share_is_one_problem(program):
    both = {"rate_limits": LIMITS, "guardrails": {}}
    program.check("AiGateway", "a", {"endpoint_name": "chat", **both})

    found = program.check("AiGateway", "b", {"endpoint_name": "chat", **both})

    assert [text.split(":")[0] for text in found] == [
        "rate_limits of endpoint chat, guardrails of endpoint chat"
    ]


def test_each_other_resource_is_a_problem_of_its_own(program):
    program.check("RateLimits", "a", {"endpoint_name": "chat", "rate_limits": LIMITS})
    program.check("AiGateway", "b", {"endpoint_name": "chat", "guardrails": {}})

    found = program.check("ServingEndpoint", "c", {"name": "chat", "ai_gateway": {}})

    assert [text.split(". ")[0] for text in found] == [
        (
            'rate_limits of endpoint chat: declared by two resources, ServingEndpoint "c" and '
            'RateLimits "a"'
        ),
        (
            'guardrails of endpoint chat: declared by two resources, ServingEndpoint "c" and '
            'AiGateway "b"'
        ),
    ]
    assert found[0].endswith(
        ' ServingEndpoint "c" declares every section, by ai_gateway={}.',
    )


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("first", ["whole", "section"])
def test_an_authoritative_gateway_declares_every_section(section, first, program):
    whole = ("AiGateway", "a", {"endpoint_name": "chat", "mode": "authoritative"})
    one = ("AiGateway", "b", {"endpoint_name": "chat", section: {}})
    order = (whole, one) if first == "whole" else (one, whole)
    assert program.check(*order[0]) == []

    (found,) = program.check(*order[1])

    assert found.startswith(f"{section} of endpoint chat: declared by two resources, ")
    assert found.endswith(' AiGateway "a" declares every section, by mode="authoritative".')


def test_authoritative_permissions_declare_every_grant(program):
    grants = [{"user_name": "a@b", "permission_level": "CAN_VIEW"}]
    said = {"endpoint_name": "chat", "access_control": grants}
    program.check("EndpointPermissions", "some", said)

    (found,) = program.check("EndpointPermissions", "all", {**said, "mode": "authoritative"})

    assert found == (
        "grant to user_name a@b on endpoint chat: declared by two resources, EndpointPermissions "
        '"all" and EndpointPermissions "some". Each `pulumi up` would put what one says in place '
        "of what the other says. Declare it in one of the two, and take it out of the other. "
        'EndpointPermissions "all" declares every grant, by mode="authoritative".'
    )


def test_a_service_principal_is_one_by_either_name(program):
    robot = "3C1A7E52-6a0f-4f2b-9d58-2f6f0c9b1a77"
    as_user = [{"user_name": robot, "permission_level": "CAN_VIEW"}]
    as_itself = [{"service_principal_name": robot.lower(), "permission_level": "CAN_QUERY"}]
    said = {"endpoint_name": "chat"}
    program.check("EndpointPermissions", "one", {**said, "access_control": as_user})

    (found,) = program.check("EndpointPermissions", "two", {**said, "access_control": as_itself})

    assert found.startswith(
        f"grant to service_principal_name {robot.lower()} on endpoint chat: declared by two "
        f"resources, "
    )


def test_a_principal_that_the_program_marks_as_secret_is_not_named(program):
    grants = [{"user_name": "a@b", "permission_level": "CAN_VIEW"}]
    marked = [["access_control", 0.0, "user_name"]]
    said = {"endpoint_name": "chat", "access_control": grants, "__secret_leaves": marked}
    program.check("EndpointPermissions", "some", said)

    (found,) = program.check("EndpointPermissions", "all", {**said, "mode": "authoritative"})

    assert found.startswith("grant to user_name on endpoint chat: declared by two resources, ")
    assert "a@b" not in found


@pytest.mark.parametrize(
    ("kind", "inputs", "words"),
    [
        ("ServingEndpoint", {"name": "chat"}, "endpoint chat"),
        ("SecretScope", {"name": "KEYS"}, "secret scope KEYS"),
        ("Secret", {"scope": "KEYS", "key": "k"}, "secret KEYS/k"),
        ("SecretAcl", {"scope": "KEYS", "principal": "p"}, "access of p to scope KEYS"),
    ],
)
def test_two_of_one_name_are_refused_scopes_in_any_case(kind, inputs, words, program):
    lower = {name: value.lower() for name, value in inputs.items()}
    assert program.check(kind, "a", lower) == []

    (found,) = program.check(kind, "b", inputs)

    assert found.startswith(f'{words}: declared by two resources, {kind} "b" and {kind} "a". ')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("AiGateway", {"endpoint_name": "chat", "guardrails": {}}),
            ("RateLimits", {"endpoint_name": "chat", "rate_limits": LIMITS}),
        ),
        (
            ("AiGateway", {"endpoint_name": "chat", "mode": "authoritative"}),
            ("ServingEndpoint", {"name": "chat"}),
        ),
        (
            ("RateLimits", {"endpoint_name": "chat", "rate_limits": LIMITS}),
            ("RateLimits", {"endpoint_name": "chat2", "rate_limits": LIMITS}),
        ),
        (
            ("EndpointPermissions", {"endpoint_name": "e", "access_control": [{"user_name": "a"}]}),
            (
                "EndpointPermissions",
                {"endpoint_name": "e", "access_control": [{"group_name": "a"}]},
            ),
        ),
        (("Secret", {"scope": "s", "key": "k"}), ("Secret", {"scope": "s", "key": "K"})),
        (("Secret", {"scope": "s", "key": "k"}), ("SecretAcl", {"scope": "s", "principal": "k"})),
        (("SecretScope", {"name": "s"}), ("Secret", {"scope": "s", "key": "k"})),
    ],
)
def test_different_parts_of_one_thing_may_stand_in_two_resources(one, other, program):
    assert program.check(one[0], "a", one[1]) == []

    assert program.check(other[0], "b", other[1]) == []


def test_the_same_resource_checked_again_is_not_another(program):
    said = {"name": "chat", "ai_gateway": {"rate_limits": LIMITS}}

    assert program.check("ServingEndpoint", "a", said) == []
    assert program.check("ServingEndpoint", "a", said) == []


def test_a_section_that_may_turn_out_to_be_nothing_counts_once_it_is_known(program):
    said = {"name": "chat", "ai_gateway": {"rate_limits": UNKNOWN}}
    limits = {"endpoint_name": "chat", "rate_limits": LIMITS}
    assert program.check("ServingEndpoint", "a", said) == []
    assert program.check("RateLimits", "b", limits) == []

    nothing = program.check("ServingEndpoint", "a", {**said, "ai_gateway": {"rate_limits": None}})
    limited = program.check("ServingEndpoint", "a", {**said, "ai_gateway": {"rate_limits": LIMITS}})

    assert nothing == []
    assert len(limited) == 1


def test_who_else_declares_a_part_is_told_and_nobody_hears_of_itself(program):
    program.check("AiGateway", "a", {"endpoint_name": "chat", "guardrails": {}})
    one, other = URN.format("AiGateway", "a"), URN.format("AiGateway", "b")
    guardrails, limits = (claim_of_section("chat", name) for name in ("guardrails", "rate_limits"))
    elsewhere = program.declarations.elsewhere

    assert elsewhere(other, HERE, guardrails) == 'AiGateway "a"'
    assert elsewhere(one, HERE, guardrails) is None
    assert elsewhere(other, HERE, limits) is None
    assert elsewhere(other, "https://there", guardrails) is None
    assert elsewhere(other, HERE, claim_of_section("talk", "guardrails")) is None


def test_whoever_declares_all_of_it_declares_each_part(program):
    program.check("AiGateway", "all", {"endpoint_name": "chat", "mode": "authoritative"})
    limits = claim_of_section("chat", "rate_limits")

    who = program.declarations.elsewhere(URN.format("RateLimits", "limits"), HERE, limits)

    assert who == 'AiGateway "all"'


def test_what_a_resource_no_longer_declares_is_free(program):
    program.check("Secret", "a", {"scope": "s", "key": "one"})
    program.check("Secret", "a", {"scope": "s", "key": "two"})

    assert program.check("Secret", "b", {"scope": "s", "key": "one"}) == []
    assert program.check("Secret", "c", {"scope": "s", "key": "two"}) != []


def test_one_that_is_refused_takes_nothing(program):
    program.check("AiGateway", "a", {"endpoint_name": "chat", "rate_limits": LIMITS})
    refused = {"endpoint_name": "chat", "rate_limits": LIMITS, "guardrails": {}}
    assert len(program.check("AiGateway", "b", refused)) == 1

    assert program.check("AiGateway", "c", {"endpoint_name": "chat", "guardrails": {}}) == []


def test_a_name_known_later_counts_then(program):
    program.check("ServingEndpoint", "a", {"name": "chat", "ai_gateway": {"rate_limits": LIMITS}})
    said = {"endpoint_name": UNKNOWN, "rate_limits": LIMITS}
    assert program.check("RateLimits", "b", said) == []

    assert len(program.check("RateLimits", "b", {**said, "endpoint_name": "chat"})) == 1


def test_the_same_name_in_another_workspace_is_another_thing(program):
    assert program.check("SecretScope", "a", {"name": "keys"}, "https://one") == []

    assert program.check("SecretScope", "b", {"name": "keys"}, "https://two") == []


def test_a_resource_inside_a_component_is_named_without_its_parents(program):
    inside = "urn:pulumi:dev::shop::my:index:Team$pulumi-python:dynamic/databricks_serving:{}::{}"
    claims = claims_of("SecretScope", {"name": "keys"})
    program.declarations.declare(inside.format("SecretScope", "a::b"), HERE, claims)

    (found,) = program.check("SecretScope", "c", {"name": "keys"})

    assert 'SecretScope "c" and SecretScope "a::b"' in found


def test_of_many_at_once_exactly_one_gets_it(program):
    claims = [claims_of("SecretScope", {"name": f"keys{number}"}) for number in range(3000)]
    barrier, taken = threading.Barrier(8), []

    def check(thread):
        barrier.wait()
        for number, claim in enumerate(claims):
            urn = URN.format("SecretScope", f"{thread}-{number}")
            taken.extend([number] if not program.declarations.declare(urn, HERE, claim) else [])

    threads = [threading.Thread(target=check, args=(number,)) for number in range(8)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # without the lock, two are then let in now and again
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert sorted(taken) == list(range(3000))
