"""JupyterLab at lesson 00. Further arguments go to JupyterLab: python tools/lab.py --port 9999"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from jupyterlab.labapp import LabApp

ROOT = Path(__file__).resolve().parent.parent
LESSON = "notebooks/00_why_explain.ipynb"
# The question about Jupyter's news would cover the corner of every first screen; no trait of LabApp turns it off.
SETTINGS = ROOT / "tools" / "jupyter"


def lab_arguments(platform: str, environ: Mapping[str, str], is_root: bool) -> list[str]:
    """What JupyterLab is told on this system."""
    arguments = [
        # The lesson as a file argument would leave it out of the printed address.
        f"--LabApp.default_url=/lab/tree/{LESSON}",
        # A long line about language servers that are not installed would follow the address.
        "--LanguageServerManager.autodetect=False",
        # Jupyter passes the browser a file in a hidden folder, which a browser from a snap or outside WSL cannot read.
        "--ServerApp.use_redirect_file=False",
    ]
    if platform == "linux" and not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        arguments.append("--no-browser")
    if is_root:
        arguments.append("--allow-root")
    return arguments


if __name__ == "__main__":
    os.chdir(ROOT)
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH")])
    )
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    LabApp.launch_instance([*lab_arguments(sys.platform, os.environ, is_root), *sys.argv[1:]])
