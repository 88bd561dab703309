"""The words and signs that conditions of forms are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from impacteval.errors import ConfigError

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<text>'[^']*'|"[^"]*")
    | (?P<question>\$\{\s*[^{}\s]+\s*\})
    | (?P<path>\.\./?|/|@|\[|\]|\|)
    | (?P<own>\.)
    | (?P<name>[A-Za-z_][A-Za-z0-9_:-]*)
    | (?P<sign><=|>=|!=|[=<>+*(),-])
    )""",
    re.X,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign, what kind of one it is, and where it begins; ``own`` is ``.``."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """The words and signs of a text, in order.

    Raises
    ------
    ConfigError
        At a character that begins none.
    """
    position, end = 0, len(text.rstrip())
    while position < end:
        found = TOKEN.match(text, position)
        if found is None:
            at = len(text) - len(text[position:].lstrip())
            raise ConfigError(
                f"{shown(text)}: {text[at]!r} at character {at + 1} has no meaning{_hint(text[at])}"
            )
        kind = str(found.lastgroup)
        yield Token(kind, found[kind], found.start(kind))
        position = found.end()


def _hint(character: str) -> str:
    hints = {
        "\u2018": "; write straight quotes, '",
        "\u2019": "; write straight quotes, '",
        "\u201c": '; write straight quotes, "',
        "\u201d": '; write straight quotes, "',
        "'": "; the quote is not closed",
        '"': "; the quote is not closed",
        "$": "; a question is written ${name}",
        "!": "; write != or not()",
    }
    return hints.get(character, "")


def shown(text: str) -> str:
    """The beginning of an expression, for messages."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 80 else line[:77] + "...")
