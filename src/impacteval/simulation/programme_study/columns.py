"""Columns of the tables in their order, by group of the questionnaire, and when questions are not asked.

What device and server add (times of day, keys, numbers) and remarks come with the writing of files.
"""

from __future__ import annotations

from collections.abc import Mapping


def _numbered(name: str, n: int) -> tuple[str, ...]:
    return tuple(f"{name}{k:02d}" for k in range(1, n + 1))


ENTERPRISE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("today", "enumerator", "consent", "enterprise_id", "enterprise_name"),
        *("legal_form", "phone", "address", "zone", "estate", "_gps_latitude", "_gps_longitude"),
        *("respondent_role", "fiscal_year_end", "score_modules_reported", "other_support"),
    ),
    "employment": (
        *(
            "emp_permanent",
            "emp_fixed_term",
            "emp_outsourced",
            "emp_casual_fte",
            "emp_total_reported",
            "emp_m",
            "emp_f",
        ),
        *("supervisors_managers", "supervisors_managers_f"),
    ),
    "finance": (
        *("money_unit", "sales_idr", "d_inventory_idr", "materials_idr", "energy_idr", "services_idr"),
        *(
            "labour_cost_idr",
            "wage_bill_basic_idr",
            "lowest_basic_wage_idr",
            "inventory_value_idr",
            "cogs_idr",
        ),
        "capital_idr",
    ),
    "hours": ("hours_worked_total", "hours_direct_refproduct", "working_days"),
    "production": (
        *("ref_product_same", "units_good_refproduct", "units_produced_total", "units_rejected_internal"),
        *(
            "units_reworked",
            "units_shipped",
            "units_returned",
            "kg_scrap",
            "kg_material_input",
            "kg_good_output",
        ),
        *("deliveries_total", "deliveries_on_time", "oee_availability", "oee_performance", "oee_quality"),
        *("hours_unplanned_down", "hours_planned_run", "lead_time_days", "output_actual", "output_capacity"),
    ),
    "improvement": (
        *("savings_idr", "saving_investment_idr", "suggestions_received_12m", "suggestions_implemented_12m"),
        *(
            "eit_exists",
            "eit_mixed",
            "eit_days_since_met",
            "daily_meeting_share",
            "training_person_hours_12m",
        ),
    ),
    "kpi": (
        *("kpi_defects", "kpi_rework", "kpi_delivery", "kpi_downtime", "kpi_suggestions", "kpi_absence"),
        *("kpi_turnover", "kpi_accidents", "kpi_energy", "kpi_waste"),
    ),
    "practices": (*_numbered("mp", 20), *_numbered("ep", 10)),
    "fives": (*_numbered("fs", 25), "observer"),
    "people": (
        *("days_absent_unplanned", "separations_12m", "quits_12m", "contract_ends_12m", "dismissals_12m"),
    ),
    "osh": (
        *("lost_time_injuries", "recordable_injuries", "injuries_nonfatal", "injuries_fatal", "days_lost"),
        *("near_miss_reports_12m", "workers_observed", "workers_with_required_ppe", "p2k3_registered"),
        *(
            "p2k3_months_since_met",
            "grievances_12m",
            "grievances_resolved_30d",
            "worker_days_lost_disputes_12m",
        ),
        *("union_at_site", "union_members", "pkb_covered", "lks_exists", "lks_months_since_met"),
        "jamsostek_registered",
    ),
    "environment": (
        *("elec_kwh", "elec_grid_kwh", "diesel_l", "lpg_kg", "gas_nm3", "petrol_l", "water_m3"),
        *("waste_total_kg", "b3_waste_kg", "recycled_kg", "sold_scrap_kg", "env_document"),
    ),
}
ENTERPRISE = ("wave", *(name for names in ENTERPRISE_GROUPS.values() for name in names))
# Groups that are asked about the first round, of which books tell.
RECALLED = ("id", "employment", "finance", "hours")

ATTITUDES = (
    *("sat1", "sat2", "sat3", "sat4", "sat5", "voice1", "voice2", "voice3", "voice4"),
    *("resp1", "resp2", "resp3", "resp4", "harassment", "pss1", "pss2", "pss3", "pss4"),
    *("intent_quit", "osh_training_12m", "injury_12m"),
)
WORKER_PAY = (
    *(
        "basic_wage_month_idr",
        "fixed_allowances_idr",
        "overtime_pay_idr",
        "hours_week",
        "overtime_hours_week",
    ),
)
WORKERS = (
    *("wave", "today", "enumerator", "consent", "enterprise_id", "worker_slot", "sex", "age"),
    *("contract", "hire_date", *WORKER_PAY, *ATTITUDES),
)
FRAME = (
    *("enterprise_id", "enterprise_name", "legal_form", "phone", "address", "zone", "estate", "tier"),
    *("process", "ownership", "lead_buyer", "employees_frame", "past_growth"),
)
ASSIGNMENT = ("enterprise_id", "arm", "cohort", "entry_date", "stratum", "replacement")
TRAINING = (
    *("enterprise_id", "module", "classroom_start", "classroom_end", "visits", "participants_m"),
    *("participants_f", "version", "payer", "trainer_id"),
)
# Questions that are asked only where a written record of the KPI exists.
NEEDS_RECORD: Mapping[str, tuple[str, ...]] = {
    "kpi_defects": ("units_rejected_internal", "units_returned"),
    "kpi_rework": ("units_reworked",),
    "kpi_delivery": ("deliveries_total", "deliveries_on_time", "lead_time_days"),
    "kpi_downtime": (
        *("oee_availability", "oee_performance", "oee_quality", "hours_unplanned_down", "hours_planned_run"),
    ),
    "kpi_suggestions": ("suggestions_received_12m", "suggestions_implemented_12m"),
    "kpi_absence": ("days_absent_unplanned",),
    "kpi_turnover": ("separations_12m", "quits_12m", "contract_ends_12m", "dismissals_12m"),
    "kpi_accidents": (
        *("lost_time_injuries", "recordable_injuries", "injuries_nonfatal", "injuries_fatal", "days_lost"),
        "near_miss_reports_12m",
    ),
    "kpi_energy": ("elec_kwh", "elec_grid_kwh", "diesel_l", "lpg_kg", "gas_nm3", "petrol_l", "water_m3"),
    "kpi_waste": (
        *("kg_scrap", "kg_material_input", "kg_good_output", "waste_total_kg", "b3_waste_kg", "recycled_kg"),
        "sold_scrap_kg",
    ),
}
# Questions that are asked only where another was answered by yes, or by a number above 0.
NEEDS_YES: Mapping[str, tuple[str, ...]] = {
    "eit_exists": ("eit_mixed", "eit_days_since_met"),
    "p2k3_registered": ("p2k3_months_since_met",),
    "union_at_site": ("union_members",),
    "lks_exists": ("lks_months_since_met",),
}
NEEDS_SOME: Mapping[str, tuple[str, ...]] = {
    "lost_time_injuries": ("days_lost",),
    "grievances_12m": ("grievances_resolved_30d",),
}
YES_NO = (
    *("ref_product_same", "eit_exists", "eit_mixed", "p2k3_registered", "union_at_site", "lks_exists"),
    *("env_document", *ENTERPRISE_GROUPS["practices"]),
)
# Seen or counted by the enumerator, or needed for all that follows: never missing.
ALWAYS_KNOWN = (
    *ENTERPRISE_GROUPS["id"],
    *ENTERPRISE_GROUPS["kpi"],
    *ENTERPRISE_GROUPS["fives"],
    *(
        "money_unit",
        "emp_total_reported",
        "ref_product_same",
        "workers_observed",
        "workers_with_required_ppe",
    ),
)
