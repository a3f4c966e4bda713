"""Running a notebook without a browser."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

TIMEOUT = 600  # seconds a cell may take

# What a lesson expects of its kernel, whatever stands in the environment of the program that starts it.
_KERNEL = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def run_notebook(
    notebook: NotebookNode,
    folder: Path,
    env: Mapping[str, str] = os.environ,
    on_cell: Callable[[NotebookNode], None] = lambda cell: None,
) -> None:
    """Run every cell in a fresh kernel, as if the notebook lay in ``folder``; its outputs are put into the notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place; no file is.
    folder : Path
    env : mapping of str to str
        The kernel's environment.
    on_cell : callable
        Called with each cell before it runs.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError
        If a cell takes more than ten minutes, or the kernel ends.
    """
    env = {**env, **_KERNEL}
    if env.get("CAM_COURSE_RESNET50"):  # the kernel runs in another folder than this program
        env["CAM_COURSE_RESNET50"] = str(Path(env["CAM_COURSE_RESNET50"]).expanduser().resolve())

    def start(cell: NotebookNode, **_: Any) -> None:
        on_cell(cell)

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # its warnings are about the kernel, not about the lesson
        on_cell_start=start,
    )
    client.execute(env=env)
