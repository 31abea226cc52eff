"""Release limits that leave room for the loss until expiry and for the assay's error."""

from dataclasses import dataclass
from math import sqrt

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.trace import operation, tracing

#: One-sided 95 % normal quantile, the usual choice; a t quantile may be given instead.
QUANTILE = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Change:
    """What happens until expiry.

    Attributes:
        slope: change per month, negative for a loss.
        se_slope: its standard error.
        months: shelf life.
        assay_sd: standard deviation of one result at release.
        replicates: results averaged at release.
    """

    slope: float
    se_slope: float
    months: float
    assay_sd: float
    replicates: int = 1


@operation("RL = L − b T ± q √((s_b T)² + s²/n), + for a lower limit, − for an upper one")
def limit_at_release(
    *,
    limit: float,
    slope: float,
    se_slope: float,
    months: float,
    assay_sd: float,
    replicates: int,
    quantile: float,
    side: int,
) -> float:
    margin = quantile * sqrt((se_slope * months) ** 2 + assay_sd**2 / replicates)
    return limit - slope * months + side * margin


def release_limit_lower(
    expiry_limit: float, change: Change, *, quantile: float = QUANTILE, trace: bool = True
) -> Outcome:
    """Lowest result at release that still meets the lower limit at expiry.

    Args:
        expiry_limit: lower shelf-life limit.
        change: slope, its error, shelf life, assay SD, replicates.
        quantile: of the normal or t distribution.
        trace: keep the steps.

    Returns:
        The limit in the unit of `expiry_limit`; a slope that rises gives a warning, because it
        would place the release limit on the wrong side of the expiry limit.

    Raises:
        BadInputs: a negative error, shelf life or quantile, or no replicate.

    Source: Allen, Dukes & Gerger 1991, Pharm Res 8:1210.
    """
    return _release_limit(expiry_limit, change, quantile, 1, trace=trace)


def release_limit_upper(
    expiry_limit: float, change: Change, *, quantile: float = QUANTILE, trace: bool = True
) -> Outcome:
    """Highest result at release that still meets the upper limit at expiry.

    Otherwise as `release_limit_lower`; here a falling slope gives the warning.
    """
    return _release_limit(expiry_limit, change, quantile, -1, trace=trace)


def _release_limit(
    expiry_limit: float, change: Change, quantile: float, side: int, *, trace: bool
) -> Outcome:
    if min(change.se_slope, change.assay_sd, change.months, quantile) < 0:
        raise BadInputs("Errors, shelf life and quantile must not be negative.")
    if change.replicates < 1:
        raise BadInputs("At least one result is made at release.")
    steps = tracing(trace)
    value = steps.step(
        "release limit",
        "",
        limit_at_release,
        limit=expiry_limit,
        slope=change.slope,
        se_slope=change.se_slope,
        months=change.months,
        assay_sd=change.assay_sd,
        replicates=change.replicates,
        quantile=quantile,
        side=side,
    )
    wrong = side * change.slope > 0
    return Outcome(
        value=value,
        warnings=(_WRONG_WAY,) if wrong else (),
        trace=steps.steps,
        details={"release_limit": value},
    )


_WRONG_WAY = "The slope moves away from the limit; credit is taken for a gain until expiry."
