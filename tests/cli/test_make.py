"""cam-course make: the data of a lesson, made anew."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cam_course.cli import app
from cam_course.data.cantilever import read


def test_cantilevers_are_made_into_a_new_folder(tmp_path: Path) -> None:
    pytest.importorskip("skfem")
    done = CliRunner().invoke(app, ["make", "cantilever", "-o", str(tmp_path / "new"), "--count", "4", "--seed", "5"])
    assert done.exit_code == 0, done.output
    assert "written: " in done.output
    _, made = read(tmp_path / "new" / "cantilever.npz")
    assert made.damaged.tolist() == [0, 1, 0, 1]


def test_without_scikit_fem_the_way_to_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skfem", None)
    done = CliRunner().invoke(app, ["make", "cantilever", "-o", str(tmp_path)])
    assert done.exit_code == 1
    assert "pip install 'cam-course[make]'" in done.output
    assert not list(tmp_path.iterdir())
