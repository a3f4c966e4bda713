"""The right answers of lesson 07, written differently."""

import math

import numpy as np

OTHERWISE = {
    "7.1": lambda q, d, z: 0.5 * z * d * q,
    "7.2": lambda M_0, M_1: math.exp(np.average(M_1)) / (math.exp(np.average(M_1)) + math.exp(np.average(M_0))),
    "7.3": lambda picture, plain: (
        picture - plain * np.linalg.lstsq(plain.reshape(-1, 1), picture.reshape(-1), rcond=None)[0][0]
    ),
    "7.4": lambda M, mask: bool(np.max(np.where(mask, M, -np.inf)) == np.max(M)),
    "7.5": lambda S_1, N_1, S_2, N_2: S_1 * N_1 / (N_1 + N_2) + S_2 * (1 - N_1 / (N_1 + N_2)),
}
