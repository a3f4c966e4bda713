"""How good a map is, in numbers: where it points, what the model says of it, and whether it depends on the model.

``localisation`` compares a map with a known place, ``faithfulness`` with what the model does when pixels come or go,
``sanity`` with the map of another model or another class. ``controls`` has the maps that any method must beat, and
``intervals`` says how sure a mean over images is. Each measure takes one map and returns one number; NaN says that it
has no answer for this image, and `mean_with_interval` counts such images apart.
"""

from .controls import centred_blob, edge_map, random_map
from .faithfulness import Curve, baseline_of, completeness_residual, deletion, insertion
from .intervals import Mean, mean_with_interval, share_with_interval
from .localisation import box_iou, centre_box, energy_inside, localised, mask_of_box, pointing_game
from .sanity import random_logit, randomisation, randomised, rank_correlation, sparseness

__all__ = [
    "Curve",
    "Mean",
    "baseline_of",
    "box_iou",
    "centre_box",
    "centred_blob",
    "completeness_residual",
    "deletion",
    "edge_map",
    "energy_inside",
    "insertion",
    "localised",
    "mask_of_box",
    "mean_with_interval",
    "pointing_game",
    "random_logit",
    "random_map",
    "randomisation",
    "randomised",
    "rank_correlation",
    "share_with_interval",
    "sparseness",
]
