"""A study with more outcomes than a report tells in full, and facts about all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from impacteval.design import Outcome
from impacteval.reporting.content import Facts
from support.reports import Rows, make_facts
from support.study import OUTCOMES, StudyFiles, csv_text, make_study

PRIMARY = "log_productivity"
SECONDARY = tuple(f"days_{i}" for i in range(9))
DESCRIBED = "noise"
FLOW = [
    {"step": "delivered", "n_rows": 72},
    *(
        {"step": step, "arm": arm, "outcome": outcome, "n_rows": 36, "n_units": 12}
        for arm in ("control", "workshop")
        for step, outcome in (
            ("panel", ""),
            ("not_interviewed", ""),
            *(("sample", name) for name in (PRIMARY, *SECONDARY, DESCRIBED)),
        )
    ),
]


def long_study() -> StudyFiles:
    """One primary outcome, nine secondary ones in two families, and one that is described only."""
    primary, lost = OUTCOMES
    rows = [
        {
            **lost,
            "name": name,
            "label": f"Days lost, kind {i}",
            "label_id": f"Hari hilang, jenis {i}",
            "family": "safety" if i % 2 else "job_quality",
            "direction": "neutral" if i == 3 else "lower",
            "unit": "percent of days" if i == 1 else "days a round",
            "minimum": "0",
            "maximum": "60",
        }
        for i, name in enumerate(SECONDARY)
    ]
    described = {**lost, "name": DESCRIBED, "label": "Noise", "family": "place", "role": "descriptive"}
    files = make_study()
    columns = [f.name for f in fields(Outcome)]
    return files.put(
        files.config("outcomes.csv"), csv_text(columns, [rows[0], primary, *rows[1:], described])
    )


def headline(name: str, **changes: object) -> dict[str, object]:
    """A headline estimate: 2 with an error of 1."""
    is_primary = name == PRIMARY
    number = 0 if is_primary else int(name.removeprefix("days_"))
    unit = "log points" if is_primary else ("percent of days" if number == 1 else "days a round")
    return {
        "estimate_id": f"{name}.two_by_two.simple.cr1_groups",
        "outcome": name,
        "family": "productivity" if is_primary else ("safety" if number % 2 else "job_quality"),
        "role": "primary" if is_primary else "secondary",
        "arm": "workshop",
        "estimand": "simple",
        "vcov": "cr1_groups",
        "scale": unit,
        "estimate": 2.0,
        "std_error": 1.0,
        "conf_low": 0.1,
        "conf_high": 3.9,
        "p_value": 0.04,
        "mde": 2.8,
        "n_treated": 12,
        "n_comparison": 12,
        "baseline_mean": 8.0,
        **changes,
    }


TABLES: dict[str, Rows] = {
    "panel/flow": FLOW,
    "estimates": [headline(name) for name in (PRIMARY, *SECONDARY)],
    "power": [
        {"outcome": name, "arm": "workshop", "sd_baseline": 4.0, "mde_did": 2.0}
        for name in (PRIMARY, *SECONDARY)
    ],
    "coverage": [
        {
            "outcome": name,
            "arm": arm,
            "period": period,
            "n_interviewed": 12,
            "n_values": n,
            "share_with_value": n / 12,
        }
        for name in (PRIMARY, *SECONDARY, DESCRIBED)
        for arm, n in (("control", 6), ("workshop", 9))
        for period in (1, 2, 3)
    ],
    "means": [
        {"outcome": name, "arm": arm, "period": 1, "n_units": 9, "mean": 8.25, "std_error": 0.5}
        for name in (PRIMARY, *SECONDARY, DESCRIBED)
        for arm in ("control", "workshop")
    ],
    "balance": [
        {"variable": name, "arm": "workshop", "difference": 0.1, "normalised_difference": 0.2}
        for name in (PRIMARY, *SECONDARY, DESCRIBED, "workers")
    ],
    "exposure": [{"arm": "workshop", "first_treat": 2, "n_units": 12}, {"arm": "control", "n_units": 12}],
    "specifications": [
        {"outcome": name, "arm": "workshop", "design": "two_by_two", "sample": "all", "estimate": 2.0}
        for name in (PRIMARY, *SECONDARY)
    ],
}


def long_facts(root: Path, changes: Mapping[str, Rows] | None = None) -> Facts:
    """Facts of the long study; ``changes`` are tables in place of its own."""
    return make_facts(root, long_study(), {**TABLES, **(changes or {})})
