"""cam-course validate: run notebooks without a browser, check their identities, collect the results of exercises."""

import csv
import json
import re
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from ..files import written_whole
from ..teaching.exercises.notebook import MIME as EXERCISE
from ..teaching.exercises.notebook import exercises_of, lesson_of
from ..teaching.identity import MIME as IDENTITY
from .running import run_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

MISSING = "missing"  # an exercise of the lesson whose check was not run, because it is gone or its notebook stopped


@dataclass(frozen=True)
class Result:
    """What became of one exercise in one notebook."""

    exercise: str
    outcome: str  # right, not yet, not attempted, missing
    mistake: str = ""


@dataclass(frozen=True)
class Row:
    """What validation found out about one notebook."""

    name: str
    seconds: float
    residuals: list[float]
    failure: str | None = None
    results: list[Result] = field(default_factory=list)


def validate(
    notebooks: Annotated[list[Path] | None, typer.Argument(metavar="NOTEBOOK", show_default=False)] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results as well: FILE.csv or FILE.json.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=1, help="What each notebook may take, from start to end.")
    ] = None,
) -> None:
    """Run notebooks, check their identities and their exercises.

    By default they are those of the folder notebooks. Each runs in a kernel of its own. Where an exercise is not right
    yet, the mistake is named if it is a known one. The exit code is 0 if all notebooks ran and all their identities
    held, otherwise 1, whatever the exercises say. No notebook is changed.
    """
    paths = notebooks or sorted(Path("notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        typer.echo("There is no folder notebooks here: name the notebooks, or change to the course's folder.", err=True)
        raise typer.Exit(1)
    if save and (save.suffix not in _WRITERS or not save.absolute().parent.is_dir()):
        typer.echo(f"--save got {save}: give a name that ends in .csv or .json, in a folder that exists.", err=True)
        raise typer.Exit(2)
    rows: list[Row] = []
    try:
        with _progress() as progress:
            for path in paths:
                rows.append(_validate(path, progress, time_limit))
    except KeyboardInterrupt:
        _report(rows, save)
        passed, left = sum(row.failure is None for row in rows), len(paths) - len(rows)
        typer.echo(f"Stopped: {passed} of {len(paths)} notebooks passed, {left} were not finished.", err=True)
        raise typer.Exit(130) from None
    _report(rows, save)
    raise typer.Exit(1 if any(row.failure for row in rows) else 0)


def _progress() -> Progress:
    name = TextColumn("{task.description}", markup=False, table_column=Column(overflow="fold"))
    return Progress(name, BarColumn(16), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True))


# ---- running one


def _validate(path: Path, progress: Progress, time_limit: float | None) -> Row:
    import nbformat
    from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

    start = time.perf_counter()
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:  # nbformat's own errors are ValueErrors
        cause = "there is no such file" if isinstance(error, FileNotFoundError) else "it is not a notebook"
        return Row(path.name, 0.0, [], f"cannot be read, {cause}")
    task = progress.add_task(path.name, total=len(notebook.cells))
    started: list[NotebookNode] = []

    def on_cell(cell: "NotebookNode") -> None:
        started.append(cell)
        progress.update(task, completed=notebook.cells.index(cell))

    failure = None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    checked = _checked(notebook)
    try:
        # One wrong cell of a learner does not take the other exercises with it.
        run_notebook(notebook, path.parent, on_cell=on_cell, seconds=time_limit, go_on=bool(checked))
        progress.update(task, completed=len(notebook.cells))
    except CellExecutionError:
        failure = _first_failure(notebook)
    except (CellControlSignal, DeadKernelError) as error:
        failure = f"{_named(started[-1], notebook)} did not end: {error}"
    residuals = [said["residual"] for said in _said(notebook, IDENTITY)]
    return Row(path.name, time.perf_counter() - start, residuals, failure, _results(notebook, checked))


def _first_failure(notebook: "NotebookNode") -> str | None:
    """The first cell that raised, unless it is an answer: that is said in the result of its exercise."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" and not {"exercise", "check"} & set(cell.metadata.get("tags", [])):
                return f"{_named(cell, notebook)} raised {output.ename}: {output.evalue}"
    return None


def _named(cell: "NotebookNode", notebook: "NotebookNode") -> str:
    first_line = cell.source.strip().partition("\n")[0]
    return f"cell {notebook.cells.index(cell) + 1} ({first_line!r})"


def _said(notebook: "NotebookNode", mime: str) -> list[dict[str, Any]]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data[mime] for output in outputs if mime in output.get("data", {})]


def _checked(notebook: "NotebookNode") -> list[str]:
    """The exercises that a notebook checks."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return re.findall(r"""^check\(["'](\d+\.\d+)["']""", code, re.MULTILINE)


def _results(notebook: "NotebookNode", checked: list[str]) -> list[Result]:
    """A result for each exercise of the lessons that a notebook has exercises of."""
    said = {one["exercise"]: one for one in _said(notebook, EXERCISE) if one["outcome"] != "hint"}
    lessons = sorted({lesson_of(exercise) for exercise in checked})
    results = []
    for exercise in (exercise.id for lesson in lessons for exercise in exercises_of(lesson)):
        one = said.get(exercise)
        results.append(Result(exercise, one["outcome"], one["mistake"] or "") if one else Result(exercise, MISSING))
    return results


# ---- what is said


def _report(rows: list[Row], save: Path | None) -> None:
    Console().print(_table(rows))
    for row in rows:
        if row.failure:
            typer.echo(f"{row.name} failed: {row.failure}")
    if any(row.results for row in rows):
        Console().print(_exercises(rows))
    if save:
        with written_whole(save) as unfinished:
            _WRITERS[save.suffix](rows, unfinished)
        typer.echo(f"Results: {save}")


def _table(rows: list[Row]) -> Table:
    table = Table(title="Validation", title_justify="left")
    table.add_column("notebook", overflow="fold")
    for head in ("seconds", "identities", "largest\nresidual"):
        table.add_column(head, justify="right")
    table.add_column("result")
    for row in rows:
        largest = f"{max(row.residuals):.1e}" if row.residuals else "–"
        result = Text("failed", style="red") if row.failure else Text("passed", style="green")
        table.add_row(Text(row.name), f"{row.seconds:.1f}", str(len(row.residuals)), largest, result)
    return table


def _exercises(rows: list[Row]) -> Table:
    table = Table(title="Exercises", title_justify="left")
    table.add_column("notebook", overflow="fold")
    table.add_column("right", justify="right")
    table.add_column("the others", overflow="fold")
    for row in rows:
        if not row.results:
            continue
        right = sum(result.outcome == "right" for result in row.results)
        others = [
            f"{result.exercise} {result.outcome}" + (f": {result.mistake}" if result.mistake else "")
            for result in row.results
            if result.outcome != "right"
        ]
        table.add_row(Text(row.name), f"{right} of {len(row.results)}", Text("\n".join(others)))
    return table


def _write_json(rows: list[Row], path: Path) -> None:
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


def _write_csv(rows: list[Row], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["notebook", "exercise", "outcome", "mistake", "failure of the notebook"])
        for row in rows:
            for result in row.results or [Result("", "")]:
                writer.writerow([row.name, result.exercise, result.outcome, result.mistake, row.failure or ""])


_WRITERS = {".csv": _write_csv, ".json": _write_json}
