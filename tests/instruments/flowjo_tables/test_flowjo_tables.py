import pytest

from instruments import read
from instruments.errors import InstrumentFileError, NoMeasurement
from tests.instruments.neighbours.mutations import withstands
from tests.instruments.workbook_bytes import spreadsheet

SHARES = (
    ",Cells | Freq. of Parent,Cells/CD3+ | Count\nt1.fcs,45.6 %,120\nt2.fcs,n/a,0\nMean,46.5 %,60\n"
)
OLD = (
    'Sample,"S/Live,Freq. of Parent","S/Live/CD4,Count","S/Live/CD4,Median,<FITC-A>,CD69"\n'
    "t1.fcs,45.6,120,812\n"
)
TREE = (
    "Depth,Name,Statistic,#Cells\n,t1.fcs,,10000\n> ,Live,80.5 %,8050\n> > ,CD4,40.0 %,3220\n"
    ",t2.fcs,,9000\n> ,Live,81.5 %,7335\n"
)


def test_percentages_are_numbers_where_the_whole_column_is_written_so():
    first, second, mean = read(SHARES.encode(), "x.csv").records

    name = "Cells | Freq. of Parent [%]"
    assert (first[name], mean[name]) == (45.6, 46.5)
    assert (second[name], second[f"{name} flag"]) == (None, "n/a")
    assert (first["calculated"], mean["calculated"]) == (False, True)


def test_percentages_with_decimal_commas():
    text = SHARES.replace(",", ";").replace("45.6", "45,6").replace("46.5", "46,5")

    assert read(text.encode(), "x.csv").records[0]["Cells | Freq. of Parent [%]"] == 45.6


def test_columns_of_flowjo_9_hold_a_comma_in_their_names():
    (record,) = read(OLD.encode(), "x.csv").records

    assert record["S/Live,Freq. of Parent"] == 45.6
    assert record["S/Live/CD4,Count"] == 120
    assert record["S/Live/CD4,Median,<FITC-A>,CD69"] == 812


def test_columns_of_flowjo_9_in_a_text_with_tabs():
    text = "Sample\tS/Live,Freq. of Parent\tS/Live,Count\nt1.fcs\t45.6\t120\n"

    assert read(text.encode(), "x.txt").records[0]["S/Live,Count"] == 120


@pytest.mark.parametrize(
    "text", ["Sample,Count\nS1,5\n", '"Sample",Count\n"S1",5\n', "a,Mean\n1,2\n"]
)
def test_plain_tables_with_a_count_are_not_claimed(text):
    with pytest.raises(InstrumentFileError):
        read(text.encode(), "x.csv")


def test_tree_names_the_sample_of_each_population():
    reading = read(TREE.encode(), "x.csv")

    assert [record["sample"] for record in reading.records] == ["t1.fcs"] * 3 + ["t2.fcs"] * 2
    population = reading.records[2]
    assert (population["Depth"], population["Name"]) == ("> >", "CD4")
    assert (population["Statistic [%]"], population["#Cells"]) == (40.0, 3220)
    assert reading.records[0]["Statistic [%]"] is None


def test_tree_without_lines_is_refused():
    with pytest.raises(NoMeasurement):
        read(b"Depth,Name,Statistic,#Cells\n", "x.csv")


def test_workbook_names_the_sheets_that_are_no_table():
    rows = [["", "Cells | Freq. of Parent", "Cells/CD3+ | Count"], ["t1.fcs", "45.6 %", 120]]

    reading = read(spreadsheet({"Table": rows, "Notes": [["made by hand", 5]]}), "x.xlsx")

    (record,) = reading.records
    assert (record["Cells | Freq. of Parent [%]"], record["Cells/CD3+ | Count"]) == (45.6, 120)
    assert any("the sheet was not read" in message.text for message in reading.messages)


@pytest.mark.parametrize("seed", [SHARES, OLD, TREE], ids=["shares", "old", "tree"])
def test_damaged_table_is_read_or_refused(seed):
    withstands(seed.encode(), "x.csv")


def test_table_of_statistics_alone_names_no_summary():
    reading = read(b"Cells | Count\nMean\n5\n", "x.csv")

    assert [record["calculated"] for record in reading.records] == [False, False]
    assert reading.records[0]["Cells | Count flag"] == "Mean"
