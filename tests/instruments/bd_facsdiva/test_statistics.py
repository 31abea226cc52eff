"""Statistics that FACSDiva exports as a table."""

import pytest

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import withstands

TUBES = (
    "Specimen Name,Tube Name,Record Date,$OP,SAMPLE ID,All Events #Events,P1 #Events,P1 %Parent,"
    "P1 FITC-A Mean\n"
    'Sp1,7,"Sep 20, 2018 2:22:33 PM",lab,12,10000,8000,80.0,1234\n'
    'Sp1,8,"Sep 20, 2018 2:25:03 PM",lab,13,10000,0,0.0,####\n'
)
WELLS = (
    "Experiment Name,Plate Name,Specimen Name,Well Name,Record Date,All Events #Events,"
    "All Events FITC-A Mean\nE1,P1,Sp1,A01,7/15/2016 2:22:29 PM,5000,812.5\n"
)


def test_names_stay_texts_and_statistics_are_numbers():
    reading = read(TUBES.encode(), "x.csv")

    first, second = reading.records
    assert reading.reader == "bd_facsdiva"
    assert (first["Tube Name"], first["SAMPLE ID"]) == ("7", "12")
    assert (first["All Events #Events"], first["P1 %Parent"]) == (10000, 80.0)
    assert (second["P1 #Events"], second["P1 FITC-A Mean"]) == (0, None)
    assert second["P1 FITC-A Mean flag"] == "####"
    assert any("computed from gated events" in message.text for message in reading.messages)


def test_date_with_the_month_as_a_word_is_the_start():
    reading = read(TUBES.encode(), "x.csv")

    assert reading.started_at.value.isoformat() == "2018-09-20T14:22:33"
    assert reading.started_at.text == "Sep 20, 2018 2:22:33 PM"


def test_wells_of_a_plate_have_their_usual_names():
    reading = read(WELLS.encode(), "x.csv")

    (record,) = reading.records
    assert (record["Well Name"], record["All Events FITC-A Mean"]) == ("A1", 812.5)
    assert reading.started_at.value.isoformat() == "2016-07-15T14:22:29"


def test_head_alone_is_refused():
    with pytest.raises(NoMeasurement):
        read(TUBES.partition("\n")[0].encode(), "x.csv")


def test_row_with_more_cells_than_the_head_is_refused():
    with pytest.raises(Malformed, match="line 2"):
        read(WELLS.replace("812.5", "812.5,7").encode(), "x.csv")


@pytest.mark.parametrize("seed", [TUBES, WELLS], ids=["tubes", "wells"])
def test_damaged_table_is_read_or_refused(seed):
    withstands(seed.encode(), "x.csv")
