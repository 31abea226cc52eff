"""Wells as people write them: read, refused, and written back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.methods.rules import BadWells, read_layout, read_wells, written_layout, written_wells

PLATE = [f"{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)]


@pytest.mark.parametrize(
    ("text", "wells"),
    [
        ("A1-A3, b2", ["A1", "A2", "A3", "B2"]),
        ("A1 - B2", ["A1", "A2", "B1", "B2"]),
        ("C3:C1; H12", ["C1", "C2", "C3", "H12"]),
        ("A01", ["A1"]),
        ("", []),
    ],
)
def test_wells_are_read_singly_and_as_rectangles(text, wells):
    assert read_wells(96, text) == wells


@pytest.mark.parametrize("text", ["A13", "I1", "A", "12", "A1-", "-A1", "A1-A2-A3", "Å1"])
def test_what_is_no_well_is_refused_with_an_example(text):
    with pytest.raises(BadWells, match="wells are A1 to H12"):
        read_wells(96, text, "host")


def test_a_plate_of_384_has_more_wells():
    assert read_wells(384, "P24") == ["P24"]


@given(st.sets(st.sampled_from(PLATE)))
def test_what_is_written_reads_back_the_same(wells):
    assert set(read_wells(96, written_wells(wells))) == wells


@given(st.lists(st.sampled_from(PLATE), unique=True, min_size=4))
def test_a_layout_written_and_read_is_the_same_layout(wells):
    told = {
        well: {"role": "sample", "slot": 1 + at % 3} if at < 3 else {"role": "blank"}
        for at, well in enumerate(wells)
    }

    assert read_layout(96, written_layout(told)) == told
