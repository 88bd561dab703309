"""Recovery of known effects: the study drawn many times, each put through derivation, build and designs.

``run_block`` runs trials of one scenario, ``recovery_table`` says how far estimates are from the truth
and how often intervals hold it, ``diagnostics_table`` how often each diagnostic warns.
"""
