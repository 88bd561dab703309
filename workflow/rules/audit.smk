# The manifest: what the results were made from, and every file that was made, by hash.
rule manifest:
    input:
        report=results("report/en/report.html"),
        figures=results("report/en/figures"),
        estimates=results("tables/estimates.csv"),
        applied=results("clean/corrections_applied.csv"),
        raw=[f"{RAW_FOLDER}/{file}" for file in FILES],
        config=[configured(name) for name in CONFIG_FILES],
    output:
        manifest=results("audit/manifest.json"),
    log:
        log_of("manifest"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("manifest"),
        codes=CODES,
        lock=PACKAGE_LOCK,
        name=STUDY.name,
        seed=STUDY.study.seed,
    script:
        "../../scripts/manifest.py"
