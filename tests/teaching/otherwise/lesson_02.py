"""The right answers of lesson 02, written differently."""

import numpy as np


def six(side: int, channels: int, n_1: int, n_2: int, classes: int) -> tuple[int, ...]:
    first = n_1 + 3 * 3 * channels * n_1
    second = n_2 + 3 * 3 * n_1 * n_2
    return (first, 0, second, 0, 0, n_2 * classes)


OTHERWISE = {
    "2.1": lambda f: np.array([[np.average(f[n, :, :, k]) for k in range(f.shape[3])] for n in range(len(f))]),
    "2.2": lambda h, w, K, n: n * K * (h * w - 1),
    "2.3": six,
    "2.4": (1, 1, 0, 0, 1),
    "2.5": lambda F, F_black, n, m: F_black + (F - F_black) * n / (n + m),
    "2.6": lambda F, w, b: np.array([np.exp(S) / sum(np.exp(S)) for S in np.einsum("nk,kc->nc", F, w) + b]),
}
