"""Which number is reportable, and whether it is out of specification."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.summary import mean, sd
from lims.science.trace import operation, tracing

REPLICATES = "replicates_within_one_test_preparation"
SEPARATE = "separate_tests"
#: Words in a kind that forbid averaging whatever the method says.
NEVER_AVERAGED = ("separate", "retest", "original", "resample")


@dataclass(frozen=True, slots=True)
class Values:
    """What was measured, and the limits it must meet (inclusive; in its unit).

    Attributes:
        kind: such as `REPLICATES` or `SEPARATE`; a kind that names separate tests, an original,
            retests or resamples is never averaged.
        pre_defined_average: the method defines the mean as its one reportable value.
        most_sd: largest standard deviation at which the replicates may be averaged.
    """

    kind: str
    values: Sequence[float]
    lower: float | None = None
    upper: float | None = None
    pre_defined_average: bool = False
    most_sd: float | None = None


@operation("any value < lower limit or > upper limit")
def outside(*, values: Sequence[float], lower: float | None, upper: float | None) -> bool:
    return any(
        (lower is not None and value < lower) or (upper is not None and value > upper)
        for value in values
    )


def oos_decision(measured: Values, *, trace: bool = True) -> Outcome:
    """The reportable values of a test, and whether one of them is out of specification.

    Replicates of one preparation whose average the method defined beforehand make one
    reportable value, their mean. All else (separate tests, an original and its retests) is
    reported value by value: averaging cannot hide a failing one. Values are compared as given;
    round them to the limit first where the specification asks for it.

    Args:
        measured: values, their kind and limits.
        trace: keep the steps.

    Returns:
        Whether it is out of specification; `details`: reportable (list), oos, averaged.
        Replicates that spread beyond `most_sd` are invalid: there is no reportable mean, the
        values are listed, and the test is decided on each of them.

    Raises:
        BadInputs: no values, no limit, or limits the wrong way round.

    Source: FDA, Investigating Out-of-Specification Test Results, 2022, IV.C.
    """
    _check(measured)
    steps = tracing(trace)
    separate = any(word in measured.kind.lower() for word in NEVER_AVERAGED)
    averaged = measured.pre_defined_average and not separate
    spread = None
    if averaged and measured.most_sd is not None and len(measured.values) > 1:
        spread = steps.step("standard deviation", "", sd, data=measured.values)
    wide = spread is not None and measured.most_sd is not None and spread > measured.most_sd
    if averaged and not wide:
        reportable = [steps.step("reportable value", "", mean, data=measured.values)]
    else:
        reportable = list(measured.values)
    oos = steps.step(
        "out of specification",
        "",
        outside,
        values=reportable,
        lower=measured.lower,
        upper=measured.upper,
    )
    return Outcome(
        value=oos,
        invalid=(_TOO_WIDE,) if wide else (),
        trace=steps.steps,
        details={"reportable": reportable, "oos": oos, "averaged": averaged and not wide},
    )


_TOO_WIDE = "The replicates spread beyond the method's limit, so their mean is not reportable."


def _check(measured: Values) -> None:
    if not measured.values:
        raise BadInputs("No values were given.")
    if measured.lower is None and measured.upper is None:
        raise BadInputs("A decision needs a lower or an upper limit.")
    if (
        measured.lower is not None
        and measured.upper is not None
        and measured.lower > measured.upper
    ):
        raise BadInputs("The lower limit is above the upper limit.")
