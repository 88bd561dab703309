"""Columns and indicators computed from the survey by declared formulas."""
