# What would have to be true for the findings to fall.
rule sensitivity:
    input:
        enterprise=results("panel/enterprise.parquet"),
        estimates=results("tables/estimates.csv"),
        influence=[results(f"estimates/{family}.npz") for family in STUDY.families],
    output:
        sensitivity=report(
            results("tables/sensitivity.csv"),
            caption="../report/sensitivity.rst",
            category="Effects",
        ),
        specifications=results("tables/specifications.csv"),
        bounds=results("tables/bounds.csv"),
        crosscheck=results("tables/crosscheck.csv"),
    log:
        log_of("sensitivity"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("sensitivity"),
        seed=STUDY.study.seed,
        plan=section(STUDY.plan, design.Plan),
        outcomes=section(STUDY.outcomes, tuple[design.Outcome, ...]),
    script:
        "../../scripts/sensitivity.py"
