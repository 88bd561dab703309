"""What the XML of a worksheet says that its values do not: bounds, errors, hidden and merged cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

EXCEL_ROWS, EXCEL_COLUMNS = 1_048_576, 16_384
MOST_CELLS = 20_000_000
# Excel keeps 15 digits of a number; identifiers of 16 and more lose their last ones.
EXACT_BELOW = 1e15
ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


class RefusedPartError(Exception):
    """A part of a workbook that is not read on."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by row and column, both from 1."""

    row: int
    column: int

    @property
    def address(self) -> str:
        """The cell as Excel names it."""
        return f"{column_letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, its corners included."""

    first: Cell
    last: Cell

    @property
    def address(self) -> str:
        """The rectangle as Excel names it."""
        return f"{self.first.address}:{self.last.address}"


def column_letters(number: int) -> str:
    """Letters of a column, 1 being A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_at(address: str) -> Cell:
    """The cell that an address names."""
    found = ADDRESS.fullmatch(address)
    if not found:
        raise RefusedPartError(f"{address[:20]!r} is no address of a cell")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return Cell(int(found[2]), column)


def area_at(addresses: str) -> Area:
    """The rectangle that two addresses, or one, name."""
    first, _, last = addresses.partition(":")
    return Area(cell_at(first), cell_at(last or first))


def guarded_parser() -> expat.XMLParserType:
    """A parser that refuses document types, and with them entities, before anything is expanded."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise RefusedPartError("declares a document type or entities, which no spreadsheet program writes")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


@dataclass(slots=True)
class SheetFacts:
    """What a scan of a worksheet found.

    ``unread`` are formulas without a stored result, ``long_numbers`` cells whose last digits Excel
    may have lost.
    """

    errors: dict[Cell, str] = field(default_factory=dict)
    unread: list[Cell] = field(default_factory=list)
    long_numbers: list[Cell] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


class SheetScan:
    """Reads a worksheet's XML in blocks and stops where it claims more cells than memory should hold.

    Only cells with a value count: an empty cell that was once formatted, far out, is harmless.
    """

    def __init__(self, max_rows: int) -> None:
        self.facts = SheetFacts()
        self._max_rows = max_rows
        self._row = self._column = 0
        self._row_digits = ""
        self._last_row = self._last_column = 0
        self._columns: dict[str, int] = {}
        self._kind = ""
        self._has_formula = False
        self._text: list[str] | None = None
        self._value = ""
        self._locals: dict[str, str] = {}
        self._begins: dict[str, Callable[[Mapping[str, str]], None]] = {
            "c": self._start_cell,
            "v": self._start_value,
            "is": self._start_inline_text,
            "f": self._start_formula,
            "row": self._start_row,
            "dimension": self._start_dimension,
            "mergeCell": self._start_merged,
            "col": self._start_columns,
        }
        self.parser = guarded_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = self._locals.get(name) or self._locals.setdefault(name, name.rpartition(" ")[2])
        begins = self._begins.get(local)
        if begins:
            begins(attributes)

    def _start_value(self, _: Mapping[str, str]) -> None:
        self._text = []

    def _start_formula(self, _: Mapping[str, str]) -> None:
        self._has_formula = True

    def _start_inline_text(self, _: Mapping[str, str]) -> None:
        self._note_value()

    def _start_merged(self, attributes: Mapping[str, str]) -> None:
        self.facts.merged.append(area_at(attributes.get("ref", "")))

    def _start_columns(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("hidden") in {"1", "true"}:
            span = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self.facts.hidden_columns.append(span)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._row_digits = str(self._row)
        self._column = 0
        if attributes.get("hidden") in {"1", "true"}:
            self.facts.hidden_rows.append(self._row)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        address = attributes.get("r")
        self._column = self._column_of(address) if address else self._column + 1
        self._kind, self._has_formula, self._value = attributes.get("t", "n"), False, ""

    def _column_of(self, address: str) -> int:
        """The column of a cell in the row that is being read; each group of letters is read once."""
        letters = address.rstrip("0123456789")
        if address[len(letters) :] != self._row_digits:
            raise RefusedPartError(f"cell {cell_at(address).address} stands in row {self._row}")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = cell_at(address).column
        return column

    @property
    def _cell(self) -> Cell:
        return Cell(self._row, self._column)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        match self._locals[name]:
            case "v":
                self._value, self._text = "".join(self._text or ()), None
                self._note_value()
            case "c":
                self._judge_cell()

    def _note_value(self) -> None:
        """Widen the rectangle that a reader would have to hold, and stop before it is too large."""
        if self._row <= self._last_row and self._column <= self._last_column:
            return
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        where = f"cell {self._cell.address}"
        if self._row > min(EXCEL_ROWS, self._max_rows + 1):
            raise RefusedPartError(f"{where}: more than {self._max_rows:,} rows (max_rows)")
        if self._column > EXCEL_COLUMNS:
            raise RefusedPartError(f"{where}: more than {EXCEL_COLUMNS:,} columns")
        if self._last_row * self._last_column > MOST_CELLS:
            raise RefusedPartError(
                f"{where}: the cells span {self._last_row:,} rows by {self._last_column:,} columns, "
                f"more than {MOST_CELLS:,} cells"
            )

    def _start_dimension(self, attributes: Mapping[str, str]) -> None:
        claimed = attributes.get("ref", "A1")
        last = area_at(claimed).last
        if last.column > EXCEL_COLUMNS or last.row > EXCEL_ROWS:
            raise RefusedPartError(f"claims cells up to {claimed[:30]!r}, which no worksheet has")

    def _judge_cell(self) -> None:
        if self._kind == "e":
            self.facts.errors[self._cell] = self._value[:20]
        elif self._has_formula and not self._value and self._kind != "str":
            self.facts.unread.append(self._cell)
        elif self._kind == "n" and len(self._value) > 15 and abs(float(self._value)) >= EXACT_BELOW:
            self.facts.long_numbers.append(self._cell)
