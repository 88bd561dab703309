# What the programme delivered and cost, beside its effects.
rule programme:
    input:
        clean=[results(f"clean/{table}.parquet") for table in TABLES],
        enterprise=results("panel/enterprise.parquet"),
        estimates=results("tables/estimates.csv"),
    output:
        monitoring=results("tables/monitoring.csv"),
        costs=results("tables/costs.csv"),
        unit_costs=results("tables/unit_costs.csv"),
    log:
        log_of("programme"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("programme"),
        plan=section(STUDY.plan, design.Plan),
        outcomes=section(STUDY.outcomes, tuple[design.Outcome, ...]),
        account=section(STUDY.account, Account),
    script:
        "../../scripts/programme.py"
