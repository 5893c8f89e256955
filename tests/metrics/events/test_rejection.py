from metrics.events.rejection import Reason


def test_the_reasons_are_the_closed_set_that_dashboards_and_scripts_know() -> None:
    assert {reason.value for reason in Reason} == {
        "too_large", "not_json", "not_an_object", "missing_field", "bad_type", "bad_value", "unknown_kind",
        "score_out_of_range", "too_old", "in_future", "unreadable", "unknown_schema",
    }  # fmt: skip
