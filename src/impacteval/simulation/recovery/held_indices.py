"""Formulas whose indices keep the reference values and weights that a study's own data gave them."""

from __future__ import annotations

import ast
from dataclasses import replace

import pandas as pd

from impacteval.derivation import DerivedColumn
from impacteval.derive.grammar import INDICES
from impacteval.design import Outcome
from impacteval.errors import DataError


def hold(outcome: Outcome, indices: pd.DataFrame) -> Outcome:
    """An outcome whose indices are weighted sums with the numbers of ``indices``.

    True values are then on the scale of the study's estimates, and the same with and without training.

    Parameters
    ----------
    outcome : Outcome
    indices : DataFrame
        ``INDEX_COLUMNS``, as deriving the study's data gave them.
    """
    return replace(outcome, formula=held_formula(outcome.name, outcome.formula, indices))


def hold_column(column: DerivedColumn, indices: pd.DataFrame) -> DerivedColumn:
    """A derived column whose indices are held."""
    return replace(column, formula=held_formula(column.name, column.formula, indices))


def held_formula(name: str, formula: str, indices: pd.DataFrame) -> str:
    """Write out the indices of a formula as sums of ``weight x (item - mean) / sd``.

    Raises
    ------
    DataError
        When the formula has several indices, or one that is not in ``indices``.
    """
    if not any(f"{function}(" in formula for function in INDICES):
        return formula
    found = indices[indices["index"] == name]
    writer = _Writer(found)
    tree = writer.visit(ast.parse(formula, mode="eval"))
    if writer.n_found != 1:
        raise DataError(f"{name}: {writer.n_found} indices in its formula; one can be held")
    return ast.unparse(tree)


class _Writer(ast.NodeTransformer):
    """Puts a weighted sum in the place of an index."""

    def __init__(self, index: pd.DataFrame) -> None:
        self.index = index
        self.n_found = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not (isinstance(node.func, ast.Name) and node.func.id in INDICES):
            return self.generic_visit(node)
        self.n_found += 1
        if len(node.args) != len(self.index):
            raise DataError(f"an index of {len(node.args)} items, of which {len(self.index)} are known")
        numbers = self.index[["mean", "sd", "weight"]].to_numpy(dtype="float64")
        terms = [
            f"{weight / sd!r} * ({ast.unparse(item)} - {mean!r})"
            for item, (mean, sd, weight) in zip(node.args, numbers.tolist(), strict=True)
        ]
        return ast.parse(f"({' + '.join(terms)})", mode="eval").body
