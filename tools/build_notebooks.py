"""Build notebooks/ from lessons/: up to four editions of each lesson from one source (see editions.py for its form).

    python tools/build_notebooks.py                     every lesson: run, cleaned, stored with outputs
    python tools/build_notebooks.py lessons/03_*.py     these lessons alone
    python tools/build_notebooks.py --no-run            text and code only; unchanged code cells keep their outputs
    python tools/build_notebooks.py --check             write nothing, one line for each notebook that is not as built

The English lecture edition is run; the Korean one has the same code and takes its outputs; student editions have none.
"""

import argparse
import os
import sys
import tempfile
from copy import deepcopy
from itertools import zip_longest
from pathlib import Path

import nbformat
from editions import NOTEBOOK_METADATA, BuildError, Cell, make_edition, read_lesson
from keras_home import linked_keras_home
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode

from cam_course.cli.running import run_notebook
from cam_course.data.cache import fetch_command
from cam_course.files import written_whole
from cam_course.teaching.exercises.notebook import MIME as EXERCISE
from cam_course.teaching.exercises.notebook import box

ROOT = Path(__file__).resolve().parent.parent
LARGEST_TOTAL = 15_000_000  # bytes of notebooks/: everyone who clones the course carries them

EDITIONS = {  # (language, reader) -> folder in notebooks/
    ("en", "lecture"): "",
    ("en", "student"): "student",
    ("ko", "lecture"): "ko",
    ("ko", "student"): "ko/student",
}
WIDGET = "application/vnd.jupyter.widget-view+json"
# How the course says that it had to do without the real data: figures drawn so are not stored.
STAND_INS = ("Stand-in for MNIST", "Weights: none")
STILL = "text/html"  # what a reader without a kernel sees in the place of a widget


# ---- outputs


def execute(notebook: NotebookNode, cells: list[Cell], folder: Path) -> None:
    """Run a notebook in a fresh kernel as if it lay in `folder`, and keep its outputs, cleaned."""
    where = {cell.id: cell.where for cell in cells}
    started: list[NotebookNode] = []
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as keras_home:
        env = os.environ | linked_keras_home(Path(keras_home))
        try:
            run_notebook(notebook, folder, env, on_cell=started.append)
        except (CellControlSignal, DeadKernelError) as error:
            raise BuildError(f"{where[started[-1].id]}: this cell does not run; mend it. {error}") from error
    notebook.metadata = deepcopy(NOTEBOOK_METADATA)  # the kernel has added its version
    for cell in code_cells(notebook):
        clean_outputs(where[cell.id], cell)


def clean_outputs(where: str, cell: NotebookNode) -> None:
    """Refuse warnings, on stderr or from TensorFlow; where a widget has a still picture beside it, keep that alone."""
    for output in cell.outputs:
        if output.get("name") == "stderr" or "WARNING:tensorflow" in output.get("text", ""):
            raise BuildError(f"{where}: this cell prints a warning; find out why and mend it: {output.text}")
        if output.get("text", "").startswith(STAND_INS):
            raise BuildError(f"{where}: the real data is missing; run `{fetch_command()}` first. {output.text}")
        if STILL in output.get("data", {}):
            output.data.pop(WIDGET, None)
        if "image/png" in output.get("data", {}):
            raise BuildError(
                f"{where}: this figure has no alternative text; draw it with a function of cam_course.plotting."
            )


def copy_outputs(source: NotebookNode, target: NotebookNode) -> None:
    """Give the code cells of `target` the outputs of those in `source` with the same id, hence the same code."""
    known = {cell.id: cell for cell in code_cells(source)}
    for cell in code_cells(target):
        if cell.id in known:
            cell.outputs = deepcopy(known[cell.id].outputs)
            cell.execution_count = known[cell.id].execution_count


def translate_boxes(notebook: NotebookNode) -> None:
    """Let the answers to exercises speak Korean."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if said := output.get("data", {}).get(EXERCISE):
                output.data.update(box(said, "ko"))


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# ---- building, storing, checking


def build(lesson: Path, notebooks: Path, run: bool) -> dict[Path, NotebookNode]:
    """Return the editions of a lesson by path; without `run`, with the outputs that are stored for the same cells."""
    cells = read_lesson(lesson)
    paths = edition_paths(lesson, notebooks)
    languages = ["en", "ko"] if any("ko" in cell.texts for cell in cells) else ["en"]
    built = {key: make_edition(cells, *key) for key in EDITIONS if key[0] in languages}
    lecture, lecture_path = built["en", "lecture"], paths["en", "lecture"]
    if run:
        execute(lecture, cells, notebooks)
    elif lecture_path.exists():
        copy_outputs(read_stored(lecture_path), lecture)
    if "ko" in languages:
        copy_outputs(lecture, built["ko", "lecture"])
        translate_boxes(built["ko", "lecture"])
    return {paths[key]: notebook for key, notebook in built.items()}


def edition_paths(lesson: Path, notebooks: Path) -> dict[tuple[str, str], Path]:
    """Return where each edition of a lesson is stored."""
    return {key: notebooks / folder / f"{lesson.stem}.ipynb" for key, folder in EDITIONS.items()}


def read_stored(path: Path) -> NotebookNode:
    """Read a stored notebook."""
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError as error:
        raise BuildError(f"{path}: this is no notebook (an unfinished merge?); delete it and build it.") from error
    return notebook


def store(built: dict[Path, NotebookNode]) -> None:
    """Write notebooks, each whole or not at all."""
    for notebook in built.values():
        nbformat.validate(notebook)
    for path, notebook in built.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as unfinished:
            unfinished.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def check(lesson: Path, notebooks: Path) -> list[str]:
    """Return a line for each stored edition of a lesson that is not what `build` makes."""
    try:
        built = build(lesson, notebooks, run=False)
        faults = [fault_of(path, built.get(path)) for path in edition_paths(lesson, notebooks).values()]
    except BuildError as error:
        faults = [str(error)]
    return [fault for fault in faults if fault]


def fault_of(path: Path, built: NotebookNode | None) -> str | None:
    """Return what is wrong with a stored edition; `built` is None where the lesson has no such edition."""
    if built is None:
        return f"{path}: its lesson has no such edition; delete it." if path.exists() else None
    if not path.exists():
        return f"{path}: not built yet; run tools/build_notebooks.py."
    stored = read_stored(path)
    if stored != built:
        return f"{path}: {first_difference(stored, built)} differs from the lesson; change the lesson and build it."
    counts = [cell.execution_count for cell in code_cells(stored)]
    if path.parent.name != "student" and counts != list(range(1, len(counts) + 1)):
        return f"{path}: its cells were not all run, from the first to the last; build it without --no-run."
    return None


def first_difference(stored: NotebookNode, built: NotebookNode) -> str:
    """Name the first cell in which two notebooks differ."""
    for number, (old, new) in enumerate(zip_longest(stored.cells, built.cells), start=1):
        if old != new:
            return f"cell {number} ({(new or old).source.partition(chr(10))[0]!r})"
    return "the notebook's metadata"


def strays(lessons: list[Path], notebooks: Path) -> list[str]:
    """Return a line for each stored notebook that no lesson makes."""
    known = {path for lesson in lessons for path in edition_paths(lesson, notebooks).values()}
    return [f"{path}: no lesson makes it; delete it." for path in stored_notebooks(notebooks) if path not in known]


def stored_notebooks(notebooks: Path) -> list[Path]:
    """Return every notebook below a folder, without JupyterLab's own checkpoints."""
    return sorted(path for path in notebooks.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Build or check the notebooks of the course in `root`; return the exit code."""
    parser = argparse.ArgumentParser(description="Build notebooks/ from lessons/.")
    parser.add_argument("lessons", nargs="*", type=Path, metavar="LESSON", help="lessons/NN_name.py (default: all)")
    parser.add_argument("--no-run", action="store_true", help="run nothing; unchanged code cells keep their outputs")
    parser.add_argument("--check", action="store_true", help="write nothing; report what is not as built")
    options = parser.parse_args(arguments)
    notebooks = root / "notebooks"
    every_lesson = sorted((root / "lessons").glob("[0-9][0-9]_*.py"))
    lessons = options.lessons or every_lesson
    if missing := [str(lesson) for lesson in lessons if not lesson.is_file()]:
        parser.error(f"no such lesson: {', '.join(missing)}")

    faults: list[str] = []
    if options.check:
        faults = [fault for lesson in lessons for fault in check(lesson, notebooks)] + strays(every_lesson, notebooks)
    else:
        for lesson in lessons:
            try:
                store(build(lesson, notebooks, run=not options.no_run))
                print(f"built {lesson.stem}", flush=True)
            except BuildError as error:
                faults.append(str(error))
    total = sum(path.stat().st_size for path in stored_notebooks(notebooks))
    print(f"{notebooks}: {total / 1e6:.1f} MB")
    if options.check and total > LARGEST_TOTAL:
        faults.append(f"{notebooks}: more than {LARGEST_TOTAL / 1e6:.0f} MB; store fewer or smaller figures.")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
