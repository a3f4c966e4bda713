"""cam-course fetch: download what the lessons need."""

import typer

from ..data.cache import IMAGENET_CLASSES, MNIST, RESNET50, DownloadError, fetch, locate


def fetch_files() -> None:
    """Download the data and weights of all lessons. Afterwards they need no network."""
    missing = 0
    for file in (MNIST, IMAGENET_CLASSES, RESNET50):
        present = locate(file)
        try:
            typer.echo(f"{present}: already there" if present else f"{fetch(file)}: downloaded")
        except DownloadError as error:
            missing += 1
            typer.echo(str(error), err=True)
    from .. import models  # TensorFlow only now

    try:  # Keras' own download: it publishes no checksum for this file
        typer.echo(models.photo_network("mobilenetv2").notice)
    except DownloadError as error:
        missing += 1
        typer.echo(str(error), err=True)
    raise typer.Exit(1 if missing else 0)
