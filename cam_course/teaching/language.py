"""Texts in the languages of the course, and which of them a notebook is read in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Language = Literal["en", "ko"]


@dataclass(frozen=True)
class Text:
    """One text in English and Korean; the Korean is empty until its lesson is translated.

    Examples
    --------
    >>> Text("a map", "맵").read_in("ko"), Text("a map").read_in("ko")
    ('맵', 'a map')
    """

    en: str
    ko: str = ""

    def read_in(self, language: Language) -> str:
        """The text in a language; in English where there is no other."""
        return (self.ko if language == "ko" else "") or self.en

    def __add__(self, other: "Text") -> "Text":
        return Text(f"{self.en} {other.en}".strip(), f"{self.ko} {other.ko}".strip() if self.ko and other.ko else "")


def notebook_language() -> Language:
    """Korean where the running notebook lies in the folder ``ko`` or in ``ko/student``, else English.

    All editions of a lesson have the same code, so the folder is what tells them apart.
    """
    return "ko" if "ko" in Path.cwd().parts[-2:] else "en"
