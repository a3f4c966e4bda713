"""The right answers of lesson 04, written differently."""

from typing import Any

import numpy as np


def parts(model: Any, image: np.ndarray) -> list[Any]:
    x = image
    for layer in model.layers:
        if "Pooling" in type(layer).__name__:
            break
        x = layer(x)
    return [x, *(variable.numpy() for variable in model.weights[-2:])]


def bilinear(M: np.ndarray, height: int, width: int) -> np.ndarray:
    """Centre of pixel to centre of pixel, the edge repeated, as OpenCV has it."""

    def weights(n: int, m: int) -> np.ndarray:
        table = np.zeros((m, n))
        for i in range(m):
            place = min(max((i + 0.5) * n / m - 0.5, 0), n - 1)
            low = min(int(place), n - 2)
            table[i, low : low + 2] = 1 - (place - low), place - low
        return table

    return weights(len(M), height) @ M @ weights(len(M[0]), width).T


OTHERWISE = {
    "4.1": parts,
    "4.2": lambda f, w: np.einsum("nxyk,kc->nxyc", f, w),
    "4.3": lambda D, S_black: np.mean(D + S_black),
    "4.4": bilinear,
    "4.5": [1, 1, 0, 0],
    "4.6": lambda maps: [M / max(maps.max(), -maps.min()) for M in maps],
}
