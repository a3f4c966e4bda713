"""cam-course validate: good notebooks, failing ones, and files that are none."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from course import PROGRAM, ROOT, cam_course
from typer.testing import CliRunner

from cam_course.cli import app
from cam_course.teaching.exercises.notebook import exercises_of


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_markdown_cell("# Text"), *(nbformat.v4.new_code_cell(source) for source in sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


CHECK = "from cam_course.teaching.identity import check_identity\ncheck_identity('left = right', {}, {})"


def test_validate_counts_identities_and_shows_the_largest_residual(tmp_path: Path) -> None:
    path = notebook(tmp_path / "good.ipynb", CHECK.format(1.0, 1.0), CHECK.format(1.0, "1.0 + 2e-6"))
    before = path.read_bytes()
    done = cam_course("validate", str(path))
    assert done.returncode == 0, done.stderr
    (row,) = [line for line in done.stdout.splitlines() if "good.ipynb" in line]
    assert [cell.strip() for cell in row.split("│")[3:6]] == ["2", "2.0e-06", "passed"]
    assert path.read_bytes() == before
    assert "good.ipynb" in done.stderr  # the progress bar


def test_validate_names_the_cell_that_failed_and_goes_on(tmp_path: Path) -> None:
    bad = notebook(tmp_path / "bad.ipynb", "x = [1]", CHECK.format(1.0, 1.1), "print('never')")
    good = notebook(tmp_path / "good.ipynb", CHECK.format(2, 2))
    done = cam_course("validate", str(bad), str(good))
    assert done.returncode == 1
    text = " ".join(done.stdout.replace("│", " ").split())
    assert "failed: cell 3 ('from cam_course.teaching.identity import" in text
    assert "left = right: does not hold" in text
    assert "passed" in text


def test_validate_says_what_is_no_notebook(tmp_path: Path) -> None:
    (tmp_path / "text.ipynb").write_text("no notebook")
    done = cam_course("validate", str(tmp_path / "text.ipynb"), str(tmp_path / "missing.ipynb"))
    assert done.returncode == 1
    assert "it is not a notebook" in done.stdout
    assert "there is no such file" in done.stdout
    assert "Traceback" not in done.stderr


def test_validate_without_a_folder_of_notebooks_says_so(tmp_path: Path) -> None:
    done = cam_course("validate", cwd=tmp_path)
    assert done.returncode == 1
    assert "no folder notebooks here" in done.stderr


def test_no_name_of_a_notebook_is_cut_at_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    def pass_at_once(*_: object, **__: object) -> None:
        pass

    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")
    names = [path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")]
    monkeypatch.setattr(sys.modules["cam_course.cli.validate"], "run_notebook", pass_at_once)
    done = CliRunner().invoke(app, ["validate"])
    assert done.exit_code == 0
    for name in names:
        assert f" {name} " in done.stdout
        assert f"{name} " in done.stderr  # the progress bar
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


# ---- submissions

ANSWERS = {
    "right": "def score_from_map(M, b):\n    return b + M.mean()",
    "wrong": "def score_from_map(M, b):\n    return M.sum() + b",
    "broken": "def score_from_map(M, b)\n    return M.sum() + b",
    "untouched": "def score_from_map(M, b):\n    return ...",
}
EXPECTED = {
    "right": ("right", ""),
    "wrong": ("not yet", "sum for mean"),
    "broken": ("not yet", "crash"),
    "untouched": ("not attempted", ""),
}


def submission(path: Path, *sources: str, check: str = 'check("3.4", score_from_map)') -> Path:
    """A learner's notebook: the answer is tagged as in the student edition."""
    notebook(path, "from cam_course.teaching.exercises import check", *sources, check)
    stored = nbformat.read(path, as_version=4)
    stored.cells[-2].metadata["tags"], stored.cells[-1].metadata["tags"] = ["exercise"], ["check"]
    nbformat.write(stored, path)
    return path


@pytest.fixture(scope="module")
def class_of_four(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Four submissions, validated, with the results saved in both forms."""
    folder = tmp_path_factory.mktemp("class")
    paths = [submission(folder / f"{name}.ipynb", answer) for name, answer in ANSWERS.items()]
    before = [path.read_bytes() for path in paths]
    done = cam_course("validate", *map(str, paths), "--save", str(folder / "results.csv"))
    cam_course("validate", *map(str, paths), "--save", str(folder / "results.json"))
    assert [path.read_bytes() for path in paths] == before
    return folder, done


def test_results_name_what_is_right_and_each_known_mistake(class_of_four) -> None:
    folder, done = class_of_four
    assert done.returncode == 0, done.stdout + done.stderr
    others = len(exercises_of("03")) - 1
    said = [line.split("│")[1:-1] for line in done.stdout.partition("Exercises")[2].splitlines() if "│" in line]
    first = [line for line in said if ".ipynb" in line[0]]
    assert [line[1].strip() for line in first] == [f"{n} of {others + 1}" for n in (1, 0, 0, 0)]
    shown = [line[2].strip() for line in said if "3.4" in line[2]]
    assert shown == ["3.4 not yet: sum for mean", "3.4 not yet: crash", "3.4 not attempted"]

    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    saved = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    for name, (result, mistake) in EXPECTED.items():
        [line] = [row for row in table if row["notebook"] == f"{name}.ipynb" and row["exercise"] == "3.4"]
        assert (line["outcome"], line["mistake"], line["failure of the notebook"]) == (result, mistake, "")
        [row] = [row for row in saved if row["name"] == f"{name}.ipynb"]
        assert {"exercise": "3.4", "outcome": result, "mistake": mistake} in row["results"]
        assert [one["outcome"] for one in row["results"] if one["exercise"] != "3.4"] == ["missing"] * others
        assert len(row["results"]) == others + 1


def test_a_cell_that_stops_takes_no_other_exercise_with_it(tmp_path: Path) -> None:
    path = submission(tmp_path / "one.ipynb", "1 / 0", ANSWERS["right"])
    done = cam_course("validate", str(path), "--save", str(tmp_path / "one.json"))
    assert done.returncode == 1
    assert "failed: cell 3 ('1 / 0') raised ZeroDivisionError" in done.stdout
    [row] = json.loads((tmp_path / "one.json").read_text())
    assert {"exercise": "3.4", "outcome": "right", "mistake": ""} in row["results"]


def test_a_check_that_is_gone_is_missing(tmp_path: Path) -> None:
    path = submission(tmp_path / "one.ipynb", ANSWERS["right"], check='if False:\n    1\ncheck("3.4", ...)')
    done = cam_course("validate", str(path))
    assert "3.2 missing" in done.stdout


def test_a_notebook_has_a_time_limit(tmp_path: Path) -> None:
    path = submission(tmp_path / "slow.ipynb", "import time\ntime.sleep(600)", ANSWERS["right"])
    start = time.monotonic()
    done = cam_course("validate", str(path), "--time-limit", "4")
    assert time.monotonic() - start < 60
    assert done.returncode == 1
    assert "slow.ipynb failed: cell 3 ('import time') did not end" in done.stdout


@pytest.mark.parametrize("name", ["results.txt", "results", "no/such/folder/results.csv"])
def test_results_go_to_csv_or_json(name: str, tmp_path: Path) -> None:
    done = cam_course("validate", str(tmp_path / "one.ipynb"), "--save", str(tmp_path / name))
    assert done.returncode == 2
    assert "give a name that ends in .csv or .json, in a folder that exists" in done.stderr


WAITS = """
import os, pathlib, time
pathlib.Path("kernel").write_text(str(os.getpid()))
while True:
    {}
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Control-C otherwise")
@pytest.mark.parametrize("step", ["pass", "time.sleep(600)"])
def test_control_c_says_what_passed_and_leaves_no_kernel(step: str, tmp_path: Path) -> None:
    paths = [notebook(tmp_path / "good.ipynb", CHECK.format(1, 1))]
    paths += [notebook(tmp_path / "slow.ipynb", WAITS.format(step)), notebook(tmp_path / "never.ipynb", "1")]
    with subprocess.Popen(
        [str(PROGRAM), "validate", *map(str, paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as running:
        kernel = tmp_path / "kernel"
        while not (kernel.exists() and kernel.read_text()):
            assert running.poll() is None
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        stopped = time.monotonic()
        out, errors = running.communicate(timeout=60)
    assert time.monotonic() - stopped < 4  # two seconds, and two more for a machine that is busy
    assert running.returncode == 130
    assert "Stopped: 1 of 3 notebooks passed, 2 were not finished." in errors
    assert "Traceback" not in errors
    assert "destroyed" not in errors  # what asyncio says of a task that is left waiting
    (row,) = [line for line in out.splitlines() if ".ipynb" in line]
    assert "good.ipynb" in row
    assert "passed" in row
    assert not psutil.pid_exists(int(kernel.read_text()))


# A kernel that Control-C ends before it has a process group of its own: it is still in the program's.
STOPPED_BEFORE_IT_HAS_A_GROUP = """
import os, signal, subprocess, sys
from jupyter_client.provisioning import local_provisioner
from cam_course.cli import app

def launch_kernel(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

local_provisioner.launch_kernel = launch_kernel
app()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Control-C otherwise")
def test_control_c_does_not_kill_the_program_with_a_kernel_of_its_group(tmp_path: Path) -> None:
    path = notebook(tmp_path / "one.ipynb", "1")
    command = [sys.executable, "-c", STOPPED_BEFORE_IT_HAS_A_GROUP, "validate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, start_new_session=True, timeout=60, check=False)
    assert done.returncode == 130
    assert "Stopped: 0 of 1 notebooks passed, 1 were not finished." in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Control-C otherwise")
@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.6])
def test_control_c_while_a_kernel_starts(seconds: float, tmp_path: Path) -> None:
    path = notebook(tmp_path / "one.ipynb", "1")
    with subprocess.Popen(
        [str(PROGRAM), "validate", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as running:
        children = psutil.Process(running.pid).children
        while not (kernels := children()):
            assert running.poll() is None
            time.sleep(0.01)
        time.sleep(seconds)
        os.killpg(running.pid, signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    # 0 where the notebook had passed by then, and the signal itself where Python was about to end.
    assert running.returncode in (0, 130, -signal.SIGINT)
    assert b"Traceback" not in errors
    assert not any(kernel.is_running() for kernel in kernels)
