"""Numbers: decimal sign by proof, and nothing that only Python takes for a number."""

import numpy as np
import pytest

from instruments.errors import AmbiguousNumbers
from instruments.numerals import Numerals, weigh
from instruments.source import Source

MARS = "User: U,Path: x,Test run no.: 1\nTest name: t\nAbsorbance\n\nRaw Data (600)\n\n"


@pytest.mark.parametrize("text", ["1_000", "nan", "inf", "١", "1e999", "0x10", "1 2", "--1", "1,5"])
def test_what_python_would_take_is_no_number(text):
    numbers = Numerals().many(["1.5", text])

    assert np.isnan(numbers.values[1])
    assert numbers.odd == ((1, text),)


@pytest.mark.parametrize(
    ("text", "value"), [("-0.066", -0.066), ("1E+07", 1e7), (" 3 ", 3), (".5", 0.5), ("+1.", 1)]
)
def test_plain_numbers_are_numbers(text, value):
    assert Numerals().one(text) == value
    assert Numerals().many([text]).values[0] == value


def test_empty_cells_are_neither_numbers_nor_oddities():
    numbers = Numerals().many(["", " ", "1"])

    assert np.isnan(numbers.values[:2]).all()
    assert numbers.odd == ()


def test_truth_of_a_workbook_is_no_number():
    assert Numerals().one(True) is None
    assert Numerals().many([True, 1.0]).odd == ((0, "True"),)


def test_decimal_comma_file_flags_a_point():
    numbers = Numerals(",").many(["0,5", "0.5"])

    assert numbers.values[0] == 0.5
    assert numbers.odd == ((1, "0.5"),)


@pytest.mark.parametrize(
    ("text", "delimiter", "commas"),
    [("0,123\t2", "\t", 1), ("1,5;2,25", ";", 2), ("1234,5", "\t", 1), ('"0,5","2"', ",", 1)],
)
def test_comma_is_proved_decimal_by_its_digits(text, delimiter, commas):
    assert weigh(text, delimiter).commas == commas


@pytest.mark.parametrize(
    ("text", "delimiter"), [("485,528", "\t"), ("a,1,234", ","), ("x1,5", ";")]
)
def test_comma_elsewhere_proves_nothing(text, delimiter):
    assert weigh(text, delimiter).commas == 0


def test_number_that_can_be_read_two_ways_is_a_question():
    text = MARS.replace(",", ";") + ";1;2\nA;1,234;2,345\n"

    with pytest.raises(AmbiguousNumbers) as refusal:
        _ = Source(text.encode(), "open.csv").table

    assert refusal.value.found == "1,234"
    assert refusal.value.place is not None
    assert refusal.value.place.line == 8


def test_one_proof_settles_the_file():
    text = MARS.replace(",", ";") + ";1;2\nA;1,234;0,345\n"

    assert Source(text.encode(), "proved.csv").table.number(7, 1) == 1.234


def test_quote_that_spans_lines_joins_no_digits():
    text = MARS + ',1,2\nA,"45\n0121.5",2\n'

    grid = Source(text.encode(), "quote.csv").table

    assert grid.number(8, 1) is None
    assert grid.rows[7] == []
