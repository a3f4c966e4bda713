"""Exercises of lesson 05."""

from .exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
