"""Time typing, the suite, all other checks and their findings on a table of ``checks_table``.

``python -m tools.bench_peers.checks_with_impacteval ROWS FOLDER usual`` prints CPU seconds and peak memory
by part as JSON; ``gross`` in place of ``usual`` runs ten checks that a third of the rows fails. The folder
receives the typed table and the rules, for other packages.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar, get_args, get_type_hints

from tools.bench_peers.checks_table import GROSSLY_FAILING, Rule, columns, draw, rules, write_rules
from tools.bench_peers.measure import peak_bytes

from impacteval.checks import AnyCheck, Check
from impacteval.codebook import Codebook, Variable, VariableType
from impacteval.delivery import Roles
from impacteval.validation.finding import findings_of
from impacteval.validation.functions import FUNCTIONS
from impacteval.validation.localise import with_suggestions
from impacteval.validation.run import with_text
from impacteval.validation.suites import SuiteResult, run_suite
from impacteval.validation.survey import CheckedTable, Failures, Survey

TABLE = "firms"
ROLES = Roles(
    unit="firm",
    period="round",
    submission="uuid",
    enumerator="enumerator",
    arm="arm",
    stratum="district",
    weight="weight",
    consent="agreed",
    consent_given=("1",),
)
ABOUT = {"table": TABLE, "severity": "warning", "message": "wrong", "suggestion": "look"}
TYPES: dict[str, VariableType] = {type_: type_ for type_ in get_args(VariableType)}
# Comparisons of rows with one another are for surveys, not for registers.
LARGEST_FOR_ALL = 100_000
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a part took: CPU seconds, and the largest memory while it ran."""

    name: str
    seconds: float
    peak: int


def timed(name: str, parts: list[Part], do: Callable[[], Found]) -> Found:
    """Run a part and note what it took."""
    forget_peak()
    begun = time.process_time()
    found = do()
    parts.append(Part(name=name, seconds=time.process_time() - begun, peak=peak_bytes()))
    return found


def forget_peak() -> None:
    """Let the kernel count the largest memory anew, where it can."""
    control = Path("/proc/self/clear_refs")
    if control.exists():
        control.write_text("5", encoding="utf-8")


def variables() -> tuple[Variable, ...]:
    """The codebook of the table."""
    return tuple(
        Variable(
            table=TABLE,
            column=column,
            type=TYPES[type_],
            unit="",
            required="yes",
            confidential="no",
            minimum=None,
            maximum=None,
            allowed=(),
            missing_codes=(),
            label="",
        )
        for column, type_ in columns().items()
    )


@cache
def kinds() -> dict[str, Callable[..., Check]]:
    """All kinds of checks by the name that `checks.yaml` gives them."""
    return {str(get_args(get_type_hints(type_)["kind"])[0]): type_ for type_ in get_args(AnyCheck)}


def made(settings: Mapping[str, Mapping[str, object]]) -> list[Check]:
    """Checks of these kinds, each called after its kind; those that there are."""
    known = kinds()
    return [known[k](kind=k, id=k.replace("_", "-"), **ABOUT, **s) for k, s in settings.items() if k in known]


def check_of(rule: Rule) -> Check:
    """A rule as a check of ours."""
    settings: dict[str, dict[str, object]] = {
        "typed": {"kind": "of_type", "type": rule.type},
        "present": {"kind": "not_missing"},
        "among": {"kind": "in_set", "allowed": rule.allowed},
        "between": {"kind": "in_range", "minimum": rule.low, "maximum": rule.high},
    }
    said = settings[rule.kind]
    return kinds()[str(said["kind"])](id=rule.id, column=rule.column, **said, **ABOUT)


def row_checks() -> list[Check]:
    """Checks across columns, and of the key."""
    return made(
        {
            "unique": {"columns": ("firm", "round")},
            "at_most": {"column": "count01", "other": "count00"},
            "matches": {"column": "firm", "pattern": r"F-\d+"},
            "adds_up": {"whole": "count00", "parts": ("count01", "count02")},
            "balance": {"result": "amount00", "plus": ("amount01",), "minus": ("amount02",)},
            "shares": {"columns": ("count03", "count04")},
            "hours": {"column": "count05"},
            "consent": {},
            "personal_data": {},
        }
    )


def other_checks() -> list[Check]:
    """Checks that compare rows, enumerators and arms; those that need further tables are left out."""
    counts = tuple(c for c in columns() if c.startswith("count"))
    amounts = tuple(c for c in columns() if c.startswith("amount"))
    choices = tuple(c for c in columns() if c.startswith("choice"))
    is_asked = "${choice00} = 'food'"
    return made(
        {
            "skip_forward": {"column": "count10", "relevant": is_asked},
            "skip_backward": {"column": "count10", "relevant": is_asked},
            "constraint": {"column": "count10", "constraint": ". >= 0 and . <= ${count00}"},
            "undeclared_codes": {"column": "amount05"},
            "ambiguous_numbers": {"column": "amount05"},
            "attrition": {"covariates": counts[5:8]},
            "coverage": {"columns": counts[5:10]},
            "heaping": {"columns": amounts[3:8]},
            "gate": {"column": "choice00", "skipping": ("food",)},
            "enumerator_effect": {"outcome": "amount05"},
            "near_duplicates": {"items": (*choices, *counts[5:20])},
            "item_non_response": {"columns": counts[5:30]},
            "outlier": {"columns": amounts[3:13], "groups": ("district",)},
            "multivariate_outlier": {"columns": amounts[3:7]},
            "constant_within_unit": {"column": "choice01"},
            "growth": {"sales": "amount05", "employment": "count05"},
            "unit_slip": {"column": "amount05", "groups": ("district",)},
        }
    )


def main() -> None:
    """Measure as the command line says: rows, folder, usual or gross."""
    rows, folder, way = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    parts: list[Part] = []
    text = draw(rows, gross=way == "gross")
    book = Codebook(variables=variables())
    survey, _ = timed(
        "typing", parts, lambda: with_text(Survey(tables={}), {TABLE: text}, book, {TABLE: ROLES})
    )
    table = survey.tables[TABLE]
    plain = [check_of(rule) for rule in rules()]
    # Its import and first use take two seconds whatever the table.
    timed("loading Great Expectations", parts, lambda: run_suite(first_rows(table), plain[:4]))
    if way == "gross":
        plain = grossly_failing()
    result = timed(f"suite of {len(plain)} rules", parts, lambda: run_suite(table, plain))
    if way != "gross":
        table.frame.drop(columns=["source_file", "source_row"]).to_parquet(folder / "table.parquet")
        write_rules(folder / "rules.json")
        time_the_rest(survey, parts, plain, result)
    found = {f.check.id: len(f.rows) for f in result.failures}
    sys.stdout.write(json.dumps({"parts": [asdict(p) for p in parts], "found": found}))


def first_rows(table: CheckedTable) -> CheckedTable:
    """The same table, shorter."""
    return replace(table, frame=table.frame.head(100), text=table.text.head(100))


def grossly_failing() -> list[Check]:
    """Ten checks of the columns in which a third of the rows is wrong."""
    worst = [column for i, column in enumerate(columns()) if i % 10 == 9]
    found = [rule for rule in rules() if rule.column in worst and rule.kind in {"between", "among"}]
    return [check_of(rule) for rule in found][:GROSSLY_FAILING]


def time_the_rest(survey: Survey, parts: list[Part], plain: Sequence[Check], result: SuiteResult) -> None:
    """The checks across columns, what to call back about, the other kinds, and the findings."""
    crossing, table = row_checks(), survey.tables[TABLE]
    across = timed(f"{len(crossing)} checks across columns", parts, lambda: run_suite(table, crossing))
    failures: list[Failures] = [*result.failures, *across.failures]
    failures = timed(
        "whom to call back", parts, lambda: with_suggestions(survey, failures, [*plain, *crossing])
    )
    if len(table.frame) <= LARGEST_FOR_ALL:
        for check in other_checks():
            failures += timed(f"`{check.id}`", parts, partial(FUNCTIONS[type(check)], survey, check))
        timed("findings", parts, lambda: findings_of(survey, failures))


if __name__ == "__main__":
    main()
