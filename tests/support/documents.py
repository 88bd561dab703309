"""Parts of documents: sections, first columns and rows of tables, code blocks."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def text_of(name: str) -> str:
    """A document of the project."""
    return (PROJECT / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Text below a heading, up to the next one of its level."""
    return text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def rows_of(text: str) -> list[list[str]]:
    """Cells of the rows of tables whose first cell begins with a code mark, blanks around them left out."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", x)[1:-1]] for x in lines]


def marked(text: str) -> list[str]:
    """Names in code marks, in order; blocks of code are left out."""
    return re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def first_column(text: str) -> list[str]:
    """Names in code marks in the first column of the tables of a text, in order."""
    return [name for cells in rows_of(text) for name in marked(cells[0])]
