"""Shelf life: ICH Q1E, release limits."""

import re
from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs
from lims.science.release_limit import QUANTILE, Change, release_limit_lower
from lims.science.shelf_life import Criterion, Mse, Point, Rules, shelf_life


def _shelf_life(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("unit", "-")
    inputs.text("anova", "-")
    points = [
        Point(_lot(row), row.number("month"), row.number("value")) for row in inputs.rows("data")
    ]
    rules = Rules(
        alpha=inputs.fraction("poolability_alpha", 0.25),
        mse=Mse(inputs.choice("mse", [each.value for each in Mse], Mse.POOLED.value)),
        horizon=inputs.positive("horizon_months", 500.0),
    )
    return shelf_life(points, _criterion(inputs), rules, trace=False).details


def _lot(row: Inputs) -> str:
    name = row.raw("batch")
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise BadInputs("batch must be a name or a whole number.")
    return str(name)


_BOTH = ("both", "two-sided", "two_sided")
_SIDES = ("lower", "upper", *_BOTH)


def _criterion(inputs: Inputs) -> Criterion:
    confidence, two_sided = _confidence(inputs)
    side = inputs.choice("side", _SIDES, "lower")
    if side in _BOTH:
        low, high = _both(inputs)
        return Criterion(low, high, confidence, two_sided=True)
    limit = inputs.number("limit")
    if side == "lower":
        return Criterion(lower=limit, confidence=confidence, two_sided=two_sided)
    return Criterion(upper=limit, confidence=confidence, two_sided=two_sided)


def _both(inputs: Inputs) -> tuple[float, float]:
    if "limit" not in inputs and "limits" not in inputs:
        return inputs.number("lower_limit"), inputs.number("upper_limit")
    key = "limit" if "limit" in inputs else "limits"
    if isinstance(inputs.raw(key), Mapping):
        named = inputs.child(key)
        return named.number("lower"), named.number("upper")
    pair = inputs.numbers(key)
    if len(pair) != 2:  # noqa: PLR2004
        raise BadInputs(f"{key} must hold the lower and the upper limit.")
    return min(pair), max(pair)


def _confidence(inputs: Inputs) -> tuple[float, bool]:
    """The level, and whether it is two-sided; a bare fraction is one-sided."""
    if inputs.has("confidence") and not isinstance(inputs.raw("confidence"), str):
        return inputs.fraction("confidence"), False
    text = inputs.text("confidence", "one-sided 95%")
    percent = re.search(r"(\d+(?:\.\d+)?)\s*%", text)
    if percent is None or not 0 < float(percent[1]) < 100:  # noqa: PLR2004
        raise BadInputs(f"confidence must read like “one-sided 95%”, not “{text}”.")
    return float(percent[1]) / 100, "two" in text.lower()


def _release(inputs: Inputs) -> Mapping[str, object]:
    change = Change(
        slope=inputs.number("slope_per_month"),
        se_slope=inputs.number("se_slope"),
        months=inputs.number("shelf_life_months"),
        assay_sd=inputs.number("assay_sd"),
        replicates=inputs.count("replicates", 1),
    )
    return release_limit_lower(
        inputs.number("expiry_limit"),
        change,
        quantile=inputs.number("quantile", QUANTILE),
        trace=False,
    ).details


CALCULATIONS = (
    Calculation(
        name="ich_q1e_shelf_life",
        function=shelf_life,
        answer=_shelf_life,
        inputs={
            "data": "list of {batch, month, value}; log10 values for counts",
            "limit": "shelf-life limit; [lower, upper] when side is both",
            "side": "lower (default), upper or both",
            "confidence": "default “one-sided 95%”; a fraction is one-sided",
            "poolability_alpha": "default 0.25",
            "mse": "pooled (default) or individual, for different slopes",
            "horizon_months": "default 500",
            "anova": "words only",
            "unit": "words only",
        },
        units={
            "F_batch_time": "",
            "p_batch_time": "",
            "F_batch": "",
            "p_batch": "",
            "model": "cics, dics or dids",
            "model_fits": "intercepts then slopes; unit of value, per month",
            "crossing_by_batch": "months, or text without a crossing",
            "crossing_individual_fits": "months, or text without a crossing",
            "shelf_life_crossing_months": "months, before the cap of the extrapolation rule",
            "cap_months": "months",
            "shelf_life_months": "whole months after the cap; null when out of specification",
        },
        source="ICH Q1E; LeBlond et al. 2011",
        example={
            "data": [
                {"batch": lot, "month": month, "value": value}
                for lot, values in (
                    ("L1", (10.05, 10.03, 9.96, 9.89)),
                    ("L2", (10.13, 9.98, 9.94, 9.97)),
                    ("L3", (10.05, 10.06, 9.9, 9.91)),
                )
                for month, value in zip((0, 3, 6, 9), values, strict=True)
            ],
            "limit": 9.5,
        },
    ),
    Calculation(
        name="release_limit_lower",
        function=release_limit_lower,
        answer=_release,
        inputs={
            "expiry_limit": "lower shelf-life limit",
            "slope_per_month": "negative for a loss",
            "se_slope": "its standard error",
            "shelf_life_months": "months",
            "assay_sd": "of one result",
            "replicates": "averaged at release; default 1",
            "quantile": "default 1.645, normal one-sided 95 %",
        },
        units={"release_limit": "unit of expiry_limit"},
        source="Allen, Dukes & Gerger 1991, Pharm Res 8:1210",
        example={
            "expiry_limit": 9.5,
            "slope_per_month": -0.012,
            "se_slope": 0.0015,
            "shelf_life_months": 24,
            "assay_sd": 0.08,
            "replicates": 3,
        },
    ),
)
