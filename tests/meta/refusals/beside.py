"""What is written beside the configuration: telemetry, mails, tags."""

from __future__ import annotations

from support.endpoints import config, program, registered

from .case import Refusal, model

FEATURES = "telemetry_config.enabled_telemetry_features"


def observed(**fields):
    return program(config=config(registered()), telemetry_config=fields)


def told(**fields):
    return program(email_notifications=fields)


REFUSALS = {
    # Telemetry.
    "telemetry of an external model": Refusal(
        {**model(), "telemetry_config": {"telemetry_profile_id": "profile-1"}},
        r"not supported for endpoint type 'EXTERNAL_MODELS'",
        "not-for-kind",
        "telemetry_config",
        # The creation drops it in silence.
        by=("PATCH telemetry",),
    ),
    "telemetry in tables and by a profile": Refusal(
        observed(table_names={"logs_table": "main.ml.logs"}, telemetry_profile_id="profile-1"),
        r"Only one of table_names and telemetry_profile_id",
        "one-of",
        "telemetry_config",
    ),
    "a feature of telemetry that is none": Refusal(
        observed(
            telemetry_profile_id="profile-1",
            enabled_telemetry_features=["TELEMETRY_FEATURE_DREAMS"],
        ),
        r"enabled_telemetry_features must be among",
        "known-value",
        f"{FEATURES}[0]",
    ),
    "one feature for a list of them": Refusal(
        observed(enabled_telemetry_features="TELEMETRY_FEATURE_LOGS"),
        r"expected a list at",
        "type",
        FEATURES,
    ),
    "a word for a share": Refusal(
        observed(inference_table_config={"sampling_fraction": "half"}),
        r"expected a number at",
        "type",
        "telemetry_config.inference_table_config.sampling_fraction",
    ),
    "more than the whole for a share": Refusal(
        observed(telemetry_profile_id="profile-1", inference_table_config={"sampling_fraction": 7}),
        r"sampling_fraction must lie between 0 and 1",
        "bounds",
        "telemetry_config.inference_table_config.sampling_fraction",
    ),
    "a table of telemetry that is none": Refusal(
        observed(table_names={"dreams_table": "main.ml.dreams"}),
        r"unknown field telemetry_config\.table_names\.dreams_table",
        "unknown-field",
        "telemetry_config.table_names.dreams_table",
    ),
    # Mails.
    "an address for a list of them": Refusal(
        told(on_update_failure="ops@example.com"),
        r"expected a list at",
        "type",
        "email_notifications.on_update_failure",
    ),
    "a mail on something that is none": Refusal(
        told(on_failure=["ops@example.com"]),
        r"unknown field email_notifications\.on_failure",
        "unknown-field",
        "email_notifications.on_failure",
    ),
}
