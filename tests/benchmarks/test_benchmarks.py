"""The benchmarks' arithmetic, and whether benchmarks/README.md says what was measured, where, with what and when."""

import re
from datetime import date

import pytest
from cases import CLASS_COUNTS, CONTROL, EAGER, FASTER, LAYERS, METHODS, PEER, STREAMED
from course import ROOT
from packaging.requirements import Requirement
from report import (
    IN_THE_BROWSER,
    PACKAGES,
    Section,
    at_least,
    at_most,
    last_of,
    readme,
    table,
    times,
    with_last,
    write,
)
from timing import Ratio, interleaved, ratio_of

README = ROOT / "benchmarks" / "README.md"


def test_each_round_counts_against_its_neighbours():
    # A machine that gets twice as slow on the way: the ratio stays.
    ratio = ratio_of([1.0, 1.0, 2.0, 2.0], [1.5, 2.25, 3.0])
    assert ratio == Ratio(median=1.5, low=1.5, high=1.5, base_seconds=1.5)


def test_the_median_and_the_quartiles():
    ratio = ratio_of([1.0] * 6, [1.0, 2.0, 3.0, 4.0, 100.0])
    assert (ratio.low, ratio.median, ratio.high) == (2.0, 3.0, 4.0)


def test_a_ratio_over_several_of_the_other_call():
    assert Ratio(8.0, 6.0, 10.0, 0.5).over(4) == Ratio(2.0, 1.5, 2.5, 2.0)


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


def readme_rows() -> list[list[str]]:
    """Those that `make bench` writes."""
    text = README.read_text(encoding="utf-8")
    return rows_of(text.removesuffix(last_of(text, IN_THE_BROWSER)))


def rows_of(text: str) -> list[list[str]]:
    lines = text.splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_readme_names_machine_versions_and_date():
    text = README.read_text(encoding="utf-8")
    assert re.search(r"^- Machine: .+ 2 cores used", text, flags=re.MULTILINE)
    versions = re.search(r"^- Versions: (.+)$", text, flags=re.MULTILINE)
    assert versions
    for name in ("Python", *PACKAGES, "tf-keras-vis"):
        assert re.search(rf"\b{name} \d+\.\d+", versions[1]), name
    day = re.search(r"^- Date: (.+)$", text, flags=re.MULTILINE)
    assert day
    date.fromisoformat(day[1])


def test_readme_has_every_row_with_numbers():
    rows = {row[0]: row[1:] for row in readme_rows()}
    labels = [case.label for case in METHODS] + [*EAGER.values(), PEER, FASTER]
    labels += [f"`{method}`" for method in CLASS_COUNTS] + [f"`{layer}`" for layer in LAYERS]
    labels += [f"`{method}`, N = {n}" for method in STREAMED for n in (1, 256)]
    for label in labels:
        assert re.match(r"\d", rows[label][0]), label
    assert CONTROL in README.read_text(encoding="utf-8")
    assert any(label.startswith("Score-CAM") for label in rows)
    assert any(label.startswith("Occlusion") for label in rows)


def judged(rows: list[list[str]]) -> list[list[str]]:
    """The rows that have a target."""
    return [row for row in rows if row[-1] in ("met", "missed")]


def misjudged(rows: list[list[str]]) -> list[str]:
    """The labels of rows whose verdict is not what their numbers say."""
    wrong = []
    for label, *cells, target, verdict in judged(rows):
        medians = [float(cell.split()[0]) for cell in cells]
        bound = float(target.split()[-1])
        kept = medians[0] >= bound if target.startswith("at least") else max(medians) <= bound
        if verdict != ("met" if kept else "missed"):
            wrong.append(label)
    return wrong


@pytest.mark.parametrize(
    ("medians", "target", "verdict"),
    [
        (["1.10", "1.02"], "at most 1.10", "met"),
        (["1.02", "1.11"], "at most 1.10", "missed"),
        (["4.00", "1.00"], "at least 4.00", "met"),  # the target is one at batch 1
        (["3.99", "9.00"], "at least 4.00", "missed"),
    ],
)
def test_an_honest_verdict_passes_met_or_missed_and_a_dishonest_one_is_found(medians, target, verdict):
    cells = [f"{median} (0.90 to 9.10)" for median in medians]
    other = {"met": "missed", "missed": "met"}[verdict]
    without_target = ["a third method", *cells, "", ""]
    honest, dishonest = ["a method", *cells, target, verdict], ["another", *cells, target, other]
    assert misjudged([honest, dishonest, without_target]) == ["another"]


def test_every_target_in_the_readme_is_judged_as_its_numbers_say():
    rows = readme_rows()
    assert len(judged(rows)) == sum(case.limit is not None for case in METHODS) + 1
    assert misjudged(rows) == []


def test_the_peer_agrees_where_both_are_right():
    agreement = [row for row in readme_rows() if row[0].strip("`") in LAYERS and len(row) == 3]
    assert len(agreement) == len(LAYERS)
    assert all(float(cell) > 0.999 for row in agreement for cell in row[1:])


def test_the_peer_is_no_part_of_the_course():
    import importlib.metadata

    requirements = [Requirement(text) for text in importlib.metadata.requires("cam-course") or []]
    assert "tf-keras-vis" not in {requirement.name for requirement in requirements if not requirement.marker}


def test_a_section_is_put_in_the_place_of_the_old_one_and_kept_by_the_other_program():
    new, old = (Section("Two", text, ["", "B"], [["a", "1"]]) for text in ("New.", "Old."))
    file = "# Benchmarks\n\n## One\n\nText.\n"
    with_old = with_last(file, old)
    assert with_old == file + "\n## Two\n\nOld.\n\n|  | B |\n| --- | ---: |\n| a | 1 |\n"
    assert with_last(with_old, new) == with_old.replace("Old.", "New.")
    assert file + last_of(with_old, "Two") == with_old
    assert last_of(file, "Two") == ""


def test_the_answers_of_the_live_figures_are_in_the_readme_with_honest_verdicts():
    section = last_of(README.read_text(encoding="utf-8"), IN_THE_BROWSER)
    rows = [row for row in rows_of(section) if row[-1] in ("met", "missed")]
    assert len(rows) == 9
    for label, moves, median, slow, target, verdict in rows:
        median_ms, slow_ms, limit = (int(re.sub(r"\D", "", cell)) for cell in (median, slow, target))
        assert int(moves) >= 10, label
        assert slow_ms >= median_ms, label
        assert verdict == ("met" if median_ms <= limit else "missed"), label
    assert re.search(r"chromium \d+.*; \d{4}-\d\d-\d\d", section)
