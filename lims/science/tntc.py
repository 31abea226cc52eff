"""The estimate that also uses plates too numerous to count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, inf, log

from lims.science.count_uncertainty import CONFIDENCE
from lims.science.distributions import chi2_quantile, gamma_share, log_factorial, zero_of_falling
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.plates import Code, Plate, Profile
from lims.science.trace import operation, tracing


@dataclass(frozen=True, slots=True)
class Counted:
    """A counted plate: colonies, and the undiluted sample on it (mL)."""

    colonies: int
    volume: float


@dataclass(frozen=True, slots=True)
class Overgrown:
    """A TNTC plate: it bears at least `limit` colonies from `volume` (mL undiluted)."""

    limit: int
    volume: float


def censored_estimate(
    counted: Sequence[Counted],
    overgrown: Sequence[Overgrown],
    confidence: float = CONFIDENCE,
    *,
    unit: str = "CFU/mL",
    trace: bool = True,
) -> Outcome:
    """Maximum likelihood density when some plates are only known to bear many colonies.

    The likelihood is the product of Poisson(C; λV) over counted plates and of P(X ≥ T; λV)
    over overgrown ones. The interval is that of the profile likelihood.

    Args:
        counted: plates with a count.
        overgrown: plates too numerous to count.
        confidence: two-sided.
        unit: colonies per unit of the volumes.
        trace: keep the steps.

    Returns:
        λ; `>` with infinite value and open upper limit when every plate is overgrown; 0 with lower
        limit 0 when no plate bears a colony.

    Source: Haas & Heller 1988, Appl Environ Microbiol 54:2069.
    """
    _check(counted, overgrown)
    steps = tracing(trace)
    plates = _Plates(
        tuple(plate.colonies for plate in counted),
        tuple(float(plate.volume) for plate in counted),
        tuple(plate.limit for plate in overgrown),
        tuple(float(plate.volume) for plate in overgrown),
    )
    given = plates.as_inputs()
    value = steps.step("estimate", unit, censored_mle, plates=given)
    limits = [
        steps.step(name, unit, limit, plates=given, estimate=value, confidence=confidence)
        for name, limit in (("lower limit", censored_lower), ("upper limit", censored_upper))
    ]
    interval = Interval(limits[0], limits[1], confidence, "profile likelihood")
    qualifier = Qualifier.GREATER if value == inf else Qualifier.EQUAL
    return Outcome(value, qualifier, unit, interval, trace=steps.steps)


def estimate_with_overgrown(
    plates: Sequence[Plate],
    profile: Profile,
    *,
    per_ml: Decimal = Decimal(1),
    unit: str = "CFU/mL",
    confidence: float = CONFIDENCE,
    trace: bool = True,
) -> Outcome:
    """The optional estimate from all readable plates of a preparation, TNTC ones included.

    A plate marked TNTC bears more colonies than the profile's maximum; every counted plate is
    used, inside the countable range or not.

    Args:
        plates: all plates of one preparation.
        profile: names the maximum.
        per_ml: sample per mL at the zero dilution, applied once.
        unit: of the result.
        confidence: two-sided.
        trace: keep the steps.

    Raises:
        NoAnswer: no plate can be read.

    Source: Haas & Heller 1988, Appl Environ Microbiol 54:2069.
    """
    counted = [
        Counted(plate.count, float(plate.amount * per_ml))
        for plate in plates
        if plate.count is not None
    ]
    overgrown = [
        Overgrown(profile.maximum + 1, float(plate.amount * per_ml))
        for plate in plates
        if plate.reading is Code.TNTC
    ]
    return censored_estimate(counted, overgrown, confidence, unit=unit, trace=trace)


Given = Mapping[str, Sequence[float]]


@operation("λ maximises Σ[C ln(λV) − λV] + Σ ln P(X ≥ T; λV)")
def censored_mle(plates: Given) -> float:
    data = _Plates.from_inputs(plates)
    if not data.counts:
        return inf
    naive = sum(data.counts) / sum(data.volumes)
    if not data.limits:
        return naive
    return zero_of_falling(data.score, naive or 1 / _largest(data))


@operation("2 [ln L(estimate) − ln L(lower)] = χ²(confidence; 1)")
def censored_lower(plates: Given, estimate: float, confidence: float) -> float:
    if estimate == 0:
        return 0.0
    data = _Plates.from_inputs(plates)
    drop = _drop(data, estimate, confidence)
    # Below the estimate the drop rises with the density; turned round, it falls.
    start = 1 / _largest(data) if estimate == inf else estimate / 2
    return zero_of_falling(lambda density: -drop(density), start)


@operation("2 [ln L(estimate) − ln L(upper)] = χ²(confidence; 1)")
def censored_upper(plates: Given, estimate: float, confidence: float) -> float:
    if estimate == inf:
        return inf
    data = _Plates.from_inputs(plates)
    drop = _drop(data, estimate, confidence)
    return zero_of_falling(drop, estimate or 1 / _largest(data))


@dataclass(frozen=True, slots=True)
class _Plates:
    counts: Sequence[float]
    volumes: Sequence[float]
    limits: Sequence[float]
    limit_volumes: Sequence[float]

    def as_inputs(self) -> Given:
        return {
            "counts": self.counts,
            "volumes": self.volumes,
            "tntc_limits": self.limits,
            "tntc_volumes": self.limit_volumes,
        }

    @classmethod
    def from_inputs(cls, given: Given) -> "_Plates":
        return cls(given["counts"], given["volumes"], given["tntc_limits"], given["tntc_volumes"])

    def log_likelihood(self, density: float) -> float:
        """Up to a constant; 0 at an infinite density when every plate is overgrown."""
        if density == inf:
            return 0.0
        counted = sum(
            (count * log(density * volume) if count else 0.0) - density * volume
            for count, volume in zip(self.counts, self.volumes, strict=True)
        )
        return counted + sum(
            _log_tail(limit, density * volume)
            for limit, volume in zip(self.limits, self.limit_volumes, strict=True)
        )

    def score(self, density: float) -> float:
        """Derivative of the log-likelihood by the density, which falls throughout."""
        tail = sum(
            volume * _tail_slope(limit, density * volume)
            for limit, volume in zip(self.limits, self.limit_volumes, strict=True)
        )
        return sum(self.counts) / density - sum(self.volumes) + tail


def _log_tail(limit: float, mean: float) -> float:
    """Ln P(X ≥ limit) of a Poisson mean; by its series where the probability underflows."""
    share = gamma_share(limit, mean)
    if share > _TINY:
        return log(share)
    term, total, at = 1.0, 1.0, limit
    while term > total * _EPSILON:
        at += 1
        term *= mean / at
        total += term
    return limit * log(mean) - mean - log_factorial(limit) + log(total)


def _tail_slope(limit: float, mean: float) -> float:
    """D ln P(X ≥ limit) / d mean = P(X = limit − 1) / P(X ≥ limit)."""
    log_mass = (limit - 1) * log(mean) - mean - log_factorial(limit - 1)
    return exp(log_mass - _log_tail(limit, mean))


_MOST = 1_000_000  # no plate bears more; the series of the tail stays short
_TINY = 1e-290
_EPSILON = 1e-17


def _drop(data: _Plates, estimate: float, confidence: float) -> Callable[[float], float]:
    """Positive where the density is still inside the interval."""
    # At an estimate of 0 the likelihood of the counted plates is 1, its logarithm 0.
    best = data.log_likelihood(estimate) if estimate else 0.0
    allowed = chi2_quantile(confidence, 1) / 2
    return lambda density: data.log_likelihood(density) - best + allowed


def _largest(data: _Plates) -> float:
    return max((*data.volumes, *data.limit_volumes))


def _check(counted: Sequence[Counted], overgrown: Sequence[Overgrown]) -> None:
    if not counted and not overgrown:
        raise NoAnswer("Without any plate there is no estimate.")
    volumes = [plate.volume for plate in counted] + [plate.volume for plate in overgrown]
    if min(volumes) <= 0:
        raise BadInputs("Every volume must be above zero.")
    if any(not 0 <= plate.colonies <= _MOST for plate in counted):
        raise BadInputs(f"A plate bears 0 to {_MOST} colonies.")
    if any(not 1 <= plate.limit <= _MOST for plate in overgrown):
        raise BadInputs(f"A TNTC limit lies between 1 and {_MOST}.")
