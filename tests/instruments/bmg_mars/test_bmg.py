"""What BMG files taught, one case each."""

from instruments import read
from tests.instruments.workbook_bytes import mars_rows, workbook

HEAD = "User: U,Path: C:\\BMG\\Omega\\U,Test run no.: 7\nTest name: t,Date: 25/10/2031,Time: 11:58:41\n"


def reading(text):
    return read((HEAD + text).encode(), "mars.csv")


def test_temperature_row_of_a_kinetic_table_is_kept():
    text = (
        "Absorbance\n\nWell,Content,Raw Data (600),Raw Data (600)\n,Time [s],0,60\n"
        ",Temp. [°C],37.0,37.1\nA01,Sample X1,0.1,0.2\n"
    )

    each = reading(text).plates[0].reads[0]

    assert each.temperature_c is not None
    assert each.temperature_c.tolist() == [37.0, 37.1]
    assert each.time_s is not None
    assert each.time_s.tolist() == [0, 60]


def test_two_matrices_side_by_side_are_two_reads():
    text = (
        "Absorbance\n\nRaw Data (450),,,,Raw Data (620)\n"
        ",1,2,,,1,2\nA,0.1,0.2,,A,0.3,0.4\nB,0.5,0.6,,B,0.7,0.8\n"
    )

    reads = reading(text).plates[0].reads

    assert [each.values[:, 0].tolist() for each in reads] == [
        [0.1, 0.2, 0.5, 0.6],
        [0.3, 0.4, 0.7, 0.8],
    ]


def test_same_values_on_two_sheets_are_one_read():
    result = read(workbook(mars_rows(), states=("visible", "visible")), "twice.xlsx")

    assert len(result.plates) == 1
    assert len(result.plates[0].reads) == 1
    assert "sheet 'S2' repeats Raw Data (600); it was read once" in [
        m.text for m in result.messages
    ]


def test_other_values_on_a_second_sheet_stay_and_are_reported():
    other = mars_rows().replace("0.23", "0.99")

    result = read(workbook("", sheets=(mars_rows(), other), states=("visible",) * 2), "two.xlsx")

    assert len(result.plates[0].reads) == 2
    assert any("gives other values" in m.text for m in result.messages)


def test_only_calculated_values_are_marked_as_such():
    text = (
        "Fluorescence (FI) spectrum\n\nWell,Content,Average based on Raw Data (Ex Spectrum)\n"
        ",Wavelength [nm],450\nB01,Sample X13,5891.7\n"
    )

    assert reading(text).plates[0].reads[0].calculated


def test_unit_is_the_one_the_file_names():
    text = "Absorbance,,,Absorbance values are displayed as OD\n\nRaw Data (600)\n\n,1,2\nA,1,2\n"

    assert reading(text).plates[0].reads[0].unit == "OD"


def test_rows_left_out_of_a_plate_of_1536_wells_keep_their_letters():
    columns = ",".join(map(str, range(1, 49)))
    lines = "".join(
        f"{row},{','.join(str(first + c) for c in range(48))}\n"
        for row, first in (("A", 100), ("Y", 200), ("e", 300))
    )

    plate = reading(f"\nLuminescence\n\nRaw Data (No filter)\n\n,{columns}\n{lines}").plates[0]

    values = dict(zip(plate.reads[0].wells, plate.reads[0].values[:, 0], strict=True))
    assert plate.size == 1536
    assert (values["A1"], values["Y48"], values["AE1"]) == (100, 247, 300)
