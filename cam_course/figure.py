"""A figure that a notebook shows with its alternative text, in letters as large as the text around it."""

import html
from base64 import b64encode
from io import BytesIO

from matplotlib.figure import Figure
from matplotlib.text import Text

DOTS_PER_INCH = 100
SMALLEST_TEXT = 10.5  # points: 14.6 pixels, where JupyterLab's text has 14
WIDEST = 8.4  # inches: wider figures are made smaller in a window 1280 pixels wide, and their letters with them


class DescribedFigure(Figure):
    """A matplotlib figure with an alternative text.

    A notebook shows it as an ``<img>`` with ``alt``: that is what a screen reader, nbconvert, Sphinx and JupyterLab all
    find. A bare ``image/png`` output gets none in JupyterLab.
    """

    alt = ""

    def describe(self, alt: str) -> "DescribedFigure":
        """Give the figure its alternative text, and make letters that are too small as large as the text around it."""
        self.alt = " ".join(alt.split())
        for text in self.findobj(Text):
            assert isinstance(text, Text)
            text.set_fontsize(max(float(text.get_fontsize()), SMALLEST_TEXT))
        return self

    def as_html(self) -> str:
        """The figure as an HTML image with its alternative text.

        Raises
        ------
        ValueError
            If the figure has no alternative text.
        """
        if not self.alt:
            raise ValueError("A figure without alternative text is nothing to a screen reader: call describe() first.")
        # WebP keeps every pixel, as PNG does, and takes half the room: notebooks of photographs stay small.
        webp, lossless = BytesIO(), {"lossless": True, "method": 1, "quality": 50}
        self.savefig(webp, format="webp", dpi=DOTS_PER_INCH, bbox_inches="tight", pil_kwargs=lossless)
        return f'<img alt="{html.escape(self.alt)}" src="data:image/webp;base64,{b64encode(webp.getvalue()).decode()}">'

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self.as_html(), "text/plain": self.alt}, raw=True)
