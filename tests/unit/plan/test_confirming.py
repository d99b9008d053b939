"""Two looks at one resource: what both show counts."""

from __future__ import annotations

from databricks_serving.plan.comparison import Origin, as_applied, compared
from databricks_serving.plan.confirming import (
    confirmed,
    is_missing,
    is_unsettled,
    needs_another_look,
)
from support.endpoints import answered, state

APPLIED = state(tags={"team": "ml", "stage": "dev"})


def look(tags=None, desired=None, **more):
    """What is seen where the workspace has these tags; None: the endpoint is not there."""
    there = None if tags is None else answered(tags=tags, **more)
    wanted = as_applied(APPLIED) if desired is None else state(tags=desired)
    return compared(applied=APPLIED, desired=wanted, actual=there)


def told(comparison):
    return {found.change.path[-1]: found.origin for found in comparison.differences}


AS_APPLIED = {"team": "ml", "stage": "dev"}
RETAGGED = {**AS_APPLIED, "team": "by hand"}


def test_what_both_looks_show_counts():
    both = confirmed(look(RETAGGED), look(RETAGGED))

    assert told(both) == {"team": Origin.OUTSIDE}
    assert both.plan.operations != ()


def test_what_the_first_look_alone_shows_is_gone():
    assert told(confirmed(look(RETAGGED), look(AS_APPLIED))) == {}


def test_what_the_second_look_alone_shows_does_not_count_and_sends_nothing():
    both = confirmed(look(AS_APPLIED), look(RETAGGED))

    assert told(both) == {}
    assert both.plan.operations == ()
    assert all(change.path != ("tags", "team") for change in both.plan.changes)


def test_another_value_than_before_counts_as_it_is_now():
    both = confirmed(look({**AS_APPLIED, "team": "now"}), look({**AS_APPLIED, "team": "then"}))

    assert told(both) == {"team": Origin.OUTSIDE}
    assert [found.change.actual for found in both.differences] == ["then"]


def test_what_was_gone_and_is_back_with_something_else_counts():
    assert told(confirmed(look(), look(RETAGGED))) == {"team": Origin.OUTSIDE}


def test_what_is_taken_away_whole_after_a_part_of_it_was_changed_counts():
    assert told(confirmed(look(RETAGGED), look({}))) == {
        "team": Origin.OUTSIDE,
    }


def test_each_look_elsewhere_is_unsettled_and_not_in_sync():
    restaged = {**AS_APPLIED, "stage": "prod"}

    assert told(confirmed(look(RETAGGED), look(restaged))) == {}
    assert is_unsettled(look(RETAGGED), look(restaged))


def test_what_both_looks_show_and_what_neither_shows_any_more_are_settled():
    assert not is_unsettled(look(RETAGGED), look(RETAGGED))
    assert not is_unsettled(look(RETAGGED), look(AS_APPLIED))


def test_what_the_program_changes_counts_without_a_second_look():
    first = look(AS_APPLIED, desired={"team": "b", "stage": "dev"})

    assert not needs_another_look(first)
    assert told(confirmed(first, first)) == {"team": Origin.CODE}


def test_what_the_program_changes_stays_its_change_where_an_outside_one_is_not_sure():
    desired = {"team": "b", "stage": "dev"}

    both = confirmed(look(AS_APPLIED, desired), look(RETAGGED, desired))

    assert told(both) == {"team": Origin.CODE}


def test_missing_counts_if_both_miss_it():
    both = confirmed(look(), look())

    assert is_missing(both)


def test_what_comes_back_is_there():
    both = confirmed(look(), look(AS_APPLIED))

    assert not is_missing(both)
    assert told(both) == {}


def test_what_differs_and_then_goes_is_missing():
    assert is_missing(confirmed(look(RETAGGED), look()))


def test_what_nobody_declares_counts_if_both_looks_show_it():
    described = look(AS_APPLIED, description="by hand")

    assert [f.change.path for f in confirmed(described, described).undeclared] == [("description",)]
    assert confirmed(look(AS_APPLIED), described).undeclared == ()
