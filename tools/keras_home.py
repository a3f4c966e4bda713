"""A throw-away KERAS_HOME that shares the data and models of the real one."""

import os
from pathlib import Path


def linked_keras_home(target: Path) -> dict[str, str]:
    """Fill `target` with links to what KERAS_HOME holds and return the environment that makes Keras use it.

    Keras writes keras.json into its folder the moment it is imported, and a folder that several projects share, or that
    is read-only, must stay as it is. keras.json itself is not linked: the course runs with Keras' own defaults.
    Without KERAS_HOME Keras uses the folder in the user's home that is meant for it, and nothing is changed.
    """
    if "KERAS_HOME" not in os.environ:
        return {}
    given = Path(os.environ["KERAS_HOME"]).resolve()
    for entry in given.iterdir() if given.is_dir() else ():
        if entry.name != "keras.json":
            (target / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    return {"KERAS_HOME": str(target)}
