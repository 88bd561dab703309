# The report: figures from tables, then pages from tables and figures; nothing is computed again.

REPORT_TABLES = (
    "estimates",
    "event_study",
    "cells",
    "balance",
    "attrition",
    "coverage",
    "means",
    "exposure",
    "power",
    "sensitivity",
    "specifications",
    "bounds",
    "crosscheck",
    "prior_power",
    "before_after",
    "monitoring",
    "costs",
    "unit_costs",
    "indices",
)


rule figures:
    input:
        tables=[results(f"tables/{name}.csv") for name in REPORT_TABLES],
        flow=results("panel/flow.csv"),
        findings=results("validation/findings.csv"),
        checks=results("validation/summary.csv"),
        read=results("read/summary.csv"),
        corrections=results("clean/corrections_applied.csv"),
    output:
        folder=directory(results("report/en/figures")),
    log:
        log_of("figures"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("figures"),
        name=STUDY.name,
        study=section(STUDY.study, design.Study),
        plan=section(STUDY.plan, design.Plan),
        outcomes=section(STUDY.outcomes, tuple[design.Outcome, ...]),
        codebook=section(STUDY.codebook, study_config.Codebook),
        derived=section(STUDY.derived, tuple[derivation.DerivedColumn, ...]),
    script:
        "../../scripts/figures.py"


rule report:
    input:
        figures=results("report/en/figures"),
        tables=[results(f"tables/{name}.csv") for name in REPORT_TABLES],
        flow=results("panel/flow.csv"),
        findings=results("validation/findings.csv"),
        checks=results("validation/summary.csv"),
        read=results("read/summary.csv"),
        corrections=results("clean/corrections_applied.csv"),
        form_changes=results("validation/form_changes.csv"),
        raw=[f"{RAW_FOLDER}/{file}" for file in FILES],
        config=[configured(name) for name in CONFIG_FILES],
    output:
        report=results("report/en/report.html"),
        codebook=results("report/en/codebook.html"),
    log:
        log_of("report"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("report"),
        lock=PACKAGE_LOCK,
        name=STUDY.name,
        study=section(STUDY.study, design.Study),
        plan=section(STUDY.plan, design.Plan),
        outcomes=section(STUDY.outcomes, tuple[design.Outcome, ...]),
        codebook=section(STUDY.codebook, study_config.Codebook),
        derived=section(STUDY.derived, tuple[derivation.DerivedColumn, ...]),
        account=section(STUDY.account, Account),
    script:
        "../../scripts/report.py"
