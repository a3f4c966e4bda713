"""The command line: cam-course explain | fetch | validate | train; one file a command."""

import sys

import typer

from .explain import explain
from .fetch import fetch_files
from .train import app as train
from .validate import validate

app = typer.Typer(
    help="CAM Course: how a convolutional network shows what it looked at.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(explain)
app.command("fetch")(fetch_files)
app.command()(validate)
app.add_typer(train, name="train")


def main() -> None:
    """Entry point of ``cam-course``."""
    if sys.platform == "win32":  # its console may not know the characters of a formula
        for stream in (sys.stdout, sys.stderr):
            getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    app()
