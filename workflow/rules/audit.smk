# The manifest: what the results were made from, and every file that was made, by hash.
OUTPUTS = [
    *(rules.source.output if PACKAGED else ()),
    *rules.read.output,
    *rules.validate.output,
    *rules.pages.output,
    *rules.correct.output,
    *rules.build.output,
    *rules.describe.output,
    *(
        path.format(family=family)
        for family in STUDY.families
        for path in rules.estimate.output
    ),
    *rules.estimates.output,
    *rules.sensitivity.output,
    *rules.programme.output,
    *rules.figures.output,
    *rules.report.output,
]


rule manifest:
    input:
        outputs=OUTPUTS,
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
        synthetic=STUDY.study.synthetic,
    script:
        "../../scripts/manifest.py"
