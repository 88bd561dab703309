# The study's configuration, read and checked before any job, and the helpers that rules share.
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from impacteval import config as study_config
from impacteval import derivation, design, provenance
from impacteval.config import decided
from impacteval.config.formula_rules import derivation_rules
from impacteval.config.load import OPTIONAL_FILES
from impacteval.derive.rules import DerivationRules
from impacteval.errors import ImpactEvalError
from impacteval.validation.told import Told
from impacteval.reporting.validation_files import PAGES
from impacteval.programme.types import Account
from impacteval.survey import declared_forms
from impacteval.survey.log_rules import LogRules
from impacteval.validation.rules import Rules
from impacteval.validation.written import TABLE_NAMES

# Snakemake puts this path into shell commands as it is; the project's folder may have spaces.
sys.executable = shlex.quote(sys.executable)

PROJECT = Path(workflow.basedir)
ENVIRONMENT = str(PROJECT / "environment.yml")
CONFIG_FILES = (
    "study.yaml",
    "plan.yaml",
    "outcomes.csv",
    "codebook.csv",
    "checks.yaml",
    "corrections.csv",
)


def or_stop(step, *arguments):
    """Run a step on the user's files; its error ends the run with its message alone."""
    try:
        return step(*arguments)
    except ImpactEvalError as error:
        sys.exit(f"\n{type(error).__name__}: {error}\n")


STUDY = or_stop(study_config.load_study, Path("."), str(config["study"]))


def results(path):
    """A path below the study's results."""
    return f"results/{STUDY.name}/{path}"


def log_of(name):
    """Where a rule logs."""
    return results(f"logs/{name}.log")


def configured(name):
    """A configuration file of the study."""
    return f"config/{STUDY.name}/{name}"


# Who withdrew, and which enterprises are one, is listed in files that a study may lack.
DECIDED = [p for p in map(configured, decided.OPTIONAL) if Path(p).is_file()]
WITHDRAWALS = [p for p in DECIDED if Path(p).name == decided.WITHDRAWALS]
CONFIG_FILES += tuple(Path(path).name for path in DECIDED)
# What a study computes from its survey, and what it expected, stands in files that it may lack.
CONFIG_FILES += tuple(
    name for name in OPTIONAL_FILES if Path(configured(name)).is_file()
)
FORMS = [
    f"data/{STUDY.name}/forms/{name}"
    for name in declared_forms.form_files(STUDY.study.forms)
]


def forms_folder(wildcards):
    """Where the forms of the study lie."""
    return f"data/{STUDY.name}/forms"


def code_of(script):
    """Digest of a script and of all project code that it imports."""
    return provenance.code_digest(
        PROJECT / "scripts" / f"{script}.py",
        PROJECT / "src" / "impacteval",
        PROJECT / "requirements.lock",
    )


def section(item, type_):
    """Configuration as plain values, which a run compares with those of the run before."""
    return study_config.dump(item, type_)


def outcomes_section(wildcards):
    """The outcomes of a job's family that are estimated, as plain values."""
    outcomes = design.estimated(STUDY.outcomes)
    outcomes = tuple(o for o in outcomes if o.family == wildcards.family)
    return section(outcomes, tuple[design.Outcome, ...])


def derivations():
    """What the panel needs of outcomes as plain values: not their labels, units and sources."""
    told = (
        "label",
        "label_id",
        "family",
        "unit",
        "design",
        "level",
        "sdg",
        "source",
        "note",
    )
    plain = {
        **dict.fromkeys(told, ""),
        "direction": "higher",
        "minimum": None,
        "maximum": None,
    }
    outcomes = tuple(
        replace(o, role="primary" if o.is_estimated else o.role, **plain)
        for o in STUDY.outcomes
    )
    return section(outcomes, tuple[design.Outcome, ...])


TRIALS = int(config.get("trials", 300))
# How trials of known effects are split over jobs; results do not depend on it.
TRIALS_A_JOB = 50


def numbers_of_trials(wildcards):
    """First number of a block's trials, and the first that is not among them."""
    first = int(wildcards.block) * TRIALS_A_JOB
    return [first, min(first + TRIALS_A_JOB, TRIALS)]


SCRIPTS = sorted(path.stem for path in (PROJECT / "scripts").glob("*.py"))
PACKAGE_LOCK = provenance.sha256_of(PROJECT / "requirements.lock")
CODES = {script: code_of(script) for script in SCRIPTS}
TABLES = [table.name for table in STUDY.study.tables]
FILES = [file for table in STUDY.study.tables for file in table.files]
PACKAGED = STUDY.study.source is not None
RAW_FOLDER = results("source") if PACKAGED else f"data/{STUDY.name}/raw"
RAW_LOCK = f"data/{STUDY.name}/raw.lock"
LOCK = or_stop(provenance.read_lock, Path(RAW_LOCK))
OBTAIN = {note.file: note.obtain for note in STUDY.study.raw_files}
or_stop(provenance.check_listed, LOCK, FILES, Path(RAW_LOCK))
if not PACKAGED or Path(RAW_FOLDER).is_dir():
    or_stop(provenance.check_lock, Path(RAW_FOLDER), LOCK, OBTAIN, Path(RAW_LOCK))


wildcard_constraints:
    family="[a-z][a-z0-9_]*",
