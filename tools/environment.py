"""Run a command in the course's own environment, which is made first where it is missing.

    python3 tools/environment.py COMMAND ARGS...

Only the standard library, and only what Python 3.6 can read, so that an old Python is answered with a sentence.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "course-installed.txt"

OLDEST, NEWEST = (3, 10), (3, 13)
# 3.1 GB installed and twice 0.7 GB downloaded: for the installation, and kept by pip for the next.
NEEDED_GB = 5.0

# pip as `python -m pip`, silent about each package that the lock file has for other systems alone.
PIP = (
    "import logging, runpy, sys; "
    "logger = logging.getLogger('pip._internal.resolution.resolvelib.factory'); "
    "logger.addFilter(lambda record: not str(record.msg).startswith('Ignoring')); "
    "sys.argv[0] = 'pip'; "
    "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)

NO_SPACE = re.compile(r"\[Errno (28|122)\]|\[WinError 112\]|No space left on device|Disk quota exceeded")
NO_TRUST = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError")
NO_NETWORK = re.compile(
    r"connection broken by|Max retries exceeded|Failed to establish a new connection|name resolution|getaddrinfo failed"
    r"|Network is unreachable|timed out"
)
NO_WHEEL = re.compile(r"No matching distribution found for (\S+)")


def version_problem(major: int, minor: int) -> "str | None":
    """What is wrong with this version of Python."""
    if OLDEST <= (major, minor) <= NEWEST:
        return None
    return (
        f"The course needs Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} and this is {major}.{minor}; "
        "name another one: make lab PYTHON=python3.12"
    )


def ensurepip_problem(found: bool) -> "str | None":
    """What keeps this Python from making an environment: Debian and Ubuntu ship ensurepip as a package of its own."""
    if found:
        return None
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return (
        "This Python has no ensurepip and so cannot make a virtual environment; "
        f"on Debian and Ubuntu install it first: sudo apt install {package}"
    )


def activation_problem(prefix: str) -> "str | None":
    """What is wrong where the Python that runs is the one to be replaced."""
    if Path(prefix).resolve() != VENV:
        return None
    return f"The environment in {VENV} has to be made anew and is in use; type `deactivate` and try again."


def space_problem(free_bytes: int) -> "str | None":
    """What is wrong with the space left on the course's disk."""
    if free_bytes >= NEEDED_GB * 1e9:
        return None
    return (
        f"The installation needs {NEEDED_GB:.1f} GB and the disk of {ROOT} has {free_bytes / 1e9:.1f} GB left; "
        "make room and try again."
    )


def pip_problem(errors: str) -> "str | None":
    """The sentence for what pip wrote to standard error before it gave up; None where only pip's own words help."""
    if NO_SPACE.search(errors):
        return f"The disk of {ROOT} is full and the installation needs {NEEDED_GB:.1f} GB; make room and try again."
    if NO_TRUST.search(errors):
        return (
            "pip does not trust the certificate of the package index, as behind a proxy that looks into secure "
            "connections; ask whoever runs the network for the proxy's certificate, name its file in PIP_CERT, "
            "and try again."
        )
    if NO_NETWORK.search(errors):
        return (
            "pip could not reach the package index; connect this computer to the network "
            "(behind a proxy, set HTTPS_PROXY) and try again."
        )
    missing = NO_WHEEL.search(errors)
    if missing:
        return (
            f"{missing.group(1)} does not exist for {sysconfig.get_platform()} with this Python; "
            "README.md names the systems that the course runs on."
        )
    return None


def stamp() -> str:
    """What the environment is made for and from; scripts in it carry its folder's name, so that it cannot be moved."""
    sources = b"".join((ROOT / name).read_bytes() for name in ("requirements.lock", "pyproject.toml"))
    return f"Python {sys.version_info[0]}.{sys.version_info[1]} in {VENV}\n{hashlib.sha256(sources).hexdigest()}\n"


def stamp_found() -> str:
    """The stamp of the last finished installation, empty where there is none."""
    return STAMP.read_text(encoding="utf-8") if STAMP.exists() and PYTHON.exists() else ""


def make_venv() -> None:
    """An environment with nothing but pip, in place of what is in .venv."""
    problem = (
        activation_problem(sys.prefix)
        or ensurepip_problem(importlib.util.find_spec("ensurepip") is not None)
        or space_problem(shutil.disk_usage(str(ROOT)).free)
    )
    if problem:
        sys.exit(problem)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        sys.exit(f"Python could not make an environment in {VENV}, for the reason above.")


def pip_install(*arguments: str) -> None:
    """Run pip, its progress in sight; a failure ends the program with a sentence."""
    # The system's folder for temporary files may be smaller than the downloads.
    with tempfile.TemporaryDirectory(dir=str(VENV)) as folder:
        pip = subprocess.run(
            [str(PYTHON), "-c", PIP, "install", "--disable-pip-version-check", *arguments],
            cwd=str(ROOT),
            env=dict(os.environ, TMPDIR=folder, TEMP=folder, TMP=folder),
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    if pip.returncode == 0:
        return
    problem = pip_problem(pip.stderr)
    if problem is None:
        sys.stderr.write("".join(pip.stderr.splitlines(True)[-15:]))
        problem = "pip could not install the course's packages, for the reason above."
    sys.exit(problem)


def install(wanted: str) -> None:
    """Bring .venv to what `wanted`, a stamp, describes."""
    try:
        if stamp_found().split("\n")[0] != wanted.split("\n")[0]:
            make_venv()
        print(f"Installing the course's packages in {VENV}; the first time takes minutes.", flush=True)
        pip_install("--only-binary=:all:", "--requirement", "requirements.lock")
        pip_install("--no-deps", "--no-build-isolation", "--editable", ".")
    except KeyboardInterrupt:
        # pip may have stopped halfway through a package: without a stamp the next run begins with an empty environment.
        if STAMP.exists():
            STAMP.unlink()
        sys.exit("The installation was interrupted; the next run starts it anew.")
    new = STAMP.with_suffix(".new")
    new.write_text(wanted, encoding="utf-8")
    new.replace(STAMP)


def run(command: "list[str]") -> None:
    """Become `command`, the environment's programs first on its path."""
    environment = dict(os.environ, VIRTUAL_ENV=str(VENV), PATH=str(SCRIPTS) + os.pathsep + os.environ.get("PATH", ""))
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        sys.exit(f"There is no program {command[0]} in {SCRIPTS} or on the path.")
    if os.name == "nt":
        # Windows cannot replace a process. Control-C goes to both, and the command alone is to answer it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit(subprocess.call([program, *command[1:]], env=environment))
    os.execve(program, command, environment)


def main(command: "list[str]") -> None:
    problem = version_problem(sys.version_info[0], sys.version_info[1])
    if problem:
        sys.exit(problem)
    if not command:
        sys.exit("Give the command to run, as in: python3 tools/environment.py pytest")
    wanted = stamp()
    if stamp_found() != wanted:
        install(wanted)
    run(command)


if __name__ == "__main__":
    main(sys.argv[1:])
