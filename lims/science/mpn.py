"""Most probable number: the density that makes a pattern of positive tubes most likely.

Printed tables round, and their intervals use other algorithms: do not expect equality.
Source: FDA BAM appendix 2; Blodgett 2005, Food Microbiol 22:39; Ridout 1994, Biometrics 50:1183.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, expm1, inf, lgamma, log, sqrt

from lims.science.count_uncertainty import CONFIDENCE
from lims.science.distributions import chi2_quantile, normal_within, zero_of_falling
from lims.science.errors import BadInputs
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.rounding import exact, plain_text, to_figures
from lims.science.trace import Tracing, operation, tracing

CAUTION_BELOW = 0.05  # default: a rarer pattern asks for caution
IMPROBABLE_BELOW = 0.01  # default: a rarer pattern is not used without review
_MOST_TUBES = 1_000_000
ONE_SIDED = 0.95  # of the bounds printed when all tubes agree


@dataclass(frozen=True, slots=True)
class Level:
    """One dilution level: how many of `tubes` grew, each inoculated with `amount` of sample."""

    positive: int
    tubes: int
    amount: float

    def __post_init__(self) -> None:
        countable = 0 <= self.positive <= self.tubes and 1 <= self.tubes <= _MOST_TUBES
        if not countable or not self.amount > 0:
            raise BadInputs(
                f"{self.positive} of {self.tubes} tubes with {self.amount} each cannot be."
            )


def most_probable_number(
    levels: Sequence[Level],
    confidence: float = CONFIDENCE,
    *,
    unit: str = "MPN/g",
    trace: bool = True,
) -> Outcome:
    """Exact maximum likelihood MPN with profile likelihood and log-normal limits.

    Args:
        levels: in any order; amounts in the unit the result is per (g or mL of sample).
        confidence: two-sided.
        unit: of the result.
        trace: keep the steps.

    Returns:
        MPN per unit; the interval is that of the profile likelihood, `details` has wald_lower,
        wald_upper (log-normal with observed information) and rarity_index. All tubes negative: `<`
        the MPN of one positive tube at the smallest amount, details upper_one_sided_95. All
        positive: `>` the MPN of one less positive there, details lower_one_sided_95.
        `details["mpn"]` is then 0 or infinite.

    Raises:
        BadInputs: no levels.

    Source: FDA BAM appendix 2; Blodgett 2005, Food Microbiol 22:39; Ridout 1994.
    """
    if not levels:
        raise BadInputs("At least one level of tubes is needed.")
    steps = tracing(trace)
    positive = sum(level.positive for level in levels)
    if positive == 0 or positive == sum(level.tubes for level in levels):
        return _all_alike(levels, unit, steps)
    return _mixed(levels, confidence, unit, steps)


def mpn_text(outcome: Outcome) -> str:
    """Two significant figures with the qualifier: `43`, `<3.0`, `>1100`."""
    assert isinstance(outcome.value, float)  # noqa: S101 -- most_probable_number gives floats
    sign = "" if outcome.qualifier is Qualifier.EQUAL else str(outcome.qualifier)
    return sign + plain_text(to_figures(exact(outcome.value)))


# --- operations ------------------------------------------------------------------------------

Numbers = Sequence[float]


@operation("λ solves Σ x v/(1 − e^(−λv)) = Σ n v")
def maximum_likelihood(positive: Numbers, tubes: Numbers, amount: Numbers) -> float:
    """The MPN of a pattern in which some but not all tubes are positive."""
    wanted = sum(n * v for n, v in zip(tubes, amount, strict=True))

    def excess(density: float) -> float:
        pairs = zip(positive, amount, strict=True)
        return sum(x * v / -expm1(-density * v) for x, v in pairs if x) - wanted

    return zero_of_falling(excess, 1 / max(amount))


@operation("2 [ln L(λ) − ln L(lower)] = χ²(confidence; 1)")
def profile_lower(
    positive: Numbers, tubes: Numbers, amount: Numbers, mpn: float, confidence: float
) -> float:
    drop = _drop(positive, tubes, amount, mpn, confidence)
    return zero_of_falling(lambda density: -drop(density), mpn / 2)


@operation("2 [ln L(λ) − ln L(upper)] = χ²(confidence; 1)")
def profile_upper(
    positive: Numbers, tubes: Numbers, amount: Numbers, mpn: float, confidence: float
) -> float:
    return zero_of_falling(_drop(positive, tubes, amount, mpn, confidence), mpn)


@operation("Var(λ) = 1/Σ x v² e^(−λv)/(1 − e^(−λv))²; SE(ln λ) = √Var/λ")
def log_error(positive: Numbers, amount: Numbers, mpn: float) -> float:
    """Standard error of ln λ from the observed information."""
    information = sum(
        x * v**2 * exp(-mpn * v) / expm1(-mpn * v) ** 2
        for x, v in zip(positive, amount, strict=True)
    )
    return sqrt(1 / information) / mpn


@operation("λ e^(z SE)")
def wald_limit(mpn: float, z: float, se: float) -> float:
    return mpn * exp(z * se)


@operation("L(pattern)/L(most likely pattern at λ)")
def rarity(positive: Numbers, tubes: Numbers, amount: Numbers, mpn: float) -> float:
    """1 for the most likely pattern, near 0 for one that dilution errors would explain better."""
    ratio = 0.0
    for x, n, v in zip(positive, tubes, amount, strict=True):
        p = -expm1(-mpn * v)
        mode = min(n, int((n + 1) * p))
        ratio += _log_binomial(x, n, mpn * v) - _log_binomial(mode, n, mpn * v)
    return min(1.0, exp(ratio))


@operation("upper = −ln(1 − confidence)/Σ n v")
def upper_of_none(tubes: Numbers, amount: Numbers, confidence: float) -> float:
    """One-sided upper bound when every tube is negative."""
    return -log(1 - confidence) / sum(n * v for n, v in zip(tubes, amount, strict=True))


@operation("lower solves Π (1 − e^(−λv))^n = 1 − confidence")
def lower_of_all(tubes: Numbers, amount: Numbers, confidence: float) -> float:
    """One-sided lower bound when every tube is positive."""

    def excess(density: float) -> float:
        found = sum(n * _log_positive(density * v) for n, v in zip(tubes, amount, strict=True))
        return log(1 - confidence) - found

    return zero_of_falling(excess, 1 / max(amount))


# --- parts -----------------------------------------------------------------------------------


def _mixed(levels: Sequence[Level], confidence: float, unit: str, steps: Tracing) -> Outcome:
    x, n, v = _columns(levels)
    mpn = steps.step("MPN", unit, maximum_likelihood, positive=x, tubes=n, amount=v)
    interval = _profile(levels, mpn, confidence, unit, steps)
    se = steps.step("standard error of ln MPN", "", log_error, positive=x, amount=v, mpn=mpn)
    z = normal_within(confidence)
    index = steps.step("rarity", "", rarity, positive=x, tubes=n, amount=v, mpn=mpn)
    details = {
        "mpn": mpn,
        "rarity_index": index,
        "wald_lower": steps.step("log-normal lower", unit, wald_limit, mpn=mpn, z=-z, se=se),
        "wald_upper": steps.step("log-normal upper", unit, wald_limit, mpn=mpn, z=z, se=se),
    }
    return Outcome(
        mpn,
        unit=unit,
        interval=interval,
        warnings=_rarity_warning(index),
        trace=steps.steps,
        details=details,
    )


def _profile(
    levels: Sequence[Level], mpn: float, confidence: float, unit: str, steps: Tracing
) -> Interval:
    x, n, v = _columns(levels)
    lower, upper = (
        steps.step(name, unit, limit, positive=x, tubes=n, amount=v, mpn=mpn, confidence=confidence)
        for name, limit in (("lower limit", profile_lower), ("upper limit", profile_upper))
    )
    return Interval(lower, upper, confidence, "profile likelihood")


def _rarity_warning(index: float) -> tuple[str, ...]:
    if index < IMPROBABLE_BELOW:
        return ("Improbable pattern of tubes: do not use without review.",)
    if index < CAUTION_BELOW:
        return ("Unusual pattern of tubes: use with caution.",)
    return ()


def _all_alike(levels: Sequence[Level], unit: str, steps: Tracing) -> Outcome:
    _, n, v = _columns(levels)
    none = levels[0].positive == 0
    bound = steps.step("bound", unit, nearest_mixed, tubes=n, amount=v, none=none)
    limit = upper_of_none if none else lower_of_all
    one_sided = steps.step("one-sided limit", unit, limit, tubes=n, amount=v, confidence=ONE_SIDED)
    key = "upper_one_sided_95" if none else "lower_one_sided_95"
    interval = (
        Interval(0.0, one_sided, ONE_SIDED, "one-sided")
        if none
        else Interval(one_sided, None, ONE_SIDED, "one-sided")
    )
    return Outcome(
        bound,
        Qualifier.LESS if none else Qualifier.GREATER,
        unit,
        interval,
        trace=steps.steps,
        details={"mpn": 0 if none else inf, key: one_sided},
    )


@operation("MPN with one tube changed at the smallest amount")
def nearest_mixed(tubes: Numbers, amount: Numbers, none: bool) -> float:  # noqa: FBT001
    """The MPN that all-negative results lie below and all-positive results lie above.

    One positive tube at the smallest amount, or one negative tube there. A single tube in all
    has no such neighbour: its bound is the limit at even odds, ln 2/v.
    """
    if sum(tubes) == 1:
        return log(2) / amount[0]
    last = min(range(len(amount)), key=amount.__getitem__)
    pattern = [0.0 if none else n for n in tubes]
    pattern[last] += 1 if none else -1
    return maximum_likelihood(pattern, tubes, amount)


def _columns(
    levels: Sequence[Level],
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[float, ...]]:
    return (
        tuple(level.positive for level in levels),
        tuple(level.tubes for level in levels),
        tuple(float(level.amount) for level in levels),
    )


def _log_positive(mean: float) -> float:
    """ln(1 − e^(−mean))."""
    return log(-expm1(-mean))


def _log_likelihood(positive: Numbers, tubes: Numbers, amount: Numbers, density: float) -> float:
    return sum(
        (x * _log_positive(density * v) if x else 0.0) - (n - x) * density * v
        for x, n, v in zip(positive, tubes, amount, strict=True)
    )


def _log_binomial(x: float, n: float, mean: float) -> float:
    ways = lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1)
    return ways + (x * _log_positive(mean) if x else 0.0) - (n - x) * mean


def _drop(
    positive: Numbers, tubes: Numbers, amount: Numbers, mpn: float, confidence: float
) -> Callable[[float], float]:
    best = _log_likelihood(positive, tubes, amount, mpn)
    allowed = chi2_quantile(confidence, 1) / 2
    return lambda density: _log_likelihood(positive, tubes, amount, density) - best + allowed
