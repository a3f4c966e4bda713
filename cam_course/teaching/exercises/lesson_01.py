"""Exercises of lesson 01."""

from .exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
