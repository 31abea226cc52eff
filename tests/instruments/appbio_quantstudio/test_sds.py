from instruments import read
from tests.instruments.workbook_bytes import spreadsheet

SDS = (
    "SDS 2.3\tRQ Results\t1.2\r\nFilename\tx.sdm\r\nRun DateTime\tFri May 15 17:10:28 BST 2031\r\n"
    "#  \tPlate\tPos\tFlag\tSample\tDetector\tTask\tCt\tDelta Ct\tOmit\r\n"
    "1\tP\tA1\tPassed\t7\tT1\tTarget\t33.949196\t22.5\tFALSE\r\n"
    "16\tP\tA16\tFlagged\t7\tT2\tTarget\tUndetermined\t\tFALSE"
)


def test_results_of_sds_2_have_a_record_for_each_well():
    reading = read(SDS.encode(), "x.txt")

    first, second = reading.records
    assert (first["Pos"], first["Sample"], first["Ct"]) == ("A1", "7", 33.949196)
    assert (second["Pos"], second["Ct"], second["Ct flag"]) == ("A16", None, "Undetermined")
    assert (reading.instrument.software, reading.instrument.software_version) == ("SDS", "2.3")
    assert reading.details["Filename"] == "x.sdm"


def test_facts_below_the_table_of_a_sheet_are_kept():
    rows = [
        ["Block Type", "96well"],
        ["Instrument Type", "steponeplus"],
        [],
        ["Well", "Sample Name", "Target Name", "Task", "Cт"],
        ["A1", "S", "T", "UNKNOWN", 21.5],
        [],
        ["RQ Min/Max Confidence Level", 95.5],
    ]

    reading = read(spreadsheet({"Results": rows}), "x.xlsx")

    assert reading.details["RQ Min/Max Confidence Level"] == "95.5"
    assert not any("not read" in message.text for message in reading.messages)
    assert [record["Cт"] for record in reading.records] == [21.5]


def test_results_with_their_facts_separated_by_commas():
    text = (
        "Block Type,96-Well 0.2-mL Block,,,,,\nInstrument Serial Number,27,,,,,\n"
        "Instrument Type,QuantStudio™ 3 System,,,,,\n,,,,,,\n"
        "Well,Well Position,Omit,Sample Name,Target Name,CT,Ct Mean\n1,A1,0,7,T,Undetermined,35.5\n"
    )

    reading = read(text.encode(), "x.csv")

    (record,) = reading.records
    assert (record["Sample Name"], record["CT flag"], record["Ct Mean"]) == (
        "7",
        "Undetermined",
        35.5,
    )
    assert (reading.instrument.model, reading.instrument.serial) == ("QuantStudio™ 3 System", "27")


def test_software_is_the_one_that_the_file_names():
    text = (
        "# Block Type: 96-Well 0.2-mL Block\n# Instrument Type: QuantStudio 5\n"
        "# Software Name and Version: Design & Analysis Software v2.6.0\n\n"
        "Well,Well Position,Cycle Number,Target,Rn,dRn,Sample,Omit,Cq\n1,A01,1,T,0.5,0.1,S1,false,\n"
    )

    reading = read(text.encode(), "x.csv")

    assert reading.instrument.software == "Design & Analysis Software"
    assert any("Rn, dRn" in message.text for message in reading.messages)
