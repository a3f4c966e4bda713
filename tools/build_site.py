"""Write the site, a folder of pages for a web server or a disk: the README, the lessons as they are, the explorer.

python tools/build_site.py            build/site
python tools/build_site.py FOLDER     elsewhere
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from sphinx.cmd.build import main as sphinx

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write the pages and say where they are; a warning is a failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "site")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as notes:  # what Sphinx remembers for a next time is no page
        options = ["-W", "--keep-going", "-q", "-d", notes, "-c", str(ROOT / "docs")]
        failed = sphinx([*options, str(ROOT), str(folder)])
    if not failed:
        shutil.copy(folder / "README.html", folder / "index.html")
        print(f"written: {folder}. Open index.html in a browser, or put the folder on a web server.")
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
