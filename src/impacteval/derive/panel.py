"""All formulas of a study, computed for its clean tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from impacteval.delivery import Roles
from impacteval.derivation import DerivedColumn, Parameter
from impacteval.derive.evaluate import Evaluator
from impacteval.derive.indices import INDEX_COLUMNS, Index
from impacteval.derive.kinds import wrong_formulas
from impacteval.derive.order import ordered
from impacteval.derive.panel_rows import PanelRows
from impacteval.derive.values import Value, as_column
from impacteval.derive.vocabulary import Formula, Kind, Vocabulary, read_formulas
from impacteval.design import Outcome, PanelRule, Plan
from impacteval.errors import ConfigError, raise_together
from impacteval.tables import table_of

SOURCE = ("source_file", "source_row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivations:
    """What formulas gave.

    ``panel`` is the panel table as it came, with the columns that were derived for it and one for each
    outcome with a formula, named like it. ``reasons`` gives for each of these a column of text with the
    same rows: why it has no value there, empty where it has one. ``indices`` is ``INDEX_COLUMNS``.
    """

    panel: pd.DataFrame
    reasons: Mapping[str, pd.Series]
    indices: pd.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """Derived columns and outcomes, in the order of the study's files."""
        return tuple(self.reasons)

    def indicators(self, rule: PanelRule) -> pd.DataFrame:
        """The derived columns alone, with unit, period and place in the files, in this order."""
        keys = pd.DataFrame(
            {
                "unit": self.panel[rule.unit].astype("str").mask(self.panel[rule.unit].isna()),
                "period": self.panel[rule.period].astype("Int64"),
            }
        )
        places = self.panel[[c for c in SOURCE if c in self.panel.columns]]
        table = pd.concat([keys, places, self.panel[list(self.names)]], axis=1)
        return table.sort_values(["unit", "period", *places.columns], kind="stable", ignore_index=True)


def derive_panel(
    tables: Mapping[str, pd.DataFrame],
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    derived: tuple[DerivedColumn, ...],
    parameters: tuple[Parameter, ...],
    roles: Mapping[str, Roles],
) -> Derivations:
    """Compute every derived column and every outcome with a formula.

    The order of rows does not matter: rows are taken in the order of their files, or, where a table
    does not say where they come from, in that of their values.

    Parameters
    ----------
    tables : mapping
        Clean, typed tables by name; the panel's among them.
    roles : mapping
        For each table its unit, and its period if it has one.

    Raises
    ------
    ConfigError
        When formulas cannot be read or contradict the tables, all of them at once.
    DataError
        When an index cannot be standardised, or items of a share are neither 0 nor 1.
    """
    panel = plan.panel
    formulas, problems = read_formulas(derived, outcomes, panel.table)
    vocabulary = vocabulary_of(tables, plan, formulas, parameters, roles)
    raise_together([*problems, *wrong_formulas(formulas, vocabulary)], ConfigError, "formulas")
    frame = tables[panel.table].reset_index(drop=True)
    order = _order(frame, (panel.unit, panel.period))
    sorted_tables = {name: _in_order(t, ()) for name, t in tables.items() if name != panel.table}
    sorted_tables[panel.table] = frame.iloc[order]
    rows = PanelRows(sorted_tables, plan, parameters, roles)
    values, indices = _computed(ordered(formulas, vocabulary, plan), rows, panel.table)
    back = np.argsort(order)
    index = tables[panel.table].index
    names = [f.name for f in formulas if f.table == panel.table]
    labels = rows.reasons.labels
    found = {name: as_column(values[name].at(back), index) for name in names}
    reasons = {name: pd.Series(labels[values[name].why[back]], index=index, dtype="str") for name in names}
    kept = tables[panel.table].drop(columns=[n for n in found if n in tables[panel.table].columns])
    return Derivations(
        panel=pd.concat([kept, pd.DataFrame(found, index=index)], axis=1),
        reasons=reasons,
        indices=table_of([row for made in indices for row in made.rows()], INDEX_COLUMNS),
    )


def _computed(
    formulas: tuple[Formula, ...], rows: PanelRows, panel: str
) -> tuple[dict[str, Value], list[Index]]:
    """Values of the panel's formulas by name, and the indices that formulas made."""
    values: dict[str, Value] = {}
    indices: list[Index] = []
    for formula in formulas:
        place = rows if formula.table == panel else rows.linked(formula.table)
        evaluator = Evaluator(panel=rows, rows=place, label=formula.name)
        value = evaluator.value(formula.tree)
        indices += evaluator.indices
        if not formula.is_outcome:
            place.keep(formula.name, value)
        if formula.table == panel:
            values[formula.name] = value
    return values, sorted(indices, key=lambda made: made.name)


def vocabulary_of(
    tables: Mapping[str, pd.DataFrame],
    plan: Plan,
    formulas: tuple[Formula, ...],
    parameters: tuple[Parameter, ...],
    roles: Mapping[str, Roles],
) -> Vocabulary:
    """The names that tables, formulas and parameters give."""
    derived: dict[str, set[str]] = {}
    for formula in formulas:
        if not formula.is_outcome:
            derived.setdefault(formula.table, set()).add(formula.name)
    return Vocabulary(
        panel=plan.panel.table,
        columns={name: {str(c): _kind(t[c]) for c in t.columns} for name, t in tables.items()},
        derived={table: frozenset(names) for table, names in derived.items()},
        parameters=frozenset(p.parameter for p in parameters),
        linked=frozenset(n for n in tables if n != plan.panel.table and n in roles and roles[n].unit),
    )


def _kind(column: pd.Series) -> Kind:
    is_number = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    return "number" if is_number or pd.api.types.is_datetime64_any_dtype(column.dtype) else "text"


def _in_order(frame: pd.DataFrame, first: tuple[str, ...]) -> pd.DataFrame:
    return frame.iloc[_order(frame, first)]


def _order(frame: pd.DataFrame, first: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Positions of rows by some columns, then by where they stand in the files, or by all columns."""
    rest = SOURCE if set(SOURCE) <= set(frame.columns) else tuple(frame.columns)
    keys = [*first, *(c for c in rest if c not in first)]
    codes = [pd.factorize(frame[c], sort=True, use_na_sentinel=True)[0] for c in reversed(keys)]
    return np.lexsort(codes).astype(np.int64)
