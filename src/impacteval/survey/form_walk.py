"""A walk down the survey sheet of a form: questions, and the groups and repeats around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from impacteval.errors import nearest
from impacteval.survey.form_parts import Question
from impacteval.survey.form_sheets import SheetRow
from impacteval.survey.form_types import CHOOSES_FROM_GROUP, PLAIN_TYPES, TypeCell, read_type

NAME = re.compile(r"[^\W\d][\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """A group or repeat that a row opens; ``list_name`` where its rows choose from one list."""

    kind: str
    name: str
    row: int
    relevant: str
    list_name: str


@dataclass(slots=True, kw_only=True)
class Walk:
    """A walk down the survey sheet: what is open around the next row, and what was found so far."""

    where: str
    questions: list[Question] = field(default_factory=list)
    brackets: list[Bracket] = field(default_factory=list)
    around: list[Bracket] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def step(self, row: SheetRow) -> None:
        """Take one row into account."""
        if not row.text("type"):
            if row.text("name"):
                self.say(row.number, f"{row.text('name')!r} has no type; say what kind of question it is")
            return
        cell = read_type(row.text("type"))
        if cell is None:
            known = nearest(row.text("type").lower(), ["select_one", "select_multiple", *PLAIN_TYPES])
            self.say(row.number, f"the type {row.text('type')!r} is unknown; {known}")
        elif cell.bracket == "begin":
            self.begin(row, cell)
        elif cell.bracket == "end":
            self.end(row, cell)
        else:
            self.add(row, cell)

    def begin(self, row: SheetRow, cell: TypeCell) -> None:
        """Open a group or repeat."""
        self.check_name(row, f"a {cell.type}")
        bracket = Bracket(
            kind=cell.type,
            name=row.text("name"),
            row=row.number,
            relevant=row.text("relevant"),
            list_name=row.text("kobo--score-choices") or row.text("kobo--rank-items"),
        )
        self.brackets.append(bracket)
        self.around.append(bracket)

    def end(self, row: SheetRow, cell: TypeCell) -> None:
        """Close the group or repeat that was opened last."""
        if not self.around:
            self.say(row.number, f"`end {cell.type}` closes nothing; delete it or begin the {cell.type}")
            return
        opened = self.around.pop()
        if opened.kind != cell.type:
            self.say(
                row.number,
                f"`end {cell.type}` where the {opened.kind} {opened.name!r} of row {opened.row} is open; "
                f"end the {opened.kind} first",
            )

    def add(self, row: SheetRow, cell: TypeCell) -> None:
        """Add a question."""
        if cell.type != "note" or row.text("name"):
            self.check_name(row, "a question")
        list_name = cell.list_name
        if cell.type in CHOOSES_FROM_GROUP:
            list_name = self.around[-1].list_name if self.around else ""
        repeats = [b.name for b in self.around if b.kind == "repeat"]
        self.questions.append(
            Question(
                name=row.text("name"),
                type="select_one" if cell.type in CHOOSES_FROM_GROUP else cell.type,
                row=row.number,
                list_name=list_name,
                is_outside=cell.is_outside,
                has_other=cell.has_other,
                labels=row.by_language("label"),
                hints=row.by_language("hint"),
                required=row.text("required"),
                relevant=row.text("relevant"),
                constraint=row.text("constraint"),
                constraint_messages=row.by_language("constraint_message"),
                calculation=row.text("calculation"),
                appearance=row.text("appearance"),
                choice_filter=row.text("choice_filter"),
                groups=tuple(b.name for b in self.around),
                group_relevant=tuple(b.relevant for b in self.around if b.relevant),
                repeat=repeats[-1] if repeats else "",
            )
        )

    def close(self) -> None:
        """Report what was left open at the end of the sheet."""
        for b in self.around:
            self.say(b.row, f"the {b.kind} {b.name!r} is never closed; add `end {b.kind}` where it ends")

    def check_name(self, row: SheetRow, what: str) -> None:
        """Report a name that is missing or not allowed."""
        name = row.text("name")
        if not name:
            self.say(row.number, f"{what} without a name; give it one")
        elif not NAME.fullmatch(name):
            self.say(
                row.number,
                f"the name {name!r} is not allowed; names begin with a letter or _ and hold letters, "
                "digits, _, - and .",
            )

    def say(self, row: int, problem: str) -> None:
        """Keep a problem with its place."""
        self.problems.append(f"{self.where}, row {row}: {problem}")
