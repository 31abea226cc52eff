"""Cases of plate counts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs, as_decimal
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.plate_count import BAM, Code, Plate, Profile, estimate, weighted_mean
from lims.science.preparations import per_dose
from lims.science.rounding import RoundingRule, exact, plain_text, scientific, to_figures
from lims.science.tntc import Counted, Overgrown, censored_estimate

_EXACT = "exact_poisson_on_sum"
_AT_LEAST = "count >= limit"
_MORE_THAN = "count > limit"
_PROFILE = "profile_likelihood_95"


def _weighted_mean(inputs: Inputs) -> Mapping[str, object]:
    inputs.choice("ci", (_EXACT,), _EXACT)
    plates = [plate for row in inputs.rows("plates") for plate in _plates(row)]
    found = weighted_mean(plates, trace=False)
    lower, upper = _ends(found.interval)
    counted = found.qualifier is Qualifier.EQUAL
    return {
        "sum_counts": found.details["sum_counts"],
        "cfu_per_unit": found.value if counted else 0,
        "log10": found.details["log10"],
        "ci95_lower": lower,
        "ci95_upper": upper,
        "reported": _scientific(found),
    }


def _plates(row: Inputs) -> list[Plate]:
    dilution, volume = exact(row.positive("dilution")), exact(row.positive("volume_ml", 1))
    return [Plate(dilution, volume, reading) for reading in _readings(row.raw("counts"), "counts")]


def _readings(values: object, name: str) -> list[int | Code]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise BadInputs(f"{name} must be a list of counts.")
    return [_reading(value, f"{name}[{at}]") for at, value in enumerate(values)]


def _reading(value: object, name: str) -> int | Code:
    if isinstance(value, str) and value in set(Code):
        return Code(value)
    number = as_decimal(value, name)
    if number != number.to_integral_value() or number < 0:
        raise BadInputs(f"{name} must be a whole number from 0, or TNTC, SPR or LA, not {value!r}.")
    return int(number)


def _scientific(found: Outcome) -> str:
    assert isinstance(found.value, Decimal)  # noqa: S101 -- weighted_mean gives decimals
    sign = "" if found.qualifier is Qualifier.EQUAL else str(found.qualifier)
    return sign + scientific(to_figures(found.value))


def _bam_report(inputs: Inputs) -> Mapping[str, object]:
    low, high = _range(inputs)
    profile = replace(BAM, minimum=low, maximum=high)
    return {"reported": [_bam_text(row, profile) for row in inputs.rows("rows")]}


def _range(inputs: Inputs) -> tuple[int, int]:
    if not inputs.has("countable"):
        return BAM.minimum, BAM.maximum
    match inputs.counts("countable"):
        case (low, high):
            return low, high
    raise BadInputs("countable must be a list of the least and the largest count.")


def _bam_text(row: Inputs, profile: Profile) -> str:
    volume = exact(row.positive("volume_ml", 1))
    dilutions, groups = row.numbers("dilutions"), row.lists("counts")
    if len(dilutions) != len(groups):
        raise BadInputs("Each dilution needs its list of counts.")
    plates = [
        Plate(exact(dilution), volume, reading)
        for dilution, group in zip(dilutions, groups, strict=True)
        for reading in _readings(group, "counts")
    ]
    found = estimate(plates, profile, trace=False)
    if not isinstance(found.value, Decimal):
        return "/".join(sorted({str(plate.reading) for plate in plates})) or "no plates"
    sign = "" if found.qualifier is Qualifier.EQUAL else str(found.qualifier)
    if found.qualifier in {Qualifier.LESS, Qualifier.GREATER}:
        return sign + plain_text(_whole(found.value))
    return sign + plain_text(_whole(to_figures(found.value, 2, RoundingRule.BAM)))


def _whole(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if whole == value else value


def _censored(inputs: Inputs) -> Mapping[str, object]:
    more = inputs.choice("censoring", (_AT_LEAST, _MORE_THAN), _AT_LEAST) == _MORE_THAN
    inputs.choice("ci", (_PROFILE,), _PROFILE)
    counted = _pairs(inputs, "counts", "volumes")
    overgrown = _pairs(inputs, "tntc_limits", "tntc_volumes")
    found = censored_estimate(
        [Counted(count, volume) for count, volume in counted],
        [Overgrown(limit + more, volume) for limit, volume in overgrown],
        trace=False,
    )
    lower, upper = _ends(found.interval)
    return {"estimate": found.value, "lower": lower, "upper": upper}


def _pairs(inputs: Inputs, numbers: str, volumes: str) -> list[tuple[int, float]]:
    if not inputs.has(numbers) and not inputs.has(volumes):
        return []
    left, right = inputs.counts(numbers), inputs.numbers(volumes)
    if len(left) != len(right):
        raise BadInputs(f"{numbers} and {volumes} must have the same length.")
    return list(zip(left, right, strict=True))


def _per_dose(inputs: Inputs) -> Mapping[str, object]:
    measure = "ml" if inputs.has("cfu_per_ml") else "g"
    density = exact(inputs.positive(f"cfu_per_{measure}"))
    fill = exact(inputs.positive(f"dose_fill_{measure}"))
    label = inputs.optional_number("label_claim_cfu_per_dose")
    found = per_dose(
        Outcome(density, unit=f"CFU/{measure}"),
        fill,
        None if label is None else exact(label),
        trace=False,
    )
    answer: dict[str, object] = {
        "cfu_per_dose": found.value,
        "percent_of_label": None,
        **found.details,
    }
    allowed = inputs.optional_number("overage_limit_percent")
    share = found.details.get("percent_of_label")
    if allowed is not None and isinstance(share, Decimal):
        answer["within_overage_limit"] = share <= exact(allowed)
    return answer


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.lower, interval.upper)


CALCULATIONS = (
    Calculation(
        name="weighted_mean_count",
        function=weighted_mean,
        answer=_weighted_mean,
        inputs={
            "plates": "list of {dilution: fraction, volume_ml: mL, counts: colonies}, accepted",
            "ci": f"only {_EXACT}",
        },
        units={
            "sum_counts": "colonies",
            "cfu_per_unit": "CFU per mL of the zero dilution",
            "log10": "log10 CFU per mL; null without colonies",
            "ci95_lower": "CFU per mL",
            "ci95_upper": "CFU per mL",
            "reported": "CFU per mL, two figures",
        },
        source="ISO 7218:2007 clause 10.3.2; FDA BAM chapter 3; Garwood 1936",
        example={
            "plates": [
                {"dilution": 0.01, "volume_ml": 1, "counts": [232, 244]},
                {"dilution": 0.001, "volume_ml": 1, "counts": [33, 28]},
            ]
        },
    ),
    Calculation(
        name="bam_report",
        function=estimate,
        answer=_bam_report,
        inputs={
            "rows": "list of {dilutions: fractions, counts: list of colonies or TNTC, SPR, LA for "
            "each dilution, volume_ml: mL, default 1}",
            "countable": "least and largest countable number; default 25 and 250",
        },
        units={"reported": "CFU per mL as text: 24000, <2500, ~310000, >250000"},
        source="FDA BAM chapter 3",
        example={
            "rows": [
                {"dilutions": [0.01, 0.001], "counts": [[18], [2]]},
                {"dilutions": [0.01, 0.001], "counts": [[232, 244], [33, 28]]},
            ],
            "countable": [25, 250],
        },
    ),
    Calculation(
        name="censored_poisson_mle",
        function=censored_estimate,
        answer=_censored,
        inputs={
            "counts": "colonies on counted plates",
            "volumes": "mL of undiluted sample on counted plates",
            "tntc_volumes": "mL of undiluted sample on TNTC plates",
            "tntc_limits": "colonies from which a plate is TNTC",
            "censoring": f"{_AT_LEAST} (default) or {_MORE_THAN}",
            "ci": f"only {_PROFILE}",
        },
        units={"estimate": "CFU/mL", "lower": "CFU/mL", "upper": "CFU/mL"},
        source="Haas & Heller 1988, Appl Environ Microbiol 54:2069",
        example={
            "counts": [10, 12, 23, 48, 63],
            "volumes": [1, 1, 1, 5, 5],
            "tntc_volumes": [5, 10, 10],
            "tntc_limits": [80, 80, 80],
        },
    ),
    Calculation(
        name="per_dose",
        function=per_dose,
        answer=_per_dose,
        inputs={
            "cfu_per_g": "CFU/g (or cfu_per_ml: CFU/mL)",
            "dose_fill_g": "g per dose (or dose_fill_ml: mL per dose)",
            "label_claim_cfu_per_dose": "CFU/dose, may be left out",
            "overage_limit_percent": "% of label, may be null",
        },
        units={
            "cfu_per_dose": "CFU/dose",
            "log10": "log10 CFU/dose",
            "percent_of_label": "%, or null",
        },
        source="definition",
        example={
            "cfu_per_g": 420000000000,
            "dose_fill_g": 0.25,
            "label_claim_cfu_per_dose": 100000000000,
        },
    ),
)
