"""Files from the network: found on disk and checked, or downloaded once.

A file is looked for where Keras keeps it (``KERAS_HOME``, by default ``~/.keras``) and then in the course's own cache.
It counts only when its checksum is right. A download goes into Keras' cache, or into the course's own when something
else already stands there under that name: a user's file is never changed.
"""

from __future__ import annotations

import os
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pooch
import requests
from filelock import FileLock
from tqdm.auto import tqdm

from ..files import clear_unfinished, written_whole

TIMEOUT = (10, 30)  # seconds: to connect, and between two pieces of an answer
LOCK_TIMEOUT = 600  # seconds to wait for another process that downloads the same file


class DownloadError(OSError):
    """A file is neither on disk nor to be had from its server. The message names both, the cause and the way out."""


@dataclass(frozen=True)
class RemoteFile:
    """A file that Keras also uses: its address, its checksum and the folder of Keras' cache it belongs in.

    Parameters
    ----------
    url : str
        Address; its last part is the name of the file on disk.
    checksum : str
        Algorithm and digest, such as ``"sha256:731c..."`` or ``"md5:2cb9..."``.
    folder : str
        Folder of Keras' cache: ``"datasets"`` or ``"models"``.

    Examples
    --------
    >>> MNIST.name
    'mnist.npz'
    >>> MNIST.keras_path.parent.name
    'datasets'
    """

    url: str
    checksum: str
    folder: str

    @property
    def name(self) -> str:
        """The name of the file on disk."""
        return self.url.rpartition("/")[2]

    @property
    def keras_path(self) -> Path:
        """Where Keras looks for the file."""
        return keras_home() / self.folder / self.name

    @property
    def course_path(self) -> Path:
        """Where the course keeps a copy of its own."""
        return Path(pooch.os_cache("cam-course")) / self.folder / self.name

    def is_at(self, path: Path) -> bool:
        """Whether `path` is this very file, whole and unaltered."""
        algorithm, _, digest = self.checksum.partition(":")
        try:
            found: str = pooch.file_hash(path, alg=algorithm)
        except OSError:  # missing, a folder, or not ours to read: not this file in any case
            return False
        return found == digest


# Addresses and checksums as in keras.datasets.mnist, keras.applications.resnet and keras.applications.imagenet_utils.
MNIST = RemoteFile(
    url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    checksum="sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    folder="datasets",
)
RESNET50 = RemoteFile(
    url="https://storage.googleapis.com/tensorflow/keras-applications/resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5",
    checksum="md5:2cb95161c43110f7111970584f804107",
    folder="models",
)
IMAGENET_CLASSES = RemoteFile(
    url="https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json",
    checksum="md5:c2c37ea517e94d9795004a39431a14cb",
    folder="models",
)


def keras_home() -> Path:
    """Find the folder of Keras' cache by Keras' own rule, without importing Keras.

    Returns
    -------
    Path
        ``KERAS_HOME`` where it is set, else ``.keras`` in the home folder, or in ``/tmp`` where that cannot be written.

    Examples
    --------
    >>> MNIST.keras_path.relative_to(keras_home()).as_posix()
    'datasets/mnist.npz'
    """
    if os.environ.get("KERAS_HOME"):
        return Path(os.environ["KERAS_HOME"]).expanduser()
    home = Path.home()
    return (home if os.access(home, os.W_OK) else Path("/tmp")) / ".keras"


def locate(file: RemoteFile) -> Path | None:
    """Find a file on disk; the network is not asked.

    Parameters
    ----------
    file : RemoteFile
        For instance `MNIST`, `RESNET50` or `IMAGENET_CLASSES`.

    Returns
    -------
    Path or None
        The file in Keras' cache, else in the course's own; None where neither holds it with the right checksum.

    Examples
    --------
    >>> locate(RemoteFile("https://example.org/never-made.npz", "md5:0", "datasets")) is None
    True
    """
    return next((path for path in (file.keras_path, file.course_path) if file.is_at(path)), None)


def fetch(file: RemoteFile) -> Path:
    """Find a file on disk, or else download it with a progress bar.

    Any number of processes may do this at once: one downloads, the others wait for it. A file is given its name only
    when it is whole and its checksum right.

    Parameters
    ----------
    file : RemoteFile
        For instance `MNIST`, `RESNET50` or `IMAGENET_CLASSES`.

    Returns
    -------
    Path
        A file with the right checksum.

    Raises
    ------
    DownloadError
        When the file is not on disk and could not be downloaded.

    Examples
    --------
    >>> fetch(RemoteFile("http://localhost:9/nobody-answers.npz", "md5:0", "datasets"))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    cam_course.data.cache.DownloadError: nobody-answers.npz could not be downloaded from http://localhost:9/...
    """
    found = locate(file)
    if found is not None:
        return found
    try:
        # Asked before the queue for the lock: without a network all fail together and not one after the other.
        requests.head(file.url, timeout=TIMEOUT)
        return _download(file, _destination(file))
    except OSError as error:  # the errors of requests and of the lock are OSErrors too
        raise DownloadError(_sentence(file, error)) from error


def fetch_command() -> str:
    """What to type in order to download all files: the program of this environment, which need not be on the PATH.

    Returns
    -------
    str
        Such as ``/home/ada/cam-course/.venv/bin/cam-course fetch``.

    Examples
    --------
    >>> fetch_command().replace("cam-course.exe", "cam-course").endswith("cam-course fetch")
    True
    """
    program = Path(sysconfig.get_path("scripts"), "cam-course.exe" if os.name == "nt" else "cam-course")
    if not program.exists():
        return "cam-course fetch"
    return f'"{program}" fetch' if " " in str(program) else f"{program} fetch"


def _destination(file: RemoteFile) -> Path:
    """The path in Keras' cache, unless something else stands there or its folder cannot be written to."""
    path = file.keras_path
    if os.path.lexists(path) and not file.is_at(path):  # whole by now, where another process has just put it there
        return file.course_path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()  # os.access says yes to some folders that then refuse
    except OSError:
        return file.course_path
    return path


def _download(file: RemoteFile, path: Path) -> Path:
    """Download beside `path`, check, then rename; one process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=LOCK_TIMEOUT, mode=0o666):  # the folder may be shared by several users
        if file.is_at(path):  # downloaded by another process while this one waited
            return path
        clear_unfinished(path)
        try:
            with written_whole(path) as part:
                _save(file, part)
                if not file.is_at(part):
                    raise OSError("what arrived has another checksum, like the login page of a network would")
                if path == file.keras_path and os.path.lexists(path):  # put there by the user in the meantime
                    raise FileExistsError(path)
        except FileExistsError:
            return path if file.is_at(path) else _download(file, file.course_path)
    return path


def _save(file: RemoteFile, part: Path) -> None:
    """Write what the server sends to `part` and show how far it has come."""
    with requests.get(file.url, stream=True, timeout=TIMEOUT) as answer, part.open("wb") as out:
        answer.raise_for_status()
        size = int(answer.headers.get("Content-Length", 0)) or None
        with tqdm(desc=file.name, total=size, unit="B", unit_scale=True) as bar:
            for piece in answer.iter_content(2**16):
                bar.update(out.write(piece))


def _sentence(file: RemoteFile, error: OSError) -> str:
    """What could not be had, from where, why, and the way out."""
    path = file.keras_path
    by_hand = f"replace {path}, which is damaged or another file" if os.path.lexists(path) else f"put it at {path}"
    return (
        f"{file.name} could not be downloaded from {file.url} ({_cause(error)}): "
        f"run `{fetch_command()}` where there is a network, or {by_hand} yourself."
    )


def _cause(error: OSError) -> str:
    """The few words of an error that help a student; the rest stays in the traceback."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "no secure connection to the server; behind a proxy that looks into such connections, name the file of its "
            "certificate in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    return str(error)
