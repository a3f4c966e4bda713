"""Files are whole or not there, under any name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cam_course.files import UNFINISHED, clear_unfinished, written_whole


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    with written_whole(path) as unfinished:
        unfinished.write_text("half")
        assert not path.exists()
        unfinished.write_text("whole")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_before_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("old")
    with written_whole(path) as unfinished:
        unfinished.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def write_half(path: Path, error: type[BaseException]) -> None:
    with written_whole(path) as unfinished:
        unfinished.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, "old"])
def test_an_exception_leaves_file_and_folder_as_they_were(
    error: type[BaseException], before: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "card.md"
    if before:
        path.write_text(before)
    with pytest.raises(error):
        write_half(path, error)
    assert [found.read_text() for found in tmp_path.iterdir()] == ([before] if before else [])


def test_a_block_that_writes_nothing_is_an_error_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), written_whole(path):
        pass
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_name_to_write_to_is_the_same_so_that_its_suffix_stays(tmp_path: Path) -> None:
    with written_whole(tmp_path / "net.weights.h5") as unfinished:
        assert unfinished.name == "net.weights.h5"
        assert unfinished.parent.parent == tmp_path
        assert unfinished.parent.name.startswith(UNFINISHED)
        unfinished.touch()


def test_a_name_of_250_bytes_is_not_too_long(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 246}.txt"
    with written_whole(path) as unfinished:
        unfinished.write_text("whole")
    assert path.read_text() == "whole"


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    with written_whole(path) as first, written_whole(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # its block ended last
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    ordinary, path = tmp_path / "ordinary", tmp_path / "card.md"
    ordinary.touch()
    with written_whole(path) as unfinished:
        unfinished.touch()
    assert path.stat().st_mode == ordinary.stat().st_mode


def test_a_relative_path_is_taken_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with written_whole(Path("card.md")) as unfinished:
        unfinished.write_text("whole")
    assert [found.name for found in tmp_path.iterdir()] == ["card.md"]


def test_what_a_killed_process_left_of_a_file_can_be_cleared_and_nothing_else(tmp_path: Path) -> None:
    path, other = tmp_path / "mnist.npz", tmp_path / "other.npz"
    for of_file in (path, other):
        killed = (
            "import os, sys, pathlib, cam_course.files as files\n"
            "with files.written_whole(pathlib.Path(sys.argv[1])) as part:\n"
            "    part.write_text('half')\n"
            "    os._exit(1)\n"
        )
        subprocess.run([sys.executable, "-c", killed, str(of_file)], check=False)
    assert [folder.name.startswith(UNFINISHED) for folder in tmp_path.iterdir()] == [True, True]
    clear_unfinished(path)
    [still] = tmp_path.iterdir()
    assert [found.name for found in still.iterdir()] == ["other.npz"]
