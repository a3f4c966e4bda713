"""The explorer in HTML: as one file, which works from a disk without a server or a network, and as a part of a page."""

import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Draw a digit: ten class activation maps</title>
<link rel="icon" href="data:,">
<style>
body { margin: 0; font-family: system-ui, "Noto Sans CJK KR", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 0.5rem; }
h1 { font-size: 1.3rem; margin: 0.5rem; }
h1 span { display: block; font-size: 1rem; font-weight: normal; }
@media (prefers-color-scheme: dark) { body { background: #151515; color: #ececec; } }
</style>
</head>
<body>
<main>
<h1>Draw a digit, and see ten class activation maps
<span lang="ko">숫자를 그리고 클래스 활성화 맵 열 개를 봅니다</span></h1>
@EXPLORER@
</main>
</body>
</html>
"""

_EXPLORER = """<style>
@CSS@
</style>
<div id="digit-explorer"></div>
<script type="module">
@JS@
mount(document.getElementById("digit-explorer"), network(@WEIGHTS@), {
  state: fromAddress(location.hash),
  moved: (address) => history.replaceState(null, "", address),
});
</script>
"""


def explorer_html(weights: dict[str, Any]) -> str:
    """The explorer, style and script and weights included, to stand anywhere in the body of a page.

    Parameters
    ----------
    weights : dict
        From `packed_weights`.

    Examples
    --------
    >>> explorer_html({"shapes": [], "data": ""}).startswith("<style>")
    True
    """
    css, js = ((_HERE / f"explorer.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return _EXPLORER.replace("@CSS@", css).replace("@JS@", js).replace("@WEIGHTS@", json.dumps(weights))


def explorer_page(weights: dict[str, Any]) -> str:
    """A page with the explorer and nothing else.

    Parameters
    ----------
    weights : dict
        From `packed_weights`.

    Examples
    --------
    >>> explorer_page({"shapes": [], "data": ""}).startswith("<!doctype html>")
    True
    """
    return _PAGE.replace("@EXPLORER@", explorer_html(weights))
