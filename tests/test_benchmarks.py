"""The arithmetic of the benchmarks, and the tables they write."""

from datetime import date

import pytest
from report import Section, at_least, at_most, readme, table, times, write
from timing import Ratio, interleaved, ratio_of


def test_each_round_counts_against_its_neighbours():
    # A machine that gets twice as slow on the way: the ratio stays.
    ratio = ratio_of([1.0, 1.0, 2.0, 2.0], [1.5, 2.25, 3.0])
    assert ratio == Ratio(median=1.5, low=1.5, high=1.5, base_seconds=1.5)


def test_the_median_and_the_quartiles():
    ratio = ratio_of([1.0] * 6, [1.0, 2.0, 3.0, 4.0, 100.0])
    assert (ratio.low, ratio.median, ratio.high) == (2.0, 3.0, 4.0)


def test_one_round_is_its_own_spread():
    assert ratio_of([2.0, 4.0], [6.0]) == Ratio(2.0, 2.0, 2.0, 3.0)


def test_bases_and_cases_alternate():
    with pytest.raises(ValueError, match="2 bases and 2 cases"):
        ratio_of([1.0, 1.0], [1.0, 1.0])


def test_the_two_calls_take_turns(monkeypatch):
    order, clock = [], iter(range(100))
    monkeypatch.setattr("timing.perf_counter", lambda: next(clock))
    ratio = interleaved(lambda: order.append("base"), lambda: order.append("case"), rounds=2)
    assert order == ["base", "case", "base", "case", "base", "case", "base"]
    assert ratio.median == 1.0


def test_table():
    assert table(["", "B"], [["a", "1"], ["b", "2"]]).split("\n") == [
        "|  | B |",
        "| --- | ---: |",
        "| a | 1 |",
        "| b | 2 |",
    ]
    with pytest.raises(ValueError, match="1 cells, but the table has 2 columns"):
        table(["", "B"], [["a"]])


def test_targets():
    fast, slow = Ratio(1.104, 1.0, 1.2, 1.0), Ratio(1.106, 1.0, 1.2, 1.0)
    assert times(fast) == "1.10 (1.00 to 1.20)"
    assert at_most(1.1, fast, fast) == ["at most 1.10", "met"]
    assert at_most(1.1, fast, slow) == ["at most 1.10", "missed"]
    assert at_most(None, slow) == ["", ""]
    assert at_least(1.11, slow) == ["at least 1.11", "met"]
    assert at_least(1.11, fast) == ["at least 1.11", "missed"]


def test_the_file_is_whole(tmp_path):
    text = readme(
        "a machine", "versions", date(2000, 1, 2), "Words.", [Section("Title", "Text.", ["", "B"], [["a", "1"]])]
    )
    write(tmp_path / "README.md", text)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    for said in ("a machine", "versions", "2000-01-02", "Words.", "## Title", "Text.", "| a | 1 |"):
        assert said in text
