"""JupyterLab at lesson 00. Further arguments go to JupyterLab: python tools/lab.py --port 9999"""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import nbformat
import zmq
from jupyter_client import KernelManager
from jupyter_core.paths import jupyter_data_dir
from jupyterlab.labapp import LabApp
from nbformat.sign import NotebookNotary

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
    if hasattr(KernelManager, "transport_encryption") and zmq.has("curve"):
        # Without it a kernel of today starts with a warning that somebody on this computer may listen.
        arguments.append("--KernelManager.transport_encryption=auto")
    if platform == "linux" and not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        arguments.append("--no-browser")
    if is_root:
        arguments.append("--allow-root")
    return arguments


def sign(notebooks: Path, folder: Path) -> None:
    """Have Jupyter trust the notebooks as they are now; signatures lie in a folder of the course's own.

    It calls any other "not trusted", and hides a part of their outputs until they are run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=str(folder))
    for path in notebooks.rglob("[0-9][0-9]_*.ipynb"):
        with suppress(ValueError):  # no notebook; Jupyter says so when it is opened
            notary.sign(nbformat.read(path, as_version=4))
    notary.store.close()


if __name__ == "__main__":
    os.chdir(ROOT)
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH")])
    )
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    signatures = Path(jupyter_data_dir(), "cam-course")
    sign(ROOT / "notebooks", signatures)
    trust = f"--NotebookNotary.data_dir={signatures}"
    LabApp.launch_instance([*lab_arguments(sys.platform, os.environ, is_root), trust, *sys.argv[1:]])
