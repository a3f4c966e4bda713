"""Files that are whole or not there."""

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".unfinished-"  # how the name of a folder begins that a killed process leaves


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to, renamed to the given one when the block ends without an exception.

    It has the same name, in a new folder beside the given path, so that a writer finds the suffix it looks for, and a
    long name does not become too long. A file that is there already stays until then.

    Parameters
    ----------
    path : Path
        In a folder that exists.

    Yields
    ------
    Path
        Gone after the block, whatever happened in it.

    Raises
    ------
    FileNotFoundError
        If the block wrote no file.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     note = Path(folder, "note.txt")
    ...     with written_whole(note) as unfinished:
    ...         _ = unfinished.write_text("half")
    ...         print(note.exists(), unfinished.name)
    ...     print(note.exists(), [path.name for path in Path(folder).iterdir()])
    False note.txt
    True ['note.txt']
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_folder_of(path)) as folder:
        unfinished = Path(folder, path.name)
        yield unfinished
        unfinished.replace(path)


def clear_unfinished(path: Path) -> None:
    """Remove what killed processes left of a file; for one who knows that no other process is writing it."""
    for folder in path.parent.glob(f"{_folder_of(path)}*"):
        shutil.rmtree(folder)


def _folder_of(path: Path) -> str:
    """How the names of the folders begin in which a file is written; short, however long its own name is."""
    return f"{UNFINISHED}{zlib.crc32(os.fsencode(path.name)):08x}-"
