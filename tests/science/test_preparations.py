"""From preparations to one reportable result, per dose."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.preparations import combine, per_dose

D = Decimal


def prep(text: str, unit: str = "CFU/g", **options) -> Outcome:
    sign = text[0] if text[0] in "<>~≤≥" else ""
    return Outcome(D(text[len(sign) :]), Qualifier(sign or "="), unit, **options)


def combined(*texts: str, **options) -> Outcome:
    return combine([prep(text) for text in texts], **options)


@given(st.lists(st.integers(1, 10**12), min_size=2, max_size=6))
def test_preparations_combine_as_their_geometric_mean(values: list[int]):
    found = combined(*map(str, values), max_log10_sd=None)

    assert float(found.value) == pytest.approx(stats.gmean(np.array(values, dtype=float)))
    assert float(found.details["log10"]) == pytest.approx(np.mean(np.log10(values)))
    assert float(found.details["log10_sd"]) == pytest.approx(
        np.std(np.log10(values), ddof=1), abs=1e-9
    )
    assert found.details["n"] == len(values)
    assert found.recompute() == ()


def test_the_interval_is_students_t_on_log10():
    values = [2.0e9, 2.6e9, 2.3e9]
    found = combined("2.0e9", "2.6e9", "2.3e9")
    expected = stats.t.interval(0.95, 2, np.mean(np.log10(values)), stats.sem(np.log10(values)))

    assert found.interval.lower == pytest.approx(10 ** expected[0])
    assert found.interval.upper == pytest.approx(10 ** expected[1])
    assert found.valid


def test_the_order_of_preparations_does_not_matter():
    assert combined("1e9", "2e9", "3e9", max_log10_sd=None).value == pytest.approx(
        combined("3e9", "1e9", "2e9", max_log10_sd=None).value
    )


def test_too_wide_a_spread_gives_no_valid_result():
    wide = combined("1e9", "2e9")

    assert not wide.valid
    assert "0.213" in wide.invalid[0]
    assert combined("1e9", "2e9", max_log10_sd=D("0.3")).valid
    assert combined("1e9", "2e9", max_log10_sd=None).valid


def test_a_spread_at_the_limit_is_allowed():
    # 0.1 and −0.1 around the mean: SD = 0.1·√2 of the logs 0 and 0.2.
    sd = combined("1e9", "2e9", max_log10_sd=None).details["log10_sd"]

    assert combined("1e9", "2e9", max_log10_sd=sd).valid


def test_one_preparation_is_its_own_result():
    found = combined("2.345e9")

    assert found.value == D("2.345e9")
    assert found.details["n"] == 1
    assert found.interval is None


def test_an_estimated_preparation_marks_the_result():
    assert combined("1e9", "~1e9").qualifier is Qualifier.ESTIMATED
    assert combined("1e9", "1e9").qualifier is Qualifier.EQUAL


def test_warnings_and_steps_of_preparations_are_kept():
    found = combine([prep("1e9", warnings=("Review.",)), prep("1e9")])

    assert found.warnings == ("Review.",)
    assert combine([prep("1e9")], trace=False).trace == ()


@pytest.mark.parametrize(
    ("texts", "qualifier", "value"),
    [
        (("<10", "<100"), "<", 100),
        (("≤10", "≤100"), "≤", 100),
        ((">10", ">100"), ">", 10),
        (("<10", "20", "30"), "=", 20),
        (("20", ">300", "100"), "=", 100),
        (("<10", "20", ">300"), "=", 20),
        (("<10", "20", "30", "40", ">50"), "=", 30),
    ],
)
def test_bounds_are_never_averaged(texts: tuple[str, ...], qualifier: str, value: int):
    found = combined(*texts)

    assert (found.qualifier, found.value) == (Qualifier(qualifier), value)
    assert found.valid
    assert found.warnings


@pytest.mark.parametrize(
    "texts",
    [
        ("<10", "20"),
        ("<10", "<10", "20"),
        ("<50", "20", "30"),
        (">25", "20", "30"),
        ("<10", ">5", "20", "30"),
    ],
)
def test_bounds_that_leave_the_median_in_doubt_give_no_result(texts: tuple[str, ...]):
    found = combined(*texts)

    assert found.value is None
    assert not found.valid


def test_preparations_that_do_not_fit_are_refused():
    with pytest.raises(BadInputs, match="At least one"):
        combine([])
    with pytest.raises(BadInputs, match="same unit"):
        combine([prep("1"), prep("1", "CFU/mL")])
    with pytest.raises(NoAnswer, match="The run failed"):
        combine([prep("1"), prep("1", invalid=("The run failed.",))])
    with pytest.raises(NoAnswer, match="zero"):
        combined("0", "5")
    with pytest.raises(NoAnswer, match="no number"):
        combine([Outcome("TNTC", unit="CFU/g")])
    with pytest.raises(NoAnswer, match="no number"):
        combine([Outcome(value=True, unit="CFU/g")])


# --- per dose --------------------------------------------------------------------------------


def test_per_dose_takes_the_logarithm_of_the_dose():
    found = per_dose(prep("4.2e11"), D("0.25"), D("1e11"))

    assert found.value == D("1.05e11")
    assert found.unit == "CFU/dose"
    assert float(found.details["log10"]) == pytest.approx(11.0211892991)
    assert found.details["percent_of_label"] == 105
    assert found.recompute() == ()


def test_per_dose_carries_qualifier_interval_and_validity():
    bound = per_dose(prep("<10"), D(2))
    inner = Interval(1.0, None, 0.95, "exact Poisson")
    outcome = per_dose(prep("5", interval=inner, invalid=("No.",), warnings=("Look.",)), D("0.5"))

    assert (bound.qualifier, bound.value) == (Qualifier.LESS, 20)
    assert bound.interval is None
    assert outcome.interval == Interval(0.5, None, 0.95, "exact Poisson")
    assert outcome.invalid == ("No.",)
    assert outcome.warnings == ("Look.",)
    assert "percent_of_label" not in outcome.details


def test_a_dose_of_nothing_has_no_logarithm():
    assert "log10" not in per_dose(prep("0"), D(1)).details


@pytest.mark.parametrize(("fill", "label"), [("0", "1"), ("1", "0"), ("-1", None)])
def test_fill_and_label_are_above_zero(fill: str, label: str | None):
    with pytest.raises(BadInputs, match="above zero"):
        per_dose(prep("1"), D(fill), None if label is None else D(label))
