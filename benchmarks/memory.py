"""How much memory the process holds, in MB."""

import ctypes
import gc
import sys
import threading
from collections.abc import Callable
from typing import Any

import psutil

_PROCESS = psutil.Process()


def give_back() -> None:
    """Free what nobody holds, also that which the C library would keep for later: a leak could hide in there."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # GNU's has it
    if trim is not None:
        trim(0)


def resident() -> float:
    """What the process holds now."""
    give_back()
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
