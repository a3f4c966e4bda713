"""Where the course lies, and its command line as a user runs it.

Not in conftest.py: pytest loads that itself, and an import would run it again.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"  # to be looked at after a change
PROGRAM = Path(sys.executable).with_name("cam-course.exe" if os.name == "nt" else "cam-course")


def cam_course(
    *arguments: str, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``cam-course`` in a process of its own."""
    env = dict(os.environ if env is None else env) | {"COLUMNS": "160"}
    return subprocess.run([str(PROGRAM), *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)
