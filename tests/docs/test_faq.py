"""docs/faq.md: its snippets run, its answers are short, its list of questions is the list of its headings."""

import re
import textwrap

import pytest
from course import ROOT

FAQ = ROOT / "docs" / "faq.md"
TEXT = FAQ.read_text(encoding="utf-8")
ANSWERS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
SNIPPETS = [(match.start(), match[1]) for match in re.finditer(r"```python\n(.*?)```", TEXT, re.DOTALL)]

TOPICS = """sigmoid, regression, segmentation, signals, transformer, nested, batch normalization, every run, zero,
shifted, inverted, corner, Healthy, more data, input size, causal, train, method, threshold, check"""


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: f"line-{TEXT.count(chr(10), 0, snippet[0]) + 1}")
def test_the_snippet_runs(snippet: tuple[int, str]) -> None:
    start, code = snippet
    lines_above = TEXT.count("\n", 0, start) + 1
    exec(compile("\n" * lines_above + code, str(FAQ), "exec"), {"__name__": "faq"})
    assert "assert" in code


@pytest.mark.parametrize("question", ANSWERS)
def test_an_answer_has_three_to_eight_sentences(question: str) -> None:
    prose = re.sub(r"```.*?```", "", ANSWERS[question], flags=re.DOTALL)
    prose = re.sub(r"\bet al\.", "et al", " ".join(prose.split()))
    sentences = re.findall(r"[.?!](?= [A-Z`\"$]|$)", prose)
    assert 3 <= len(sentences) <= 8, textwrap.shorten(prose, 400)


def test_the_list_at_the_top_is_the_list_of_the_headings() -> None:
    links = re.findall(r"^- \[(.+)\]\(#(.+)\)$", TEXT, re.MULTILINE)
    assert [question for question, _ in links] == list(ANSWERS)
    for question, anchor in links:
        assert anchor == re.sub(r"[^\w\- ]", "", question.lower()).replace(" ", "-")


def test_no_topic_is_missing() -> None:
    for topic in re.split(r",\s+", TOPICS):
        assert any(topic.lower() in question.lower() for question in ANSWERS), topic
