"""The time of one call as a multiple of another's, so that a noisy machine cancels out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """How many times as long a call took as the one that it was interleaved with."""

    median: float
    low: float  # the quartiles of the rounds
    high: float
    base_seconds: float  # median of the other call

    def over(self, bases: float) -> "Ratio":
        """The same as a multiple of so many of the other call."""
        return Ratio(self.median / bases, self.low / bases, self.high / bases, self.base_seconds * bases)


def ratio_of(bases: Sequence[float], cases: Sequence[float]) -> Ratio:
    """From the seconds of base, case, base, case ... base: each case counts against the bases before and after it."""
    if len(bases) != len(cases) + 1:
        raise ValueError(f"{len(bases)} bases and {len(cases)} cases do not alternate from base to base.")
    around = [(before + after) / 2 for before, after in pairwise(bases)]
    rounds = [case / base for case, base in zip(cases, around, strict=True)]
    low, _, high = quantiles(rounds, n=4, method="inclusive") if len(rounds) > 1 else (rounds * 3)
    return Ratio(median(rounds), low, high, median(bases))


def interleaved(base: Callable[[], Any], case: Callable[[], Any], rounds: int) -> Ratio:
    """Measure, after one call of each that does not count."""
    base()
    case()
    bases, cases = [seconds(base)], []
    for _ in range(rounds):
        cases.append(seconds(case))
        bases.append(seconds(base))
    return ratio_of(bases, cases)


def seconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    start = perf_counter()
    call()
    return perf_counter() - start
