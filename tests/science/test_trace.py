"""Traces as data: what was computed can be kept, read back and computed again."""

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science.catalogue import every, find
from lims.science.checking import read_cases
from lims.science.inputs import Inputs
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.plain import NotPlain, canonical, decode, encode
from lims.science.plates import density, total_count
from lims.science.trace import (
    SILENT,
    Step,
    Trace,
    UnknownOperation,
    as_data,
    from_data,
    recompute,
    tracing,
    watching,
)

D = Decimal
_FOLDER = Path(__file__).parents[3] / "shared" / "reference-cases"
_CASES = [case for path in sorted(_FOLDER.glob("*.json")) for case in read_cases(path)]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.decimals(allow_nan=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=12,
).filter(lambda value: not (isinstance(value, dict) and any(k[0] == "$" for k in value)))


@given(values)
def test_plain_values_survive_json_exactly(value):
    text = canonical(value)

    assert decode(json.loads(text)) == value
    assert canonical(decode(json.loads(text))) == text


def test_numbers_that_json_lacks_survive():
    assert decode(json.loads(canonical((inf, -inf)))) == (inf, -inf)
    again = decode(json.loads(canonical(nan)))
    assert again != again  # noqa: PLR0124 -- not a number


def test_numpy_is_written_as_numbers():
    assert canonical(np.array([[1.5, 2.0]])) == "[[1.5,2.0]]"
    assert canonical(np.float64(0.1)) == "0.1"
    assert canonical(np.int64(3)) == "3"
    assert canonical(np.bool_(True)) == "true"


def test_a_decimal_keeps_its_digits():
    assert decode(encode(D("1.50"))).as_tuple() == D("1.50").as_tuple()


def test_keys_are_sorted_so_that_one_value_has_one_text():
    assert canonical({"b": 1, "a": 2}) == canonical({"a": 2, "b": 1}) == '{"a":2,"b":1}'


@pytest.mark.parametrize("bad", [object(), {1, 2}, b"bytes"])
def test_what_is_not_plain_is_refused(bad: object):
    with pytest.raises(NotPlain, match="cannot be kept"):
        canonical(bad)
    with pytest.raises(NotPlain):
        decode(bad)


def traced() -> Trace:
    trace = Trace()
    total = trace.step("sum", "colonies", total_count, counts=(3, 4))
    trace.step("density", "CFU/mL", density, count=total, amount=D("0.5"))
    return trace


def test_a_trace_keeps_name_formula_inputs_value_and_unit():
    step = traced().steps[1]

    assert (step.name, step.formula, step.unit) == ("density", "N = S / m", "CFU/mL")
    assert step.inputs == {"count": 7, "amount": D("0.5")}
    assert step.value == 14
    assert step.operation == "plates:density"


def test_a_kept_trace_recomputes():
    steps = traced().steps
    again = from_data(json.loads(json.dumps(as_data(steps))))

    assert again == steps
    assert recompute(again) == ()


def test_a_changed_value_or_input_is_found():
    total, step = traced().steps
    forged = replace(step, value=D("14.0000000001"))
    moved = replace(step, inputs={**step.inputs, "count": 8})

    (difference,) = recompute((total, forged))
    assert (difference.step, difference.recorded, difference.recomputed) == (
        "density",
        D("14.0000000001"),
        D(14),
    )
    assert [each.recomputed for each in recompute((moved,))] == [D(16)]


@pytest.mark.parametrize(
    "name",
    [
        "plates:Plate",
        "plates:nothing",
        "nowhere:density",
        "os:system",
        "plates",
        "../x:y",
        "errors:ScienceError",
    ],
)
def test_only_operations_of_the_science_are_run_again(name: str):
    step = Step("x", name, "", {}, 0)

    with pytest.raises(UnknownOperation):
        recompute((step,))


def test_a_long_value_is_written_once():
    long = tuple(range(100))
    trace = Trace()
    trace.step("first", "", total_count, counts=long)
    trace.step("second", "", total_count, counts=long)
    data = as_data(trace.steps)

    assert data[1]["inputs"]["counts"] == {"$same_as": [0, "counts"]}
    assert from_data(data) == trace.steps


def test_a_value_may_be_its_own_steps_input():
    long = tuple(range(100))
    steps = (Step("same", "x:y", "", {"a": long, "b": long}, long),)

    assert from_data(json.loads(json.dumps(as_data(steps)))) == steps


def test_steps_differ_when_anything_differs():
    step = traced().steps[0]

    assert step == replace(step)
    assert step != replace(step, unit="CFU")
    assert step != "a step"


def test_silence_computes_without_recording():
    assert SILENT.step("sum", "", total_count, counts=(3, 4)) == 7
    assert SILENT.steps == ()
    assert tracing(on=False) is SILENT
    SILENT.keep("sum", "", total_count, 7, {"counts": (3, 4)})
    assert SILENT.steps == ()


def test_watching_gathers_what_is_computed_silently():
    with watching() as trace:
        tracing(on=False).step("sum", "", total_count, counts=(1,))

    assert [step.value for step in trace.steps] == [1]
    assert tracing(on=False) is SILENT


def test_an_outcome_survives_a_database():
    outcome = Outcome(
        D("2.4e4"),
        Qualifier.ESTIMATED,
        "CFU/mL",
        Interval(1.0, None, 0.95, "one-sided"),
        ("Invalid.",),
        ("Look.",),
        traced().steps,
        {"plates": ("a", "b"), "p": 0.5, "none": None, "inf": inf},
    )
    again = Outcome.from_canonical(outcome.canonical())

    assert again == outcome
    assert again.recompute() == ()
    assert not again.valid
    assert outcome != replace(outcome, unit="CFU/g")
    assert outcome != "an outcome"
    assert Outcome.from_canonical(Outcome(None).canonical()) == Outcome(None)


# --- every calculation there is --------------------------------------------------------------


@pytest.mark.skipif(not _CASES, reason="the reference cases lie beside the project")
@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.id)
def test_every_step_of_every_reference_case_recomputes_from_its_text(case):
    with watching() as trace:
        find(case.function).answer(Inputs(case.inputs))

    again = from_data(json.loads(json.dumps(as_data(trace.steps), allow_nan=False)))
    assert again == trace.steps
    assert recompute(again) == ()


def test_every_calculation_explains_itself():
    for each in every():
        assert each.function.__doc__, each.name
        assert each.inputs, each.name
        assert each.units, each.name
        assert each.source, each.name
        assert set(each.example) <= set(each.inputs), each.name


def test_every_example_answers_what_the_list_names():
    for each in every():
        answer = each.answer(Inputs(each.example))
        assert set(answer) & set(each.units), each.name


def test_importing_the_science_loads_neither_numpy_nor_scipy():
    code = (
        "import sys, time; t = time.perf_counter(); import lims.science, lims.science.catalogue, "
        "lims.science.plate_count, lims.science.criteria; took = time.perf_counter() - t; "
        "print(took, 'numpy' in sys.modules, 'scipy' in sys.modules)"
    )
    took, numpy, scipy = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert (numpy, scipy) == ("False", "False")
    assert float(took) < 1  # 0.1 s on a quiet machine
