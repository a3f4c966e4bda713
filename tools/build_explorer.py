"""Write explorer.html: the digit explorer as one file, to be opened from a disk.

python tools/build_explorer.py              explorer.html in this folder
python tools/build_explorer.py FILE.html    elsewhere
"""

import argparse
from pathlib import Path

from cam_course.files import written_whole
from cam_course.teaching.explorer import explorer_page, shipped_weights


def main() -> None:
    """Write the file and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=Path("explorer.html"))
    path = parser.parse_args().file
    with written_whole(path) as unfinished:
        unfinished.write_text(explorer_page(shipped_weights()), encoding="utf-8")
    print(f"written: {path} ({path.stat().st_size / 1000:.0f} kB). Open it in a browser; it needs no network.")


if __name__ == "__main__":
    main()
