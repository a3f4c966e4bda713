"""A figure that a notebook shows with its alternative text, in letters as large as the text around it."""

import html
from base64 import b64encode
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, IdentityTransform
from PIL import Image

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
            if float(text.get_fontsize()) < SMALLEST_TEXT:
                text.set_fontsize(SMALLEST_TEXT)
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

    def as_png(self) -> bytes:
        """The figure as it is now, in a few hundredths of a second.

        It is arranged at the first call, and stays so; after that only the axes in which something has changed are
        painted again.
        """
        if not isinstance(self.canvas, FigureCanvasAgg):
            self.set_dpi(DOTS_PER_INCH)
            for _ in range(2):  # the second time knows the sizes that the first gave to square axes
                self.draw_without_rendering()
            self.set_layout_engine("none")
            FigureCanvasAgg(self).draw()
            self._panels = [_Panel(axes) for axes in self.axes]
        assert isinstance(self.canvas, FigureCanvasAgg)
        for panel in self._panels:
            if panel.axes.stale:
                panel.paint(self.canvas.get_renderer())
        png = BytesIO()
        Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB").save(png, format="png", compress_level=1)
        return png.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self.as_html(), "text/plain": self.alt}, raw=True)


class _Panel:
    """Axes that are painted again by themselves, and the pixels that they have covered."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self._covered = axes.get_tightbbox() or axes.bbox
        self._limits = (axes.get_xlim(), axes.get_ylim())

    def paint(self, renderer: RendererBase) -> None:
        covered = [self._covered]
        if self.axes.get_title():
            covered.append(self.axes.title.get_window_extent())
        if self._limits != (limits := (self.axes.get_xlim(), self.axes.get_ylim())):  # and so other numbers beside them
            self._limits = limits
            sides = [axis.get_tightbbox(renderer) for axis in (self.axes.xaxis, self.axes.yaxis)]
            covered += [side for side in sides if side]
        self._covered = Bbox.union(covered)
        x, y, width, height = self._covered.padded(2).bounds  # half of a line lies outside
        Rectangle((x, y), width, height, color="white", linewidth=0, transform=IdentityTransform()).draw(renderer)
        self.axes.draw(renderer)
