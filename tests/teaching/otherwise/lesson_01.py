"""The right answers of lesson 01, written differently."""

import math


def field_from_the_end(layers: list[tuple[int, int]]) -> int:
    r = 1
    for k, s in reversed(layers):
        r = (r - 1) * s + k
    return r


OTHERWISE = {
    "1.1": lambda g, v, x, y, s: sum(
        v[i, j] * g[s * x + i, s * y + j] for i in range(len(v)) for j in range(len(v[0]))
    ),
    "1.2": lambda n, k, s, p: len(range(0, n + 2 * p - k + 1, s)),
    "1.3": [[2, 1.0], [2, 2]],
    "1.4": lambda k, channels_in, channels_out: channels_out + math.prod((k, k, channels_in, channels_out)),
    "1.5": lambda window, v, b: (abs((window * v).sum() + b) + (window * v).sum() + b) / 2,
    "1.6": field_from_the_end,
}
