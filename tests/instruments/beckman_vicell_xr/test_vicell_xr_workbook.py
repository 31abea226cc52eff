import datetime as dt

import pytest

from instruments import read
from instruments.errors import NoMeasurement
from tests.instruments.workbook_bytes import spreadsheet

UPPER = ["Sample ID", "File name", "Cell type", "Dilution", "Sample date/time", "Total cells"]
UPPER += ["Viability", "Total cells", "Viable cells", "Avg. diam."]
LOWER = [None, None, None, "factor", None, None, "(%)", "/ml (x10^6)", "/ml (x10^6)", "(microns)"]
CODES = [0, 1, 2, 10, 11, 12, 13, 14, 15, 16]
FIRST = ["7", "7.txt", "CHO", 1, "18 May 2031  01:10:16 PM", 2115, 98.25, 4.5, 4.25, 15.5]
SECOND = ["F2", "F2.txt", "CHO", 2, "19 May 2031  02:10:16 PM", 2096, "ERR", 4.75, None, 15.75]


def workbook(*rows):
    return read(spreadsheet({"Samples": rows}), "x.xlsx")


@pytest.mark.parametrize("codes", [[], [CODES]])
@pytest.mark.parametrize("above", [[["Bioprocess:"]], [["Unit S/N: AW12345"], []]])
def test_sample_has_a_record_under_names_of_two_rows(above, codes):
    reading = workbook(
        ["Vi-CELL XR 2.04"], ["C:\\x.txt"], *above, UPPER, LOWER, *codes, FIRST, SECOND
    )

    first, second = reading.records
    assert (first["Sample ID"], first["Total cells"], first["Viability (%)"]) == ("7", 2115, 98.25)
    assert (first["Total cells/ml (x10^6)"], first["Viable cells/ml (x10^6)"]) == (4.5, 4.25)
    assert (second["Viability (%)"], second["Viability (%) flag"]) == (None, "ERR")
    assert second["Viable cells/ml (x10^6)"] is None
    assert reading.instrument.software_version == "2.04"
    assert reading.instrument.serial == ("AW12345" if "S/N" in above[0][0] else None)
    assert reading.started_at.value.isoformat() == "2031-05-18T13:10:16"
    assert not any("not read" in message.text for message in reading.messages)


def test_date_of_the_workbook_is_the_start():
    row = [*FIRST[:4], dt.datetime(2031, 5, 18, 13, 10), *FIRST[5:]]  # noqa: DTZ001
    reading = workbook(["Vi-CELL XR 2.06.3"], ["x"], ["y"], [], UPPER, LOWER, row)

    assert reading.started_at.value.isoformat() == "2031-05-18T13:10:00"


def test_names_in_one_row():
    (record,) = workbook(
        ["Vi-CELL XR 2.06.3"], ["Sample ID", "Cell type", "Viability (%)"], ["7", "CHO", 98.5]
    ).records

    assert (record["Sample ID"], record["Viability (%)"]) == ("7", 98.5)


def test_workbook_without_samples_is_refused():
    with pytest.raises(NoMeasurement, match="no sample"):
        workbook(["Vi-CELL XR 2.06.3"], ["x"], UPPER, LOWER)
