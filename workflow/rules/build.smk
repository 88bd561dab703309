# The enterprise panel with its flow of rows, and what describes it before any effect.
rule build:
    input:
        clean=[results(f"clean/{table}.parquet") for table in TABLES],
        removed=results("clean/removed.csv"),
    output:
        enterprise=results("panel/enterprise.parquet"),
        flow=report(
            results("panel/flow.csv"), caption="../report/flow.rst", category="Sample"
        ),
        exclusions=results("panel/exclusions.csv"),
        indicators=results("panel/indicators.parquet"),
        indices=results("tables/indices.csv"),
    log:
        log_of("build"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("build"),
        plan=section(STUDY.plan, design.Plan),
        outcomes=derivations(),
        rules=section(derivation_rules(STUDY), DerivationRules),
    script:
        "../../scripts/build.py"


rule describe:
    input:
        enterprise=results("panel/enterprise.parquet"),
    output:
        balance=report(
            results("tables/balance.csv"),
            caption="../report/balance.rst",
            category="Sample",
        ),
        attrition=results("tables/attrition.csv"),
        coverage=results("tables/coverage.csv"),
        means=results("tables/means.csv"),
        exposure=results("tables/exposure.csv"),
        power=results("tables/power.csv"),
        prior_power=results("tables/prior_power.csv"),
        before_after=results("tables/before_after.csv"),
    log:
        log_of("describe"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("describe"),
        plan=section(STUDY.plan, design.Plan),
        outcomes=derivations(),
        priors=section(STUDY.priors, tuple[derivation.Prior, ...]),
    script:
        "../../scripts/describe.py"
