"""One part of one thing in two resources, as the engine meets it: over gRPC, in one process."""

from __future__ import annotations

from pulumi.runtime import rpc

ELSEWHERE = {"host": "https://elsewhere.cloud.databricks.com"}


def test_the_second_of_two_resources_that_declare_the_same_is_refused(server):
    server.check("SecretScope", {"name": "keys"}, name="one")

    _, ((named, reason),) = server.check("SecretScope", {"name": "Keys"}, name="two")

    assert named == ""
    assert reason == (
        'secret scope Keys: declared by two resources, SecretScope "two" and SecretScope "one". '
        "Each `pulumi up` would put what one says in place of what the other says. Declare it in "
        "one of the two, and take it out of the other. [declared-twice]"
    )


def test_a_name_that_the_resource_gives_counts_too(server):
    server.check("SecretScope", {}, name="keys")

    _, failures = server.check("SecretScope", {"name": "keys"}, name="two")

    assert len(failures) == 1


def test_the_same_resource_checked_again_is_no_second_one(server):
    said = {"scope": "keys", "key": "k", "value": "v"}
    server.check("Secret", said)

    inputs, failures = server.check("Secret", said, olds=said)

    assert failures == []
    assert inputs["reference"] == "{{secrets/keys/k}}"


def test_a_name_that_is_an_output_counts_once_it_is_known(server):
    server.check("Secret", {"scope": "keys", "key": "k", "value": "v"}, name="one")
    said = {"scope": rpc.UNKNOWN, "key": "k", "value": "v"}

    _, at_first = server.check("Secret", said, name="two")
    _, later = server.check("Secret", {**said, "scope": "keys"}, name="two")

    assert at_first == []
    assert [reason.split(",")[0] for _, reason in later] == [
        "secret keys/k: declared by two resources"
    ]


def test_the_same_name_in_another_workspace_is_another_thing(server):
    server.check("SecretScope", {"name": "keys"}, name="one")

    _, elsewhere = server.check("SecretScope", {"name": "keys", "workspace": ELSEWHERE}, name="two")
    unknown = {"name": "keys", "workspace": {"host": rpc.UNKNOWN}}
    _, not_yet = server.check("SecretScope", unknown, name="three")

    assert (elsewhere, not_yet) == ([], [])


def test_what_else_is_wrong_is_said_beside_it(server):
    server.check("SecretScope", {"name": "keys"}, name="one")

    _, failures = server.check("SecretScope", {"name": "keys", "adopt": "perhaps"}, name="two")

    assert len(failures) == 2


def test_nothing_is_called_for_it(server):
    server.check("ServingEndpoint", {"name": "chat", "ai_gateway": {}}, name="one")
    _, failures = server.check("ServingEndpoint", {"name": "chat"}, name="two")

    assert len(failures) == 1
    assert server.workspace.calls == ()
