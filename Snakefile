# From raw survey files to an evaluation report; `make report` runs it, `make report STUDY=dandora` for another study.
from snakemake.utils import min_version

min_version("9.27")


configfile: workflow.source_path("config/default.yaml")


include: "workflow/rules/common.smk"
include: "workflow/rules/read.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/build.smk"
include: "workflow/rules/estimate.smk"
include: "workflow/rules/sensitivity.smk"
include: "workflow/rules/programme.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/simulate.smk"


rule all:
    default_target: True
    input:
        report=results("report/en/report.html"),
        manifest=results("audit/manifest.json"),
