"""Sphinx' settings of the site: the README is its first page, the lessons have the outputs that they are stored with.

The sources are those of the repository, where they are; `tools/build_site.py` builds it.
"""

import json
from typing import Any

from sphinx.application import Sphinx

from cam_course.teaching.explorer import explorer_html, shipped_weights

project = "CAM Course"
author = "The CAM Course authors"
project_copyright = "The CAM Course authors: code MIT, text and figures CC BY 4.0"

extensions = ["myst_nb"]
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "benchmarks/*.md", "notebooks/*.ipynb", "notebooks/ko/*.ipynb"]
exclude_patterns = [".*", "build", "cam_course", "tests", "tools"]  # not even searched
suppress_warnings = ["mystnb.unknown_mime_type"]  # what a check leaves for programs, beside its text

myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_code_prompt_show = nb_code_prompt_hide = "Answer · 답"

# Formulas also stand in the answers of a quiz, which are HTML that Sphinx passes on as it is.
myst_update_mathjax = False
mathjax3_config = mathjax4_config = {
    "tex": {"inlineMath": [["$", "$"], ["\\(", "\\)"]]},
    "options": {"ignoreHtmlClass": "no-formulas"},
}

html_theme = "furo"
html_title = project
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sphinx = False

# What GitHub would show as text: the list of pages in the README, the explorer on its page.
CONTENTS = """
```{toctree}
:hidden:
:glob:
notebooks/[0-9]*
```

```{toctree}
:hidden:
docs/explorer
docs/faq
docs/teaching
benchmarks/README
CONTRIBUTING
```

```{toctree}
:hidden:
:glob:
notebooks/ko/[0-9]*
```
"""


def complete(app: Sphinx, page: str, source: list[str]) -> None:
    """Add to a page what its file leaves to the site."""
    if page == root_doc:
        source[0] += CONTENTS
    elif page == "docs/explorer":
        html = explorer_html(shipped_weights())
        source[0] = source[0].replace("<!-- the explorer -->", f"```````{{raw}} html\n{html}\n```````")
    elif page.startswith("notebooks/"):
        source[0] = with_answers_folded(source[0])


def with_answers_folded(notebook: str) -> str:
    """What is folded in Jupyter is folded here: myst-nb has a tag for it."""
    cells = json.loads(notebook)
    for cell in cells["cells"]:
        if cell["metadata"].get("jupyter", {}).get("source_hidden"):
            cell["metadata"]["tags"].append("hide-input")
    return json.dumps(cells)


def speak(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Name the language of a page, for screen readers."""
    if page.startswith("notebooks/ko/"):
        context["language"] = "ko"


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", complete)
    app.connect("html-page-context", speak)
