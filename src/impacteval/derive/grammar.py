"""From the text of a formula to its nodes; whatever is not in the language is refused with its position."""

from __future__ import annotations

import ast
import math
import warnings
from typing import Final, Literal

from impacteval.derive.nodes import (
    Aggregate,
    Arithmetic,
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
    Relation,
    Word,
)
from impacteval.errors import ConfigError, nearest

LONGEST = 20_000
DEEPEST = 100
# Fewest and most arguments, None for any number.
FUNCTIONS: Final[dict[str, tuple[int, int | None]]] = {
    "ln": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
    "abs": (1, 1),
    "min": (2, None),
    "max": (2, None),
    "clip": (3, 3),
    "known": (1, 1),
    "total": (1, None),
    "average": (1, None),
    "share": (1, None),
    "reverse": (3, 3),
    "baseline": (1, 1),
    "icw": (2, None),
    "zmean": (2, None),
}
COUNTING = frozenset({"total", "average", "share", "icw", "zmean"})
INDICES = frozenset({"icw", "zmean"})
AGGREGATES = ("mean", "sum", "count", "median", "min", "max", "first", "distinct", "share")
_ARITHMETIC: Final[dict[type[ast.operator], Arithmetic]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Mod: "%",
}
_RELATIONS: Final[dict[type[ast.cmpop], Relation]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
ALLOWED = (
    "numbers, 'text', names, + - * / ** %, comparisons, and, or, not, in (..), a if c else b, "
    f"{', '.join(FUNCTIONS)}, and TABLE.{'/'.join(AGGREGATES)}(..)"
)


def parse(text: str, where: str) -> Node:
    """Read a formula.

    Parameters
    ----------
    text : str
        The formula as it stands in a cell; line breaks count as spaces.
    where : str
        File and row, for messages.

    Raises
    ------
    ConfigError
        Saying where, at which position, what was found and what is allowed.
    """
    flat = " ".join(text.splitlines()) if "\n" in text or "\r" in text else text
    lead = len(flat) - len(flat.lstrip())
    source = flat.strip()
    if not source:
        raise ConfigError(f"{where}: the formula is empty")
    if len(source) > LONGEST:
        raise ConfigError(f"{where}: a formula of {len(source)} characters; at most {LONGEST}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval")
        return _Reader(source, where, lead).node(tree.body, 0)
    except SyntaxError as error:
        # What is missing at the end is told without a place.
        at = (error.offset or len(source) + 1) + lead
        raise ConfigError(
            f"{where}: position {at}: {error.msg}; found {_around(source, at - lead)}"
        ) from error
    except (RecursionError, MemoryError, ValueError, OverflowError) as error:
        raise ConfigError(f"{where}: no formula that can be read ({error}); split it") from error


def _around(source: str, at: int) -> str:
    return repr(source[max(at - 1, 0) : at + 19])


class _Reader:
    """Turns nodes of Python's grammar into those of formulas."""

    def __init__(self, source: str, where: str, lead: int) -> None:
        self._source = source
        self._where = where
        self._lead = lead

    def node(self, tree: ast.expr, depth: int) -> Node:
        """The node of a part of the formula that lies ``depth`` levels deep."""
        if depth > DEEPEST:
            raise self._refusal(tree, f"more than {DEEPEST} levels; name a part of it in derived.csv")
        match tree:
            case ast.Constant():
                value = self._value(tree)
                return Word(value=value) if isinstance(value, str) else Number(value=value)
            case ast.Name():
                return Name(name=tree.id, at=self._at(tree))
            case ast.Call():
                return self._call(tree, depth + 1)
            case _:
                return self._operation(tree, depth + 1)

    def _operation(self, tree: ast.expr, depth: int) -> Node:
        match tree:
            case ast.UnaryOp():
                return self._unary(tree, depth)
            case ast.BinOp():
                return self._binary(tree, depth)
            case ast.Compare():
                return self._compare(tree, depth)
            case ast.BoolOp():
                parts = tuple(self.node(part, depth) for part in tree.values)
                operator: Literal["and", "or"] = "and" if isinstance(tree.op, ast.And) else "or"
                return Logic(operator=operator, parts=parts, at=self._at(tree))
            case ast.IfExp():
                return Choice(
                    condition=self.node(tree.test, depth),
                    yes=self.node(tree.body, depth),
                    no=self.node(tree.orelse, depth),
                    at=self._at(tree),
                )
            case _:
                raise self._refusal(
                    tree, f"{self._text(tree)!r} is not in the language of formulas; allowed: {ALLOWED}"
                )

    def _at(self, tree: ast.AST) -> int:
        """Position in characters, from 1; the grammar counts bytes."""
        offset = getattr(tree, "col_offset", 0)
        return len(self._source.encode()[:offset].decode(errors="ignore")) + 1 + self._lead

    def _text(self, tree: ast.AST) -> str:
        return ast.get_source_segment(self._source, tree) or ""

    def _refusal(self, tree: ast.AST, problem: str) -> ConfigError:
        return ConfigError(f"{self._where}: position {self._at(tree)}: {problem}")

    def _value(self, tree: ast.expr) -> float | str:
        value = tree.value if isinstance(tree, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self._refusal(tree, f"{self._text(tree)!r} is neither a number nor a 'text'")
        if isinstance(value, str):
            return value
        if not math.isfinite(float(value)):
            raise self._refusal(tree, f"{self._text(tree)} is too large a number")
        return float(value)

    def _unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.Invert):
            raise self._refusal(tree, "'~' is not in the language of formulas; write not")
        operand = self.node(tree.operand, depth)
        if isinstance(tree.op, ast.Not):
            return Not(operand=operand, at=self._at(tree))
        if isinstance(tree.op, ast.UAdd):
            return operand
        if isinstance(operand, Number):
            return Number(value=-operand.value)
        return Negative(operand=operand, at=self._at(tree))

    def _binary(self, tree: ast.BinOp, depth: int) -> Node:
        operator = _ARITHMETIC.get(type(tree.op))
        if operator is None:
            allowed = " ".join(_ARITHMETIC.values())
            raise self._refusal(
                tree, f"the operator in {self._text(tree)!r} is not allowed; allowed: {allowed}"
            )
        return Binary(
            operator=operator,
            left=self.node(tree.left, depth),
            right=self.node(tree.right, depth),
            right_text=self._text(tree.right),
            at=self._at(tree),
        )

    def _compare(self, tree: ast.Compare, depth: int) -> Node:
        sides = [tree.left, *tree.comparators]
        pairs = zip(tree.ops, sides[:-1], sides[1:], strict=True)
        parts = tuple(self._relation(op, left, right, depth) for op, left, right in pairs)
        return parts[0] if len(parts) == 1 else Logic(operator="and", parts=parts, at=self._at(tree))

    def _relation(self, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int) -> Node:
        at = self._at(left)
        if isinstance(op, ast.In | ast.NotIn):
            found = Member(operand=self.node(left, depth), among=self._among(right), at=at)
            return found if isinstance(op, ast.In) else Not(operand=found, at=at)
        relation = _RELATIONS.get(type(op))
        if relation is None:
            raise self._refusal(
                left, f"write == or != instead of is; allowed: {' '.join(_RELATIONS.values())}, in"
            )
        return Comparison(
            operator=relation, left=self.node(left, depth), right=self.node(right, depth), at=at
        )

    def _among(self, tree: ast.expr) -> tuple[float, ...] | tuple[str, ...]:
        if not isinstance(tree, ast.Tuple | ast.List | ast.Set) or not tree.elts:
            raise self._refusal(tree, "after `in` stands a list in brackets, as in ('a', 'b')")
        values = [self._signed(item) for item in tree.elts]
        words = tuple(value for value in values if isinstance(value, str))
        numbers = tuple(value for value in values if not isinstance(value, str))
        if words and numbers:
            raise self._refusal(tree, "the list after `in` mixes numbers and texts")
        return words or numbers

    def _signed(self, tree: ast.expr) -> float | str:
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            value = self._value(tree.operand)
            return value if isinstance(value, str) else -value
        return self._value(tree)

    def _call(self, tree: ast.Call, depth: int) -> Node:
        starred = [a for a in tree.args if isinstance(a, ast.Starred)]
        if starred:
            raise self._refusal(starred[0], "'*' before an argument is not allowed; write the arguments out")
        match tree.func:
            case ast.Name(id=function):
                return self._function(tree, function, depth)
            case ast.Attribute(value=ast.Name(id=table), attr=function):
                return self._aggregate(tree, table, function, depth)
            case _:
                raise self._refusal(tree, f"{self._text(tree.func)!r} cannot be called; allowed: {ALLOWED}")

    def _function(self, tree: ast.Call, function: str, depth: int) -> Node:
        if function not in FUNCTIONS:
            raise self._refusal(tree, f"no function {function!r}; {nearest(function, list(FUNCTIONS))}")
        self._check_keywords(tree, ("at_least",) if function in COUNTING else ())
        fewest, most = FUNCTIONS[function]
        n = len(tree.args)
        if n < fewest or (most is not None and n > most):
            wanted = f"{fewest}" if most == fewest else f"{fewest} or more"
            raise self._refusal(tree, f"{function} has {n} arguments; it takes {wanted}")
        at_least = self._at_least(tree)
        if at_least is not None and at_least > n:
            raise self._refusal(tree, f"at_least={at_least} of {n} arguments can never be reached")
        return Call(
            function=function,
            arguments=tuple(self.node(argument, depth) for argument in tree.args),
            texts=tuple(self._text(argument) for argument in tree.args),
            at_least=1 if at_least is None else at_least,
            at=self._at(tree),
        )

    def _aggregate(self, tree: ast.Call, table: str, function: str, depth: int) -> Node:
        if function not in AGGREGATES:
            raise self._refusal(
                tree, f"no aggregate {function!r} of {table}; {nearest(function, AGGREGATES)}"
            )
        self._check_keywords(tree, ("where", "at_least"))
        if len(tree.args) != 1:
            raise self._refusal(
                tree, f"{table}.{function} has {len(tree.args)} arguments; it takes 1 and where=.."
            )
        conditions = [k.value for k in tree.keywords if k.arg == "where"]
        return Aggregate(
            table=table,
            function=function,
            expression=self.node(tree.args[0], depth),
            where=self.node(conditions[0], depth) if conditions else None,
            at_least=self._at_least(tree),
            at=self._at(tree),
        )

    def _check_keywords(self, tree: ast.Call, allowed: tuple[str, ...]) -> None:
        for keyword in tree.keywords:
            if keyword.arg not in allowed:
                found = keyword.arg or "**"
                raise self._refusal(
                    keyword, f"{self._text(tree.func)} takes no {found!r}; {nearest(found, allowed)}"
                )

    def _at_least(self, tree: ast.Call) -> int | None:
        for keyword in tree.keywords:
            if keyword.arg == "at_least":
                value = self._value(keyword.value)
                if isinstance(value, str) or value < 1 or value != int(value):
                    raise self._refusal(keyword, "at_least is a whole number, 1 or more")
                return int(value)
        return None
