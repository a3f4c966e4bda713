"""The right answers of lesson 05, written differently."""

from typing import Any

import numpy as np


def with_the_package(model: Any, image: np.ndarray, c: int) -> np.ndarray:
    from cam_course import GradCAM

    return GradCAM(model)(image, classes=[c]).maps[0, 0]


OTHERWISE = {
    "5.1": np.array([1, -1], dtype="int8"),
    "5.2": lambda f, dS_df: np.clip(sum(np.average(dS_df[..., k]) * f[..., k] for k in range(f.shape[2])), 0, None),
    "5.3": lambda G, b: G.size * np.mean(G) + b,
    "5.4": lambda M: (np.abs(M).mean() - M.mean()) / 2,
    "5.5": lambda P, c: [P[c] * ((d == c) - P[d]) for d in range(len(P))],
    "5.6": with_the_package,
}
