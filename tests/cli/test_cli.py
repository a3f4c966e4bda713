"""The command line as a whole."""

import re
from importlib.metadata import version
from itertools import pairwise

import pytest
from course import cam_course
from typer.testing import CliRunner

from cam_course.cli import app


@pytest.mark.parametrize("arguments", [[], ["train"]])
def test_without_a_command_the_help_is_shown(arguments: list[str]) -> None:
    assert "Usage" in (done := cam_course(*arguments)).stdout + done.stderr


def test_the_version_is_that_of_the_package() -> None:
    done = cam_course("--version")
    assert done.returncode == 0
    assert done.stdout == f"cam-course {version('cam-course')}\n"


COMMANDS = ["explain", "fetch", "validate", "train", "train mnist"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_is_filled_paragraphs_at_80_columns(command: str) -> None:
    text = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=80).stdout
    paragraphs = [part for part in re.split(r"\n\s*\n", text) if part.startswith("  ")]
    assert paragraphs
    for paragraph in paragraphs:
        lines = paragraph.splitlines()
        for line, following in pairwise(lines):
            assert len(line) <= 80
            assert len(line) + 1 + len(following.split()[0]) > 78, f"broken after {line!r}"


def test_the_list_of_commands_has_whole_sentences_at_80_columns() -> None:
    listed = CliRunner().invoke(app, ["--help"], terminal_width=80).stdout.partition("Commands:")[2]
    rows = [line.split(maxsplit=1) for line in listed.strip().splitlines()]
    assert [name for name, _ in rows] == ["explain", "fetch", "validate", "train", "make"]
    assert all(re.search(r"[^.]\.$", sentence) for _, sentence in rows)
