"""The explorer as one HTML file, which works from a disk without a server or a network."""

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
@CSS@
</style>
</head>
<body>
<main>
<h1>Draw a digit, and see ten class activation maps
<span lang="ko">숫자를 그리고 클래스 활성화 맵 열 개를 봅니다</span></h1>
</main>
<script type="module">
@JS@
mount(document.querySelector("main"), network(@WEIGHTS@), {
  state: fromAddress(location.hash),
  moved: (address) => history.replaceState(null, "", address),
});
</script>
</body>
</html>
"""


def explorer_page(weights: dict[str, Any]) -> str:
    """The whole page, weights included.

    Parameters
    ----------
    weights : dict
        From `packed_weights`.

    Examples
    --------
    >>> explorer_page({"shapes": [], "data": ""}).startswith("<!doctype html>")
    True
    """
    css, js = ((_HERE / f"explorer.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return _PAGE.replace("@CSS@", css).replace("@JS@", js).replace("@WEIGHTS@", json.dumps(weights))
