"""The command line: cam-course explain | fetch | validate | train | make; one file a command."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from .explain import explain
from .fetch import fetch_files
from .make import app as make
from .train import app as train
from .validate import validate

# No rich markup: its boxes break a sentence wherever the source does, and cut long words off.
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cam-course {version('cam-course')}")
        raise typer.Exit()


@app.callback()
def course(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """CAM Course: how a convolutional network shows what it looked at."""


app.command()(explain)
app.command("fetch")(fetch_files)
app.command()(validate)
app.add_typer(train, name="train")
app.add_typer(make, name="make")


def main() -> None:
    """Entry point of ``cam-course``."""
    for stream in (sys.stdout, sys.stderr):  # a console may not know the characters of a formula, or of a file's name
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    app()
