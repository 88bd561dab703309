"""The checks that a study may ask for, and those that its codebook and forms imply."""

# Kinds are named in one place, with the union of them.
from impacteval.checks.any_check import *  # noqa: F403
from impacteval.checks.base import Check as Check
from impacteval.checks.base import Severity as Severity
from impacteval.checks.implied import checks_of_codebook as checks_of_codebook
from impacteval.checks.implied import typed_choice as typed_choice
