"""A server of our own and empty caches: no test here needs the network or touches the user's files."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cam_course.data import cache
from cam_course.data.cache import RemoteFile


class Server(ThreadingHTTPServer):
    """Serves one content under every address, and can be told to misbehave."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = b""
        self.status = 200
        self.missing_bytes = 0  # promised in the header, never sent
        self.asked: Callable[[], object] = lambda: None  # called when somebody asks whether the server is there
        self.halfway: Callable[[], object] = lambda: None  # called when half of the content has been sent
        self.methods: list[str] = []

    def file(self, name: str, content: bytes, algorithm: str = "sha256") -> RemoteFile:
        """Serve `content` and describe it as a file of Keras' data sets."""
        self.content = content
        digest = hashlib.new(algorithm, content).hexdigest()
        return RemoteFile(f"http://127.0.0.1:{self.server_port}/{name}", f"{algorithm}:{digest}", "datasets")


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.server.methods.append("HEAD")
        self.server.asked()
        self._answer(b"")

    def do_GET(self) -> None:
        self.server.methods.append("GET")
        self._answer(self.server.content)

    def _answer(self, content: bytes) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        content = content[: len(content) - self.server.missing_bytes]
        half = len(content) // 2
        if content:
            self.wfile.write(content[:half])
            self.server.halfway()
            self.wfile.write(content[half:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    """A local server in a thread."""
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def dead_address() -> Iterator[str]:
    """An address at which nobody answers: the port is taken, but nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def silent_address() -> Iterator[str]:
    """An address at which the line is taken up but never a word is said."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        yield f"http://127.0.0.1:{mute.getsockname()[1]}"


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Keras cache that does not exist yet, and beside it an empty cache of the course."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # for the processes that a test starts
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(cache.pooch, "os_cache", lambda project: tmp_path / "cache" / project)
    return tmp_path / "keras"
