"""The figures of the lessons. Each function takes arrays and returns a figure; none computes what a lesson derives.
A class, as `WeightedSum`, is a figure of which a live one shows many states: drawn once, it gets other data by `at`.

What many lessons draw is in `numbers`, `images` and `digits`; a lesson with figures of its own has a file.
"""

from .digits import show_digit_maps
from .images import show_feature_maps, show_images, show_strip
from .lesson_00 import show_pixel_scores
from .lesson_01 import ConvolutionSteps, show_boxes, show_convolution
from .lesson_02 import MovedDigit, show_canvases, show_features
from .lesson_03 import WeightedSum, show_weighted_sum
from .lesson_04 import DigitMap, show_colour_maps, show_digit_map, show_five_columns
from .lesson_05 import show_fading, show_two_passes
from .lesson_06 import BoxedMap, show_boxes_on_photos, show_layers
from .lesson_07 import show_beams
from .lesson_09 import show_methods
from .measures import show_measures
from .numbers import show_numbers

__all__ = [
    "BoxedMap",
    "ConvolutionSteps",
    "DigitMap",
    "MovedDigit",
    "WeightedSum",
    "show_beams",
    "show_boxes",
    "show_boxes_on_photos",
    "show_canvases",
    "show_colour_maps",
    "show_convolution",
    "show_digit_map",
    "show_digit_maps",
    "show_fading",
    "show_feature_maps",
    "show_features",
    "show_five_columns",
    "show_images",
    "show_layers",
    "show_measures",
    "show_methods",
    "show_numbers",
    "show_pixel_scores",
    "show_strip",
    "show_two_passes",
    "show_weighted_sum",
]
