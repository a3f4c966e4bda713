"""The digit explorer: the network of lesson 04 computed in the reader's browser, as a page and as a widget.

``explorer.js`` is the whole of it; ``weights`` packs a trained network for it, ``page`` makes one self-contained HTML
file or a part of the site's page, and ``widget`` puts it into a notebook.
"""

from .page import explorer_html, explorer_page
from .weights import packed_weights, shipped_weights
from .widget import DigitExplorer

__all__ = ["DigitExplorer", "explorer_html", "explorer_page", "packed_weights", "shipped_weights"]
