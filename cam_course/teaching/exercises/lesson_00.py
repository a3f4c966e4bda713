"""Exercises of lesson 00."""

from .exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
