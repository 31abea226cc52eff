import pytest

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import shared, withstands

HEAD = (
    "Software version: ImmunoSpot 7.0.30.5\nCounted: Tue Oct 03 14:44:50 2023; Authenticated user: 'x'\n"
    "Analyzer Serial number: S6-1; Computer name: c\nCounting window size: 1024x1024\n\n"
)
BLANKS = (
    "\t\t\tUnprocessed Data\n\n\tC.T.L.\t\t\tImmunoSpot  Plate Code = P77\n      1     2     3\n\n"
    "A    61   132   TNTC\nB     0    81    66\nTNTC: Too numerous to count\n\n"
    "\t\t\tMean spot sizes (Sq.mm)\n     1      2      3\n\nA  0.0072 0.0092 0.0088\nB  0.0124 0.0091 0.0086\n"
)
TABS = (
    "\tSpot Counts\t\t\t\tMean spot sizes (1E-3 Sq.mm)\t\t\n\t\t\t\t\t\t\t\n\t1\t2\t3\t\t1\t2\t3\n\t_____\t\t\t\t____\n"
    "A\t0\t4\t-2\tA\t0.5\t-2\t1.5\nB\t1\t\t-3\tB\t1.5\t2.5\t3.5\n"
    "\t-1 = Well is not counted\t-2 = Off scale well\t-3 = Rejected in QC\n"
)


def reads(text):
    return read((HEAD + text).encode(), "x.txt").plates[0].reads


def wells(one):
    return dict(zip(one.wells, one.values[:, 0].tolist(), strict=True))


def test_counts_are_measured_and_image_results_are_calculated():
    counts, sizes = reads(BLANKS)

    assert (counts.label, counts.calculated, counts.mode) == ("Unprocessed Data", False, "count")
    assert (sizes.label, sizes.calculated, sizes.unit) == ("Mean spot sizes (Sq.mm)", True, "Sq.mm")
    assert wells(counts)["B1"] == 0.0
    assert wells(sizes)["B3"] == 0.0086


def test_too_numerous_to_count_is_saturated_and_no_number():
    (flag,) = reads(BLANKS)[0].flags

    assert (flag.well, flag.text, flag.flag) == ("A3", "TNTC", "saturated")


def test_matrices_side_by_side_and_codes_of_the_legend():
    counts, sizes = reads(TABS)

    assert (counts.label, sizes.label) == ("Spot Counts", "Mean spot sizes (1E-3 Sq.mm)")
    assert [(f.well, f.text, f.flag) for f in counts.flags] == [
        ("A3", "-2", "saturated"),
        ("B3", "-3", "failed"),
    ]
    assert counts.wells == ("A1", "A2", "A3", "B1", "B3")
    assert wells(sizes)["B2"] == 2.5


def test_negative_number_without_a_legend_stays_a_number():
    counts, _ = reads(TABS.split("\t-1 =", maxsplit=1)[0])

    assert wells(counts)["A3"] == -2.0


def test_run_facts_and_plate_code():
    reading = read((HEAD + BLANKS).encode(), "x.txt")

    assert reading.started_at.value.isoformat() == "2023-10-03T14:44:50"
    assert (reading.instrument.serial, reading.instrument.software_version) == ("S6-1", "7.0.30.5")
    assert reading.plates[0].barcode == "P77"
    assert {"read": "Unprocessed Data", "well": "A1", "value": 61.0} in reading.records


def test_line_with_a_cell_too_few_is_refused():
    with pytest.raises(Malformed, match="2 cells"):
        reads(BLANKS.replace("B     0    81    66", "B     0    81"))


def test_export_without_a_matrix_is_refused():
    with pytest.raises(NoMeasurement):
        reads("nothing\n")


@pytest.mark.skipif(not shared("neighbours/spot*/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_file():
    (path,) = shared("neighbours/spot*/*")

    one = read(path.read_bytes(), path.name).plates[0].reads[0]

    assert (wells(one)["G5"], wells(one)["F8"]) == (13.0, 22.0)


@pytest.mark.parametrize("seed", [HEAD + BLANKS, HEAD + TABS], ids=["blanks", "tabs"])
def test_damaged_export_is_read_truly_or_refused(seed):
    withstands(seed.encode(), "x.txt")
