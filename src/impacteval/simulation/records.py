"""Survey records without any error, as an export holds them: text, in Indonesian number and date habits.

They are made to score checks, not to estimate effects: no arm differs from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

SECTORS = ("press_stamping", "machining", "plastic_injection", "rubber", "casting", "wiring")
ESTATES = ("jababeka", "mm2100", "ejip", "kiic", "pulogadung", "jatake")
FORMS = ("PT", "CV", "UD", "PT", "PT")
FIRST_NAMES = (
    "Sumber",
    "Maju",
    "Karya",
    "Mitra",
    "Bina",
    "Cipta",
    "Surya",
    "Tunas",
    "Indo",
    "Prima",
    "Sinar",
    "Anugerah",
)
LAST_NAMES = (
    "Teknik",
    "Logam",
    "Presisi",
    "Plastindo",
    "Karet",
    "Mandiri",
    "Utama",
    "Perkasa",
    "Sentosa",
    "Abadi",
    "Jaya",
    "Metal",
)
N_ENUMERATORS = 14
ROUND_DAYS = ("2009-12-01", "2010-05-03", "2011-07-04", "2012-09-03")
N_ITEMS = 12
# What enumerators write beside the answers: with numbers, years, amounts and names of places, without people.
REMARKS = (
    "listrik padam 2 hari dalam seminggu",
    "mesin baru dibeli tahun 2008, 3 unit",
    "omzet turun karena pesanan berkurang",
    "data penjualan dari buku besar, dibulatkan ke 1.000.000",
    "wawancara dilanjutkan pukul 14.30",
    "pabrik pindah ke blok C-12 no. 7",
    "responden meminta hasil survei 2010/2011",
    "gaji lembur Rp 12.500 per jam",
)
REMARKED = 0.15
REVERSED_ITEM = 5
CODES = ("-99", "-98")
CODED = ("sales", "wage_bill", "materials", "kwh")
# Sales a worker from value added of 70 million rupiah at 30 % of sales.
LN_SALES_PER_WORKER = np.log(233e6)
DEGREES_OF_FREEDOM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How much honest answers vary, and how many are missing.

    ``sd_between`` is the standard deviation of log sales a worker between enterprises; ``sd_change``,
    ``sd_change_staff``, ``sd_change_kwh`` and ``sd_change_pay`` those of the change of a logarithm
    between any two rounds, with the tails of Student's t with 5 degrees of freedom. The defaults lie
    at the upper end of what was measured on panels of manufacturing firms (Colombia, Chile, Michigan).
    ``attrition`` is the share of enterprises lost from each round to the next, ``unknown`` that of
    amounts answered with a code for "do not know" or "refused".
    """

    sd_between: float = 0.80
    sd_change: float = 0.55
    sd_change_staff: float = 0.40
    sd_change_kwh: float = 0.64
    sd_change_pay: float = 0.25
    attrition: float = 0.05
    unknown: float = 0.04


USUAL = Habits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Tables of text: ``frame`` has a row an enterprise, ``firms`` a row an enterprise and round."""

    frame: pd.DataFrame
    firms: pd.DataFrame


def clean_records(
    n_enterprises: int, n_rounds: int, rng: np.random.Generator, *, habits: Habits = USUAL
) -> Records:
    """Draw records that pass every check but those of what is merely unusual.

    Parameters
    ----------
    n_enterprises : int
        At most 9,999, as ids have four digits.
    n_rounds : int
        1 to 4.
    rng : Generator
    habits : Habits

    Returns
    -------
    Records
        Text columns; amounts are rupiah a year written as ``1.234.567``.
    """
    frame = _frame(n_enterprises, habits, rng)
    left = _last_rounds(n_enterprises, n_rounds, habits, rng)
    rounds = [_round(frame[left >= number], number, habits, rng) for number in range(n_rounds)]
    firms = pd.concat(rounds, ignore_index=True).sort_values(["firm_id", "round"], ignore_index=True)
    hidden = [c for c in frame.columns if c.startswith("_")]
    return Records(frame=frame.drop(columns=hidden), firms=firms)


def firm_id(number: int) -> str:
    """Id of an enterprise: its number and a check digit (Luhn 1960, US patent 2,950,048)."""
    digits = f"{number:04d}"
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    return f"SCI-E-{digits}-{-sum(d // 10 + d % 10 for d in doubled) % 10}"


def _last_rounds(n: int, n_rounds: int, habits: Habits, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The last round in which each enterprise is found."""
    if not habits.attrition:
        return np.full(n, n_rounds - 1, dtype=np.int64)
    return np.minimum(rng.geometric(habits.attrition, n) - 1, n_rounds - 1).astype(np.int64)


def _frame(n: int, habits: Habits, rng: np.random.Generator) -> pd.DataFrame:
    estate = rng.integers(0, len(ESTATES), n)
    names = [f"{FORMS[i % 5]} {FIRST_NAMES[i % 12]} {_last_name(i // 12)}" for i in range(n)]
    treated = rng.permutation(n) < n // 3
    return pd.DataFrame(
        {
            "firm_id": [firm_id(i + 1) for i in range(n)],
            "arm": np.where(treated, "participant", "comparison"),
            "sector": rng.choice(SECTORS, n),
            "estate": np.array(ESTATES)[estate],
            "firm_name": names,
            "phone": [f"+62 21 {8900000 + 7 * i}" for i in range(n)],
            "founded": rng.integers(1975, 2006, n).astype(str),
            "_lat": -6.2 - 0.05 * estate + rng.uniform(-0.012, 0.012, n),
            "_lon": 106.9 + 0.07 * estate + rng.uniform(-0.012, 0.012, n),
            "_ln_size": np.clip(rng.normal(np.log(105), 0.38, n), np.log(50), np.log(200)),
            "_ln_level": rng.normal(0, habits.sd_between, n),
            "_ln_pay": rng.normal(0, 0.30, n),
            "_ln_kwh": rng.normal(0, 0.54, n),
            "_material": np.clip(rng.normal(0.62, 0.09, n), 0.35, 0.80),
            "_quality": rng.normal(0, 1, n),
            "_exports": rng.random(n) < 0.3,
            "_enumerator": rng.integers(1, N_ENUMERATORS + 1, n),
        }
    )


def _last_name(number: int) -> str:
    """A name and, in large frames, letters that keep it apart from others."""
    number, first = divmod(number, 12)
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) * 3 + letters
    return f"{LAST_NAMES[first]} {letters}".strip()


def _noise(sd_change: float, n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """What a round adds to a logarithm, so that the change between two rounds has the given deviation."""
    deviation = np.sqrt(DEGREES_OF_FREEDOM / (DEGREES_OF_FREEDOM - 2))
    drawn = rng.standard_t(DEGREES_OF_FREEDOM, n)
    return np.asarray(drawn * (sd_change / np.sqrt(2) / deviation), dtype=np.float64)


def _whole(amounts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Amounts in whole thousands of rupiah, at least one."""
    return np.maximum(np.rint(amounts / 1000), 1) * 1000


def _round(frame: pd.DataFrame, number: int, habits: Habits, rng: np.random.Generator) -> pd.DataFrame:
    n = len(frame)
    size = frame["_ln_size"].to_numpy() + _noise(habits.sd_change_staff, n, rng)
    workers = np.maximum(np.rint(np.exp(size)), 2).astype(int)
    women = rng.binomial(workers, 0.22)
    ln_sales = frame["_ln_level"].to_numpy() + 0.08 * number + _noise(habits.sd_change, n, rng)
    sales = _whole(np.exp(LN_SALES_PER_WORKER + ln_sales) * workers)
    ln_pay = frame["_ln_pay"].to_numpy() + _noise(habits.sd_change_pay, n, rng)
    wages = _whole(1.4e6 * 12 * workers * np.exp(ln_pay))
    materials = _whole(sales * np.clip(frame["_material"] + rng.normal(0, 0.05, n), 0.2, 0.9).to_numpy())
    other = _whole(sales * rng.uniform(0.05, 0.1, n))
    cost = wages + materials + other
    ln_kwh = frame["_ln_kwh"] + 0.9 * frame["_ln_level"] + _noise(habits.sd_change_kwh, n, rng)
    exports = frame["_exports"].to_numpy()
    times = _times(number, frame["_enumerator"].to_numpy(), rng)
    columns = {
        "_uuid": [f"{frame['firm_id'].iloc[i]}-r{number}-{rng.integers(16**8):08x}" for i in range(n)],
        "firm_id": frame["firm_id"],
        "round": str(number),
        "enumerator": [f"E{e:02d}" for e in frame["_enumerator"]],
        "start": times[0],
        "end": times[1],
        "consent": "yes",
        "arm": frame["arm"],
        "sector": frame["sector"],
        "estate": frame["estate"],
        "firm_name": frame["firm_name"],
        "phone": frame["phone"],
        "founded": frame["founded"],
        "lat": [f"{v:.5f}" for v in frame["_lat"] + rng.normal(0, 2e-5, n)],
        "lon": [f"{v:.5f}" for v in frame["_lon"] + rng.normal(0, 2e-5, n)],
        "registered_lat": [f"{v:.5f}" for v in frame["_lat"]],
        "registered_lon": [f"{v:.5f}" for v in frame["_lon"]],
        "emp_total": workers.astype(str),
        "emp_male": (workers - women).astype(str),
        "emp_female": women.astype(str),
        "sales": rupiah(sales),
        "wage_bill": rupiah(wages),
        "materials": rupiah(materials),
        "other_cost": rupiah(other),
        "total_cost": rupiah(cost),
        "profit": rupiah(sales - cost),
        "kwh": rupiah(np.maximum(np.rint(7500 * np.exp(ln_kwh.to_numpy()) * workers), 1)),
        "exports": np.where(exports, "yes", "no"),
        "export_share": np.where(exports, rng.integers(5, 80, n).astype(str), ""),
        "remark": np.where(rng.random(n) < REMARKED, rng.choice(REMARKS, n), ""),
    }  # fmt: skip
    answers = _items(frame["_quality"].to_numpy(), rng)
    return _with_codes(pd.DataFrame({**columns, **answers}).astype("str"), habits, rng)


def _with_codes(firms: pd.DataFrame, habits: Habits, rng: np.random.Generator) -> pd.DataFrame:
    """Put declared codes for "do not know" and "refused" where an amount was not told."""
    for column in CODED:
        untold = rng.random(len(firms)) < habits.unknown
        firms[column] = firms[column].mask(
            untold, pd.Series(rng.choice(CODES, len(firms)), index=firms.index)
        )
    return firms


def rupiah(amounts: npt.NDArray[np.float64]) -> list[str]:
    """Amounts as Indonesians write them: ``1.234.567``, negative ones in parentheses."""
    texts = [f"{abs(a):,.0f}".replace(",", ".") for a in amounts]
    return [f"({text})" if amount < 0 else text for text, amount in zip(texts, amounts, strict=True)]


def _times(
    number: int, enumerators: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[Sequence[str], Sequence[str]]:
    """Start and end of each interview: an enumerator holds three a day, none overlapping."""
    turn = pd.Series(enumerators).groupby(enumerators).cumcount().to_numpy()
    first = np.datetime64(ROUND_DAYS[number], "m")
    start = first + (turn // 3).astype("timedelta64[D]") + np.timedelta64(8 * 60, "m")
    start = start + (turn % 3 * 180 + rng.integers(0, 45, len(turn))).astype("timedelta64[m]")
    end = start + np.clip(rng.normal(75, 12, len(turn)), 45, 120).astype(int).astype("timedelta64[m]")
    as_text = [np.datetime_as_string(t, unit="s") for t in (start, end)]
    return list(as_text[0]), list(as_text[1])


def _items(quality: npt.NDArray[np.float64], rng: np.random.Generator) -> dict[str, list[str]]:
    """Answers from 1 to 5 to a battery of items, one of which is asked the other way round."""
    answers = {}
    for item in range(1, N_ITEMS + 1):
        score = np.clip(np.rint(3 + 0.8 * quality + rng.normal(0, 0.9, len(quality))), 1, 5).astype(int)
        answers[f"item_{item:02d}"] = list((6 - score if item == REVERSED_ITEM else score).astype(str))
    return answers
