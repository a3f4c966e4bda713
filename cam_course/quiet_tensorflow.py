"""Imports TensorFlow without the start-up messages that no setting turns off; import this before keras or tensorflow.

TensorFlow's C++ code writes its first messages before it reads ``TF_CPP_MIN_LOG_LEVEL``, straight to the process's
standard error, and a notebook shows them under the cell as if something were wrong. Here they go to a file first; what
is not one of those messages is passed on. Meanwhile nothing is searched for garbage: the import leaves next to none,
and the searches take a tenth of its time.
"""

import gc
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(r"WARNING: All log messages before absl|I\d{4} |To enable the following instructions|\s*$")


@contextmanager
def _without_chatter() -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        stderr = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            log.seek(0)
            for line in log.read().decode(errors="replace").splitlines():
                if not _CHATTER.match(line):
                    print(line, file=sys.stderr)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _without_chatter(), _without_garbage_collection():
    import tensorflow  # noqa: F401
