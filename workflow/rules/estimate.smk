# One job a family of outcomes estimates every design; one job puts the families together.
rule estimate:
    input:
        enterprise=results("panel/enterprise.parquet"),
    output:
        rows=results("estimates/{family}.csv"),
        cells=results("estimates/{family}_cells.csv"),
        influence=results("estimates/{family}.npz"),
    log:
        log_of("estimate_{family}"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("estimate"),
        study=STUDY.name,
        seed=STUDY.study.seed,
        plan=section(STUDY.plan, design.Plan),
        outcomes=outcomes_section,
    script:
        "../../scripts/estimate.py"


rule estimates:
    input:
        rows=[results(f"estimates/{family}.csv") for family in STUDY.families],
        cells=[results(f"estimates/{family}_cells.csv") for family in STUDY.families],
    output:
        estimates=report(
            results("tables/estimates.csv"),
            caption="../report/estimates.rst",
            category="Effects",
        ),
        event_study=results("tables/event_study.csv"),
        cells=results("tables/cells.csv"),
    log:
        log_of("estimates"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("estimates"),
    script:
        "../../scripts/estimates.py"
