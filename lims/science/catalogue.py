"""Every calculation by its name; a family's module is imported when one of its names is used.

A family is a module in `lims.science.cases` with a tuple `CALCULATIONS`. Adding one: write the
module, and append a line for each of its names below.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from lims.science.errors import BadInputs, ScienceError, UnknownCalculation
from lims.science.inputs import Inputs

_FAMILY_OF: dict[str, str] = {
    "generations": "genetic_stability",
    "mic_vs_cutoff": "genetic_stability",
    "maldi_call": "identity_calls",
    "proportion_ci": "viability",
    "flow_viable_count": "viability",
    "plaque_titre": "phage",
    "phage_lod": "phage",
    "efficiency_of_plating": "phage",
    "induction_call": "phage",
    "mpn_mle": "mpn",
    "kinetic_lysis": "phage",
    "weighted_mean_count": "plate_count",
    "bam_report": "plate_count",
    "censored_poisson_mle": "plate_count",
    "per_dose": "plate_count",
    "poisson_ci_exact": "count_uncertainty",
    "expanded_uncertainty_log10": "count_uncertainty",
    "index_of_dispersion": "count_uncertainty",
    "negative_binomial_mean_ci": "count_uncertainty",
    "bam_round": "rounding",
    "usp_7_20_compare": "rounding",
    "microbial_limit_max_acceptable": "rounding",
    "microbial_limit_verdict": "rounding",
    "scientific_limit_compare": "rounding",
    "sequence_identity": "identity",
    "similarity_call": "identity",
    "qpcr_standard_curve": "identity",
    "summary": "statistics",
    "linear_regression": "statistics",
    "cv_percent": "statistics",
    "one_sided_tolerance_factor": "statistics",
    "imr_limits": "spc",
    "nelson_rules": "spc",
    "capability": "spc",
    "grubbs_one_sided": "outliers",
    "grubbs_two_sided": "outliers",
    "dixon_r10": "outliers",
    "generalized_esd": "outliers",
    "oos_decision": "oos",
    "mean_kinetic_temperature": "cold_chain",
    "time_to_threshold": "plate_reader",
    "kinetic_lal": "endotoxin",
    "endotoxin_limit_and_mvd": "endotoxin",
    "ich_q1e_shelf_life": "shelf_life",
    "release_limit_lower": "shelf_life",
    "parallel_line_assay": "parallel_line",
    "fit_4pl": "dose_response",
    "fit_4pl_and_back_calculate": "dose_response",
    "nls_fit": "dose_response",
    "relative_potency_4pl": "dose_response",
    "combine_log_potencies": "dose_response",
}


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation as a validator sees it.

    Attributes:
        name: as in the reference cases and on the command line.
        function: what calculates; its docstring is the documentation.
        answer: reads the case's inputs, calls `function`, returns the expected keys.
        inputs: key and meaning with unit.
        units: key of the answer and its unit ("" for a pure number, a word or a verdict).
        source: chapter, standard or paper.
        example: inputs of a worked example.
    """

    name: str
    function: Callable[..., object]
    answer: Callable[[Inputs], Mapping[str, object]]
    inputs: Mapping[str, str]
    units: Mapping[str, str]
    source: str
    example: Mapping[str, object]


def names() -> tuple[str, ...]:
    return tuple(_FAMILY_OF)


def family(name: str) -> str:
    """The family a calculation belongs to.

    Raises:
        UnknownCalculation: nothing has this name.
    """
    if name not in _FAMILY_OF:
        raise UnknownCalculation(name)
    return _FAMILY_OF[name]


def find(name: str) -> Calculation:
    """The calculation of that name; imports its family.

    Raises:
        UnknownCalculation: nothing has this name.
    """
    module = import_module(f"lims.science.cases.{family(name)}")
    found: dict[str, Calculation] = {each.name: each for each in module.CALCULATIONS}
    return found[name]


def every() -> Iterator[Calculation]:
    """All calculations, in the order of the catalogue; imports all families."""
    return (find(name) for name in names())


@dataclass(frozen=True, slots=True)
class Answer:
    """The expected keys, and the keys of the inputs that the calculation did not look at."""

    keys: Mapping[str, object]
    unread: tuple[str, ...]


def calculate(name: str, data: object) -> Answer:
    """Run a calculation on the `inputs` object of a case.

    Raises:
        UnknownCalculation: nothing has this name.
        BadInputs: a key is missing, mistyped or impossible.
        NoAnswer: the method gives no number for these inputs.
    """
    calculation = find(name)
    inputs = Inputs(data)
    try:
        keys = calculation.answer(inputs)
    except ScienceError:
        raise
    except (ArithmeticError, ValueError) as error:
        # The edge of what floating point can do (1e308 colonies): a refusal, never a traceback.
        raise BadInputs(f"{name} cannot be calculated from these values ({error}).") from error
    return Answer(keys, inputs.unread())
