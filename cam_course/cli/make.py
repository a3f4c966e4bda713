"""cam-course make: make the data of a lesson anew."""

from pathlib import Path
from typing import Annotated

import typer

from ..data.cantilever import SEED, TEST, TRAIN, make

app = typer.Typer(help="Make the data of a lesson anew.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _more_to_come() -> None:
    """Make the data of a lesson anew."""


@app.command("cantilever")
def make_cantilevers(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Where to write cantilever.npz.")] = Path(),
    seed: Annotated[int, typer.Option(help="Of the beams; another one gives others.")] = SEED,
    count: Annotated[int, typer.Option(min=2, help="Beams; the last 800 are for testing.")] = TRAIN + TEST,
) -> None:
    """Make strain images of loaded beams, half of them damaged inside; this takes some two minutes.

    Finite elements do it, by scikit-fem: pip install 'cam-course[make]'. Stopped in between, with Control-C, the same
    command goes on where it was.
    """
    from tqdm import tqdm

    path = folder / "cantilever.npz"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tqdm(total=count, unit=" beams") as bar:
            for made in make(path, count, seed):
                bar.update(made - bar.n)
    except ModuleNotFoundError as error:
        typer.echo(f"{error.name} is missing, which makes the beams: pip install 'cam-course[make]'.", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"written: {path}")
