# Every check on the raw and on the corrected data, then the corrections themselves.
rule validate:
    input:
        text=[results(f"read/{table}_text.parquet") for table in TABLES],
        corrections=configured("corrections.csv"),
    output:
        findings=report(
            results("validation/findings.csv"),
            caption="../report/findings.rst",
            category="Data quality",
        ),
        summary=results("validation/summary.csv"),
        suites=[results(f"validation/gx/{table}.json") for table in TABLES],
    log:
        log_of("validate"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("validate"),
        plan=section(STUDY.plan, design.Plan),
        codebook=section(STUDY.codebook, study_config.Codebook),
        checks=section(
            study_config.ChecksFile(checks=STUDY.checks), study_config.ChecksFile
        ),
    script:
        "../../scripts/validate.py"


rule correct:
    input:
        text=[results(f"read/{table}_text.parquet") for table in TABLES],
        corrections=configured("corrections.csv"),
        findings=results("validation/findings.csv"),
    output:
        clean=[results(f"clean/{table}.parquet") for table in TABLES],
        applied=results("clean/corrections_applied.csv"),
    log:
        log_of("correct"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("correct"),
        codebook=section(STUDY.codebook, study_config.Codebook),
    script:
        "../../scripts/correct.py"
