"""README.md from what was measured."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil
from timing import Ratio

from cam_course.files import written_whole

PACKAGES = ("tensorflow", "keras", "numpy", "cam-course")
IN_THE_BROWSER = "In the browser"  # the last section, which `make bench-browser` writes


@dataclass(frozen=True)
class Section:
    """A table with what is to be said about it."""

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown; the first column is text, the others stand to the right."""
    if wrong := [row for row in rows if len(row) != len(head)]:
        raise ValueError(f"the row {wrong[0]} has {len(wrong[0])} cells, but the table has {len(head)} columns.")
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def times(ratio: Ratio) -> str:
    """The median and the quartiles."""
    return f"{ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def at_most(limit: float | None, *ratios: Ratio) -> list[str]:
    """The target and whether all medians keep it, as shown with two digits."""
    if limit is None:
        return ["", ""]
    return [f"at most {limit:.2f}", "met" if all(round(ratio.median, 2) <= limit for ratio in ratios) else "missed"]


def at_least(limit: float, ratio: Ratio) -> list[str]:
    """The target and whether the median keeps it, as shown with two digits."""
    return [f"at least {limit:.2f}", "met" if round(ratio.median, 2) >= limit else "missed"]


def machine(cores: int) -> str:
    """What this computer is, and how much of it was used."""
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), name)
    memory = psutil.virtual_memory().total / 1e9
    return f"{name}, {cores} cores used of {os.cpu_count()}, {memory:.0f} GB of memory, {platform.system()}, no GPU"


def versions(peer: str | None) -> str:
    """Of Python and of what computes."""
    names = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    return ", ".join([*names, f"tf-keras-vis {peer}" if peer else "tf-keras-vis not installed: not measured"])


def readme(machine: str, versions: str, day: date, introduction: str, sections: Sequence[Section]) -> str:
    """The whole file."""
    parts = [
        "# Benchmarks",
        "Written by `make bench`, which measures all anew, the last section by `make bench-browser`. Do not edit.",
        f"- Machine: {machine}\n- Versions: {versions}\n- Date: {day.isoformat()}",
        introduction,
    ]
    return "\n\n".join([*parts, *map(as_markdown, sections)]) + "\n"


def as_markdown(section: Section) -> str:
    """A section as it stands in the file."""
    return "\n\n".join([f"## {section.title}", section.text, table(section.head, section.rows)])


def with_last(text: str, section: Section) -> str:
    """The file with a last section, in place of the one of its title."""
    return f"{text.removesuffix(last_of(text, section.title))}\n{as_markdown(section)}\n"


def last_of(text: str, title: str) -> str:
    """The last section of the file as it stands there; nothing where there is none of that title."""
    _, found, after = text.partition(f"\n## {title}\n")
    return found + after


def write(path: Path, text: str) -> None:
    """The file, whole or not at all."""
    with written_whole(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
