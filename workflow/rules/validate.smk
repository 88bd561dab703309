# Every check on the raw and on the corrected data, then the corrections themselves.
rule validate:
    input:
        text=[results(f"read/{table}_text.parquet") for table in TABLES],
        files=results("read/files.csv"),
        corrections=configured("corrections.csv"),
        decided=DECIDED,
        forms=FORMS,
    output:
        findings=report(
            results("validation/findings.csv"),
            caption="../report/findings.rst",
            category="Data quality",
        ),
        tables=[results(f"validation/{name}.csv") for name in TABLE_NAMES],
        suites=[
            results(f"validation/gx/{table}{part}.json")
            for table in TABLES
            for part in ("", "_suite")
        ],
    log:
        log_of("validate"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("validate"),
        rules=section(STUDY.rules, Rules),
        forms=forms_folder,
    script:
        "../../scripts/validate.py"


rule pages:
    input:
        findings=results("validation/findings.csv"),
        tables=[results(f"validation/{name}.csv") for name in TABLE_NAMES],
        summary=results("read/summary.csv"),
    output:
        pages=[results(f"validation/{name}") for name in PAGES],
    log:
        log_of("pages"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("pages"),
        told=section(STUDY.told, Told),
    script:
        "../../scripts/pages.py"


rule correct:
    input:
        text=[results(f"read/{table}_text.parquet") for table in TABLES],
        corrections=configured("corrections.csv"),
        withdrawals=WITHDRAWALS,
        findings=results("validation/findings.csv"),
    output:
        clean=[results(f"clean/{table}.parquet") for table in TABLES],
        applied=results("clean/corrections_applied.csv"),
        removed=results("clean/removed.csv"),
    log:
        log_of("correct"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("correct"),
        rules=section(STUDY.rules.log, LogRules),
    script:
        "../../scripts/correct.py"
