"""Exercises of lesson 04."""

from .exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
