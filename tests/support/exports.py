"""A made export of interviews without a form, as a server or a statistician delivers it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

N = 60
PLACES = (
    *("Alas", "Baru", "Candi", "Depok", "Enam", "Fajar", "Garuda", "Hutan"),
    *("Indah", "Jati", "Kencana", "Lestari", "Mulia", "Nusa", "Orchid", "Permata"),
)


def made_columns(n: int = N) -> dict[str, list[str]]:
    """Columns of a sound export, each with ``n`` cells."""
    rng = np.random.default_rng(7)
    begins = [datetime(2024, 3, 1, 8) + timedelta(hours=2 * (i % 4), days=i // 4) for i in range(n)]
    minutes = 40 + rng.integers(0, 10, n)
    ends = [begin + timedelta(minutes=int(m)) for begin, m in zip(begins, minutes, strict=True)]
    names = [
        f"{PLACES[i % 16]} {PLACES[(3 * i + i // 16 + 5) % 16]} {PLACES[(7 * i + 2) % 16]} {i}"
        for i in range(n)
    ]
    return {
        "firm_id": [f"F-{i:03d}" for i in range(n)],
        "firm_name": names,
        "phone": [f"0812{7_000_000 + 7919 * i}" for i in range(n)],
        "enumerator": [f"E{i % 4}" for i in range(n)],
        "interview_start": [b.isoformat(sep="T") for b in begins],
        "interview_end": [e.isoformat(sep="T") for e in ends],
        "sector": ["Other" if i % 20 == 2 else ("Food", "Metal")[i % 2] for i in range(n)],
        "sector_other": ["toys" if i % 20 == 2 else "" for i in range(n)],
        "sales": [str(1_000_000 + 1_234 * int(v)) for v in rng.integers(0, 900, n)],
        "profit": [str(int(v)) for v in rng.integers(500, 900, n)],
        "workers": [str(int(v)) for v in rng.integers(20, 40, n)],
        "export_percent": [str(int(v)) for v in rng.integers(30, 81, n)],
        "has_account": [str(i % 2) for i in range(n)],
        "gps_lat": [f"{-6.2 + 0.001 * i:.5f}" for i in range(n)],
        "gps_long": [f"{106.8 + 0.0013 * i:.5f}" for i in range(n)],
        "remark": [f"remark number {i} of many" for i in range(n)],
    }


def write_export(
    path: Path, columns: Mapping[str, Sequence[str]] | None = None, **changes: Sequence[str]
) -> Path:
    """Write an export as CSV; a change replaces or adds a column, an empty one takes it out."""
    table = {**(made_columns() if columns is None else columns), **changes}
    kept = {name: cells for name, cells in table.items() if cells or columns is not None}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(kept)
        writer.writerows(zip(*kept.values(), strict=True))
    return path
