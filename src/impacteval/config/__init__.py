"""A study's configuration, read once and checked as a whole before any job runs."""

from impacteval.codebook import Codebook
from impacteval.config.folder import ChecksFile, StudyFolder, SurveyFolder
from impacteval.config.load import dump, load_study, load_survey, read_rows, restore
from impacteval.survey.corrections import CORRECTION_COLUMNS

__all__ = [
    "CORRECTION_COLUMNS",
    "ChecksFile",
    "Codebook",
    "StudyFolder",
    "SurveyFolder",
    "dump",
    "load_study",
    "load_survey",
    "read_rows",
    "restore",
]
