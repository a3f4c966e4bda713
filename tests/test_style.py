"""Style, types and layers, as pyproject.toml sets them."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PROGRAMS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["lint-imports"],
        [sys.executable, "tools/build_notebooks.py", "--check"],
    ],
    ids=["ruff-check", "ruff-format", "mypy", "import-linter", "notebooks-are-as-built"],
)
def test_tool_is_content(command: list[str]) -> None:
    program = Path(command[0]) if Path(command[0]).is_absolute() else PROGRAMS / command[0]
    done = subprocess.run([str(program), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
