"""A study's configuration, read once and checked as a whole before any job runs."""

from impacteval.codebook import Codebook
from impacteval.config.folder import ChecksFile, StudyFolder
from impacteval.config.load import CORRECTION_COLUMNS, dump, load_study, read_rows, restore

__all__ = [
    "CORRECTION_COLUMNS",
    "ChecksFile",
    "Codebook",
    "StudyFolder",
    "dump",
    "load_study",
    "read_rows",
    "restore",
]
