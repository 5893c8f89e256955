import pytest

from bench.large import accounting, speed_up
from bench.results import Taken


def taken(wall_s: float, cpu_s: float, store_cpu_s: float) -> Taken:
    return Taken(wall_s, cpu_s, 100.0, store_cpu_s, 1.0, {})


def test_two_workers_that_take_no_more_together_than_one_alone_are_twice_as_fast() -> None:
    one = [taken(9, 4, 2), taken(10, 5, 3), taken(30, 6, 9)]
    assert speed_up(one, one) == speed_up(one, one, with_store=True) == 2


def test_what_a_second_worker_takes_on_top_makes_both_less_than_twice_as_fast() -> None:
    one, two = [taken(10, 5, 3)], [taken(8, 6, 4)]
    assert speed_up(one, two) == pytest.approx(10 / 6)
    assert speed_up(one, two, with_store=True) == pytest.approx(16 / 10)


def test_the_report_shows_it_besides_what_the_cores_of_the_machine_allow() -> None:
    figures = accounting([taken(10, 5, 3)], [taken(8, 6, 4)], cores=2)
    assert figures["two_workers_by_accounting"] == pytest.approx(10 / 6)
    assert figures["two_workers_by_accounting_with_the_store"] == pytest.approx(16 / 10)
    assert figures["cores_allow_at_most"] == pytest.approx(10 / (9 / 2))
