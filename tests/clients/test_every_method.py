"""Every method of the official client is called by a test of this folder, or says why not.

The same for refusals stands in test_sdk_refusals, and for mlflow's client in test_mlflow.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.called import calls_in, public_methods

TESTED = {
    "serving_endpoints": {
        "build_logs": "test_logs_are_read",
        "create": "test_all_that_a_creation_says_is_found_again",
        "create_and_wait": "test_a_creation_is_waited_for",
        "create_provisioned_throughput_endpoint": "test_model_units_are_bought_and_changed",
        "create_provisioned_throughput_endpoint_and_wait": "test_model_units_are_waited_for",
        "delete": "test_a_deleted_endpoint_is_gone",
        "export_metrics": "test_metrics_and_the_interface_are_streams",
        "get": "test_an_endpoint_is_created_and_found",
        "get_open_api": "test_metrics_and_the_interface_are_streams",
        "get_permission_levels": "test_the_levels_are_known_to_the_client",
        "get_permissions": "test_permissions_go_round",
        "list": "test_an_endpoint_is_created_and_found",
        "logs": "test_logs_are_read",
        "patch": "test_tags_are_added_changed_and_deleted",
        "patch_telemetry_config": "test_telemetry_is_set_and_removed",
        "put": "test_the_older_rate_limits_are_set",
        "put_ai_gateway": "test_a_gateway_is_cleared_by_an_empty_one",
        "query": "test_an_endpoint_is_queried",
        "set_permissions": "test_permissions_go_round",
        "update_config": "test_a_config_is_replaced_as_a_whole",
        "update_config_and_wait": "test_an_update_is_waited_for",
        "update_notifications": "test_mails_are_set",
        "update_permissions": "test_permissions_go_round",
        "update_provisioned_throughput_endpoint_config": "test_model_units_are_bought_and_changed",
        "update_provisioned_throughput_endpoint_config_and_wait": (
            "test_a_change_of_model_units_is_waited_for"
        ),
        "wait_get_serving_endpoint_not_updating": (
            "test_every_poll_is_told_until_the_deployment_ends"
        ),
    },
    "secrets": {
        "create_scope": "test_the_access_list_of_a_scope_goes_round",
        "delete_acl": "test_the_access_list_of_a_scope_goes_round",
        "delete_scope": "test_secrets_and_scopes_are_deleted",
        "delete_secret": "test_secrets_and_scopes_are_deleted",
        "get_acl": "test_the_access_list_of_a_scope_goes_round",
        "get_secret": "test_secrets_and_access_lists_go_round",
        "list_acls": "test_secrets_and_access_lists_go_round",
        "list_scopes": "test_secrets_and_access_lists_go_round",
        "list_secrets": "test_secrets_and_access_lists_go_round",
        "put_acl": "test_secrets_and_access_lists_go_round",
        "put_secret": "test_secrets_and_access_lists_go_round",
    },
    "statement_execution": {
        "execute_statement": "test_a_statement_about_a_missing_table_has_failed",
        "get_statement": "test_a_statement_that_is_pending_is_asked_for_again",
    },
    "current_user": {"me": "test_a_user_learns_who_it_is"},
}

NOT_COVERED = {
    "serving_endpoints": {
        "get_open_ai_client": "makes another library's client, for queries; deprecated",
        "get_langchain_chat_open_ai_client": "makes another library's client; deprecated",
        "http_request": "calls what a connection of Unity Catalog leads to, no endpoint",
    },
    "secrets": {},
    "statement_execution": {
        "cancel_execution": "no statement is still running when somebody could cancel it",
        "get_statement_result_chunk_n": "no statement has a result",
    },
    "current_user": {},
}


@pytest.mark.parametrize("service", TESTED)
def test_every_method_has_a_test_or_a_reason(client, service):
    methods = public_methods(type(getattr(client, service)))

    assert methods == TESTED[service].keys() | NOT_COVERED[service].keys()
    assert not TESTED[service].keys() & NOT_COVERED[service].keys()


def test_every_test_of_the_table_calls_its_method():
    calls = calls_in(Path(__file__).parent)

    missed = [
        f"{test} does not call {method}"
        for tests in TESTED.values()
        for method, test in tests.items()
        if method not in calls.get(test, set())
    ]

    assert missed == []
