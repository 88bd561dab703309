"""Difference-in-differences evaluation of enterprise programmes, from survey files to an audited report."""

__version__ = "0.1.0"
