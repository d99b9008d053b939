"""Who there is in a workspace, and how it proves who it is."""

from __future__ import annotations

import pytest

from databricks_serving_emulator import Workspace
from unit.emulator.bodies import ENDPOINTS, Client

ME = "/api/2.0/preview/scim/v2/Me"
USERS = "/_emulator/users"
ROBOTS = "/_emulator/service-principals"
GROUPS = "/_emulator/groups"
IDENTITIES = "/_emulator/identities"
ROBOT = "3c1a7e52-6a0f-4f2b-9d58-2f6f0c9b1a77"


def groups(client):
    return [group["display"] for group in client.does("GET", ME)["groups"]]


def error(client, method, path, body):
    status, content = client.call(method, path, body)
    assert status == 400
    return content["error"]


def test_a_workspace_begins_with_two_admins():
    listed = Client().does("GET", IDENTITIES)

    assert listed == {
        "users": [
            {
                "user_name": "serving.admin@example.com",
                "display_name": "Serving Admin",
                "groups": ["admins"],
            },
            {"user_name": "somebody@example.com", "display_name": "Somebody", "groups": ["admins"]},
        ],
        "service_principals": [],
        "groups": [
            {
                "group_name": "admins",
                "members": ["serving.admin@example.com", "somebody@example.com"],
            }
        ],
    }


def test_a_user_is_told_its_name_its_groups_and_the_workspace():
    client = Client()
    ann = client.user("ann.lee", "data-science")

    answer = ann.http.get(ME)

    assert answer.headers["X-Databricks-Org-Id"] == "1234567890123456"
    assert answer.json() == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": answer.json()["id"],
        "userName": "ann.lee@example.com",
        "displayName": "Ann Lee",
        "active": True,
        "groups": answer.json()["groups"],
        "emails": [{"value": "ann.lee@example.com", "type": "work", "primary": True}],
    }
    assert groups(ann) == ["data-science", "users"]
    assert answer.json()["id"].isdigit()


def test_a_service_principal_is_known_by_its_application_id():
    client = Client()
    robot = client.service_principal(application_id=ROBOT, display_name="ci-deployer")

    told = robot.does("GET", ME)

    assert (told["userName"], told["displayName"]) == (ROBOT, "ci-deployer")
    assert "emails" not in told


def test_what_somebody_creates_bears_its_name():
    client = Client()
    robot = client.service_principal(application_id=ROBOT, display_name="ci-deployer")

    created = robot.create({"name": "chat"})

    assert created["creator"] == ROBOT
    assert created["creator_display_name"] == "ci-deployer"
    assert [call.actor for call in client.workspace.writes] == [ROBOT]


def test_credentials_are_made_up_where_none_are_given():
    client = Client()

    user = client.does("POST", USERS, {"user_name": "ann@example.com"})
    robot = client.does("POST", ROBOTS)

    assert user["token"].startswith("dapi")
    assert robot["token"].startswith("dapi")
    assert robot["client_secret"].startswith("dose")
    assert len(robot["application_id"]) == 36
    assert robot["display_name"] == robot["application_id"]


def test_what_is_left_out_of_a_change_stays_as_it_is():
    client = Client()
    body = {"user_name": "ann@example.com", "display_name": "Ann", "groups": ["a"], "token": "t"}
    client.does("POST", USERS, body)

    changed = client.does("POST", USERS, {"user_name": "ann@example.com", "entra_token": "e"})

    assert changed == {**body, "entra_token": "e"}
    assert groups(client.by("t")) == groups(client.by("e")) == ["a", "users"]


def test_a_user_leaves_the_groups_that_it_is_no_longer_said_to_be_in():
    client = Client()
    ann = client.user("ann", "a", "b")

    client.does("POST", USERS, {"user_name": "ann@example.com", "groups": ["b", "c"]})

    assert groups(ann) == ["b", "c", "users"]


def test_groups_can_be_in_groups():
    client = Client()
    ann = client.user("ann", "inner")
    client.does("POST", GROUPS, {"group_name": "outer", "members": ["inner"]})

    made = client.does("POST", GROUPS, {"group_name": "inner", "members": ["outer"]})

    assert made == {"group_name": "inner", "members": ["outer"]}
    assert groups(ann) == ["users"]
    client.does("POST", GROUPS, {"group_name": "inner", "members": ["ann@example.com", "outer"]})
    assert groups(ann) == ["inner", "outer", "users"]


def test_somebody_who_is_removed_can_no_longer_call():
    client = Client()
    ann = client.user("ann", "a")

    client.does("DELETE", IDENTITIES, {"name": "ann@example.com"})

    assert ann.call("GET", ME) == (403, {"error_code": 403, "message": "Invalid access token."})
    assert {"group_name": "a", "members": []} in client.does("GET", IDENTITIES)["groups"]


def test_whoever_is_removed_and_added_again_has_the_same_permissions():
    client = Client()
    client.create({"name": "chat"})
    ann = client.user("ann", token="token-of-ann")
    client.allow("chat", ann="CAN_VIEW")
    client.put_secret("llm", "openai")
    client.grant("llm", "ann@example.com", "READ")

    client.does("DELETE", IDENTITIES, {"name": "ann@example.com"})
    removed = ann.call("GET", f"{ENDPOINTS}/chat")[0]
    client.user("ann", token="token-of-ann")

    assert removed == 403
    assert ann.get("chat")["permission_level"] == "CAN_VIEW"
    assert ann.scopes() == [{"name": "llm", "backend_type": "DATABRICKS"}]


def test_a_removed_group_has_no_members_when_it_is_made_again():
    client = Client()
    ann = client.user("ann", "a")

    client.does("DELETE", IDENTITIES, {"name": "a"})
    client.does("POST", GROUPS, {"group_name": "a"})

    assert groups(ann) == ["users"]


def test_the_default_admin_can_be_put_in_other_groups():
    client = Client()

    client.does("POST", USERS, {"user_name": "serving.admin@example.com", "groups": ["a"]})

    assert groups(client) == ["a", "admins", "users"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (USERS, {"user_name": "serving.admin@example.com", "groups": []}),
        (GROUPS, {"group_name": "admins", "members": []}),
    ],
)
def test_the_default_admin_stays_an_admin(path, body):
    client = Client()

    client.does("POST", path, body)

    assert groups(client) == ["admins", "users"]


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", USERS, {"user_name": ROBOT}, f"{ROBOT} is a service principal."),
        ("POST", ROBOTS, {"application_id": "ann@example.com"}, "ann@example.com is a user."),
        (
            "POST",
            USERS,
            {"user_name": "new@example.com", "token": "token-of-ann"},
            "that token is somebody else's.",
        ),
        ("POST", ROBOTS, {"token": "dapi-emulator"}, "that token is somebody else's."),
        (
            "POST",
            GROUPS,
            {"group_name": "users"},
            "everybody belongs to users: it has no members of its own.",
        ),
        (
            "POST",
            GROUPS,
            {"group_name": "a", "members": ["x", "ann@example.com", "y"]},
            "there is no x and no y to be a member.",
        ),
        (
            "DELETE",
            IDENTITIES,
            {"name": "nobody"},
            "there is no user, service principal or group nobody.",
        ),
        (
            "DELETE",
            IDENTITIES,
            {"name": "admins"},
            "admins is reserved: a workspace always has it.",
        ),
        (
            "POST",
            USERS,
            {"user_name": "new@example.com", "token": "two words"},
            (
                '"token" must be ASCII text without blanks, or null to leave it as it is, not '
                '"two words"; its fields are user_name, display_name, groups, token, entra_token; '
                'for example {"user_name": "ann@example.com", "groups": ["data-science"]}.'
            ),
        ),
    ],
)
def test_an_identity_that_cannot_be_is_refused_and_changes_nothing(method, path, body, problem):
    client = Client()
    client.user("ann", token="token-of-ann")
    client.service_principal(application_id=ROBOT)
    before = client.does("GET", IDENTITIES)

    said = error(client, method, path, body)

    assert said == f"{method} {path}: {problem}"
    assert client.does("GET", IDENTITIES) == before


def test_identities_are_the_same_after_a_restart(tmp_path):
    first = Client(db=tmp_path / "workspace.db")
    first.user("ann", "data-science", token="token-of-ann", entra_token="entra-of-ann")
    first.service_principal(application_id=ROBOT, token="token-of-robot")
    before = first.does("GET", IDENTITIES)
    first.workspace.close()

    again = Client(db=tmp_path / "workspace.db")

    assert again.does("GET", IDENTITIES) == before
    assert groups(again.by("token-of-ann")) == ["data-science", "users"]
    assert groups(again.by("entra-of-ann")) == ["data-science", "users"]
    assert again.by("token-of-robot").does("GET", ME)["userName"] == ROBOT
    again.workspace.close()


def test_a_changed_default_admin_stays_changed_after_a_restart(tmp_path):
    first = Client(db=tmp_path / "workspace.db")
    first.does("POST", USERS, {"user_name": "serving.admin@example.com", "groups": ["a"]})
    first.workspace.close()

    again = Client(db=tmp_path / "workspace.db")

    assert groups(again) == ["a", "admins", "users"]
    again.workspace.close()


def test_a_reset_leaves_only_the_admins_that_a_workspace_begins_with():
    client = Client()
    ann = client.user("ann")

    client.workspace.reset()

    assert ann.call("GET", ENDPOINTS)[0] == 403
    assert groups(client) == ["admins", "users"]


def test_identities_can_be_added_from_python():
    workspace = Workspace()

    ann = workspace.identities.add_user("ann@example.com", groups=["data"])
    robot = workspace.identities.add_service_principal("ci", application_id=ROBOT)

    assert workspace.identities.groups_of("ann@example.com") == ["data"]
    assert (ann.kind, robot.kind) == ("User", "ServicePrincipal")
    assert ann.token not in repr(ann)
    with pytest.raises(ValueError, match="no user, service principal or group bob"):
        workspace.identities.remove("bob")
