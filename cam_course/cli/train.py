"""cam-course train: train a network of the lessons anew."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from ..data.cache import MNIST, DownloadError, fetch
from ..data.mnist import Digits, load_mnist, load_stand_in

app = typer.Typer(help="Train a network of the lessons anew.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[Path, typer.Option("--output", "-o", help="Where to write the weights and their card.")]


@app.command("mnist")
def train_on_mnist(folder: Folder = Path()) -> None:
    """Train the MNIST network as the lecture does.

    It takes the real MNIST, and writes the weights and their card. The lessons load the weights that come with the
    course, in cam_course/weights.
    """
    _need_mnist()
    _train(load_mnist(), folder)


@app.command("small-digits")
def train_on_small_digits(folder: Folder = Path()) -> None:
    """Train the same network on scikit-learn's small digits, the stand-in for MNIST; this takes some minutes.

    The lessons load these weights where they have neither MNIST nor a network.
    """
    _train(load_stand_in(), folder)


@app.command("cantilever")
def train_on_cantilevers(folder: Folder = Path()) -> None:
    """Train the network that looks for damage in loaded beams; this takes some five minutes on two cores.

    Stopped in between, with Control-C, the same command goes on where it was.
    """
    from .. import models
    from ..data.cantilever import load_cantilevers

    train, test = load_cantilevers()
    folder.mkdir(parents=True, exist_ok=True)
    model = models.train_cantilever(train, kept=folder / "cantilever_gap.started")
    _say(models.save_cantilever(model, test, folder))


@app.command("cluttered")
def train_on_cluttered_digits(folder: Folder = Path()) -> None:
    """Train the network that finds digits among pieces of others; this takes some ten minutes on two cores.

    It takes the real MNIST. Stopped in between, with Control-C, the same command goes on where it was.
    """
    _need_mnist()
    from .. import models

    _train_and_go_on(models.train_cluttered, models.save_cluttered, folder, "cluttered_gap")


@app.command("vit")
def train_vision_transformer(folder: Folder = Path()) -> None:
    """Train the vision transformer for digits; this takes some twenty minutes on two cores.

    It takes the real MNIST. Stopped in between, with Control-C, the same command goes on where it was.
    """
    _need_mnist()
    from .. import models

    _train_and_go_on(models.train_vit, models.save_vit, folder, "mnist_vit")


@app.command("seeds")
def train_on_five_seeds(folder: Folder = Path()) -> None:
    """Train five networks that differ in their seed alone; this takes some ten minutes on two cores.

    It takes the real MNIST. Stopped in between, with Control-C, the same command goes on where it was.
    """
    _need_mnist()
    from .. import models

    _say(models.train_seeds(load_mnist(), folder))


def _need_mnist() -> None:
    try:
        fetch(MNIST)
    except DownloadError as error:
        typer.echo(f"Training needs the real MNIST. {error}", err=True)
        raise typer.Exit(1) from error


def _train_and_go_on(train: Callable[..., Any], save: Callable[..., Any], folder: Path, name: str) -> None:
    """Train on MNIST; what is needed to go on after an interruption lies in the folder meanwhile."""
    digits = load_mnist()
    folder.mkdir(parents=True, exist_ok=True)
    model = train(digits, kept=folder / f"{name}.started")
    _say(save(model, digits, folder))


def _train(digits: Digits, folder: Path) -> None:
    from .. import models  # TensorFlow only now

    typer.echo(digits.notice)
    _say(models.save_mnist(models.train_mnist(digits), digits, folder))


def _say(written: Iterable[Path]) -> None:
    for path in written:
        typer.echo(f"written: {path}")
