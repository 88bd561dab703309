"""The columns of a data frame, read one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from impacteval.arrays import Bool1D, Float1D, Int1D, Text1D
from impacteval.errors import ConfigError, nearest
from impacteval.panel import NEVER_TREATED

TREATED = "treated"
COMPARISON = "never_treated"
N_SHOWN = 3
# Above this, neighbouring whole numbers are the same in floating point.
LARGEST_WHOLE = 2.0**53
NAME_ROLES = ("unit", "arm", "cluster")
NUMBER_ROLES = ("period", "outcome", "first_treat", "weight")
NAME_KINDS = ("string", "integer", "floating", "boolean", "empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column of a data frame holds what.

    Attributes
    ----------
    unit : str
        Who is followed, as text or whole numbers; for cross-sections, an id of the row.
    period : str
        Whole numbers, for instance years.
    outcome : str
        Numbers, or true and false, which count as 1 and 0.
    first_treat : str
        Period of first treatment, the same in all rows of a unit.
    arm : str
        Treatment arm, or the comparison's name for never-treated units; empty: one treatment.
    cluster : str
        Unit of assignment, within which errors allow any dependence; empty: the unit.
    weight : str
        Sampling weight, 0 or more; empty: all weigh the same.
    covariates : tuple of str
    """

    unit: str
    period: str
    outcome: str
    first_treat: str
    arm: str = ""
    cluster: str = ""
    weight: str = ""
    covariates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.covariates, str):
            raise ConfigError(f"covariates: give a tuple of columns, for instance ({self.covariates!r},)")

    @property
    def names(self) -> dict[str, str]:
        """Named columns but covariates, by role."""
        roles = {role: str(getattr(self, role)) for role in (*NAME_ROLES, *NUMBER_ROLES)}
        return {role: name for role, name in roles.items() if name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A column of names: each row's position among the sorted distinct names, and these."""

    label: str
    code: Int1D = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    names: Text1D = field(default_factory=lambda: np.empty(0, dtype=np.str_))
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column of numbers, (n_rows,); empty where it holds something else."""

    label: str
    values: Float1D = field(default_factory=lambda: np.empty(0))
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The columns of a frame by role; ``labels`` are those of its rows, ``cohort`` is infinite for never."""

    labels: pd.Index
    texts: Mapping[str, Names]
    numbers: Mapping[str, Numbers]
    covariates: Mapping[str, Numbers]
    cohort: Float1D

    def is_sound(self, *roles: str) -> bool:
        """Whether columns were read without a problem; a role that has no column is sound."""
        read: dict[str, Names | Numbers] = {**self.texts, **self.numbers}
        return not any(read[role].problems for role in roles if role in read)

    @property
    def problems(self) -> list[str]:
        """Problems of all columns."""
        read: list[Names | Numbers] = [*self.texts.values(), *self.numbers.values()]
        read += self.covariates.values()
        return [problem for column in read for problem in column.problems]

    @property
    def unit(self) -> Names:
        """Who a row is about."""
        return self.texts["unit"]

    @property
    def period(self) -> Float1D:
        """Period of each row."""
        return self.numbers["period"].values

    @property
    def periods(self) -> Int1D:
        """Periods that have a row, rising."""
        return np.sort(pd.unique(self.period)).astype(np.int64)

    @property
    def outcome(self) -> Float1D:
        """Outcome of each row, NaN where not observed."""
        return self.numbers["outcome"].values

    @property
    def weight(self) -> Float1D:
        """Weight of each row."""
        given = self.numbers.get("weight")
        return np.ones(len(self.labels)) if given is None else given.values

    @property
    def cluster(self) -> Int1D:
        """Code of each row's cluster."""
        return self.texts.get("cluster", self.unit).code

    @property
    def is_never(self) -> Bool1D:
        """Whether a row is of a never-treated unit."""
        return np.asarray(self.cohort == NEVER_TREATED)

    @property
    def comparison_arm(self) -> str:
        """Arm of the first never-treated row."""
        arm = self.texts.get("arm")
        if arm is None or not self.is_never.any():
            return COMPARISON
        return str(arm.names[arm.code[np.argmax(self.is_never)]])

    def arm_of(self, rows: Int1D) -> Text1D:
        """Arm of some rows."""
        arm = self.texts.get("arm")
        if arm is None:
            return np.where(self.is_never[rows], COMPARISON, TREATED)
        return np.asarray(arm.names[arm.code[rows]])


def shape_problems(frame: pd.DataFrame, columns: Columns) -> list[str]:
    """What keeps a frame from being read at all."""
    if frame.columns.nlevels > 1:
        return ["columns have several levels of names: give each one name"]
    named = {**columns.names, **{f"covariate {name}": name for name in columns.covariates}}
    found = [_absent(frame, role, name) for role, name in named.items() if name not in frame.columns]
    found += [f"{role}: name its column" for role in ("unit", *NUMBER_ROLES[:3]) if role not in named]
    twice = sorted({name for name in named.values() if (frame.columns == name).sum() > 1})
    found += [f"two columns are named {name!r}: rename one" for name in twice]
    alone = ["unit", *NUMBER_ROLES[:3]]
    single = [named[role] for role in alone if role in named] + list(columns.covariates)
    found += [
        f"column {name!r} stands in more than one role, of {', '.join(alone)} and the covariates: give it one"
        for name in sorted({name for name in single if single.count(name) > 1})
    ]
    return found if len(frame) else [*found, "there are no rows: look at what was read or selected before"]


def _absent(frame: pd.DataFrame, role: str, name: str) -> str:
    if name in frame.index.names:
        return f"{role} column {name!r} is in the index: call reset_index() first"
    return f"{role} column {name!r} does not exist; {nearest(name, [str(c) for c in frame.columns])}"


def read_names(series: pd.Series, label: str) -> Names:
    """Number the distinct names of a column; text or whole numbers."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    kind = pd.api.types.infer_dtype(series, skipna=True)
    if kind not in NAME_KINDS:
        what = "text and numbers side by side" if kind.startswith("mixed") else f"{kind} values"
        return Names(label=label, problems=(f"{label} holds {what}: make it text or whole numbers",))
    missing = series.isna().to_numpy()
    if kind == "floating" and not (series[~missing] % 1 == 0).all():
        return Names(label=label, problems=(f"{label} holds fractions: make it text or whole numbers",))
    code, distinct = pd.factorize(series.astype("Int64") if kind == "floating" else series)
    names = np.array([str(value) for value in distinct.tolist()], dtype=np.str_)
    blank = missing | np.isin(code, np.flatnonzero(np.char.strip(names) == ""))
    if blank.any():
        rows = where(blank, series.index)
        return Names(label=label, problems=(f"{label} is missing in {rows}: fill it or leave these out",))
    order = np.argsort(names)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return Names(label=label, code=rank[code].astype(np.int64), names=names[order])


def read_numbers(series: pd.Series, label: str, role: str) -> Numbers:
    """Take a column as floating-point numbers, missing ones as NaN."""
    refusal = _no_numbers(series, role)
    if refusal:
        return Numbers(label=label, problems=(f"{label} holds {refusal}",))
    values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return Numbers(
        label=label, values=values, problems=tuple(_wrong_values(values, series.index, label, role))
    )


def _no_numbers(series: pd.Series, role: str) -> str:
    """What a column holds instead of numbers, and what to do; empty where it holds numbers."""
    kinds = pd.api.types
    if kinds.is_datetime64_any_dtype(series.dtype) or isinstance(series.dtype, pd.PeriodDtype):
        return "dates: number the periods, for instance with .dt.year"
    if kinds.is_bool_dtype(series.dtype) and role in {"period", "first_treat"}:
        return "true and false: give periods as whole numbers, not an indicator of treatment"
    if isinstance(series.dtype, pd.CategoricalDtype):
        return "categories: use numbers, or an indicator column for each category"
    if kinds.is_numeric_dtype(series.dtype) and not kinds.is_complex_dtype(series.dtype):
        return ""
    first = series.dropna().head(N_SHOWN).tolist()
    shown = ", ".join(repr(value) for value in first)
    return f"text or objects ({series.dtype}: {shown}): convert it, for instance with pandas.to_numeric"


def _wrong_values(values: Float1D, labels: pd.Index, label: str, role: str) -> Iterator[str]:
    if role == "first_treat":
        return
    if np.isnan(values).all():
        yield f"{label} is missing in every row: look at how it was read or merged"
    if role == "period":
        wrong = ~is_whole(values)
        if wrong.any():
            rows = where(wrong, labels, values)
            yield f"{label} is no whole number in {rows}: number the periods 1, 2, 3, ..."
        return
    if np.isinf(values).any():
        rows = where(np.isinf(values), labels, values)
        yield f"{label} is infinite in {rows}: correct it or make it missing"
    if role == "weight" and (values < 0).any():
        rows = where(values < 0, labels, values)
        yield f"{label} is negative in {rows}: a sampling weight is 0 or more"


def is_whole(values: Float1D) -> Bool1D:
    """Which numbers are whole; not missing, infinite or too large to tell."""
    return np.asarray((np.abs(values) < LARGEST_WHOLE) & (np.floor(values) == values))


def where(chosen: Bool1D, labels: pd.Index, values: Float1D | None = None) -> str:
    """Count chosen rows and show the first by their label in the index, with the value where given."""
    first = np.flatnonzero(chosen)[:N_SHOWN]
    shown = [f"row {labels[i]}" + ("" if values is None else f": {as_text(values[i])}") for i in first]
    more = ", ..." if chosen.sum() > N_SHOWN else ""
    return f"{int(chosen.sum()):,} of {len(chosen):,} rows ({', '.join(shown)}{more})"


def as_text(value: float) -> str:
    """A number without a decimal point where it is whole; in words where it is missing."""
    if np.isnan(value):
        return "missing"
    return str(int(value)) if float(value).is_integer() else str(float(value))


def first_of(names: list[str]) -> str:
    """The first few of a list."""
    return ", ".join(names[:N_SHOWN]) + (", ..." if len(names) > N_SHOWN else "")
