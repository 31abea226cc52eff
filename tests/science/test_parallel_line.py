"""Parallel-line assays by statsmodels and by inverting the t test; branches and refusals."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.anova import anova_lm

from lims.science.errors import BadInputs, NoAnswer
from lims.science.parallel_line import (
    Design,
    ParallelLineAssay,
    Transform,
    Validity,
    parallel_line_assay,
)

_DOSES = tuple(rank * log(2) for rank in range(4))


def _assay(
    seed: int,
    *,
    ratio: float = 1.3,
    slope: float = 5.0,
    noise: float = 0.5,
    rows: int = 4,
    bend: float = 0.0,
    tilt: float = 0.0,
    names: str = "ST",
    blocks: float = 0.0,
) -> ParallelLineAssay:
    rng = np.random.default_rng(seed)
    shift = {"S": 0.0, "T": log(ratio), "U": 2 * log(ratio)}
    level = blocks * rng.normal(size=rows)
    responses = {
        name: [
            [
                20
                + (slope + tilt * (name != "S")) * (x + shift[name])
                + bend * x * x
                + level[row]
                + noise * rng.normal()
                for x in _DOSES
            ]
            for row in range(rows)
        ]
        for name in names
    }
    design = Design.RANDOMISED_BLOCK if blocks else Design.COMPLETELY_RANDOMISED
    return ParallelLineAssay(_DOSES, responses, design)


def _frame(assay: ParallelLineAssay) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"p": name, "x": x, "y": y, "block": row, "cell": f"{name}{x}"}
            for name, rows in assay.responses.items()
            for row, values in enumerate(rows)
            for x, y in zip(assay.log_doses, values, strict=True)
            if y is not None
        ]
    )


@pytest.mark.parametrize("names", ["ST", "STU"])
@pytest.mark.parametrize("blocks", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_analysis_of_variance_is_that_of_statsmodels(names, blocks, seed):
    assay = _assay(seed, names=names, blocks=blocks)

    found = parallel_line_assay(assay).details

    more = " + C(block)" if blocks else ""
    fits = [
        smf.ols(f"y ~ {terms}{more}", _frame(assay)).fit()
        for terms in ("C(p)", "C(p) + x", "C(p) * x", "C(cell)")
    ]
    table = anova_lm(*fits)
    assert found["residual_ms"] == pytest.approx(fits[-1].mse_resid, rel=1e-7)
    assert found["residual_df"] == fits[-1].df_resid
    assert found["common_slope_ln_dose"] == pytest.approx(fits[1].params["x"], rel=1e-9)
    for at, name in enumerate(("regression", "nonparallelism", "nonlinearity"), start=1):
        assert found[f"F_{name}"] == pytest.approx(table["F"].iloc[at], rel=1e-6)
        # statsmodels takes p on the df of the smaller model, the assay on its residual.
        p = stats.f.sf(table["F"].iloc[at], table["df_diff"].iloc[at], fits[-1].df_resid)
        assert found[f"p_{name}"] == pytest.approx(p, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_limits_are_the_ratios_that_the_t_test_does_not_reject(seed):
    assay = _assay(seed, noise=2.0)

    outcome = parallel_line_assay(assay)

    found = outcome.details
    y = {name: np.mean(rows) for name, rows in assay.responses.items()}
    b, s2 = found["common_slope_ln_dose"], found["residual_ms"]
    x = np.tile(_DOSES, 8)
    sxx = ((x - x.mean()) ** 2).sum()
    for limit in (found["T"]["lower"], found["T"]["upper"]):
        contrast = (y["T"] - y["S"]) - b * log(limit)
        error = np.sqrt(s2 * (2 / 16 + log(limit) ** 2 / sxx))
        assert abs(contrast / error) == pytest.approx(stats.t.ppf(0.975, found["residual_df"]))
    assert outcome.recompute() == ()


def test_the_limits_cover_the_true_potency_as_promised():
    hits = 0
    for seed in range(1000):
        found = parallel_line_assay(_assay(seed, noise=2.0, rows=3), trace=False).details["T"]
        hits += found["lower"] <= 1.3 <= found["upper"]

    assert hits / 1000 == pytest.approx(0.95, abs=0.021)


@given(
    st.integers(0, 500), st.sampled_from([0.01, 10.0, 1e4]), st.sampled_from([-50.0, 0.0, 300.0])
)
@settings(max_examples=30, deadline=None)
def test_potency_ignores_unit_and_origin_of_the_response(seed, scale, origin):
    assay = _assay(seed)
    moved = replace(
        assay,
        responses={
            name: [[value * scale + origin for value in row] for row in rows]
            for name, rows in assay.responses.items()
        },
    )

    one, other = parallel_line_assay(assay).details["T"], parallel_line_assay(moved).details["T"]

    for key in ("lower", "potency", "upper"):
        assert other[key] == pytest.approx(one[key], rel=1e-6)


@given(st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_exchanging_standard_and_test_inverts_the_potency(seed):
    assay = _assay(seed)
    turned = replace(assay, responses={"S": assay.responses["T"], "T": assay.responses["S"]})

    one, other = parallel_line_assay(assay).details["T"], parallel_line_assay(turned).details["T"]

    assert other["potency"] == pytest.approx(1 / one["potency"], rel=1e-9)
    assert other["lower"] == pytest.approx(1 / one["upper"], rel=1e-9)


def test_a_preparation_against_itself_has_potency_one():
    rows = _assay(1).responses["S"]

    found = parallel_line_assay(ParallelLineAssay(_DOSES, {"S": rows, "T": rows})).details["T"]

    assert found["potency"] == pytest.approx(1)


def test_the_factor_and_the_assigned_potency_scale_the_answer():
    plain = parallel_line_assay(_assay(1)).details["T"]
    scaled = parallel_line_assay(_assay(1), factor=670, assigned=1000).details["T"]

    assert scaled["potency"] == pytest.approx(670 * plain["potency"])
    assert scaled["relative_percent"][1] == pytest.approx(67 * plain["potency"])
    assert plain["relative_percent"] is None


def test_without_a_slope_to_speak_of_there_are_no_limits():
    outcome = parallel_line_assay(_assay(3, slope=0.01, noise=5))

    found = outcome.details
    assert found["g"] >= 1
    assert found["T"]["lower"] is None
    assert found["T"]["upper"] is None
    assert any("finite" in sentence for sentence in outcome.invalid)
    assert any("regression" in sentence for sentence in outcome.invalid)


def test_lines_that_are_not_parallel_give_no_valid_potency():
    assert "not parallel" in parallel_line_assay(_assay(1, tilt=-3)).invalid[0]


def test_lines_that_bend_give_no_valid_potency():
    assert "not linear" in parallel_line_assay(_assay(1, bend=4)).invalid[0]


def test_a_falling_response_gives_the_same_kind_of_answer():
    found = parallel_line_assay(_assay(1, slope=-5)).details

    assert found["common_slope_ln_dose"] < 0
    assert found["T"]["lower"] < found["T"]["potency"] < found["T"]["upper"]
    assert found["T"]["potency"] == pytest.approx(1.3, rel=0.1)


def test_two_doses_cannot_show_a_bend():
    rows = {"S": [[1.0, 2.0], [1.1, 2.2]], "T": [[1.2, 2.1], [1.3, 2.4]]}

    found = parallel_line_assay(ParallelLineAssay((0.0, 1.0), rows)).details

    assert found["F_nonlinearity"] is None


def test_a_lost_well_changes_the_weights_and_nothing_else_breaks():
    assay = _assay(1)
    rows = [list(row) for row in assay.responses["T"]]
    rows[0][0] = None
    damaged = replace(assay, responses={**assay.responses, "T": rows})

    found = parallel_line_assay(damaged).details

    slope = smf.ols("y ~ C(p) + x", _frame(damaged)).fit().params
    assert found["common_slope_ln_dose"] == pytest.approx(slope["x"], rel=1e-9)
    assert found["T"]["potency"] == pytest.approx(exp(slope["C(p)[T.T]"] / slope["x"]), rel=1e-9)


@pytest.mark.parametrize(
    ("transform", "forward"),
    [(Transform.LN, np.exp), (Transform.LOG10, lambda y: 10**y), (Transform.SQRT, np.square)],
)
def test_a_transformation_is_undone_by_its_inverse(transform, forward):
    small = replace(
        _assay(1),
        responses={
            name: [[value / 20 for value in row] for row in rows]
            for name, rows in _assay(1).responses.items()
        },
    )
    lifted = replace(
        small,
        responses={
            name: [[float(forward(value)) for value in row] for row in rows]
            for name, rows in small.responses.items()
        },
        transform=transform,
    )

    assert parallel_line_assay(lifted).details["T"]["potency"] == pytest.approx(
        parallel_line_assay(small).details["T"]["potency"], rel=1e-9
    )


@pytest.mark.parametrize(
    "broken",
    [
        ParallelLineAssay((0.0,), {"S": [[1.0]], "T": [[1.0]]}),
        ParallelLineAssay((0.0, 0.0), {"S": [[1.0, 2.0]], "T": [[1.0, 2.0]]}),
        ParallelLineAssay((0.0, 1.0), {"S": [[1.0, 2.0]]}),
        ParallelLineAssay((0.0, 1.0), {"S": [[1.0, 2.0]], "T": []}),
        ParallelLineAssay((0.0, 1.0), {"S": [[1.0, 2.0]], "T": [[1.0]]}),
        ParallelLineAssay((0.0, 1.0), {"S": [[1.0, 2.0]], "T": [[1.0, 2.5]]}),
        ParallelLineAssay((0.0, 1.0), {"S": [[1.0, 2.0]] * 2, "T": [[None, 2.5]] * 2}),
        ParallelLineAssay(
            (0.0, 1.0), {"S": [[1.0, 2.0]] * 2, "T": [[1.0, 2.0]]}, Design.RANDOMISED_BLOCK
        ),
        ParallelLineAssay(
            (0.0, 1.0), {"S": [[1.0, 2.0]], "T": [[1.0, 2.0]]}, Design.RANDOMISED_BLOCK
        ),
        ParallelLineAssay(
            (0.0, 1.0), {"S": [[1.0, 2.0]] * 2, "T": [[1.0, None]] * 2}, Design.RANDOMISED_BLOCK
        ),
        replace(_assay(1), transform=Transform.LN, responses={"S": [[0, 1, 2, 3]], "T": [[1] * 4]}),
    ],
)
def test_a_layout_that_is_no_assay_is_refused(broken):
    with pytest.raises(BadInputs):
        parallel_line_assay(broken)


def test_replicates_without_variation_and_responses_without_slope_are_refused():
    with pytest.raises(NoAnswer):
        parallel_line_assay(ParallelLineAssay((0.0, 1.0), {n: [[1.0, 2.0]] * 3 for n in "ST"}))
    flat = [[1.0, 2.0], [2.0, 1.0]]
    with pytest.raises(NoAnswer):
        parallel_line_assay(ParallelLineAssay((0.0, 1.0), {"S": flat, "T": flat}))


def test_a_confidence_outside_zero_to_one_is_refused():
    with pytest.raises(BadInputs):
        parallel_line_assay(_assay(1), validity=Validity(confidence=1.0))
