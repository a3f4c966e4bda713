"""Files come out of the cache checked, are downloaded whole or not at all, and a user's file is never changed."""

import importlib.util
import os
import pickle
import subprocess
import sys
import sysconfig
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from course import PROGRAM, ROOT
from filelock import FileLock

from cam_course.data import cache
from cam_course.data.cache import IMAGENET_CLASSES, MNIST, RESNET50, DownloadError, fetch, fetch_command, locate

CONTENT = bytes(range(256)) * 1000
FETCH_ON_SIGNAL = """
import sys
from cam_course.data.cache import RemoteFile, fetch
print("ready", flush=True)
sys.stdin.readline()
print(fetch(RemoteFile(*sys.argv[1:])))
"""


def start(file):
    """Start a process that fetches `file` as soon as a line is written to it."""
    command = [sys.executable, "-c", FETCH_ON_SIGNAL, file.url, file.checksum, file.folder]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def put(path, content):
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def files_in(folder):
    """What a download left in a folder, apart from the empty file that serves as its lock."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def assert_one_sentence(error):
    assert str(error).endswith(".")
    assert ". " not in str(error)


# Where files lie


def test_keras_home_is_the_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert MNIST.keras_path == tmp_path / "datasets" / "mnist.npz"


def test_keras_home_may_begin_with_a_tilde(monkeypatch):
    monkeypatch.setenv("KERAS_HOME", "~/elsewhere")
    assert cache.keras_home() == Path.home() / "elsewhere"


@pytest.mark.parametrize("writable", [True, False])
def test_keras_home_without_the_variable(monkeypatch, writable):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setattr(os, "access", lambda path, mode: writable)
    assert cache.keras_home() == (Path.home() if writable else Path("/tmp")) / ".keras"


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (MNIST, "datasets/mnist.py"),
        (RESNET50, "applications/resnet.py"),
        (IMAGENET_CLASSES, "applications/imagenet_utils.py"),
    ],
)
def test_addresses_and_checksums_are_those_of_the_installed_keras(file, source):
    spec = importlib.util.find_spec("keras")
    assert spec is not None
    assert spec.submodule_search_locations
    text = Path(spec.submodule_search_locations[0], "src", source).read_text(encoding="utf-8")
    assert file.checksum.partition(":")[2] in text
    folder, _, name = file.url.rpartition("/")
    joined = text.replace('"\n        "', "").replace('"\n    "', "")  # addresses are broken over two lines there
    assert f"{folder}/" in joined
    assert name in joined or name in joined.replace("{weights_name}", "resnet50")


@pytest.mark.parametrize("file", [MNIST, RESNET50, IMAGENET_CLASSES], ids=lambda file: file.name)
def test_real_file(file):
    if not os.path.lexists(file.keras_path):
        pytest.skip(f"{file.keras_path} does not exist: set KERAS_HOME to a folder with the real files")
    assert locate(file) == file.keras_path


# Finding


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_whole_file_is_found_without_asking_the_network(keras_home, server, algorithm):
    file = server.file("digits.npz", CONTENT, algorithm)
    assert locate(file) is None
    put(file.keras_path, CONTENT)
    assert locate(file) == fetch(file) == file.keras_path
    assert server.methods == []


def test_the_courses_own_cache_is_second(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    put(file.course_path, CONTENT)
    assert locate(file) == fetch(file) == file.course_path
    put(file.keras_path, CONTENT)
    assert locate(file) == file.keras_path


@pytest.mark.parametrize(
    "damaged", [b"", CONTENT[:-1], CONTENT[:1000], b"\x01" + CONTENT[1:], CONTENT + b"\n"], ids=range(5)
)
def test_a_damaged_file_is_not_found(keras_home, server, damaged):
    file = server.file("digits.npz", CONTENT)
    put(file.keras_path, damaged)
    put(file.course_path, damaged)
    assert locate(file) is None


# Downloading


def test_download_goes_into_keras_cache_with_a_progress_bar(keras_home, server, capsys):
    file = server.file("digits.npz", CONTENT)
    assert fetch(file) == file.keras_path
    assert file.keras_path.read_bytes() == CONTENT
    assert files_in(file.keras_path.parent) == ["digits.npz"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "digits.npz: 100%" in err
    fetch(file)
    assert server.methods.count("GET") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_download_can_be_read_by_those_who_can_read_new_files(keras_home, server):
    ordinary = put(keras_home / "ordinary", b"")
    assert fetch(server.file("digits.npz", CONTENT)).stat().st_mode == ordinary.stat().st_mode


def test_a_file_has_its_name_only_when_it_is_whole(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    seen = []
    server.halfway = lambda: seen.append(os.path.lexists(file.keras_path))
    fetch(file)
    assert seen == [False]


@pytest.mark.parametrize("damaged", [b"", CONTENT[:1000], b"my own data"])
def test_a_damaged_file_is_left_alone_and_a_copy_kept_elsewhere(keras_home, server, damaged):
    file = server.file("digits.npz", CONTENT)
    put(file.keras_path, damaged)
    before = file.keras_path.stat()
    assert fetch(file) == file.course_path
    assert file.course_path.read_bytes() == CONTENT
    after = file.keras_path.stat()
    assert file.keras_path.read_bytes() == damaged
    assert (after.st_mtime_ns, after.st_ino, after.st_mode) == (before.st_mtime_ns, before.st_ino, before.st_mode)
    assert files_in(file.keras_path.parent) == ["digits.npz"]
    fetch(file)
    assert server.methods.count("GET") == 1


def test_the_courses_own_damaged_copy_is_replaced(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    put(file.keras_path, b"my own data")
    put(file.course_path, CONTENT[:1000])
    assert fetch(file) == file.course_path
    assert file.course_path.read_bytes() == CONTENT


def test_a_folder_under_that_name_is_left_alone(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    file.keras_path.mkdir(parents=True)
    assert fetch(file) == file.course_path
    assert file.keras_path.is_dir()


def test_a_link_to_nowhere_is_left_alone(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    file.keras_path.parent.mkdir(parents=True)
    try:
        file.keras_path.symlink_to(keras_home / "not mounted today")
    except OSError:
        pytest.skip("this user may not make symbolic links (Windows)")
    assert fetch(file) == file.course_path
    assert file.keras_path.is_symlink()
    assert not file.keras_path.exists()
    assert server.methods.count("GET") == 1


@pytest.mark.parametrize("meanwhile", [b"my own data", CONTENT])
def test_a_file_that_appears_during_the_download_is_not_overwritten(keras_home, server, meanwhile):
    file = server.file("digits.npz", CONTENT)

    def appear():
        if not file.keras_path.exists():
            file.keras_path.write_bytes(meanwhile)

    server.halfway = appear
    path = fetch(file)
    assert path == (file.keras_path if meanwhile == CONTENT else file.course_path)
    assert path.read_bytes() == CONTENT
    assert file.keras_path.read_bytes() == meanwhile
    assert files_in(file.keras_path.parent) == ["digits.npz"]


def test_a_keras_home_that_cannot_be_written(keras_home, server, monkeypatch):
    regular_file = put(keras_home, b"not a folder")
    monkeypatch.setenv("KERAS_HOME", str(regular_file / "below"))
    file = server.file("digits.npz", CONTENT)
    assert fetch(file) == file.course_path
    assert regular_file.read_bytes() == b"not a folder"


def test_a_keras_home_that_refuses_new_files(keras_home, server, monkeypatch):
    def refuse(**folder):
        raise PermissionError(f"read-only: {folder}")

    monkeypatch.setattr(cache.tempfile, "TemporaryFile", refuse)
    file = server.file("digits.npz", CONTENT)
    assert fetch(file) == file.course_path


def test_neither_cache_can_be_written(keras_home, server, monkeypatch):
    regular_file = put(keras_home, b"not a folder")
    monkeypatch.setenv("KERAS_HOME", str(regular_file / "below"))
    monkeypatch.setattr(cache.pooch, "os_cache", lambda project: regular_file / project)
    with pytest.raises(DownloadError, match=r"digits\.npz could not be downloaded"):
        fetch(server.file("digits.npz", CONTENT))


# Failing


def test_no_network(keras_home, dead_address):
    file = replace(MNIST, url=f"{dead_address}/mnist.npz")
    with pytest.raises(DownloadError, match="no connection to the server") as caught:
        fetch(file)
    for part in ("mnist.npz", file.url, f"run `{PROGRAM} fetch` where", f"put it at {file.keras_path}"):
        assert part in str(caught.value)
    assert_one_sentence(caught.value)
    assert isinstance(caught.value, OSError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert not keras_home.exists()


def test_a_proxy_that_looks_into_connections_is_named_with_the_way_out(keras_home, monkeypatch):
    def refuse(*_, **__):
        raise requests.exceptions.SSLError("certificate verify failed: self-signed certificate in certificate chain")

    monkeypatch.setattr(requests, "head", refuse)
    with pytest.raises(DownloadError, match=r"no secure connection .* REQUESTS_CA_BUNDLE\)") as caught:
        fetch(MNIST)
    assert_one_sentence(caught.value)


def test_the_command_to_download_is_the_program_of_this_environment():
    assert fetch_command() == f"{PROGRAM} fetch"


def test_the_command_to_download_can_be_typed_where_folders_have_blanks(tmp_path, monkeypatch):
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path / "my course"))
    assert fetch_command() == "cam-course fetch"  # installed nowhere: as well as can be
    program = put(tmp_path / "my course" / PROGRAM.name, b"")
    assert fetch_command() == f'"{program}" fetch'


def test_the_summary_of_the_tests_names_the_command(offline_env):
    command = [sys.executable, "-m", "pytest", "-n0", "--collect-only", "-q", "-p", "no:cacheprovider"]
    shown = subprocess.run(
        [*command, "tests/test_files.py"], cwd=ROOT, env=offline_env, capture_output=True, text=True
    ).stdout
    assert "ONLY THE OFFLINE WORLD WAS TESTED" in shown
    assert f"Run `{PROGRAM} fetch` once" in shown


def test_no_network_and_a_damaged_file(keras_home, dead_address):
    file = replace(MNIST, url=f"{dead_address}/mnist.npz")
    put(file.keras_path, b"damaged")
    with pytest.raises(DownloadError) as caught:
        fetch(file)
    assert f"replace {file.keras_path}, which is damaged" in str(caught.value)
    assert_one_sentence(caught.value)
    assert file.keras_path.read_bytes() == b"damaged"


def test_a_server_that_says_nothing_does_not_hang_a_class(keras_home, silent_address, monkeypatch):
    assert cache.TIMEOUT[0] <= 10
    monkeypatch.setattr(cache, "TIMEOUT", (0.1, 0.1))
    with pytest.raises(DownloadError, match="did not answer in time"):
        fetch(replace(MNIST, url=f"{silent_address}/mnist.npz"))


def error_of_server(server):
    server.status = 503


def wrong_content(server):
    server.content = b"<html>Please log in to Campus WiFi</html>"


def broken_off(server):
    server.missing_bytes = 1000


def stalled(server):
    server.halfway = lambda: threading.Event().wait(5)


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (error_of_server, "503 Service Unavailable"),
        (wrong_content, "another checksum"),
        (broken_off, "the connection broke off"),
        (stalled, "no connection to the server"),
    ],
)
def test_a_failed_download_leaves_nothing_behind_and_can_be_repeated(keras_home, server, monkeypatch, trouble, cause):
    file = server.file("digits.npz", CONTENT)
    monkeypatch.setattr(cache, "TIMEOUT", (5, 0.5))
    trouble(server)
    with pytest.raises(DownloadError, match=cause) as caught:
        fetch(file)
    assert_one_sentence(caught.value)
    assert files_in(file.keras_path.parent) == []
    assert locate(file) is None

    server.content, server.status, server.missing_bytes, server.halfway = CONTENT, 200, 0, lambda: None
    assert fetch(file).read_bytes() == CONTENT


def test_interrupted_by_the_user(keras_home, server, monkeypatch):
    class StoppedBar(cache.tqdm):
        def update(self, n=1):
            raise KeyboardInterrupt

    file = server.file("digits.npz", CONTENT)
    monkeypatch.setattr(cache, "tqdm", StoppedBar)
    with pytest.raises(KeyboardInterrupt):
        fetch(file)
    assert files_in(file.keras_path.parent) == []


# Many at once


def test_many_processes_share_one_download(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    students = [start(file) for _ in range(12)]
    for student in students:
        assert student.stdout.readline() == "ready\n"
    for student in students:
        student.stdin.write("go\n")
        student.stdin.flush()
    for student in students:
        out, err = student.communicate(timeout=60)
        assert student.returncode == 0, err
        assert Path(out.strip()) == file.keras_path
    assert file.keras_path.read_bytes() == CONTENT
    assert server.methods.count("GET") == 1
    assert files_in(file.keras_path.parent) == ["digits.npz"]


def test_a_file_that_another_process_finishes_in_between_is_used(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    server.asked = lambda: put(file.keras_path, CONTENT)
    assert fetch(file) == file.keras_path
    assert "GET" not in server.methods


def test_a_process_killed_halfway_leaves_no_file_that_looks_whole(keras_home, server):
    file = server.file("digits.npz", CONTENT)
    halfway = threading.Event()
    resume = threading.Event()

    def wait():
        halfway.set()
        resume.wait(30)

    server.halfway = wait
    student = start(file)
    student.stdin.write("go\n")
    student.stdin.flush()
    assert halfway.wait(30)
    student.kill()
    student.communicate()
    assert locate(file) is None
    assert not file.keras_path.exists()

    server.halfway = lambda: None
    assert fetch(file).read_bytes() == CONTENT
    assert files_in(file.keras_path.parent) == ["digits.npz"]
    resume.set()


def test_without_a_network_nobody_queues(keras_home, dead_address, monkeypatch):
    file = replace(MNIST, url=f"{dead_address}/mnist.npz")
    monkeypatch.setattr(cache, "LOCK_TIMEOUT", 0.5)
    file.keras_path.parent.mkdir(parents=True)
    with FileLock(f"{file.keras_path}.lock"), pytest.raises(DownloadError, match="no connection to the server"):
        fetch(file)


def test_waiting_for_another_process_has_an_end(keras_home, server, monkeypatch):
    file = server.file("digits.npz", CONTENT)
    monkeypatch.setattr(cache, "LOCK_TIMEOUT", 0.1)
    file.keras_path.parent.mkdir(parents=True)
    with FileLock(f"{file.keras_path}.lock"), pytest.raises(DownloadError, match=r"digits\.npz\.lock"):
        fetch(file)
    assert "GET" not in server.methods
