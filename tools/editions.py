"""From a lesson's source to its notebooks, one for each language and reader, still without outputs.

A lesson is a jupytext percent file. What stands above its first `# %%` is a note to its authors and is in no notebook.
Each English text cell is followed by its Korean one; a lesson has Korean for all of them or for none. Cell metadata is
`lang` (text cells), `slideshow`, `tags`, and `minutes` on the heading of a section:
`minutes={"class": 3, "alone": 6}`. The tags:

    exercise   a cell with an answer between `### BEGIN SOLUTION` and `### END SOLUTION`, nbgrader's marks; the student
               edition has a placeholder in its place
    check      the cell that checks the answer
    open       the text of an open question
    solution   text or code that follows only from having solved something; not in the student edition
    quiz       a question with choices (see quiz.py)
    at-home    what is not part of the minutes in class
"""

import ast
import re
import textwrap
from collections import Counter, deque
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from quiz import QuizError, with_details

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# Without comment_magics=False jupytext turns a comment such as "# cat and dog" into the shell command `cat`.
PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
CELL_START = re.compile(r"^# %%(?: .*)?$", re.MULTILINE)
JUPYTEXT_OWN = {"lines_to_next_cell", "cell_marker"}  # the layout of the percent file
SLIDE_TYPES = ["slide", "subslide", "fragment", "skip", "notes"]
TAGS = {"exercise", "check", "open", "solution", "quiz", "at-home"}
SOLUTION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION[ \t]*\n(.+?)^[ \t]*### END SOLUTION[ \t]*$\n?", re.MULTILINE | re.DOTALL
)
LEFT_OVER_MARK = re.compile(r"^.*\b(?:begin|end)[ _-]*solution.*$", re.MULTILINE | re.IGNORECASE)


class BuildError(Exception):
    """What is wrong with a lesson, where, and what to do about it, in one sentence."""


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson in every language it has."""

    id: str
    where: str  # lessons/03_cam_math.py:57
    texts: dict[str, str]  # {"en": text, "ko": text}, or {"code": source}
    metadata: dict[str, Any]  # slideshow, tags and minutes

    @property
    def tags(self) -> list[str]:
        return self.metadata.get("tags", [])


def read_lesson(path: Path) -> list[Cell]:
    """Return the cells of a lesson, each English text joined with its Korean one."""
    queue = deque(parse(path))
    translated = any(cell.metadata.get("lang") == "ko" for _, cell in queue)
    repeats: Counter[str] = Counter()
    cells = []
    while queue:
        where, cell = queue.popleft()
        lang = cell.metadata.get("lang", "code")
        if lang == "ko":
            raise BuildError(f"{where}: this Korean text has no English one directly above it; put the pair together.")
        texts = {lang: cell.source}
        if lang == "en" and translated:
            texts["ko"] = take_korean(where, cell, queue)
        digest = sha256("\n".join([path.stem, lang, cell.source]).encode()).hexdigest()[:12]
        repeats[digest] += 1
        cell_id = digest if repeats[digest] == 1 else f"{digest}-{repeats[digest]}"
        cells.append(Cell(cell_id, where, texts, kept_metadata(cell)))
    return cells


def parse(path: Path) -> list[tuple[str, NotebookNode]]:
    """Read a percent file: its cells, each sound by itself, with the line where it begins."""
    text = path.read_text(encoding="utf-8")
    name = f"{path.parent.name}/{path.name}"
    starts = [match.start() for match in CELL_START.finditer(text)]
    if not starts:
        raise BuildError(f"{name}: there is no cell; begin each one with a line `# %%` or `# %% [markdown]`.")
    try:
        cells = jupytext.reads(text[starts[0] :], fmt=PERCENT).cells
    except nbformat.ValidationError as error:
        raise BuildError(f"{name}: a cell has metadata of the wrong form, mend it: {error.message}.") from error
    if len(cells) != len(starts):
        raise BuildError(f"{name}: a line that begins with `# %%` stands inside a string; indent it.")
    parsed = [(f"{name}:{text.count(chr(10), 0, start) + 1}", cell) for start, cell in zip(starts, cells, strict=True)]
    for where, cell in parsed:
        refuse_malformed(where, cell)
    return parsed


def refuse_malformed(where: str, cell: NotebookNode) -> None:
    """Raise BuildError for what is wrong with a cell, whatever its neighbours are."""
    unknown = sorted(set(cell.metadata) - {"lang", "slideshow", "tags", "minutes"} - JUPYTEXT_OWN)
    lang, slideshow = cell.metadata.get("lang"), cell.metadata.get("slideshow")
    tags, minutes = cell.metadata.get("tags", []), cell.metadata.get("minutes")
    if unknown:
        wanted = "lang, slideshow, tags and minutes, written in JSON"
        raise BuildError(f"{where}: unknown metadata {unknown}; a cell has {wanted}.")
    if unknown_tags := sorted(set(tags) - TAGS):
        raise BuildError(f"{where}: unknown tags {unknown_tags}; there are {', '.join(sorted(TAGS))}.")
    if cell.cell_type not in ("code", "markdown"):
        raise BuildError(f"{where}: no edition shows a {cell.cell_type} cell; make it a text or a code cell.")
    if not cell.source.strip():
        raise BuildError(f"{where}: the cell is empty; fill it or delete it.")
    if cell.cell_type == "code" and lang is not None:
        raise BuildError(f"{where}: code is the same in all languages; take lang={lang!r} out of this code cell.")
    if cell.cell_type == "markdown" and lang not in ("en", "ko"):
        raise BuildError(f'{where}: a text cell needs lang="en" or lang="ko", this one has {lang!r}; say which it is.')
    if slideshow not in [{"slide_type": known} for known in SLIDE_TYPES]:
        wanted = f'slideshow={{"slide_type": ...}} with one of {", ".join(SLIDE_TYPES)}'
        raise BuildError(f"{where}: a cell needs {wanted}; this one has {slideshow!r}, give it one.")
    if "at-home" in tags and slideshow["slide_type"] != "skip":
        raise BuildError(f'{where}: what is for home is no slide; give this cell slideshow={{"slide_type": "skip"}}.')
    heading = cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))
    if heading and not is_minutes(minutes):
        raise BuildError(f'{where}: a section needs its minutes; write minutes={{"class": 3, "alone": 6}}.')
    if minutes is not None and not heading:
        raise BuildError(f"{where}: minutes stand on the heading of a section; take them off this cell.")


def is_minutes(minutes: Any) -> bool:
    """Whether these are the minutes of a section, whole numbers in class and alone."""
    return (
        isinstance(minutes, dict)
        and set(minutes) == {"class", "alone"}
        and all(type(number) is int and number >= 0 for number in minutes.values())
    )


def take_korean(where: str, english: NotebookNode, queue: deque[tuple[str, NotebookNode]]) -> str:
    """Take the Korean text of an English cell off the queue."""
    if not queue or queue[0][1].metadata.get("lang") != "ko":
        raise BuildError(f"{where}: other texts have a Korean one directly below them and this has none; translate it.")
    where, korean = queue.popleft()
    ours, theirs = kept_metadata(korean), kept_metadata(english)
    if ours != theirs:
        raise BuildError(f"{where}: this Korean text has {ours}, the English one above {theirs}; make them the same.")
    return str(korean.source)


def kept_metadata(cell: NotebookNode) -> dict[str, Any]:
    """Return the metadata that a cell keeps in the notebooks."""
    return {key: cell.metadata[key] for key in ("slideshow", "tags", "minutes") if key in cell.metadata}


def make_edition(cells: list[Cell], language: str, reader: str) -> NotebookNode:
    """Return the notebook for a reader ("lecture" or "student") in a language, without outputs."""
    built = []
    for cell in cells:
        metadata = deepcopy(cell.metadata)
        if reader == "student" and "solution" in cell.tags:
            continue
        if "code" not in cell.texts:
            built.append(new_markdown_cell(text_for(cell, language), id=cell.id, metadata=metadata))
            continue
        if reader == "lecture" and ("solution" in cell.tags or SOLUTION.search(cell.texts["code"])):
            metadata["jupyter"] = {"source_hidden": True}  # JupyterLab folds the cell; a click opens it
        built.append(new_code_cell(code_for(reader, cell), id=cell.id, metadata=metadata))
    notebook: NotebookNode = new_notebook(cells=built, metadata=deepcopy(NOTEBOOK_METADATA), nbformat_minor=5)
    return notebook


def text_for(cell: Cell, language: str) -> str:
    """Return the text of a cell; a question with choices becomes one that can be opened choice by choice."""
    if "quiz" not in cell.tags:
        return cell.texts[language]
    try:
        return with_details(cell.texts[language])
    except QuizError as error:
        raise BuildError(f"{cell.where}: {error}") from error


def code_for(reader: str, cell: Cell) -> str:
    """Return the code with its solutions between nbgrader's marks (lecture) or a placeholder for each (student)."""
    code = cell.texts["code"]
    without, solutions = SOLUTION.subn("", code)
    if left := LEFT_OVER_MARK.search(without):
        pair = "`### BEGIN SOLUTION` and `### END SOLUTION`, each alone on its line, around a solution"
        raise BuildError(f"{cell.where}: `{left[0].strip()}` is no solution mark or lacks its partner; write {pair}.")
    if solutions and "exercise" not in cell.tags:
        raise BuildError(f'{cell.where}: a cell with a solution is an exercise; give it tags=["exercise"].')
    if SOLUTION.match(code):  # JupyterLab shows the first line of a folded cell
        raise BuildError(
            f"{cell.where}: a solution may not begin its cell; put a comment or the function's head above."
        )
    student = SOLUTION.sub(lambda match: placeholder(cell.where, *match.groups()), code)
    return (code if reader == "lecture" else student).rstrip("\n")


def placeholder(where: str, indent: str, solution: str) -> str:
    """Return what a student finds in place of a solution, so that the check can run.

    That is `return ...` where the solution returns something, else `name = ...` for what it assigns.
    """
    try:
        statements = ast.parse(textwrap.dedent(solution)).body
    except SyntaxError as error:
        raise BuildError(f"{where}: no whole statements stand between the solution marks; move the marks.") from error
    if any(isinstance(node, ast.Return) for statement in statements for node in ast.walk(statement)):
        return f"{indent}# your answer here\n{indent}return ...\n"
    targets = [target for statement in statements if isinstance(statement, ast.Assign) for target in statement.targets]
    nodes = [node for target in targets for node in ast.walk(target)]
    names = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    lines = ["# your answer here", *([f"{name} = ..." for name in dict.fromkeys(names)] or ["..."])]
    return "".join(f"{indent}{line}\n" for line in lines)
