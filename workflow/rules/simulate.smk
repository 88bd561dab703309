# Recovery of known effects over many drawn studies; `make simulate` asks for it, a report does not.
from impacteval.derivation import Prior
from impacteval.simulation.programme_study.reading import read_generator

GENERATOR = configured("generator.yaml")
SCENARIOS = (
    list(or_stop(read_generator, Path(GENERATOR)).scenarios)
    if Path(GENERATOR).is_file()
    else []
)
PRIMARY = tuple(o for o in STUDY.outcomes if o.role == "primary")


rule simulate_block:
    input:
        generator=GENERATOR,
    output:
        trials=results("simulation/{scenario}_{block}.csv"),
    log:
        log_of("simulate_block_{scenario}_{block}"),
    wildcard_constraints:
        scenario="[a-z][a-z0-9_.]*",
        block="[0-9]+",
    conda:
        ENVIRONMENT
    params:
        code=code_of("simulate_block"),
        plan=section(STUDY.plan, design.Plan),
        outcomes=section(PRIMARY, tuple[design.Outcome, ...]),
        rules=section(derivation_rules(STUDY), DerivationRules),
        seed=STUDY.study.seed,
        numbers=numbers_of_trials,
    script:
        "../../scripts/simulate_block.py"


rule recovery:
    input:
        generator=GENERATOR,
        trials=expand(
            results("simulation/{scenario}_{block}.csv"),
            scenario=SCENARIOS,
            block=range(-(-TRIALS // TRIALS_A_JOB)),
        ),
    output:
        recovery=results("simulation/recovery.csv"),
        diagnostics=results("simulation/diagnostics.csv"),
        power=results("simulation/power.csv"),
        bias=results("simulation/bias.svg"),
        coverage=results("simulation/coverage.svg"),
    log:
        log_of("recovery"),
    conda:
        ENVIRONMENT
    params:
        code=code_of("recovery"),
        plan=section(STUDY.plan, design.Plan),
        outcomes=section(PRIMARY, tuple[design.Outcome, ...]),
        priors=section(STUDY.priors, tuple[Prior, ...]),
    script:
        "../../scripts/recovery.py"
