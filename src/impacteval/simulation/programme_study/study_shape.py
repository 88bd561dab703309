"""What the design of the study fixes: its rounds, cohorts, modules and recorded indicators."""

from __future__ import annotations

N_ROUNDS = 4
BASELINE = 1
ROUNDS = ("R0", "R1", "R2", "R3")
COHORTS = ("C0", "C1", "C2")
MODULES = ("M1", "M2", "M3", "M4", "M5")
KPIS = (
    "defects",
    "rework",
    "delivery",
    "downtime",
    "suggestions",
    "absence",
    "turnover",
    "accidents",
    "energy",
    "waste",
)
