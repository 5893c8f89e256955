from metrics.governance.coverage import Heard, bad_share, is_bad, matrix, satisfaction, unheard


def test_where_nobody_listens_comes_first() -> None:
    some = [
        Heard("web", "online", "before", 40.0),
        Heard("fax", "offline", "after", 12.0),
        Heard("ad", "online", "before", 0.0),
    ]
    assert [item.touchpoint for item in unheard(some)] == ["ad", "fax"]
    assert matrix(some) == {("online", "before"): 40.0, ("offline", "after"): 12.0}


def test_the_two_lowest_boxes_of_each_scale_are_bad() -> None:
    assert [score for score in range(11) if is_bad("nps", score)] == [0, 1]
    assert [score for score in range(1, 6) if is_bad("csat", score)] == [1, 2]
    assert [score for score in range(1, 8) if is_bad("ces", score)] == [1, 2]
    assert bad_share(3, 0).value is None


def test_every_scale_runs_from_worst_to_best() -> None:
    for kind, low, high in (("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)):
        assert (satisfaction(kind, low), satisfaction(kind, high)) == (0.0, 1.0)
