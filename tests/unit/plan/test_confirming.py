"""Two looks at one resource: what both show counts."""

from __future__ import annotations

from databricks_serving.plan.comparison import Origin, as_applied, compared
from databricks_serving.plan.confirming import confirmed, is_missing, needs_another_look
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


def test_another_value_than_before_does_not_count_and_what_stays_does():
    first = look({"team": "now", "stage": "prod"})

    both = confirmed(first, look({"team": "then", "stage": "prod"}))

    assert told(both) == {"stage": Origin.OUTSIDE}


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


def test_what_goes_between_the_looks_is_not_yet_missing():
    assert confirmed(look(RETAGGED), look()) is None


def test_what_nobody_declares_counts_if_both_looks_show_it():
    described = look(AS_APPLIED, description="by hand")

    assert [f.change.path for f in confirmed(described, described).undeclared] == [("description",)]
    assert confirmed(look(AS_APPLIED), described).undeclared == ()
