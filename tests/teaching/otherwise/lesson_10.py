"""The right answers of lesson 10, written differently."""

import itertools

import numpy as np


def step_by_step(P):
    total = 0.0
    for left, right in itertools.pairwise(P):
        total += (left + right) / 2 / (len(P) - 1)
    return total


def means_of_positive(M, mask):
    inside = np.where(mask & (M > 0), M, 0)
    return inside.sum() / M[M > 0].sum() * mask.size / mask.sum()


def one_by_one(true, before, after, given):
    decided = [a in given for t, b, a in zip(true, before, after, strict=True) if t == b and t not in given]
    return sum(decided) / len(decided)


OTHERWISE = {
    "10.1": step_by_step,
    "10.2": means_of_positive,
    "10.3": one_by_one,
    "10.4": lambda maps: np.where(maps.min(axis=0) > 0, 1.0, np.where(maps.max(axis=0) < 0, -1.0, 0.0)),
}
