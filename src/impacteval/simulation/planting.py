"""Planting the errors of real surveys into clean records, with a ledger of every change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from impacteval.simulation.records import CODES, N_ENUMERATORS, N_ITEMS, Records, firm_id, rupiah

AMOUNTS = ("sales", "wage_bill", "materials", "total_cost")
PII = ("hubungi 081234567890", "NIK 3275014507890001", "kirim ke pemilik@contoh.co.id")
LEDGER_COLUMNS = ("error", "submission", "column", "clean", "planted")
# Shares of interviews in which each error happens; of ``same_firm``, of enterprises in the frame.
RATES: dict[str, float] = {
    "duplicate": 0.010,
    "money_unit": 0.020,
    "month_vs_year": 0.005,
    "other_locale": 0.030,
    "id_changed": 0.015,
    "negative": 0.003,
    "total_mismatch": 0.040,
    "skip_violation": 0.010,
    "straight_line": 0.030,
    "gps_out": 0.010,
    "kwh_mwh": 0.010,
    "missing_code": 0.020,
    "pii_in_text": 0.010,
    "same_firm": 0.005,
}
UNDECLARED = ("-999", "-888", "-77")
# The amount that must have been told for an error to happen to it.
TOLD = {"month_vs_year": "sales", "kwh_mwh": "kwh", "negative": "materials"}
N_HEAPERS = 2
HEAPING_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Records with errors, and the ledger: one row a changed cell (``column`` empty: a row added).

    ``submission`` is that of the interview; for ``same_firm`` the enterprise's id in the frame.
    """

    records: Records
    ledger: pd.DataFrame


class _Plot:
    """Records being changed: no row gets two errors, so that each finding has one cause."""

    def __init__(self, firms: pd.DataFrame, rng: np.random.Generator) -> None:
        self.firms, self.rng = firms.copy(), rng
        self.free = np.ones(len(firms), dtype=bool)
        self.ledger: list[dict[str, str]] = []

    def rows(self, rate: float, among: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
        """Draw rows without an error, as many as the rate asks for."""
        candidates = np.flatnonzero(self.free if among is None else self.free & among)
        n = min(round(rate * len(self.firms)), len(candidates))
        chosen = np.sort(self.rng.choice(candidates, n, replace=False))
        self.free[chosen] = False
        return chosen

    def change(self, error: str, row: int, column: str, value: str) -> None:
        """Write a cell and its line of the ledger."""
        self._note(error, self.cell(row, "_uuid"), column, self.cell(row, column), value)
        self.firms.at[row, column] = value

    def cell(self, row: int, column: str) -> str:
        """A cell as it stands."""
        return str(self.firms.at[row, column])

    def _note(self, error: str, submission: str, column: str, clean: str, planted: str) -> None:
        line = dict(zip(LEDGER_COLUMNS, (error, submission, column, clean, planted), strict=True))
        self.ledger.append(line)

    def repeat(self, rows: npt.NDArray[np.int64]) -> None:
        """Add interviews again under new submission keys, with slightly other answers."""
        again = self.firms.loc[rows].copy()
        again["_uuid"] = [f"{key}-again" for key in again["_uuid"]]
        again["item_01"] = [str(int(a) % 5 + 1) for a in again["item_01"]]
        for key in again["_uuid"]:
            self._note("duplicate", str(key), "", "", "")
        self.firms = pd.concat([self.firms, again], ignore_index=True)


def plant(records: Records, rates: Mapping[str, float], rng: np.random.Generator) -> Planted:
    """Plant errors; ``rates`` are shares of rows, as in ``RATES``.

    Besides, two enumerators round nine of ten of their amounts to one digit (in the ledger as
    ``heaping`` by enumerator).
    """
    plot = _Plot(records.firms, rng)
    heapers = _heap(plot)
    for error, spoil in _SPOILERS.items():
        for row in plot.rows(rates[error], _may_have(error, plot.firms)):
            spoil(plot, int(row))
    plot.repeat(plot.rows(rates["duplicate"]))
    frame, again = _listed_twice(records.frame, rates["same_firm"], rng)
    ledger = pd.DataFrame(plot.ledger + heapers + again, columns=list(LEDGER_COLUMNS))
    return Planted(records=Records(frame=frame, firms=plot.firms), ledger=ledger)


def _listed_twice(
    frame: pd.DataFrame, rate: float, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """List enterprises again under new ids: a letter of the name differs, the telephone is the same."""
    n = round(rate * len(frame))
    again = frame.iloc[np.sort(rng.choice(len(frame), n, replace=False))].copy()
    again["firm_id"] = [firm_id(len(frame) + 1 + i) for i in range(n)]
    again["firm_name"] = [_misspelt(str(name), rng) for name in again["firm_name"]]
    again["phone"] = again["phone"].str.replace("+62 ", "0", regex=False)
    lines = [
        dict(zip(LEDGER_COLUMNS, ("same_firm", str(i), "", "", ""), strict=True)) for i in again["firm_id"]
    ]
    return pd.concat([frame, again], ignore_index=True), lines


def _misspelt(name: str, rng: np.random.Generator) -> str:
    """A name in which a letter after the legal form is doubled."""
    place = int(rng.integers(name.index(" ") + 1, len(name)))
    return name[:place] + name[place] + name[place:]


def _may_have(error: str, firms: pd.DataFrame) -> npt.NDArray[np.bool_] | None:
    """Rows that an error can happen to; None: all."""
    if error == "skip_violation":
        return np.asarray(firms["exports"] == "no", dtype=np.bool_)
    told = TOLD.get(error)
    return np.asarray(~firms[told].isin(CODES), dtype=np.bool_) if told else None


def _heap(plot: _Plot) -> list[dict[str, str]]:
    """Round amounts of two enumerators to one digit, sales and wages alike."""
    chosen = plot.rng.choice(np.arange(1, N_ENUMERATORS + 1), N_HEAPERS, replace=False)
    for enumerator in (f"E{e:02d}" for e in chosen):
        rows = plot.firms.index[plot.firms["enumerator"] == enumerator]
        for row in rows[plot.rng.random(len(rows)) < HEAPING_SHARE]:
            amount = _number(plot.cell(row, "other_cost"))
            digit = 10 ** np.floor(np.log10(amount))
            plot.firms.at[row, "other_cost"] = rupiah(np.array([np.rint(amount / digit) * digit]))[0]
    return [
        dict(zip(LEDGER_COLUMNS, ("heaping", f"E{e:02d}", "other_cost", "", ""), strict=True)) for e in chosen
    ]


def _slip(plot: _Plot, row: int) -> None:
    factor = float(plot.rng.choice([1e-3, 1e-6, 1e3]))
    _scale(plot, row, _any_amount(plot, row), factor, error="money_unit")


def _any_amount(plot: _Plot, row: int) -> str:
    """One of the amounts that were told; the total always was."""
    return str(plot.rng.choice([c for c in AMOUNTS if plot.cell(row, c) not in CODES]))


def _month(plot: _Plot, row: int) -> None:
    _scale(plot, row, "sales", 1 / 12, error="month_vs_year")


def _mwh(plot: _Plot, row: int) -> None:
    _scale(plot, row, "kwh", 1e-3, error="kwh_mwh")


def _scale(plot: _Plot, row: int, column: str, factor: float, *, error: str) -> None:
    amount = _number(plot.cell(row, column)) * factor
    plot.change(error, row, column, rupiah(np.array([max(np.rint(amount), 1.0)]))[0])


def _other_locale(plot: _Plot, row: int) -> None:
    column = _any_amount(plot, row)
    plot.change("other_locale", row, column, f"{_number(plot.cell(row, column)):,.2f}")


def _mistyped_id(plot: _Plot, row: int) -> None:
    """Change one digit of an id's number, which its check digit then contradicts."""
    firm, place = plot.cell(row, "firm_id"), int(plot.rng.integers(6, 10))
    other = str((int(firm[place]) + int(plot.rng.integers(1, 10))) % 10)
    plot.change("id_changed", row, "firm_id", firm[:place] + other + firm[place + 1 :])


def _negative(plot: _Plot, row: int) -> None:
    plot.change("negative", row, "materials", f"-{plot.cell(row, 'materials')}")


def _mismatch(plot: _Plot, row: int) -> None:
    total = int(plot.cell(row, "emp_total")) + int(plot.rng.choice([-10, -2, -1, 1, 5, 10]))
    plot.change("total_mismatch", row, "emp_total", str(total))


def _skip(plot: _Plot, row: int) -> None:
    plot.change("skip_violation", row, "export_share", str(plot.rng.integers(5, 80)))


def _straight(plot: _Plot, row: int) -> None:
    for item in range(1, N_ITEMS + 1):
        plot.change("straight_line", row, f"item_{item:02d}", "4")


def _far_away(plot: _Plot, row: int) -> None:
    plot.change("gps_out", row, "lat", f"{float(plot.cell(row, 'lat')) - 3:.5f}")


def _code(plot: _Plot, row: int) -> None:
    plot.change("missing_code", row, "kwh", str(plot.rng.choice(UNDECLARED)))


def _personal(plot: _Plot, row: int) -> None:
    remark = f"{plot.cell(row, 'remark')} {plot.rng.choice(PII)}".strip()
    plot.change("pii_in_text", row, "remark", remark)


_SPOILERS: Mapping[str, Callable[[_Plot, int], None]] = {
    "money_unit": _slip,
    "month_vs_year": _month,
    "kwh_mwh": _mwh,
    "other_locale": _other_locale,
    "id_changed": _mistyped_id,
    "negative": _negative,
    "total_mismatch": _mismatch,
    "skip_violation": _skip,
    "straight_line": _straight,
    "gps_out": _far_away,
    "missing_code": _code,
    "pii_in_text": _personal,
}


def _number(text: str) -> float:
    """Read an amount that ``rupiah`` wrote."""
    digits = float(text.strip("()").replace(".", ""))
    return -digits if text.startswith("(") else digits
