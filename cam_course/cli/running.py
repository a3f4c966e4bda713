"""Running a notebook without a browser."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # they take a second, and whoever stops the program in it would see a traceback
    from nbclient import NotebookClient
    from nbformat import NotebookNode

TIMEOUT = 600  # seconds a cell may take

# What a lesson expects of its kernel, whatever stands in the environment of the program that starts it.
_KERNEL = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def run_notebook(
    notebook: "NotebookNode",
    folder: Path,
    env: Mapping[str, str] = os.environ,
    on_cell: Callable[["NotebookNode"], None] = lambda cell: None,
    seconds: float | None = None,
    go_on: bool = False,
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
    seconds : float, optional
        What the whole notebook may take; ten minutes a cell if left out.
    go_on : bool
        Whether the cells after one that raises are run as well. The first error is raised at the end.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError
        If a cell takes more than ten minutes, the notebook more than its seconds, or the kernel ends.
    KeyboardInterrupt
        On Control-C, once the kernel is gone.
    """
    from nbclient import NotebookClient

    env = {**env, **_KERNEL}
    if env.get("CAM_COURSE_RESNET50"):  # the kernel runs in another folder than this program
        env["CAM_COURSE_RESNET50"] = str(Path(env["CAM_COURSE_RESNET50"]).expanduser().resolve())

    deadline = None if seconds is None else time.monotonic() + seconds

    def seconds_left(cell: "NotebookNode") -> float:
        return TIMEOUT if deadline is None else max(0.1, min(TIMEOUT, deadline - time.monotonic()))

    def start(cell: "NotebookNode", **_: Any) -> None:
        on_cell(cell)

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout_func=seconds_left,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # its warnings are about the kernel, not about the lesson
        on_cell_start=start,
    )
    _interruptible(_run_cells(client, env, go_on))


async def _run_cells(client: "NotebookClient", env: Mapping[str, str], go_on: bool) -> None:
    """What ``client.execute`` does, which takes Control-C for a kernel that died and goes on."""
    from nbclient.exceptions import CellExecutionError

    first_error = None
    manager = client.create_kernel_manager()
    try:
        await client.async_start_new_kernel(env=env)
        await client.async_start_new_kernel_client()
        for index, cell in enumerate(client.nb.cells):
            try:
                await client.async_execute_cell(cell, index, execution_count=client.code_cells_executed + 1)
            except CellExecutionError as error:
                if not go_on:
                    raise
                first_error = first_error or error
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        _spare_this_program(manager)
        await manager.shutdown_kernel(now=True)  # a kernel with TensorFlow would take a second to say goodbye
    if first_error:
        raise first_error


def _spare_this_program(manager: Any) -> None:
    """Take from a kernel the process group of this program.

    Control-C can end a kernel in the moment before it gets a group of its own; its manager would then kill ours.
    """
    kernel = manager.provisioner
    if hasattr(os, "getpgrp") and getattr(kernel, "pgid", None) == os.getpgrp():
        kernel.pgid = None


def _interruptible(steps: Coroutine[Any, Any, None]) -> None:
    """Run them; on Control-C let them put away what they started before it is raised."""
    from nbclient.exceptions import DeadKernelError

    loop = asyncio.new_event_loop()
    task = loop.create_task(steps)
    stopped = False

    def stop(*_: Any) -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            # The program is about to end, and the thread that listens for the kernel's heartbeat may find its
            # connection closed while it is being made.
            threading.excepthook = lambda _: None
            loop.call_soon_threadsafe(task.cancel)

    # An exception out of a signal's handler could come between two steps of the loop, which would then wait for ever.
    handler = signal.signal(signal.SIGINT, stop)
    try:
        loop.run_until_complete(task)
    except (asyncio.CancelledError, DeadKernelError):  # nbclient takes the one for the other
        if not stopped:
            raise
    finally:
        signal.signal(signal.SIGINT, handler)
        loop.run_until_complete(_cancel_the_rest())
        loop.close()
    if stopped:
        raise KeyboardInterrupt


async def _cancel_the_rest() -> None:
    """What waits for answers of a kernel that is gone."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
