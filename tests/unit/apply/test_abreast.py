"""Many abreast: how many bring more answers, and results in their order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from databricks_serving.apply.abreast import Width, in_order
from support.clock import FakeClock


class Core:
    """A clock, and the time of a core: `work` of the seconds of an answer are its own."""

    def __init__(self, most=64):
        self.clock = FakeClock()
        self.spent = 0.0
        self.width = Width(self.clock, most, lambda: self.spent)
        self.widths = [self.width.now]

    def answers(self, count, seconds, work=0.001):
        for _ in range(count):
            self.clock.advance(max(seconds / self.width.now, work))
            self.spent += work
            self.width.answered()
            if self.width.now != self.widths[-1]:
                self.widths.append(self.width.now)


# --- how many -----------------------------------------------------------------------------------


def test_where_answers_take_their_time_twice_as_many_are_asked_for_until_the_most():
    core = Core()

    core.answers(8 + 16 + 32, seconds=0.2)

    assert core.widths == [8, 16, 32, 64]


def test_where_the_core_has_no_more_time_it_stays_at_the_first_number():
    core = Core()

    core.answers(2000, seconds=0.001)

    assert core.widths == [8]


def test_it_stays_at_the_number_that_keeps_the_core_busy():
    core = Core()

    core.answers(2000, seconds=0.02)

    assert core.widths == [8, 16]


def test_what_needs_no_answer_does_not_stand_for_what_does():
    core = Core()

    core.answers(60, seconds=0.0)
    core.answers(64, seconds=0.2)

    assert core.widths == [8, 16, 32, 64]


def test_one_slow_answer_or_a_pause_changes_nothing_for_those_after_it():
    core = Core()

    core.answers(4, seconds=0.2)
    core.clock.advance(5)
    core.answers(60, seconds=0.2)

    assert core.widths == [8, 16, 32, 64]


@pytest.mark.parametrize("most", [1, 3, 8])
def test_there_are_never_more_than_asked_for(most):
    core = Core(most)

    core.answers(2000, seconds=0.2)

    assert core.widths == [most]


# --- results ------------------------------------------------------------------------------------


class Counted:
    """Work that counts what is begun and not yet taken."""

    def __init__(self):
        self.lock = threading.Lock()
        self.begun = self.taken = self.most = 0
        self.first_may_end = threading.Event()
        self.full = threading.Event()

    def __call__(self, number):
        with self.lock:
            self.begun += 1
            self.most = max(self.most, self.begun - self.taken)
            if self.begun == 32:
                self.full.set()
        if number == 0:
            assert self.first_may_end.wait(30)
        return str(number)


def test_while_the_first_is_slow_only_so_many_are_begun():
    work = Counted()

    with (
        ThreadPoolExecutor(64) as pool,
        closing(in_order(pool, Width(FakeClock(), 8), work, range(500))) as results,
    ):
        taker = threading.Thread(target=lambda: (work.full.wait(30), work.first_may_end.set()))
        taker.start()
        found = []
        for one in results:
            found.append(one)
            with work.lock:
                work.taken += 1
        taker.join()

    assert found == [str(number) for number in range(500)]
    assert work.most in (32, 33)  # one is taken before it is counted as taken


def test_a_failure_is_raised_in_its_turn():
    def work(number):
        if number == 3:
            raise LookupError("the fourth")
        return number

    found = []
    with ThreadPoolExecutor(8) as pool, pytest.raises(LookupError, match="the fourth"):
        found.extend(in_order(pool, Width(FakeClock(), 8), work, range(9)))

    assert found == [0, 1, 2]


def test_what_nobody_takes_any_more_is_not_begun():
    begun = []

    with (
        ThreadPoolExecutor(8) as pool,
        closing(in_order(pool, Width(FakeClock(), 8), begun.append, range(500))) as results,
    ):
        next(results)

    assert len(begun) <= 40


def test_of_nothing_there_is_nothing():
    with ThreadPoolExecutor(8) as pool:
        found = list(in_order(pool, Width(FakeClock(), 8), str, ()))

    assert found == []
