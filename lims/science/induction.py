"""Is a prophage inducible? Titres with and without the inducer, and what the controls say."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome, Qualifier
from lims.science.preparations import mean_log10
from lims.science.rounding import CONTEXT
from lims.science.trace import operation, tracing

THRESHOLD_LOG10 = Decimal(1)  # default: a tenfold rise


class Induction(StrEnum):
    INDUCIBLE = "inducible"
    NOT_INDUCIBLE = "not inducible"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Titres:
    """Replicate titres, PFU/mL; `bound` for all below (`<`) or above (`>`) the one given."""

    values: tuple[Decimal, ...]
    bound: Qualifier = Qualifier.EQUAL

    def __post_init__(self) -> None:
        if not self.values or min(self.values) <= 0:
            raise BadInputs("Titres must be above zero; give the detection limit as a bound.")


@operation("log10 ratio = mean log10 induced − mean log10 uninduced")
def log10_ratio(induced: Sequence[Decimal], uninduced: Sequence[Decimal]) -> Decimal:
    """log10 of the ratio of geometric means."""
    return mean_log10(values=induced) - mean_log10(values=uninduced)


@operation("ratio ≥ threshold; a bound decides only when all it may stand for agrees")
def reached(ratio: Decimal, qualifier: str, threshold: Decimal) -> str:
    """An `Induction`.

    The ratio is the log10 of a quotient in decimal: rounded to 20 places, so that a tenfold rise
    is exactly 1.
    """
    shown = ratio.quantize(Decimal("1e-20"), context=CONTEXT)
    below = qualifier in {Qualifier.LESS, Qualifier.AT_MOST}
    above = qualifier in {Qualifier.GREATER, Qualifier.AT_LEAST}
    if not below and shown >= threshold:
        return Induction.INDUCIBLE.value
    if not above and (shown < threshold or (qualifier == Qualifier.LESS and shown == threshold)):
        return Induction.NOT_INDUCIBLE.value
    return Induction.UNDETERMINED.value


def induction_ratio(
    uninduced: Titres,
    induced: Titres,
    threshold_log10: Decimal = THRESHOLD_LOG10,
    *,
    trace: bool = True,
) -> Outcome:
    """Whether the inducer raised the titre enough: ratio of geometric means.

    Args:
        uninduced: titres without the inducer, PFU/mL.
        induced: titres with it.
        threshold_log10: least log10 ratio that counts as induction.
        trace: keep the steps.

    Returns:
        An `Induction`; `details["log10_ratio"]` with `details["ratio_qualifier"]`: below detection
        without the inducer the ratio is a lower bound.

    Raises:
        NoAnswer: both titres are bounds of the same kind.

    Source: definition; threshold as the method validates it.
    """
    qualifier = _ratio_qualifier(uninduced.bound, induced.bound)
    steps = tracing(trace)
    ratio = steps.step(
        "log10 ratio", "log10", log10_ratio, induced=induced.values, uninduced=uninduced.values
    )
    word = steps.step(
        "call", "", reached, ratio=ratio, qualifier=qualifier.value, threshold=threshold_log10
    )
    details = {"log10_ratio": ratio, "ratio_qualifier": qualifier.value}
    return Outcome(word, trace=steps.steps, details=details)


def _ratio_qualifier(uninduced: Qualifier, induced: Qualifier) -> Qualifier:
    plain = {Qualifier.EQUAL, Qualifier.ESTIMATED}
    if uninduced in plain:
        return Qualifier.EQUAL if induced in plain else induced
    turned = _TURNED[uninduced]
    if induced in plain or induced is turned:
        return turned
    raise NoAnswer("Both titres are bounds: their ratio is not known.")


_TURNED = {
    Qualifier.LESS: Qualifier.GREATER,
    Qualifier.AT_MOST: Qualifier.AT_LEAST,
    Qualifier.GREATER: Qualifier.LESS,
    Qualifier.AT_LEAST: Qualifier.AT_MOST,
}


@dataclass(frozen=True, slots=True)
class InductionRun:
    """What an induction experiment showed.

    Attributes:
        od_lysis: the lysis rule was met by the induced culture's OD.
        plaques_confirmed: plaques or particles were seen.
        untreated_lysed: the untreated culture met the lysis rule (it must not).
        positive_control_induced: an inducible lysogen was induced (it must be).
    """

    ratio: Outcome | None
    od_lysis: bool
    plaques_confirmed: bool
    untreated_lysed: bool
    positive_control_induced: bool


def judge_induction(run: InductionRun) -> Outcome:
    """The call of an induction experiment, after its controls.

    A fall of the OD alone may be the drug killing cells: it counts only with plaques or
    particles confirmed.
    """
    invalid: list[str] = []
    if run.untreated_lysed:
        invalid.append("The untreated culture lysed.")
    if not run.positive_control_induced:
        invalid.append("The inducible positive control was not induced.")
    ratio = None if run.ratio is None else run.ratio.value
    trace = () if run.ratio is None else run.ratio.trace
    if ratio == Induction.INDUCIBLE or (run.od_lysis and run.plaques_confirmed):
        call = Induction.INDUCIBLE
    elif ratio == Induction.NOT_INDUCIBLE and not run.od_lysis:
        call = Induction.NOT_INDUCIBLE
    else:
        call = Induction.UNDETERMINED
    warnings = (_OD_ALONE,) if run.od_lysis and not run.plaques_confirmed else ()
    return Outcome(call.value, invalid=tuple(invalid), warnings=warnings, trace=trace)


_OD_ALONE = "The OD fell without plaques or particles: the drug alone may have killed the cells."
