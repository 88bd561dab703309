"""Whether formulas make sense: their names exist, and numbers and texts stand where they may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from impacteval.derive.grammar import INDICES
from impacteval.derive.nodes import (
    Aggregate,
    Binary,
    Call,
    Choice,
    Comparison,
    Logic,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Word,
)
from impacteval.derive.vocabulary import Formula, Kind, Vocabulary
from impacteval.errors import nearest

# Aggregates that take texts as well as numbers.
OF_ANYTHING = frozenset({"count", "distinct", "first"})


def kinds_of(formulas: Sequence[Formula], vocabulary: Vocabulary) -> dict[tuple[str, str], Kind]:
    """The kind of each derived column, by table and name; those that make no sense are left out."""
    checked = _Checked(formulas, vocabulary)
    return {key: kind for key, kind in checked.kinds.items() if kind is not None}


def wrong_formulas(formulas: Sequence[Formula], vocabulary: Vocabulary) -> Iterable[str]:
    """Everything that is wrong with formulas that could be read, each problem once."""
    return tuple(dict.fromkeys(_Checked(formulas, vocabulary).problems))


class _Checked:
    """Kinds of all derived columns, found as they are needed, and what is wrong on the way."""

    def __init__(self, formulas: Sequence[Formula], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.problems: list[str] = []
        self.kinds: dict[tuple[str, str], Kind | None] = {}
        self._formulas = {(f.table, f.name): f for f in formulas if not f.is_outcome}
        for formula in formulas:
            if formula.is_outcome:
                kind = _Checker(self, formula).kind(formula.tree, formula.table)
                if kind == "text":
                    self.problems.append(f"{formula.where}: the formula gives text; an outcome is a number")
            else:
                self.of_derived(formula.table, formula.name)

    def of_derived(self, table: str, name: str) -> Kind | None:
        """The kind of a derived column; none while it is being found, as in a circle."""
        key = (table, name)
        if key not in self.kinds:
            self.kinds[key] = None
            formula = self._formulas.get(key)
            if formula is not None:
                self.kinds[key] = _Checker(self, formula).kind(formula.tree, formula.table)
        return self.kinds[key]


class _Checker:
    """Finds the kind of each node of one formula."""

    def __init__(self, checked: _Checked, formula: Formula) -> None:
        self._checked = checked
        self._formula = formula

    def _say(self, at: int, problem: str) -> None:
        self._checked.problems.append(f"{self._formula.where}: position {at}: {problem}")

    @property
    def _panel(self) -> str:
        return self._checked.vocabulary.panel

    def kind(self, node: Node, table: str) -> Kind | None:
        """The kind of a node that is read for the rows of a table; none where that is not known."""
        match node:
            case Number():
                return "number"
            case Word():
                return "text"
            case Name():
                return self._of_name(node, table)
            case Call():
                return self._of_call(node, table)
            case Aggregate():
                return self._of_aggregate(node, table)
            case Choice():
                return self._of_choice(node, table)
            case _:
                return self._of_operation(node, table)

    def _need_number(self, node: Node, table: str, at: int, what: str) -> None:
        if self.kind(node, table) == "text":
            self._say(getattr(node, "at", at), f"{what} takes numbers, and this is text")

    def _of_name(self, node: Name, table: str) -> Kind | None:
        vocabulary = self._checked.vocabulary
        found = vocabulary.resolve(node.name, table)
        if found is None:
            self._say(node.at, vocabulary.unknown(node.name, table))
            return None
        if found.source == "column":
            return vocabulary.columns[found.table][found.name]
        if found.source == "derived":
            return self._checked.of_derived(found.table, found.name)
        return "number"

    def _of_operation(self, node: Node, table: str) -> Kind | None:
        match node:
            case Comparison():
                self._compare(node, table)
            case Member():
                self._among(node, table)
            case Negative() | Not():
                self._need_number(node.operand, table, node.at, "- or not")
            case Binary():
                for side in (node.left, node.right):
                    self._need_number(side, table, node.at, node.operator)
            case Logic():
                for part in node.parts:
                    self._need_number(part, table, node.at, node.operator)
        return "number"

    def _of_choice(self, node: Choice, table: str) -> Kind | None:
        self._need_number(node.condition, table, node.at, "if")
        yes, no = self.kind(node.yes, table), self.kind(node.no, table)
        if yes and no and yes != no:
            self._say(node.at, "one side of the choice is text and the other a number")
        return yes or no

    def _compare(self, node: Comparison, table: str) -> None:
        left, right = self.kind(node.left, table), self.kind(node.right, table)
        if left and right and left != right:
            self._say(node.at, "a text is compared with a number; put texts, and only these, in quotes")
        elif left == "text" and node.operator not in {"==", "!="}:
            self._say(node.at, f"texts are compared with == or !=, not with {node.operator}")
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, Name) and isinstance(other, Word):
                self._check_allowed(side, (other.value,), table)

    def _among(self, node: Member, table: str) -> None:
        kind = self.kind(node.operand, table)
        wanted: Kind = "text" if isinstance(node.among[0], str) else "number"
        if kind and kind != wanted:
            self._say(node.at, f"the list after in holds {wanted}s, and what stands before it is no {wanted}")
        if isinstance(node.operand, Name):
            self._check_allowed(node.operand, tuple(a for a in node.among if isinstance(a, str)), table)

    def _check_allowed(self, name: Name, words: tuple[str, ...], table: str) -> None:
        """A text that a column can never hold is a slip of the pen."""
        found = self._checked.vocabulary.resolve(name.name, table)
        if found is None or found.source != "column":
            return
        allowed = self._checked.vocabulary.allowed.get((found.table, found.name), ())
        for word in words:
            if allowed and word not in allowed:
                self._say(name.at, f"{name.name} never holds {word!r}; {nearest(word, allowed)}")

    def _of_call(self, node: Call, table: str) -> Kind | None:
        if node.function in INDICES | {"baseline"} and not self._is_there(node, table):
            return None
        kinds = [self.kind(argument, table) for argument in node.arguments]
        if node.function == "baseline":
            return kinds[0]
        if node.function != "known":
            for argument, kind in zip(node.arguments, kinds, strict=True):
                if kind == "text":
                    self._say(
                        getattr(argument, "at", node.at), f"{node.function} takes numbers, and this is text"
                    )
        return "number"

    def _is_there(self, node: Call, table: str) -> bool:
        if node.function == "baseline" and table != self._panel:
            self._say(
                node.at, "baseline(..) is read for rows of the panel; name it in derived.csv and use the name"
            )
            return False
        return True

    def _of_aggregate(self, node: Aggregate, table: str) -> Kind | None:
        vocabulary = self._checked.vocabulary
        if table != self._panel:
            self._say(
                node.at,
                f"{node.table}.{node.function} within rows of {table}; name it in derived.csv as a column of "
                f"{self._panel} and use the name",
            )
            return None
        if node.table not in vocabulary.linked:
            self._say(node.at, self._not_linked(node.table))
            return None
        kind = self.kind(node.expression, node.table)
        if kind == "text" and node.function not in OF_ANYTHING:
            self._say(
                getattr(node.expression, "at", node.at), f"{node.function} takes numbers, and this is text"
            )
        if node.where is not None:
            self._need_number(node.where, node.table, node.at, "where")
        return kind if node.function == "first" else "number"

    def _not_linked(self, table: str) -> str:
        vocabulary = self._checked.vocabulary
        if table == vocabulary.panel:
            return f"{table} is the panel table itself; its columns are used by name"
        if table in vocabulary.columns:
            return f"table {table!r} says no role unit in study.yaml, so its rows cannot be joined"
        return f"no table {table!r}; {nearest(table, sorted(vocabulary.linked))}"
