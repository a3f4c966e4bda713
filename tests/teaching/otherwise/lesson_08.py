"""The right answers of lesson 08, written differently."""

import numpy as np


def painted(one, other):
    canvas = np.zeros((2, 40, 40), bool)
    for layer, (x0, y0, x1, y1) in zip(canvas, (one, other), strict=True):
        layer[y0:y1, x0:x1] = True
    return (canvas[0] & canvas[1]).sum() / (canvas[0] | canvas[1]).sum()


def from_the_last_layer(windows, cell):
    place = cell
    for k, s, p in reversed(windows):
        place = s * place - p + (k - 1) / 2
    return place


OTHERWISE = {
    "8.1": painted,
    "8.2": lambda class_right, ious: np.mean([not (c and i >= 0.5) for c, i in zip(class_right, ious, strict=True)]),
    "8.3": lambda M, row, column: (
        np.where(M > 0, M, 0).reshape(2, len(M) // 2, 2, -1).sum(axis=(1, 3))[row, column] / M[M > 0].sum()
    ),
    "8.4": from_the_last_layer,
}
