"""The right answers of lesson 00, written differently."""

import numpy as np

OTHERWISE = {
    "0.1": np.float32(2.5),
    "0.2": lambda g, w: [[w[i, j] * g[i, j] for j in range(len(g[0]))] for i in range(len(g))],
    "0.3": lambda S, M, pixels: S - np.sum([M[pixel] for pixel in pixels]),
    "0.4": lambda M, where: sum(M[where & (M > 0)]) / sum(M[M > 0]),
    "0.5": lambda S_ill, S_healthy: np.mean([[ill > healthy for ill in S_ill] for healthy in S_healthy]),
}
