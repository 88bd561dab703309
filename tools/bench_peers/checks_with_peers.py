"""Time one package on the rules of ``checks_table``, and print what it took and found as JSON.

Run by the Python of the package that is measured, from the project's folder:
``python -m tools.bench_peers.checks_with_peers pandera FOLDER``, where the folder holds the typed table
(``table.parquet``) and the rules (``rules.json``).
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from tools.bench_peers.checks_table import Rule, read_rules
from tools.bench_peers.measure import peak_bytes

# A package that wants more stops, and not the machine.
MOST_BYTES = 8 * 10**9


def with_pandera(frame: pd.DataFrame, rules: Sequence[Rule]) -> dict[str, int]:
    """Failing rows by rule; all rules run."""
    import pandera.pandas as pa  # type: ignore[import-not-found]

    checks: dict[str, list[pa.Check]] = {}
    nullable = dict.fromkeys(frame.columns, True)
    for rule in rules:
        mine = checks.setdefault(rule.column, [])
        if rule.kind == "present":
            nullable[rule.column] = False
        elif rule.kind == "between":
            mine.append(pa.Check.between(rule.low, rule.high, error=rule.id))
        elif rule.kind == "among":
            mine.append(pa.Check.isin(rule.allowed, error=rule.id))
    typed = {c: pa.Column(frame[c].dtype, mine, nullable=nullable[c], name=c) for c, mine in checks.items()}
    try:
        pa.DataFrameSchema(typed).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        counts = errors.failure_cases.groupby(["column", "check"]).size()
        return {
            f"{column}-present" if check == "not_nullable" else str(check): int(n)
            for (column, check), n in counts.items()
        }
    return {}


def with_pointblank(frame: pd.DataFrame, rules: Sequence[Rule]) -> dict[str, int]:
    """Failing rows by rule."""
    import pointblank as pb  # type: ignore[import-not-found]

    plan = pb.Validate(frame)
    for rule in rules:
        if rule.kind == "present":
            plan = plan.col_vals_not_null(rule.column)
        elif rule.kind == "between":
            plan = plan.col_vals_between(rule.column, rule.low, rule.high, na_pass=True)
        elif rule.kind == "among":
            plan = plan.col_vals_in_set(rule.column, [*rule.allowed, None])
        else:
            plan = plan.col_exists(rule.column)
    failed = plan.interrogate().n_failed()
    return {rule.id: int(n) for rule, n in zip(rules, failed.values(), strict=True) if n}


PACKAGES: dict[str, Callable[[pd.DataFrame, Sequence[Rule]], dict[str, int]]] = {
    "pandera": with_pandera,
    "pointblank": with_pointblank,
}


def main() -> None:
    """Measure as the command line says: package and folder."""
    name, folder = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    warnings.simplefilter("ignore")
    frame, rules = pd.read_parquet(Path(folder) / "table.parquet"), read_rules(Path(folder) / "rules.json")
    check = PACKAGES[name]
    check(frame.head(200), rules)
    begun = time.process_time()
    try:
        found = check(frame, rules)
    except MemoryError:
        raise SystemExit(f"wants more than {MOST_BYTES // 10**9} GB") from None
    taken = time.process_time() - begun
    result = {"seconds": taken, "peak": peak_bytes(), "found": found, "version": version(name)}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
