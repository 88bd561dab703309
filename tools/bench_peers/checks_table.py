"""A survey table of any length with planted errors, as text, and the rules that it should satisfy.

Needs nothing but numpy and pandas, so that workers of other packages can read the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

N_COUNTS, N_AMOUNTS, N_CHOICES, N_REMARKS, N_DAYS = 48, 32, 24, 4, 4
Cells: TypeAlias = npt.NDArray[np.generic]
CHOICES = ("food", "garment", "metal", "wood", "plastic", "other")
SHARE_WRONG, SHARE_MISSING = 0.001, 0.03
N_ROUNDS = 4
N_ENUMERATORS = 40
GROSSLY_FAILING = 10
LARGEST_COUNT, LARGEST_AMOUNT = 400, 5e9
WRONG = {"integer": "4000000", "decimal": "9e12", "category": "unknown", "text": "", "date": ""}
IN_SUMS = {"count00", "count01", "count02", "count03", "count04", "amount00", "amount01", "amount02"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule on one column that every package can state: ``present``, ``typed``, ``between``, ``among``."""

    id: str
    column: str
    kind: str
    type: str
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()


def columns() -> dict[str, str]:
    """The 120 columns and their types."""
    ids = dict.fromkeys(("firm", "uuid", "enumerator", "arm", "district"), "text")
    counted = {"round": "integer", "agreed": "integer", "weight": "decimal"}
    counts = {f"count{i:02}": "integer" for i in range(N_COUNTS)}
    amounts = {f"amount{i:02}": "decimal" for i in range(N_AMOUNTS)}
    choices = {f"choice{i:02}": "category" for i in range(N_CHOICES)}
    remarks = {f"remark{i}": "text" for i in range(N_REMARKS)}
    days = {f"day{i}": "date" for i in range(N_DAYS)}
    return {**ids, **counted, **counts, **amounts, **choices, **remarks, **days}


def rules() -> tuple[Rule, ...]:
    """About 360 rules: types, presence, plausible and possible ranges, known choices."""
    found = []
    for column, type_ in columns().items():
        found.append(Rule(id=f"{column}-type", column=column, kind="typed", type=type_))
        found.append(Rule(id=f"{column}-present", column=column, kind="present", type=type_))
        if column.startswith(("count", "amount")):
            high = LARGEST_COUNT if column.startswith("count") else LARGEST_AMOUNT
            for name, factor in (("plausible", 1.0), ("possible", 10.0)):
                rule_id, bound = f"{column}-{name}", high * factor
                found.append(Rule(id=rule_id, column=column, kind="between", type=type_, low=0.0, high=bound))
        if type_ == "category":
            found.append(Rule(id=f"{column}-known", column=column, kind="among", type=type_, allowed=CHOICES))
    return tuple(found)


def write_rules(path: Path) -> None:
    """Write the rules where a worker of any package reads them."""
    path.write_text(json.dumps([asdict(rule) for rule in rules()]), encoding="utf-8")


def read_rules(path: Path) -> list[Rule]:
    """The rules that were written."""
    stated = json.loads(path.read_text(encoding="utf-8"))
    return [Rule(**{**item, "allowed": tuple(item["allowed"])}) for item in stated]


def draw(n_rows: int, *, gross: bool = False) -> pd.DataFrame:
    """Text cells of a table with a few wrong ones in every column.

    Parameters
    ----------
    gross : bool
        A third of the rows of ten columns is wrong besides.
    """
    frame = {
        "source_file": pd.Series(["firms.csv"] * n_rows, dtype="str"),
        "source_row": pd.Series(np.arange(2, n_rows + 2)),
    }
    for i, (name, type_) in enumerate(columns().items()):
        rng = np.random.default_rng([n_rows, i])
        cells = _column(name, type_, n_rows, rng)
        if name.startswith(("count", "amount", "choice", "remark", "day")) and name not in IN_SUMS:
            cells[rng.random(n_rows) < SHARE_MISSING] = ""
            share = 1 / 3 if gross and i % 10 == 9 else SHARE_WRONG
            cells[rng.random(n_rows) < share] = WRONG[type_]
        frame[name] = pd.Series(cells, dtype="str")
    return pd.DataFrame(frame)


def _column(name: str, type_: str, n: int, rng: np.random.Generator) -> Cells:
    at = np.arange(n)
    firm = at // N_ROUNDS
    special = {
        "firm": lambda: np.char.add("F-", firm.astype(str)),
        "uuid": lambda: np.char.add("uuid:", at.astype(str)),
        "enumerator": lambda: np.char.add("E", rng.integers(0, N_ENUMERATORS, n).astype(str)),
        "arm": lambda: np.where(firm % 2 == 0, "treated", "control"),
        "district": lambda: np.char.add("D", (firm % 50).astype(str)),
        "round": lambda: (at % N_ROUNDS + 1).astype(str),
        "agreed": lambda: np.full(n, "1"),
        "weight": lambda: np.char.mod("%.3f", rng.uniform(0.5, 3.0, n)),
        # Parts and their sum, shares of a hundred, and accounts, a few of which do not add up.
        "count01": lambda: (at % 31).astype(str),
        "count02": lambda: (at % 47).astype(str),
        "count00": lambda: (at % 31 + at % 47 + 7 * _rarely(rng, n)).astype(str),
        "count03": lambda: (at % 101).astype(str),
        "count04": lambda: (100 - at % 101 + 7 * _rarely(rng, n)).astype(str),
        "amount01": lambda: (1_000_000 * (at % 2003) + 500).astype(str),
        "amount02": lambda: (700_000 * (at % 2003)).astype(str),
        "amount00": lambda: (300_000 * (at % 2003) + 500 + 10**8 * _rarely(rng, n)).astype(str),
    }
    by_type = {
        "integer": lambda: rng.integers(1, 50, n).astype(str),
        "decimal": lambda: np.char.mod("%.0f", np.exp(rng.normal(17, 1, n)).clip(max=4e9)),
        "category": lambda: rng.choice(CHOICES, n),
        "text": lambda: np.char.add("the owner said so, visit ", rng.integers(0, 1000, n).astype(str)),
        "date": lambda: np.datetime_as_string(np.datetime64("2024-01-01") + rng.integers(0, 300, n)),
    }
    make: Callable[[], Cells] = special.get(name, by_type[type_])
    return make().astype(object)


def _rarely(rng: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
    return (rng.random(n) < SHARE_WRONG).astype(np.int64)
