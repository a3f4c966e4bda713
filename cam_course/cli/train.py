"""cam-course train: train a network of the lessons anew."""

from pathlib import Path
from typing import Annotated

import typer

from ..data.cache import MNIST, DownloadError, fetch

app = typer.Typer(help="Train a network of the lessons anew.", no_args_is_help=True, rich_markup_mode=None)


@app.command("mnist")
def train_mnist(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Where to write the weights and their card.")] = Path(),
) -> None:
    """Train the MNIST network as the lecture does.

    It takes the real MNIST, and writes the weights and their card. Lesson 04 loads the weights that come with the
    course, in cam_course/weights.
    """
    try:
        fetch(MNIST)
    except DownloadError as error:
        typer.echo(f"Training needs the real MNIST. {error}", err=True)
        raise typer.Exit(1) from error
    from .. import models  # TensorFlow only now
    from ..data.mnist import load_mnist

    digits = load_mnist()
    typer.echo(digits.notice)
    for path in models.save_mnist(models.train_mnist(digits), digits, folder):
        typer.echo(f"written: {path}")
