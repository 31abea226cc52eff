"""Cases of the uncertainty of counts."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.count_uncertainty import (
    CONFIDENCE,
    COVERAGE_FACTOR,
    expanded_uncertainty,
    index_of_dispersion,
    negative_binomial_interval,
    poisson_interval,
)
from lims.science.inputs import Inputs
from lims.science.outcome import Interval

_WALD = "wald_on_log_mean_var=(1/mu+1/k)/n"


def _poisson(inputs: Inputs) -> Mapping[str, object]:
    found = poisson_interval(inputs.count("count"), inputs.fraction("confidence", CONFIDENCE))
    return {"lower": found.lower, "upper": found.upper}


def _iso_19036(inputs: Inputs) -> Mapping[str, object]:
    found = expanded_uncertainty(
        inputs.count("sum_counts"),
        inputs.number("sR"),
        inputs.number("log10_result"),
        inputs.positive("k", COVERAGE_FACTOR),
        trace=False,
    )
    lower, upper = _ends(found.interval)
    return {"U": found.value, **found.details, "lower_log10": lower, "upper_log10": upper}


def _dispersion(inputs: Inputs) -> Mapping[str, object]:
    return index_of_dispersion(inputs.counts("counts"), trace=False).details


def _negative_binomial(inputs: Inputs) -> Mapping[str, object]:
    inputs.choice("interval", (_WALD,), _WALD)
    confidence = inputs.fraction("confidence", CONFIDENCE)
    found = negative_binomial_interval(inputs.counts("counts"), confidence, trace=False)
    lower, upper = _ends(found.interval)
    return {"mean": found.value, "k": found.details["k"], "lower": lower, "upper": upper}


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.lower, interval.upper)


CALCULATIONS = (
    Calculation(
        name="poisson_ci_exact",
        function=poisson_interval,
        answer=_poisson,
        inputs={"count": "colonies, the sum over plates", "confidence": "two-sided; default 0.95"},
        units={"lower": "colonies", "upper": "colonies"},
        source="Garwood 1936, Biometrika 28:437",
        example={"count": 5, "confidence": 0.95},
    ),
    Calculation(
        name="expanded_uncertainty_log10",
        function=expanded_uncertainty,
        answer=_iso_19036,
        inputs={
            "sum_counts": "colonies on all plates used",
            "sR": "reproducibility standard deviation, log10",
            "k": "coverage factor; default 2",
            "log10_result": "log10 CFU per unit",
        },
        units={
            "U": "log10",
            "U_reported": "log10, two decimals",
            "lower_log10": "log10 CFU per unit",
            "upper_log10": "log10 CFU per unit",
        },
        source="ISO 19036:2019; ISO/TS 19036:2006/Amd 1:2009",
        example={"sum_counts": 110, "sR": 0.15, "k": 2, "log10_result": 5},
    ),
    Calculation(
        name="index_of_dispersion",
        function=index_of_dispersion,
        answer=_dispersion,
        inputs={"counts": "colonies on replicate plates of one dilution and volume"},
        units={
            "mean": "colonies",
            "D2": "",
            "df": "",
            "p": "",
            "variance_to_mean": "",
        },
        source="Fisher, Thornton & Mackenzie 1922, Ann Appl Biol 9:325",
        example={"counts": [63, 71, 58]},
    ),
    Calculation(
        name="negative_binomial_mean_ci",
        function=negative_binomial_interval,
        answer=_negative_binomial,
        inputs={
            "counts": "colonies on replicate plates",
            "confidence": "two-sided; default 0.95",
            "interval": f"only {_WALD}",
        },
        units={"mean": "colonies", "k": "", "lower": "colonies", "upper": "colonies"},
        source="Lawless 1987, Can J Stat 15:209",
        example={"counts": [62, 105, 88, 140, 71, 96], "confidence": 0.95},
    ),
)
