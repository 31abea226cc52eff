"""Mean kinetic temperature, and the loss of live cells along a temperature record."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, inf, log

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.trace import operation, tracing

#: USP <1079.2>: activation energy of a typical drug's decay, and the gas constant.
DELTA_H = 83.144
GAS_CONSTANT = 0.0083144
KELVIN = 273.15
#: Days in a mean month, for rates per month.
DAYS_PER_MONTH = 30.4375


@operation("T_K = (ΔH/R) / −ln(Σ w e^(−ΔH/(R T)) / Σ w), by log-sum-exp")
def kinetic_mean(
    *,
    temperatures: Sequence[float],
    weights: Sequence[float],
    delta_h: float,
    gas_constant: float,
    kelvin: float,
) -> float:
    """Kinetic mean in °C; weights of 0 drop out."""
    ratio = delta_h / gas_constant
    exponents = [-ratio / (temperature + kelvin) for temperature in temperatures]
    # The largest term is taken out of the sum, so that no cold record underflows to log 0.
    top = max((x for x, w in zip(exponents, weights, strict=True) if w > 0), default=-inf)
    summed = fsum(w * exp(x - top) for x, w in zip(exponents, weights, strict=True) if w > 0)
    return ratio / (log(fsum(weights)) - top - log(summed)) - kelvin


@operation("Σ w T / Σ w")
def weighted_mean(*, temperatures: Sequence[float], weights: Sequence[float]) -> float:
    return fsum(w * t for w, t in zip(weights, temperatures, strict=True)) / fsum(weights)


def mean_kinetic_temperature(
    temperatures: Sequence[float],
    durations: Sequence[float] | None = None,
    *,
    delta_h: float = DELTA_H,
    gas_constant: float = GAS_CONSTANT,
    kelvin: float = KELVIN,
    trace: bool = True,
) -> Outcome:
    """The one temperature at which a drug would have decayed as much as along the record.

    A tool of drug chemistry: for live cells use `loss_along_record`, and for frozen product the
    time above its thresholds.

    Args:
        temperatures: °C.
        durations: time at each temperature in any one unit; equal when left out.
        delta_h: activation energy, kJ/mol.
        gas_constant: kJ/mol/K, of the same source as `delta_h`.
        kelvin: 0 °C in kelvin.
        trace: keep the steps.

    Returns:
        MKT in °C; `details`: mkt_C, arithmetic_mean_C.

    Raises:
        BadInputs: no temperatures, one at or below absolute zero, durations that are negative,
            all zero or of another number, or constants not above zero.

    Source: USP <1079.2>; ICH Q1A(R2) glossary; Haynes 1971, J Pharm Sci 60:927.
    """
    weights = _weights(temperatures, durations)
    if delta_h <= 0 or gas_constant <= 0:
        raise BadInputs("The activation energy and the gas constant must be above zero.")
    if min(temperatures) + kelvin <= 0:
        raise BadInputs(f"{min(temperatures):g} °C is at or below absolute zero.")
    steps = tracing(trace)
    plain = steps.step(
        "arithmetic mean", "°C", weighted_mean, temperatures=temperatures, weights=weights
    )
    mkt = steps.step(
        "mean kinetic temperature",
        "°C",
        kinetic_mean,
        temperatures=temperatures,
        weights=weights,
        delta_h=delta_h,
        gas_constant=gas_constant,
        kelvin=kelvin,
    )
    return Outcome(
        value=mkt,
        unit="°C",
        warnings=(_FROZEN,) if min(temperatures) < 0 else (),
        trace=steps.steps,
        details={"mkt_C": mkt, "arithmetic_mean_C": plain},
    )


_FROZEN = "The record goes below 0 °C, where a mean kinetic temperature says little."


def _weights(temperatures: Sequence[float], durations: Sequence[float] | None) -> tuple[float, ...]:
    if not temperatures:
        raise BadInputs("The record holds no temperature.")
    if durations is None:
        return (1.0,) * len(temperatures)
    if len(durations) != len(temperatures):
        raise BadInputs(
            f"There are {len(temperatures)} temperatures and {len(durations)} durations."
        )
    if min(durations) < 0 or fsum(durations) <= 0:
        raise BadInputs("Durations must not be negative, nor all be zero.")
    return tuple(durations)


@dataclass(frozen=True, slots=True)
class LossModel:
    """How fast a product loses live cells, and how that depends on temperature.

    Attributes:
        rate: log10 lost per month at the reference temperature.
        activation_energy: kJ/mol, fitted on the product's own data.
        reference_c: °C at which `rate` was measured.
    """

    rate: float
    activation_energy: float
    reference_c: float


@operation("k(T) = k_ref · exp(−Ea/R · (1/T − 1/T_ref)); loss = Σ k(T) Δt")
def cumulative_loss(
    *,
    temperatures: Sequence[float],
    months: Sequence[float],
    rate: float,
    activation_energy: float,
    reference_c: float,
) -> float:
    """log10 units lost along the record."""
    reference = 1 / (reference_c + KELVIN)
    return fsum(
        rate * exp(-activation_energy / GAS_CONSTANT * (1 / (t + KELVIN) - reference)) * span
        for t, span in zip(temperatures, months, strict=True)
    )


def loss_along_record(
    temperatures: Sequence[float],
    hours: Sequence[float],
    model: LossModel,
    *,
    trace: bool = True,
) -> Outcome:
    """log10 units of live cells lost along a temperature record.

    Args:
        temperatures: °C.
        hours: time at each.
        model: the product's own rate, activation energy and reference temperature.
        trace: keep the steps.

    Raises:
        BadInputs: as `mean_kinetic_temperature`, or a negative rate or activation energy.

    Source: Arrhenius; ICH Q5C asks for product data behind the model.
    """
    weights = _weights(temperatures, hours)
    if model.rate < 0 or model.activation_energy < 0:
        raise BadInputs("The rate of loss and its activation energy must not be negative.")
    if min(*temperatures, model.reference_c) + KELVIN <= 0:
        raise BadInputs("A temperature is at or below absolute zero.")
    steps = tracing(trace)
    loss = steps.step(
        "loss",
        "log10",
        cumulative_loss,
        temperatures=temperatures,
        months=tuple(hour / 24 / DAYS_PER_MONTH for hour in weights),
        rate=model.rate,
        activation_energy=model.activation_energy,
        reference_c=model.reference_c,
    )
    return Outcome(value=loss, unit="log10", trace=steps.steps, details={"loss_log10": loss})
