"""Permissions on serving endpoints."""

from __future__ import annotations

import httpx
import pytest

from databricks_serving_emulator import RunningServer
from unit.emulator.bodies import ENDPOINTS, PERMISSIONS, Client, endpoint, external, fixture

ADMIN = "serving.admin@example.com"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"
INHERITED = {
    "group_name": "admins",
    "all_permissions": [
        {
            "permission_level": "CAN_MANAGE",
            "inherited": True,
            "inherited_from_object": ["/serving-endpoints/"],
        }
    ],
}


def direct(level):
    return [{"permission_level": level, "inherited": False}]


def with_endpoint(**more):
    """A client, and where the permissions of its endpoint are."""
    client = Client(**more)
    created = client.create(endpoint(external()))
    return client, f"{PERMISSIONS}/{created['id']}"


def levels(content):
    """What was granted directly, by principal."""
    found = {}
    for entry in content["access_control_list"]:
        name = next(
            value for key, value in entry.items() if key.endswith("_name") and "display" not in key
        )
        for permission in entry["all_permissions"]:
            if not permission["inherited"]:
                found[name] = permission["permission_level"]
    return found


def body(*entries):
    return {"access_control_list": list(entries)}


def user(name, level="CAN_VIEW"):
    return {"user_name": name, "permission_level": level}


def group(name, level="CAN_VIEW"):
    return {"group_name": name, "permission_level": level}


def test_at_first_the_creator_and_the_admins_manage_an_endpoint():
    client, path = with_endpoint()

    found = client.does("GET", path)

    assert found == {
        "object_id": path.removeprefix("/api/2.0/permissions"),
        "object_type": "serving-endpoint",
        "access_control_list": [
            {
                "user_name": ADMIN,
                "display_name": "Serving Admin",
                "all_permissions": direct("CAN_MANAGE"),
            },
            INHERITED,
        ],
    }


def test_the_permissions_look_like_those_of_the_published_answer():
    client, path = with_endpoint()
    client.service_principal(application_id=ROBOT, display_name="ci-deployer")
    robot = {"service_principal_name": ROBOT, "permission_level": "CAN_MANAGE"}
    client.does(
        "PUT", path, body(user(ADMIN, "CAN_MANAGE"), group("data-science", "CAN_QUERY"), robot)
    )

    found = client.does("GET", path)

    published = fixture("20_permissions")
    assert found == {**published, "object_id": found["object_id"]}


def test_a_service_principal_manages_what_it_creates():
    client = Client()
    robot = client.service_principal(application_id=ROBOT, display_name="ci-deployer")
    created = robot.create({"name": "chat"})

    found = robot.does("GET", f"{PERMISSIONS}/{created['id']}")

    assert found["access_control_list"][0] == {
        "service_principal_name": ROBOT,
        "display_name": "ci-deployer",
        "all_permissions": direct("CAN_MANAGE"),
    }


def test_a_creator_who_has_left_is_still_listed():
    client = Client()
    robot = client.service_principal(application_id=ROBOT)
    created = robot.create({"name": "chat"})

    client.does("DELETE", "/_emulator/identities", {"name": ROBOT})

    found = client.does("GET", f"{PERMISSIONS}/{created['id']}")
    assert found["access_control_list"][0] == {
        "service_principal_name": ROBOT,
        "all_permissions": direct("CAN_MANAGE"),
    }


def test_a_put_replaces_what_was_granted_directly_and_nothing_else():
    client, path = with_endpoint()
    client.does("PUT", path, body(user("ann@example.com"), group("data")))

    answer = client.does("PUT", path, body(user("bob@example.com", "CAN_QUERY")))

    assert answer == client.does("GET", path)
    assert answer["access_control_list"] == [
        {"user_name": "bob@example.com", "all_permissions": direct("CAN_QUERY")},
        INHERITED,
    ]


def test_an_empty_put_leaves_only_what_is_inherited():
    client, path = with_endpoint()

    answer = client.does("PUT", path, body())

    assert client.does("GET", path) == answer
    assert answer["access_control_list"] == [INHERITED]


def test_a_patch_changes_only_those_whom_it_names():
    client, path = with_endpoint()
    client.does("PUT", path, body(user("ann@example.com"), group("data", "CAN_MANAGE")))

    answer = client.does(
        "PATCH", path, body(user("ann@example.com", "CAN_QUERY"), user("bob@example.com"))
    )

    assert answer == client.does("GET", path)
    assert levels(answer) == {
        "ann@example.com": "CAN_QUERY",
        "data": "CAN_MANAGE",
        "bob@example.com": "CAN_VIEW",
    }


def test_a_patch_keeps_the_creator():
    client, path = with_endpoint()

    answer = client.does("PATCH", path, body(group("data")))

    assert levels(answer) == {ADMIN: "CAN_MANAGE", "data": "CAN_VIEW"}


def test_what_is_granted_to_the_admins_stands_beside_what_they_inherit():
    client, path = with_endpoint()

    answer = client.does("PUT", path, body(group("admins", "CAN_QUERY")))

    assert answer["access_control_list"] == [
        {
            "group_name": "admins",
            "all_permissions": [*direct("CAN_QUERY"), *INHERITED["all_permissions"]],
        }
    ]


def test_the_levels_are_told_with_what_they_mean():
    client, path = with_endpoint()

    answer = client.does("GET", f"{path}/permissionLevels")

    assert [level["permission_level"] for level in answer["permission_levels"]] == [
        "CAN_VIEW",
        "CAN_QUERY",
        "CAN_MANAGE",
    ]
    assert all(level["description"] for level in answer["permission_levels"])


@pytest.mark.parametrize(
    "entry",
    [
        {"permission_level": "CAN_VIEW"},
        {"user_name": "", "permission_level": "CAN_VIEW"},
        {"user_name": "a@example.com", "group_name": "a", "permission_level": "CAN_VIEW"},
        {"user_name": "a@example.com"},
        {"user_name": "a@example.com", "permission_level": "CAN_RUN"},
        {"user_name": "a@example.com", "permission_level": "can_view"},
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_entry_has_one_principal_and_a_level(method, entry):
    client, path = with_endpoint()
    before = client.does("GET", path)

    refused = client.refuses(method, path, body(user("ann@example.com"), entry))

    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert client.does("GET", path) == before


@pytest.mark.parametrize(
    ("method", "more"), [("GET", ""), ("PUT", ""), ("PATCH", ""), ("GET", "/permissionLevels")]
)
@pytest.mark.parametrize("unknown", ["e58f7a9b1c2d4e3f90817263544536a7", "chat"])
def test_permissions_are_found_by_the_id_of_an_endpoint_that_is_there(method, more, unknown):
    client, _ = with_endpoint()

    refused = client.refuses(method, f"{PERMISSIONS}/{unknown}{more}")

    assert refused[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_an_endpoint_that_is_made_again_starts_anew():
    client, before = with_endpoint()
    client.does("PUT", before, body(user("ann@example.com")))
    client.does("DELETE", f"{ENDPOINTS}/chat")

    again = client.create(endpoint(external()))

    assert client.refuses("GET", before)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert levels(client.does("GET", f"{PERMISSIONS}/{again['id']}")) == {ADMIN: "CAN_MANAGE"}


def test_everybody_may_query_a_foundation_model():
    client = Client(foundation_models=("databricks-claude-sonnet-4",))
    created = client.get("databricks-claude-sonnet-4")

    found = client.does("GET", f"{PERMISSIONS}/{created['id']}")

    assert levels(found) == {"users": "CAN_QUERY"}


def test_permissions_are_the_same_after_a_restart(tmp_path):
    client, path = with_endpoint(db=tmp_path / "workspace.db")
    client.does("PUT", path, body(user(ADMIN, "CAN_MANAGE"), group("data", "CAN_QUERY")))
    before = client.does("GET", path)
    client.workspace.close()

    again = Client(db=tmp_path / "workspace.db")

    assert again.does("GET", path) == before
    again.does("DELETE", f"{ENDPOINTS}/chat")
    again.workspace.close()
    last = Client(db=tmp_path / "workspace.db")
    assert last.workspace._world.grants == {}
    last.workspace.close()


@pytest.mark.one_door("starts a server of its own")
def test_permissions_are_written_over_http_as_in_process():
    client, path = with_endpoint()
    headers = {"Authorization": "Bearer dapi-emulator"}
    with (
        RunningServer(client.workspace) as server,
        httpx.Client(base_url=server.url, headers=headers) as http,
    ):
        put = http.put(path, json=body(group("data")))
        patched = http.patch(path, json=body(group("more")))
        told = http.get(f"{path}/permissionLevels")
        missing = http.get(f"{PERMISSIONS}/nope")

    assert [answer.status_code for answer in (put, patched, told, missing)] == [200, 200, 200, 404]
    assert levels(client.does("GET", path)) == {"data": "CAN_VIEW", "more": "CAN_VIEW"}
