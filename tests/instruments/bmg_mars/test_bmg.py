"""What BMG files taught, one case each."""

import numpy as np

from instruments import read
from instruments.readings import Kind
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


def test_temperature_that_every_well_repeats_belongs_to_the_read():
    text = (
        'Fluorescence (FI)\n\n"Well\nRow","Well\nCol",Content,'
        '"Raw Data (355, 460)\n1 - 0 min  ","Raw Data (355, 460)\n2 - 0 min 15 s ",'
        '"Temperature\n1 - 0 min  ","Temperature\n2 - 0 min 15 s "\n'
        "A,1,Sample X1,101,102,25,25.1\nA,2,Sample X2,201,202,25,25.1\n"
    )

    reads = reading(text).plates[0].reads

    assert [each.label for each in reads] == ["Raw Data (355, 460)"]
    assert (reads[0].excitation_nm, reads[0].emission_nm) == (355, 460)
    assert reads[0].time_s is not None
    assert reads[0].time_s.tolist() == [0, 15]
    assert reads[0].temperature_c is not None
    assert reads[0].temperature_c.tolist() == [25, 25.1]


def test_temperature_that_differs_between_wells_stays_a_read():
    text = (
        "Absorbance\n\nWell,Content,Raw Data (600),Temperature\n"
        "A01,Sample X1,0.1,25\nA02,Sample X2,0.2,26\n"
    )

    reads = reading(text).plates[0].reads

    assert [(each.label, each.calculated) for each in reads] == [
        ("Raw Data (600)", False),
        ("Temperature", True),
    ]


def test_title_above_a_table_counts_where_the_columns_only_count_cycles():
    text = (
        "Absorbance spectrum\n\nRaw Data  (Abs Spectrum)#\n\n Well, Content, 1 - 1, 1 - 1, \n"
        ",Wavelength [nm],350,351,\nA01,Blank B,0.3,0.4,\n"
    )

    each = reading(text).plates[0].reads[0]

    assert (each.label, each.calculated) == ("Raw Data  (Abs Spectrum)#", False)
    assert each.spectrum_nm is not None
    assert each.spectrum_nm.tolist() == [350, 351]


def test_standards_after_the_values_are_layout():
    text = (
        "Fluorescence (FI)\n\nWell,Content, Blank corrected based on Raw Data (F: 482-16/525-20),"
        " Raw Data (F: 482-16/525-20),Standard Concentrations,\n"
        "B02,Standard S1,900,910,100.000,\nO02,Blank B,,10,,\n"
    )

    plate = reading(text).plates[0]

    assert [(each.calculated, each.wells) for each in plate.reads] == [
        (True, ("B2",)),
        (False, ("B2", "O2")),
    ]
    assert plate.layout["B2"].concentration == 100
    assert plate.layout["O2"].concentration is None


def test_mirror_between_two_filters_is_no_emission():
    text = "Fluorescence (FI)\n\nWell,Content,Raw Data (482-16/F: LP 504/530-40)\nA01,Sample X1,5\n"

    each = reading(text).plates[0].reads[0]

    assert (each.excitation_nm, each.emission_nm) == (482, 530)


def test_average_of_a_well_scan_is_calculated_at_its_wavelengths():
    text = (
        "Fluorescence (FI)\n\nWell Scan: Average (570-8/615-8)\n\n"
        ",1,2,3\nA,18.1,empty,15.9\nB,18.3,14.1,14.4\n"
    )

    each = reading(text).plates[0].reads[0]

    assert each.calculated
    assert (each.excitation_nm, each.emission_nm) == (570, 615)
    assert [(flag.well, flag.text) for flag in each.flags] == [("A2", "empty")]


def test_transposed_table_names_wells_in_two_lines():
    text = (
        "Fluorescence (FI)\n\nWell Row,,A,A,B\nWell Col,,1,2,1\nContent,,Sample X1,Sample X2,Blank B\n"
        "Group,Time [min],A,A,\n"
        "Raw Data (400/520),0,1,2,3\nRaw Data (400/520),1.5,4,5,6\n"
        "Blank corrected based on Raw Data (400/520),0,0,1,\n"
    )

    plate = reading(text).plates[0]

    raw, corrected = plate.reads
    assert raw.wells == ("A1", "A2", "B1")
    assert raw.time_s is not None
    assert raw.time_s.tolist() == [0, 90]
    assert raw.values.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert (corrected.calculated, corrected.wells) == (True, ("A1", "A2"))
    assert plate.layout["A2"].group == "A"


def test_matrix_for_each_wavelength_makes_a_spectrum():
    head = "User: U,Path: p,Test ID: 12\nFluorescence (FI) spectrum\n\n"
    titles = ("472-16 / 500-10", "472-16 / 501-10", "480-16 / 520-10", "472-16 / 500-10")
    text = head + "".join(
        f",Raw Data (Em Spectrum) {title}\n,1,2\nA,{at}0,{at}1\nB,{at}2,{'' if at == 1 else at}\n\n"
        for at, title in enumerate(titles)
    )
    first, other, again = read(text.encode(), "x.csv").plates[0].reads

    assert (first.label, first.kind) == ("Raw Data (Em Spectrum)", Kind.SPECTRUM)
    assert (first.excitation_nm, first.emission_nm, first.calculated) == (472.0, None, False)
    assert first.spectrum_nm.tolist() == [500.0, 501.0]
    assert first.wells == ("A1", "A2", "B1", "B2")
    np.testing.assert_array_equal(first.values, [[0, 10], [1, 11], [2, 12], [0, np.nan]])
    assert (other.excitation_nm, other.spectrum_nm.tolist()) == (480.0, [520.0])
    assert again.values[0].tolist() == [30.0]


def test_excitation_and_absorbance_spectra_drawn_as_matrices():
    text = "User: U,Path: p,Test ID: 12\nFluorescence (FI) spectrum\n\n" + "".join(
        f",Raw Data (Ex Spectrum) {nm}-10 / 560-20\n,1,2\nA,{nm},5\n\n" for nm in (430, 432)
    )
    (measured,) = read(text.encode(), "x.csv").plates[0].reads
    assert (measured.excitation_nm, measured.emission_nm) == (None, 560.0)
    assert measured.values[0].tolist() == [430.0, 432.0]

    text = "User: U,Path: p,Test ID: 12\nAbsorbance spectrum\n\n" + "".join(
        f",Raw Data (Abs Spectrum) {nm}\n,1,2\nA,0.{nm},0.5\n\n" for nm in (430, 432)
    )
    (measured,) = read(text.encode(), "x.csv").plates[0].reads
    assert (measured.unit, measured.spectrum_nm.tolist()) == ("AU", [430.0, 432.0])


def test_cycles_without_a_head_are_known_by_their_matrices():
    text = ",,,\n" + "".join(
        f"Cycle {cycle} ({cycle - 1} min),,,\n,Raw Data (483-14/530-30),,\n"
        f",1,2,3\nA,{cycle}1,{cycle}2,\nB,,,\n,,,\n"
        for cycle in (1, 2, 3)
    )
    (measured,) = read(text.encode(), "x.csv").plates[0].reads

    assert (measured.mode.value, measured.excitation_nm) == ("fluorescence", 483.0)
    assert measured.time_s.tolist() == [0.0, 60.0, 120.0]
    assert measured.values.tolist() == [[11, 21, 31], [12, 22, 32]]


def test_scattered_light_is_no_absorbance():
    each = reading("Nephelometry\n\nWell,Content,Raw Data (635)\nA01,Sample X1,5120\n")
    (measured,) = each.plates[0].reads

    assert (measured.mode.value, measured.unit) == ("count", "RNU")
    assert measured.wavelength_nm is None
    assert any("nephelometry" in message.text for message in each.messages)
