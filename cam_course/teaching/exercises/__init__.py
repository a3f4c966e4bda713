"""The exercises of the lessons: a file of data for each lesson, and one checker for all."""

from .notebook import MIME, check, hint, outcome, watch_cells

__all__ = ["MIME", "check", "hint", "outcome"]

watch_cells()
