"""How much memory the process holds, in MB."""

import gc
import threading
from collections.abc import Callable
from typing import Any

import psutil

_PROCESS = psutil.Process()


def resident() -> float:
    """What the process holds now."""
    gc.collect()
    return _PROCESS.memory_info().rss / 1e6


def peak(call: Callable[[], Any]) -> float:
    """The most that the process holds while it runs a call, looked at every 5 ms."""
    highest = resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.005):
            highest = max(highest, _PROCESS.memory_info().rss / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        call()
    finally:
        done.set()
        watcher.join()
    return max(highest, _PROCESS.memory_info().rss / 1e6)
