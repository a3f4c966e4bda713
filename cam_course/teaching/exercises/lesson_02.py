"""Exercises of lesson 02."""

from .exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
