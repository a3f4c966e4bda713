"""The installation: tools/environment.py, and the files that name the course's packages."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml
from course import ROOT
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
DIRECT = RUNTIME + [Requirement(line) for line in PROJECT["optional-dependencies"]["test"]]

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
# What a marker asks about, by the system's name for sys.platform.
SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "darwin": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "win32": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
MACHINES = [
    SYSTEMS[system] | {"python_version": python, "python_full_version": f"{python}.9"}
    for system in SYSTEMS
    for python in PYTHONS
]


@pytest.fixture
def environment(tmp_path: Path) -> ModuleType:
    """tools/environment.py of a small copy of the course, so that no test touches the real .venv."""
    for name in ("pyproject.toml", "requirements.lock", "README.md", "LICENSE", "tools/environment.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("environment", tmp_path / "tools" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert tmp_path.resolve() == module.ROOT
    return module


def pretend_venv(environment: ModuleType) -> None:
    """What make_venv leaves behind, as far as the stamp is concerned."""
    shutil.rmtree(environment.VENV, ignore_errors=True)
    environment.SCRIPTS.mkdir(parents=True)
    environment.PYTHON.touch()


@pytest.fixture
def steps(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What an installation does, in order, with nothing installed."""
    done: list[str] = []

    def make_venv() -> None:
        done.append("venv")
        pretend_venv(environment)

    monkeypatch.setattr(environment, "make_venv", make_venv)
    monkeypatch.setattr(environment, "pip_install", lambda *arguments: done.append(arguments[-1]))
    return done


INSTALLATION = ["venv", "requirements.lock", "."]


# The sentences


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 9), (3, 14), (4, 10)])
def test_a_wrong_python_is_named_with_the_way_out(environment, version):
    sentence = environment.version_problem(*version)
    assert "this is {}.{};".format(*version) in sentence
    assert "3.10 to 3.13" in sentence
    assert "make lab PYTHON=python3.12" in sentence
    assert "\n" not in sentence


def test_the_supported_pythons_are_those_of_pyproject(environment):
    supported = SpecifierSet(PROJECT["requires-python"])
    minors = range(30)
    assert [f"3.{minor}" for minor in minors if supported.contains(f"3.{minor}.1")] == PYTHONS
    assert [f"3.{minor}" for minor in minors if environment.version_problem(3, minor) is None] == PYTHONS


def test_an_old_python_can_read_the_sentence():
    tree = ast.parse((ROOT / "tools" / "environment.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names - {"__future__"}


def test_a_python_without_ensurepip_is_told_the_package(environment):
    sentence = environment.ensurepip_problem(False)
    assert f"sudo apt install python3.{sys.version_info.minor}-venv" in sentence
    assert "\n" not in sentence
    assert environment.ensurepip_problem(True) is None


def test_an_active_environment_is_not_replaced_under_its_own_python(finished):
    finished.STAMP.unlink()
    program = finished.ROOT / "tools" / "environment.py"
    result = subprocess.run(
        [finished.PYTHON, program, "pytest"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    assert re.fullmatch(r"The environment in .* type `deactivate` .*\n", result.stderr)
    assert finished.PYTHON.exists()


def test_a_full_disk_is_told_in_gigabytes(environment):
    sentence = environment.space_problem(1_200_000_000)
    assert "needs 5.0 GB" in sentence
    assert f"{environment.ROOT} has 1.2 GB left" in sentence
    assert "\n" not in sentence
    assert environment.space_problem(5_000_000_000) is None


# pip's own words.
REFUSED = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError'"
NO_DNS = "<HTTPSConnection>: Failed to resolve 'host' ([Errno -3] Temporary failure in name resolution)"
WINDOWS_DNS = "Failed to establish a new connection: [Errno 11001] getaddrinfo failed"
SLOW = "ReadTimeoutError(\"HTTPSConnectionPool(host='host', port=443): Read timed out. (read timeout=15)\")"
UNTRUSTED = (
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: "
    "CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain'))'"
)
UNTRUSTED_BY_MACOS = "connection broken by 'SSLError(SSLCertVerificationError('“proxy” certificate is not trusted'))'"
NOTHING_FOUND = "ERROR: No matching distribution found for absl-py==2.5.1"
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
FULL_IN_GERMAN = "ERROR: Could not install packages due to an OSError: [Errno 28] Auf dem Gerät ist kein Speicherplatz"
QUOTA = "OSError: [Errno 122] Disk quota exceeded: '/home/a/.venv/lib'"


@pytest.mark.parametrize("words", [REFUSED, NO_DNS, WINDOWS_DNS, SLOW])
def test_no_network_is_told_from_a_missing_wheel(environment, words):
    sentence = environment.pip_problem(f"{words}\n{NOTHING_FOUND}\n")
    assert "could not reach the package index" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("words", [UNTRUSTED, UNTRUSTED_BY_MACOS])
def test_a_proxy_that_looks_into_connections_is_told_from_no_network(environment, words):
    sentence = environment.pip_problem(f"{words}\n{NOTHING_FOUND}\n")
    assert "does not trust the certificate" in sentence
    assert "PIP_CERT" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("words", [FULL, FULL_IN_GERMAN, QUOTA])
def test_a_disk_that_fills_up_on_the_way_is_named(environment, words):
    sentence = environment.pip_problem(f"{words}\n")
    assert f"The disk of {environment.ROOT} is full" in sentence
    assert "\n" not in sentence


def test_a_system_without_wheels_is_named(environment):
    sentence = environment.pip_problem(f"{NOTHING_FOUND}\n")
    assert sentence.startswith("absl-py==2.5.1 does not exist for ")
    assert "\n" not in sentence


def test_an_unknown_failure_is_left_to_pips_own_words(environment, monkeypatch, capfd):
    assert environment.pip_problem("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES") is None
    # A program in pip's place that fails as pip does: its last lines come before the sentence.
    pretend_venv(environment)
    monkeypatch.setattr(environment, "PYTHON", sys.executable)
    with pytest.raises(SystemExit, match="for the reason above"):
        environment.pip_install("--no-such-option")
    assert "no such option" in capfd.readouterr().err


def test_pip_says_nothing_of_packages_for_other_systems_and_all_the_rest(environment, monkeypatch, capfd):
    pretend_venv(environment)
    monkeypatch.setattr(environment, "PYTHON", sys.executable)
    for other in ("PIP_QUIET", "PIP_NO_INDEX"):
        monkeypatch.delenv(other, raising=False)
    requirements = environment.ROOT / "few.txt"
    requirements.write_text("no-such-package==1.0 ; sys_platform == 'no-such-system'\npytest\n")
    environment.pip_install("--requirement", str(requirements))
    shown = capfd.readouterr().out
    assert "Requirement already satisfied: pytest" in shown
    assert "no-such-package" not in shown


# The stamp


def test_an_installation_is_finished_once(environment, steps):
    environment.install(environment.stamp())
    assert steps == INSTALLATION
    assert environment.stamp_found() == environment.stamp()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_packages_are_installed_into_the_same_environment(environment, steps, name):
    environment.install(environment.stamp())
    before = environment.stamp()
    with (environment.ROOT / name).open("a") as file:
        file.write("# changed\n")
    assert environment.stamp() != before
    environment.install(environment.stamp())
    assert steps == INSTALLATION + INSTALLATION[1:]
    assert environment.stamp_found() == environment.stamp()


def test_another_python_gets_another_environment(environment, steps, monkeypatch):
    environment.install(environment.stamp())
    before = environment.stamp()
    monkeypatch.setattr(environment, "sys", SimpleNamespace(version_info=(3, 99, 0)))
    assert environment.stamp() != before
    environment.install(environment.stamp())
    assert steps == INSTALLATION * 2


def test_a_moved_folder_gets_another_environment(environment, steps, monkeypatch):
    environment.install(environment.stamp())
    for name in ("VENV", "SCRIPTS", "PYTHON", "STAMP"):
        moved = str(getattr(environment, name)).replace(".venv", ".moved")
        monkeypatch.setattr(environment, name, Path(moved))
    (environment.ROOT / ".venv").rename(environment.VENV)
    assert environment.stamp_found()
    environment.install(environment.stamp())
    assert steps == INSTALLATION * 2


def test_an_environment_whose_python_is_gone_is_made_anew(environment, steps):
    environment.install(environment.stamp())
    environment.PYTHON.unlink()
    assert environment.stamp_found() == ""
    environment.install(environment.stamp())
    assert steps == INSTALLATION * 2


@pytest.mark.parametrize("finished_before", [False, True])
def test_an_interrupted_installation_is_not_taken_for_a_finished_one(environment, steps, monkeypatch, finished_before):
    if finished_before:
        environment.install(environment.stamp())
        (environment.ROOT / "requirements.lock").write_text("changed==1\n")

    def interrupted(*arguments: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "pip_install", interrupted)
    with pytest.raises(SystemExit, match="interrupted"):
        environment.install(environment.stamp())
    assert environment.stamp_found() == ""


def test_an_update_without_network_leaves_the_environment_as_it_was(environment, steps, monkeypatch):
    environment.install(environment.stamp())
    before = environment.stamp_found()
    (environment.ROOT / "requirements.lock").write_text("changed==1\n")

    def failing(*arguments: str) -> None:
        raise SystemExit("no network")

    monkeypatch.setattr(environment, "pip_install", failing)
    with pytest.raises(SystemExit, match="no network"):
        environment.install(environment.stamp())
    assert environment.stamp_found() == before != environment.stamp()


# The whole program, in processes of its own


def run_program(environment: ModuleType, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """tools/environment.py as `make` runs it, with none of this machine's settings for pip."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, str(environment.ROOT / "tools" / "environment.py"), *command],
        env=clean | {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def finished(environment: ModuleType) -> ModuleType:
    """An environment with a stamp but without pip: whatever would install something fails."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment.VENV)], check=True)
    environment.STAMP.write_text(environment.stamp(), encoding="utf-8")
    return environment


def test_a_finished_environment_runs_the_command_at_once(finished):
    code = "import json, os, sys; print(json.dumps([sys.prefix, os.environ['PATH'], sys.argv[1:]]))"
    result = run_program(finished, "python", "-c", code, "--port", "9 9")
    assert result.stderr == ""
    prefix, path, arguments = json.loads(result.stdout)
    assert prefix == str(finished.VENV)
    assert path.split(os.pathsep)[0] == str(finished.SCRIPTS)
    assert arguments == ["--port", "9 9"]


def test_the_commands_exit_code_is_passed_on(finished):
    assert run_program(finished, "python", "-c", "raise SystemExit(7)").returncode == 7


def test_a_missing_command_is_named(finished):
    result = run_program(finished, "no-such-program")
    assert result.returncode == 1
    assert re.fullmatch(r"There is no program no-such-program .*\n", result.stderr)
    result = run_program(finished)
    assert result.returncode == 1
    assert re.fullmatch(r"Give the command to run.*\n", result.stderr)


def test_no_network_ends_with_one_sentence_and_no_stamp(environment):
    pretend_venv(environment)
    left_behind = environment.VENV / "of an interrupted installation"
    left_behind.touch()
    result = run_program(environment, "pytest", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="1")
    assert result.returncode == 1
    assert re.fullmatch(r"pip could not reach the package index; .*\n", result.stderr)
    assert "Traceback" not in result.stdout
    assert not environment.STAMP.exists()
    assert not left_behind.exists()


# The files that name packages


def applies(requirement: Requirement, machine: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(machine)


def lock_text() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def lock_pins() -> list[Requirement]:
    return [Requirement(line) for line in re.findall(r"^[a-z0-9].*?(?= \\$)", lock_text(), flags=re.MULTILINE)]


def locked(machine: dict[str, str]) -> dict[str, list[str]]:
    """The versions in requirements.lock for one machine, by package."""
    pins: dict[str, list[str]] = {}
    for pin in lock_pins():
        if applies(pin, machine):
            (specifier,) = pin.specifier
            assert specifier.operator == "=="
            pins.setdefault(canonicalize_name(pin.name), []).append(specifier.version)
    return pins


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: "-".join(list(machine.values())[0:4:3]))
def test_the_lock_pins_every_direct_dependency_within_its_range(machine):
    pins = locked(machine)
    for requirement in DIRECT:
        versions = pins.get(canonicalize_name(requirement.name), [])
        if applies(requirement, machine):
            assert len(versions) == 1, f"{requirement}: {versions}"
            assert requirement.specifier.contains(versions[0]), f"{requirement}: {versions}"
    assert all(len(versions) == 1 for versions in pins.values())


def test_the_lock_has_a_hash_for_every_pin_and_names_no_host():
    pins = re.findall(r"^[a-z0-9][^\n]*(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+", lock_text(), flags=re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9]", lock_text(), flags=re.MULTILINE)) > 100
    assert "://" not in lock_text()
    assert not re.search(r"^-", lock_text(), flags=re.MULTILINE), "an option such as --index-url"


def test_the_lock_pins_the_extras_that_the_packages_ask_for():
    """Of `name[extra]` pip 23.2, which comes with Python 3.11, takes the newest, unless that very thing is pinned."""
    extras = {canonicalize_name(pin.name): pin.extras for pin in lock_pins()}
    asked = set()
    for name in extras.keys() & {canonicalize_name(package.name) for package in metadata.distributions()}:
        for requirement in map(Requirement, metadata.requires(name) or []):
            settings = [{"extra": extra} for extra in {"", *extras[name]}]
            if requirement.extras and any(applies(requirement, machine) for machine in settings):
                asked.add(requirement.name)
                assert requirement.extras <= extras[canonicalize_name(requirement.name)], (name, str(requirement))
    assert "jsonschema" in asked


def test_opencv_is_headless_on_linux_alone():
    for machine in MACHINES:
        names = {item.name for item in RUNTIME if item.name.startswith("opencv") and applies(item, machine)}
        headless = machine["sys_platform"] == "linux"
        assert names == {"opencv-python-headless" if headless else "opencv-python"}
        assert names == {name for name in locked(machine) if name.startswith("opencv")}


def test_the_wheel_holds_the_package_and_the_weights_with_their_cards(tmp_path):
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "cam_course").rglob("*.py")]
    weights = [path.relative_to(ROOT).as_posix() for path in (ROOT / "cam_course" / "weights").iterdir()]
    assert "cam_course/weights/mnist_gap.md" in weights
    assert set(files + weights) <= held


# A name that conda-forge has for a package of PyPI.
FROM_CONDA = {"matplotlib-base": "matplotlib"}


def test_environment_yml_has_the_packages_and_ranges_of_pyproject():
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = [Requirement(line) for line in dependencies if isinstance(line, str)]
    (pip_lines,) = (entry["pip"] for entry in dependencies if isinstance(entry, dict))
    assert pip_lines[-1] == "-e ."

    for requirement in conda:
        requirement.name = FROM_CONDA.get(requirement.name, requirement.name)
    tools = {item.name: item.specifier for item in conda if item.name in ("python", "pip")}
    assert tools == {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}

    found = [item for item in conda if item.name not in tools] + [Requirement(line) for line in pip_lines[:-1]]
    assert sorted(map(str, found)) == sorted(map(str, RUNTIME))


def test_the_workflow_tests_three_systems_and_every_supported_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == PYTHONS
    assert [name.split("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]


def test_the_workflow_tests_the_lowest_and_the_newest_versions():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    ranges = {item.name: item.specifier for item in RUNTIME if item.name in ("keras", "tensorflow", "numpy")}
    lowest = {name: next(str(one.version) for one in of if one.operator == ">=") for name, of in ranges.items()}
    limits = {name: next(str(one) for one in of if one.operator == "<") for name, of in ranges.items()}
    tested: dict[str, set[str]] = {name: set() for name in ranges}
    for job in workflow["jobs"]["versions"]["strategy"]["matrix"]["include"]:
        for requirement in map(Requirement, shlex.split(job["packages"])):
            tested[requirement.name].add(str(requirement.specifier))
    assert tested == {name: {f"=={lowest[name]}.*", limits[name]} for name in ranges}


def test_each_target_of_the_makefile_is_one_line():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):[^\n]*\n((?:\t[^\n]*\n)*)", text, flags=re.MULTILINE)
    known = {"help", "lab", "test", "check", "notebooks", "explorer", "site", "bench", "bench-browser", "lock", "clean"}
    assert known == {name for name, _ in targets}
    for name, recipe in targets:
        assert recipe.count("\n") == 1, name
    assert "\\\n" not in text


# import cv2


@pytest.mark.skipif(sys.platform != "linux", reason="the other systems have their windows' libraries")
def test_cv2_needs_no_libgl():
    installed = {distribution.metadata["Name"] for distribution in metadata.distributions()}
    assert "opencv-python-headless" in installed
    assert "opencv-python" not in installed
    code = "import cv2; print(open('/proc/self/maps').read())"
    maps = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "cv2" in maps
    assert not re.search(r"lib(GL|X11|Qt)[.\w-]*\.so", maps)
