"""cam-course validate: run the lessons without a browser."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from ..teaching.identity import MIME
from .running import run_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Row:
    """What validation found out about one notebook."""

    name: str
    seconds: float
    residuals: list[float]
    failure: str | None = None


def validate(
    notebooks: Annotated[list[Path] | None, typer.Argument(metavar="NOTEBOOK", show_default=False)] = None,
) -> None:
    """Run notebooks without a browser, and check their identities.

    By default they are those of the folder notebooks. The exit code is 0 if all of them ran and all their identities
    held, otherwise 1. No notebook is changed.
    """
    paths = notebooks or sorted(Path("notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        typer.echo("There is no folder notebooks here: name the notebooks, or change to the course's folder.", err=True)
        raise typer.Exit(1)
    rows: list[Row] = []
    try:
        with _progress() as progress:
            for path in paths:
                rows.append(_validate(path, progress))
    except KeyboardInterrupt:
        _report(rows)
        passed, left = sum(row.failure is None for row in rows), len(paths) - len(rows)
        typer.echo(f"Stopped: {passed} of {len(paths)} notebooks passed, {left} were not finished.", err=True)
        raise typer.Exit(130) from None
    _report(rows)
    raise typer.Exit(1 if any(row.failure for row in rows) else 0)


def _progress() -> Progress:
    name = TextColumn("{task.description}", markup=False, table_column=Column(overflow="fold"))
    return Progress(name, BarColumn(16), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True))


def _validate(path: Path, progress: Progress) -> Row:
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
    try:
        run_notebook(notebook, path.parent, on_cell=on_cell)
        progress.update(task, completed=len(notebook.cells))
    except CellExecutionError as error:
        failure = f"{_named(started[-1], notebook)} raised {error.ename}: {error.evalue}"
    except (CellControlSignal, DeadKernelError) as error:
        failure = f"{_named(started[-1], notebook)} did not end: {error}"
    return Row(path.name, time.perf_counter() - start, _residuals(notebook), failure)


def _named(cell: "NotebookNode", notebook: "NotebookNode") -> str:
    first_line = cell.source.strip().partition("\n")[0]
    return f"cell {notebook.cells.index(cell) + 1} ({first_line!r})"


def _residuals(notebook: "NotebookNode") -> list[float]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data[MIME]["residual"] for output in outputs if MIME in output.get("data", {})]


def _report(rows: list[Row]) -> None:
    Console().print(_table(rows))
    for row in rows:
        if row.failure:
            typer.echo(f"{row.name} failed: {row.failure}")


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
