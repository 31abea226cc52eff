import pytest

from instruments import read
from tests.instruments.workbook_bytes import spreadsheet

RUN = "File Name,{name}\nRun Started,{start}\nCFX Maestro Version,4.1.2433.1219. \n\n"
TABLE = "Well,Fluor,Target,Content,Replicate,Sample,Cq,SQ Std. Dev,End RFU\nA01,SYBR,T,Unkn,1,7,18.5,0,1533.25\n"


@pytest.mark.parametrize(
    ("name", "start", "day"),
    [
        ("run.pcrd", "01/04/2031 12:22:17 UTC", "2031-01-04T12:22:17+00:00"),
        ("x_2031-04-01.pcrd", "01/04/2031 12:22:17 UTC", "2031-04-01T12:22:17+00:00"),
        ("run.pcrd", "25/04/2031 12:22:17 UTC", "2031-04-25T12:22:17+00:00"),
    ],
)
def test_run_in_utc_is_dated_with_the_month_first_unless_the_file_shows_otherwise(name, start, day):
    reading = read((RUN.format(name=name, start=start) + TABLE).encode(), "x.csv")

    assert (reading.started_at.value.isoformat(), reading.started_at.text) == (day, start)
    assert reading.instrument.software_version == "4.1.2433.1219"
    (record,) = reading.records
    assert (record["Well"], record["Replicate"], record["Sample"], record["Cq"]) == (
        "A1",
        "1",
        "7",
        18.5,
    )


def test_cq_of_cfx_manager_1_with_decimal_commas_and_bare_returns():
    text = (
        "Well\tFluor\tContent\tTarget\tSample\tThreshold Cycle ( C(t) )\tC(t) Mean\r"
        'B01\tSYBR\tUnkn-01\tT\t0Hr\t"21,49"\t"21,47"\rB02\tSYBR\tUnkn-02\tT\t1Hr\tN/A\t"21,57"'
    )

    reading = read(text.encode(), "x.txt")

    first, second = reading.records
    assert (first["Well"], first["Threshold Cycle ( C(t) )"], first["C(t) Mean"]) == (
        "B1",
        21.49,
        21.47,
    )
    assert second["Threshold Cycle ( C(t) ) flag"] == "N/A"
    assert any("C(t) Mean" in message.text for message in reading.messages)


def test_workbook_has_a_sheet_for_the_table_and_one_for_the_run():
    reading = workbook(
        {
            "0": [
                ["", "Well", "Fluor", "Content", "Sample", "Cq"],
                ["", "A01", "FAM", "Unkn", 7, 21.5],
            ],
            "Run Information": [
                ["File Name", "x.pcrd"],
                ["Run Started", "02/28/2031 15:21:30 UTC"],
            ],
            "Mine": [["sum", 43]],
        }
    )

    (record,) = reading.records
    assert (record["Well"], record["Sample"], record["Cq"]) == ("A1", "7", 21.5)
    assert reading.started_at.value.isoformat() == "2031-02-28T15:21:30+00:00"
    assert any("sheet 'Mine', cell B1 (43)" in message.text for message in reading.messages)


def test_workbook_of_curves_has_a_sheet_for_each_dye():
    lines = [["", "Cycle", "A1", "A2"], ["", 1, 10.5, None], ["", 2, 11.5, None]]

    first, second = workbook({"FAM": lines, "HEX": lines}).records

    assert (first["Well"], first["Fluor"], first["RFU"]) == ("A1", "FAM", [10.5, 11.5])
    assert (second["Well"], second["Fluor"]) == ("A1", "HEX")


def workbook(sheets):
    return read(spreadsheet(sheets), "x.xlsx")
