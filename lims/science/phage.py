"""Plaques: titres with their detection limit, efficiency of plating, induction of prophages."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lims.science.count_uncertainty import CONFIDENCE
from lims.science.digits import shown
from lims.science.distributions import gamma_upper_quantile
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome, Qualifier
from lims.science.plate_count import estimate, weighted_mean
from lims.science.plates import Code, Method, Plate, Profile, density
from lims.science.rounding import CONTEXT, to_figures
from lims.science.trace import operation, tracing

CONFLUENT = Code.TNTC  # confluent lysis: no plaques can be told apart

# Default countable range; 10 to 100 for large plaques. Any plaque is a detection, so that
# counts below the range are estimates, never "present".
PLAQUES = Profile(Method.ISO, 30, 300, present_below=1)

UNIT = "PFU/mL"


def plaque_titre(
    plates: Sequence[Plate], confidence: float = CONFIDENCE, *, trace: bool = True
) -> Outcome:
    """Plaque-forming units per mL over plates already accepted: Σ plaques / Σ(V d).

    Args:
        plates: plates with plaque counts; confluent ones are left out.
        confidence: of the exact Poisson interval.
        trace: keep the steps.

    Returns:
        PFU/mL with exact Poisson limits; without plaques the bound `< 1/Σ(V d)`.

    Raises:
        NoAnswer: no plate bears a count.

    Source: definition; Garwood 1936, Biometrika 28:437.
    """
    return weighted_mean(plates, unit=UNIT, confidence=confidence, trace=trace)


def plaque_assay(
    plates: Sequence[Plate],
    profile: Profile = PLAQUES,
    confidence: float = CONFIDENCE,
    *,
    trace: bool = True,
) -> Outcome:
    """The titre from all plates of an assay: countable ones if any, else what can be said.

    No plaque anywhere gives `< 1/Σ(V d)` ("not detected"); `details["amount"]` is the undiluted
    volume that was tested (mL), which the criterion "not detected in 1 mL" needs. Confluent
    lysis everywhere gives `>`.

    Source: definition; countable range as the method validates it.
    """
    return estimate(plates, profile, unit=UNIT, confidence=confidence, trace=trace)


# --- detection limit -------------------------------------------------------------------------


@operation("upper = χ²(1 − tail; 2S + 2)/2/m")
def upper_at(plaques: int, amount: Decimal, tail: float) -> float:
    return gamma_upper_quantile(plaques + 1, tail) / float(amount)


def detection_limit(
    tested_ml: Decimal, plaques: int = 0, confidence: float = CONFIDENCE, *, trace: bool = True
) -> Outcome:
    """What a plaque assay can exclude: LOD = one plaque in the whole volume tested.

    Args:
        tested_ml: undiluted-equivalent volume on all plates, n V d.
        plaques: seen in total.
        confidence: of the upper limits.
        trace: keep the steps.

    Returns:
        Without plaques `< LOD`, with plaques the titre. `details`: lod, upper_one_sided,
        upper_two_sided (upper end of the two-sided interval).

    Source: Poisson, P(0) = e^(−c m).
    """
    if plaques < 0 or not tested_ml > 0:
        raise BadInputs("Plaques must not be negative, and some volume must have been tested.")
    steps = tracing(trace)
    lod = steps.step("detection limit", UNIT, density, count=1, amount=tested_ml)
    one = steps.step(
        "one-sided upper limit",
        UNIT,
        upper_at,
        plaques=plaques,
        amount=tested_ml,
        tail=1 - confidence,
    )
    two = steps.step(
        "two-sided upper limit",
        UNIT,
        upper_at,
        plaques=plaques,
        amount=tested_ml,
        tail=(1 - confidence) / 2,
    )
    value = lod
    if plaques:
        value = steps.step("titre", UNIT, density, count=plaques, amount=tested_ml)
    return Outcome(
        value,
        Qualifier.EQUAL if plaques else Qualifier.LESS,
        UNIT,
        trace=steps.steps,
        details={"lod": lod, "upper_one_sided": one, "upper_two_sided": two},
    )


def titre_text(outcome: Outcome) -> str:
    """At most two significant figures with the unit: `<33 PFU/mL`, `<1 PFU/mL`, `<0.5 PFU/mL`."""
    assert isinstance(outcome.value, Decimal)  # noqa: S101 -- titres are decimals
    sign = "" if outcome.qualifier is Qualifier.EQUAL else str(outcome.qualifier)
    return f"{sign}{shown(to_figures(outcome.value))} {outcome.unit}"


# --- efficiency of plating -------------------------------------------------------------------


class Plating(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INEFFICIENT = "inefficient"


@dataclass(frozen=True, slots=True)
class PlatingBands:
    """Lowest efficiency of each band, as decimal text; defaults."""

    high: str = "0.5"
    medium: str = "0.1"
    low: str = "0.001"

    def of(self, efficiency: Decimal) -> Plating:
        if efficiency >= Decimal(self.high):
            return Plating.HIGH
        if efficiency >= Decimal(self.medium):
            return Plating.MEDIUM
        return Plating.LOW if efficiency >= Decimal(self.low) else Plating.INEFFICIENT

    def text(self, efficiency: Decimal) -> str:
        """The band with its bounds: `0.001 <= EOP < 0.1: low`."""
        band = self.of(efficiency)
        bounds = {
            Plating.HIGH: f"EOP >= {self.high}",
            Plating.MEDIUM: f"{self.medium} <= EOP < {self.high}",
            Plating.LOW: f"{self.low} <= EOP < {self.medium}",
            Plating.INEFFICIENT: f"EOP < {self.low}",
        }
        return f"{bounds[band]}: {band}"


BANDS = PlatingBands()


@operation("EOP = titre on test host / titre on reference host")
def titre_ratio(test: Decimal, reference: Decimal) -> Decimal:
    return CONTEXT.divide(test, reference)


def efficiency_of_plating(
    test: Decimal,
    reference: Decimal,
    *,
    detection_limit: Decimal | None = None,
    bands: PlatingBands = BANDS,
    trace: bool = True,
) -> Outcome:
    """How well a phage plates on a test host compared with its reference host.

    Args:
        test: PFU/mL on the test host; 0 for no plaques.
        reference: PFU/mL on the reference host; above 0.
        detection_limit: PFU/mL of the test assay, used when `test` is 0: the result is then
            `< limit/reference`, and its band is the one the bound lies in.
        bands: lowest efficiency of each band.
        trace: keep the steps.

    Returns:
        EOP; `details["category"]` names the band.

    Raises:
        NoAnswer: no plaques on the reference host.

    Source: Khan Mirzaei & Nilsson 2015, PLoS ONE 10:e0118557 (bands).
    """
    if test < 0 or (detection_limit is not None and detection_limit <= 0):
        raise BadInputs("A titre must not be negative, and a detection limit is above zero.")
    if reference <= 0:
        raise NoAnswer("Without plaques on the reference host there is no efficiency of plating.")
    steps = tracing(trace)
    bounded = test == 0 and detection_limit is not None
    shown = detection_limit if test == 0 and detection_limit is not None else test
    value = steps.step("EOP", "", titre_ratio, test=shown, reference=reference)
    return Outcome(
        value,
        Qualifier.LESS if bounded else Qualifier.EQUAL,
        trace=steps.steps,
        details={"category": bands.text(value), "band": bands.of(value).value},
    )
