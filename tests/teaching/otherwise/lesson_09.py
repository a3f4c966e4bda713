"""The right answers of lesson 09, written differently."""

import numpy as np


def loops(a, w, R):
    shares = np.zeros(len(a))
    for k in range(w.shape[1]):
        z = sum(a[j] * w[j, k] for j in range(len(a)))
        for j in range(len(a)):
            shares[j] += a[j] * w[j, k] / z * R[k]
    return shares


def from_the_last_block(A):
    mixed = [(block + np.eye(len(block))) / 2 for block in A]
    rolled = mixed[-1]
    for block in mixed[-2::-1]:
        rolled = rolled @ block
    return rolled


OTHERWISE = {
    "9.3": loops,
    "9.2": lambda x, G: np.maximum(G, 0) * (x > 0),
    "9.1": lambda f, g: np.einsum("xyk,xyk->xy", f, g),
    "9.4": from_the_last_block,
}
