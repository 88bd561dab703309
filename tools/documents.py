"""Tables in documents: written between marks that say which tool writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> str:
    """A table in Markdown; the first ``left`` columns are text, the others numbers."""
    marks = ["---" if i < left else "---:" for i in range(len(heads))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, marks, *rows]) + "\n"


def named_marks(name: str, tool: str) -> tuple[str, str]:
    """The marks around what a tool writes under a name."""
    return f"<!-- {name}: written by tools/{tool}.py -->", f"<!-- {name}: end -->"


def between(text: str, marks: tuple[str, str], found: str) -> str:
    """A document with what stands between two marks replaced."""
    begin, end = marks
    head, first, rest = text.partition(begin)
    _, last, tail = rest.partition(end)
    if not (first and last):
        raise SystemExit(f"the document has no lines {begin} and {end}")
    return f"{head}{begin}\n\n{found}\n{end}{tail}"
