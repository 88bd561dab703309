"""The columns of a small survey without a fault, as text: enterprises in two rounds, and what belongs to them."""

from __future__ import annotations

import numpy as np

N_FIRMS, ROUNDS, N_ITEMS = 24, (1, 2), 30
ITEMS = tuple(f"q{i:02d}" for i in range(1, N_ITEMS + 1))
NAMES = [
    "Anggrek",
    "Bakti",
    "Cendana",
    "Damai",
    "Elang",
    "Fajar",
    "Gemilang",
    "Harapan",
    "Indah",
    "Jaya",
    "Kencana",
    "Lestari",
    "Melati",
    "Nusantara",
    "Ombak",
    "Permata",
    "Queen",
    "Rembulan",
    "Sejahtera",
    "Teratai",
    "Utama",
    "Vanili",
    "Wijaya",
    "Zamrud",
]
ADDRESSES = [
    "Kenanga",
    "Merpati",
    "Rajawali",
    "Sudirman",
    "Thamrin",
    "Veteran",
    "Pahlawan",
    "Gatot",
    "Diponegoro",
    "Kartini",
    "Hatta",
    "Yani",
    "Supratman",
    "Cempaka",
    "Flamboyan",
    "Dahlia",
    "Bougenville",
    "Mawar",
    "Tulip",
    "Sakura",
    "Beringin",
    "Mahoni",
    "Akasia",
    "Pinus",
]


def row_of(firm: int, period: int) -> int:
    """Row of the file of enterprises: firms from 1, each with its two rounds."""
    return 2 + 2 * (firm - 1) + (period - 1)


def rows_of(enumerator: int) -> list[int]:
    """Rows of an enumerator, 1 to 3, each of whom has as many interviews of either arm."""
    return [row_of(i + 1, p) for i in range(N_FIRMS) for p in ROUNDS if (i // 2) % 3 == enumerator - 1]


def _firms() -> dict[str, list[str]]:
    rng = np.random.default_rng(5)
    columns: dict[str, list[str]] = {}
    for i in range(N_FIRMS):
        employed, wage = int(rng.integers(30, 70)), 3_000_000 * rng.uniform(0.9, 1.4)
        per_head = float(np.exp(rng.normal(18.6, 0.25)))
        for period in ROUNDS:
            amounts = _amounts(rng, employed + 2 * (period - 1), wage, per_head)
            row = {**_visit(i, period), **_enterprise(i), **amounts, **_answers(rng, i)}
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
    return columns


def _visit(i: int, period: int) -> dict[str, str]:
    """When and by whom: an enumerator has one interview a day."""
    day = f"{2023 + period}-01-{8 + i // 2:02d}"
    return {
        "firm": f"F{i + 1:02d}",
        "round": str(period),
        "uuid": f"uuid-{row_of(i + 1, period):04d}",
        "enumerator": f"E{(i // 2) % 3 + 1}",
        "start": f"{day}T{9 + 4 * (i % 2):02d}:00:00",
        "end": f"{day}T{9 + 4 * (i % 2):02d}:{45 + i % 7}:00",
        "submitted": f"{day}T18:00:00",
        "version": f"v{period}",
        "consent": "yes",
        "year": str(2023 + period),
    }


def _enterprise(i: int) -> dict[str, str]:
    """What does not change from one round to the next."""
    latitude, longitude = f"{-6.2 - 0.02 * i:.5f}", f"{106.8 + 0.02 * (i % 5):.5f}"
    return {
        "arm": ("control", "training")[i % 2],
        "stratum": f"S{i // 12 + 1}",
        "weight": "10",
        "name": f"PT {NAMES[i]} {ADDRESSES[-i - 1]}",
        "phone": f"0812{(i + 11) * 7654321 % 10**8:08d}",
        "address": f"Jalan {ADDRESSES[i]} {i + 3}",
        "district": "Bogor",
        "latitude": latitude,
        "longitude": longitude,
        "registered_latitude": latitude,
        "registered_longitude": longitude,
        "province": "Jawa Barat",
        "sector": ("food", "metal")[(i // 2) % 2],
        "founded": str(1990 + i),
        "legal": "lainnya" if i == 9 else ("pt", "cv")[i % 2],
        "legal_other": "yayasan" if i == 9 else "",
        "start_used": "2024-03-01" if i % 2 else "",
        "eligible": "5" if i == 0 else "0",
    }


def _amounts(rng: np.random.Generator, employed: int, wage: float, per_head: float) -> dict[str, str]:
    women, wages = employed // 3, round(employed * 12 * wage)
    sales = max(round(employed * per_head * rng.uniform(0.95, 1.05)), 3 * wages) + 7
    materials = sales // 3
    cost = wages + materials + sales // 20
    share = int(rng.integers(20, 80))
    amounts = {
        "emp_total": employed,
        "emp_female": women,
        "emp_male": employed - women,
        "managers": 3,
        "sales": sales,
        "cost": cost,
        "materials": materials,
        "wage_bill": wages,
        "profit": sales - cost,
        "share_home": share,
        "share_abroad": 100 - share,
    }
    return {name: str(value) for name, value in amounts.items()}


def _answers(rng: np.random.Generator, i: int) -> dict[str, str]:
    exports = i % 2 == 0
    return {
        "exports": "yes" if exports else "no",
        "export_share": "20.5" if exports else "",
        "inputs": "steel rubber",
        "loans": str(rng.choice(["yes", "no"])),
        "score": f"{rng.normal(50, 10):.2f}",
        "remark": "friendly",
        **{item: str(rng.integers(1, 6)) for item in ITEMS},
    }


def _workers() -> dict[str, list[str]]:
    """Five workers of the first enterprise in each round, paid what its accounts say."""
    firms = _firms()
    rows = [(p, w) for p in ROUNDS for w in range(1, 6)]
    wages = [int(b) // 12 // int(n) for b, n in zip(firms["wage_bill"], firms["emp_total"], strict=True)]
    return {
        "firm": ["F01"] * len(rows),
        "round": [str(p) for p, _ in rows],
        "worker": [str(w) for _, w in rows],
        "age": [str(30 + w) for _, w in rows],
        "hours": ["44"] * len(rows),
        "tenure": [str(w) for _, w in rows],
        "firm_age": ["34"] * len(rows),
        "wage": [str(wages[p - 1]) for p, _ in rows],
    }


def sound_columns() -> dict[str, dict[str, list[str]]]:
    firms = _firms()
    once = [i for i, p in enumerate(firms["round"]) if p == "1"]
    treated = [firms["firm"][i] for i in once if firms["arm"][i] == "training" for _ in range(2)]
    modules = ["1", "2"] * (len(treated) // 2)
    visited = [i for i in once if firms["enumerator"][i] == "E1"]
    return {
        "firms": firms,
        "workers": _workers(),
        "assignment": {c: [firms[c][i] for i in once] for c in ("firm", "arm", "stratum")},
        "register": {
            "firm": treated,
            "module": modules,
            "trained_on": ["2024-02-05", "2024-02-06"] * (len(treated) // 2),
            "attended": ["1"] * len(treated),
            "offered": ["2"] * len(treated),
            "participants": ["4"] * len(treated),
        },
        "frame": {"stratum": ["S1", "S2"], "total": ["120", "120"]},
        "contacts": {**{c: firms[c] for c in ("firm", "round")}, "status": ["complete"] * len(firms["firm"])},
        "back_checks": {c: [firms[c][i] for i in visited] for c in ("firm", "round", "founded", "emp_total")},
        "prices": {
            "province": ["Jawa Barat"] * 2,
            "year": ["2024", "2025"],
            "minimum_wage": ["2500000", "2600000"],
            "index": ["100", "103.5"],
        },
    }
