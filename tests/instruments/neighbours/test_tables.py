"""qPCR, dPCR, cell counters, fluorometer: rows of a table as records."""

import pytest

from instruments import read
from instruments.errors import InstrumentFileError, Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import shared, withstands
from tests.instruments.workbook_bytes import spreadsheet

CFX = ",Well,Fluor,Target,Content,Sample,Cq,Starting Quantity (SQ)\n"
QUANT = "* Block Type = 96-Well Block (0.2mL)\n* Instrument Type = QuantStudio 5\n* Instrument Serial Number = 27\n"
BLU = "Sample ID,Cell count,Viable cells,Viable (x10^6) cells/mL,Viability (%),Images for analysis,Analysis date/time\n"
QUBIT = "Run ID,Assay Name,Test Name,Test Date,Qubit® tube conc.,Units,Original sample conc.,Units,Std 1 RFU,Green RFU\n"
ABSOLUTE = "Run,Date,Instrument,Plate,Group,Name,Well,Total,Dye,Target,Conc. cp/uL,SD,CV%,95%CI,Positives\n"
NUCLEO = "Assay; ;\nImage;s1;\nViability (%);68.2;\nLive (cells/ml);2.45E6;\nTotal (cells/ml);3.58E6;\nDate time;20231120 163016\n\n//[ECEC5A41]"
XR = "Vi-CELL XR 2.06.3\n\nSample ID : S1\nRunDate : 18 May 2024  1:10:16 PM\nUnit S/N : AW1\n\nResults:\nTotal cells : 1960\nViable cells : 1667\nComment :\nCountData : 3,4,5,\n"


def records(text):
    return read(text.encode(), "x.csv").records


def test_cfx_cq_that_was_not_found_is_a_flag_and_not_zero():
    first, second = records(CFX + ",A01,FAM,,Unkn,S1,21.5,NaN\n,A02,FAM,,Neg Ctrl,7,NaN,0\n")

    assert (first["Well"], first["Cq"], first["Starting Quantity (SQ)"]) == ("A1", 21.5, None)
    assert first["Starting Quantity (SQ) flag"] == "NaN"
    assert (second["Cq"], second["Cq flag"], second["Starting Quantity (SQ)"]) == (None, "NaN", 0.0)
    assert second["Sample"] == "7"


def test_cfx_with_run_information_and_decimal_commas():
    text = "File Name;x.pcrd\nRun Started;02/28/2024 15:21:30 UTC\nBase Serial Number;CT1\n\n" + (
        CFX + ",A01,FAM,,Unkn,S1,21#5,1#25\n"
    ).replace(",", ";").replace("#", ",")

    reading = read(text.encode(), "x.csv")

    assert reading.records[0]["Cq"] == 21.5
    assert reading.instrument.serial == "CT1"
    assert reading.started_at.value.isoformat()[:16] == "2024-02-28T15:21"


def test_cfx_amplification_has_one_curve_per_well():
    first, second = records(",Cycle,A01,B12\n,1,10.5,20\n,2,11.5,21\n")

    assert (first["Well"], first["Cycle"], first["RFU"]) == ("A1", [1.0, 2.0], [10.5, 11.5])
    assert second["Well"] == "B12"


def test_cfx_curve_with_a_hole_is_refused_with_its_place():
    with pytest.raises(Malformed, match="line 3, field 3"):
        records(",Cycle,A01,B12\n,1,10.5,20\n,2,,21\n")


def test_quantstudio_thousands_separator_needs_proof_in_its_section():
    text = (
        QUANT
        + "\n[Raw Data]\nWell\tWell Position\tCycle\tx1-m1\n1\tA1\t1\t882,830.500\n1\tA1\t2\t1,748\n"
        + "\n[Results]\nWell\tWell Position\tTarget Name\tCT\n1\tA1\tT\t20.5\n"
    )
    first, second, _ = records(text)
    assert (first["x1-m1"], second["x1-m1"]) == (882830.5, 1748.0)

    (one,) = records(
        QUANT + "\n[Raw Data]\nWell\tWell Position\tCycle\tx1-m1\tx2-m2\n1\tA1\t1\t1,748\t0.5\n"
    )
    assert (one["x1-m1"], one["x2-m2"]) == ("1,748", 0.5)


def test_quantstudio_undetermined_is_a_flag_and_the_position_follows_from_the_setup():
    text = QUANT + (
        "\n[Sample Setup]\nWell\tWell Position\tSample Name\n13\tB1\tS1\n"
        "\n[Amplification Data]\nWell\tCycle\tTarget Name\tRn\n13\t1\tT\t1.064\n"
        "\n[Results]\nWell\tWell Position\tTarget Name\tCT\n13\tB1\tT\tUndetermined\n"
    )

    _, amplification, result = records(text)

    assert (amplification["section"], amplification["Well Position"]) == (
        "Amplification Data",
        "B1",
    )
    assert (result["CT"], result["CT flag"]) == (None, "Undetermined")


def test_quantstudio_end_of_run_is_not_taken_for_its_start():
    text = (
        QUANT
        + "* Experiment Run End Time = 2010-10-01 01:44:54 AM EDT\n\n[Results]\nWell\tWell Position\tTarget Name\tCT\n1\tA1\tT\t20.5\n"
    )

    reading = read(text.encode(), "x.txt")

    assert reading.started_at is None
    assert any("2010-10-01" in message.text for message in reading.messages)


def test_design_and_analysis_csv_without_sections_is_read():
    text = (
        "# Block Type: 96-Well 0.2-mL Block\n# Instrument Type: QuantStudio 5\n# Run Start Date/Time: 2023-05-06 07:08:09\n"
        '"Well","Well Position","Omit","Sample","Target","Cq"\n"1","A1","false","12","T","21.5"\n'
        '"2","A2","false","S","T","Undetermined"\n'
    )

    reading = read(text.encode(), "x.csv")

    assert [record["Cq"] for record in reading.records] == [21.5, None]
    assert reading.records[0]["Sample"] == "12"
    assert reading.started_at.value.isoformat() == "2023-05-06T07:08:09"


def test_absolute_q_average_is_a_summary_and_no_well():
    rows = "r,5/19/2023,AQ,P,G (2),,Average,20443.63,VIC,T,1.9,2.7,141.4,1,17\nr,5/19/2023,AQ,P,G,S,A01,20413,VIC,T,0,,,0,0\n"
    average, well = records(ABSOLUTE + rows)

    assert (average["calculated"], well["calculated"]) == (True, False)
    assert (well["Well"], well["Conc. cp/uL"], well["SD"]) == ("A1", 0.0, None)


def test_absolute_q_summary_has_one_record_per_well_and_dye():
    text = (
        ",,,,,,,FAM,,,VIC,,,\nRun name,Group,Sample,Well,DF,QC,Total,Target,Conc.,Positives,Target,Conc.,Positives,MeanQC\n"
        "r,,S1,A1,1/1.00000,PASS,20419,T1,392.15,3182,T2,0.00,0,10688.1\n"
    )

    first, second = records(text)

    assert [
        (r["Dye"], r["Target"], r["Conc."], r["Positives"], r["Total"], r["MeanQC"])
        for r in (first, second)
    ] == [
        ("FAM", "T1", 392.15, 3182.0, 20419.0, 10688.1),
        ("VIC", "T2", 0.0, 0.0, 20419.0, 10688.1),
    ]


def test_absolute_q_partitions_are_series_and_no_record_each():
    head = "Run,Date,Instrument,Plate,Well ID,Sample,Index,Reject,ROX,FAM,FAM_pos,FAM_target,FAM_threshold\n"
    rows = "r,2023-05-24,1,P,A1,S,1,False,10824.2,26754.5,True,T1,13019\nr,2023-05-24,1,P,A1,S,2,True,10615.5,2673.7,False,T1,13019\n"

    fam, rox = records(head + rows)

    assert (fam["Intensity"], fam["Positives"], fam["Rejected"]) == ([26754.5, 2673.7], 1.0, 1.0)
    assert (rox["Dye"], rox["Partitions"]) == ("ROX", 2.0)


def test_vicell_blu_error_is_a_flag_and_one_date_proves_all():
    reading = read(
        (
            BLU
            + "20-7,ERROR,ERROR,2.45,98.5,100,3/4/2022 11:14\n8,2191,2123,0.75,0,100,3/21/2022 16:56\n"
        ).encode(),
        "x.csv",
    )

    first, second = reading.records
    assert (first["Sample ID"], first["Cell count"], first["Cell count flag"]) == (
        "20-7",
        None,
        "ERROR",
    )
    assert (second["Sample ID"], second["Viability (%)"]) == ("8", 0.0)
    assert reading.started_at.value.isoformat() == "2022-03-04T11:14:00"
    assert reading.started_at.day_month_order == "proved"


def test_vicell_blu_detail_has_a_record_for_each_image():
    text = (
        '"Sample ID","Images for analysis","Analysis date/time"\n"20-7","100","9/29/2026 1:42:31 PM"\n'
        '"Image#","Cell count","Viable (x10^6) cells/mL","Viability (%)"\n"1","104","3.8476","99.0"\n"","","",""\n"Total","11528","4.2095","97.8"\n'
    )

    sample, image, total = records(text)

    assert (sample["table"], image["Cell count"], total["Image#"]) == ("sample", 104.0, "Total")


def test_vicell_xr_keeps_series_and_the_run_date():
    reading = read(XR.encode(), "x.txt")

    (record,) = reading.records
    assert (record["Total cells"], record["CountData"]) == (1960.0, [3.0, 4.0, 5.0])
    assert reading.started_at.value.isoformat() == "2024-05-18T13:10:16"
    assert (reading.instrument.serial, reading.instrument.software_version) == ("AW1", "2.06.3")


def test_vicell_xr_series_with_a_hole_is_refused_with_its_line():
    with pytest.raises(Malformed, match="line 11"):
        read(XR.replace("3,4,5", "3,,5").encode(), "x.txt")


def test_nucleoview_below_range_is_a_flag():
    (record,) = records(NUCLEO.replace("68.2", "<8"))

    assert (record["Viability (%)"], record["Viability (%) flag"]) == (None, "<8")
    assert record["Live (cells/ml)"] == 2.45e6


def test_qubit_columns_of_one_name_stay_apart():
    reading = read(
        (
            QUBIT
            + "2023-12-13,HS,S1,12/13/2023 6:40:54 AM,Out of range,ng/mL,6.08,ng/µL,49.43,1303.11\n"
        ).encode(),
        "x.csv",
    )

    (record,) = reading.records
    assert (record["Units"], record["Units (2)"]) == ("ng/mL", "ng/µL")
    assert (record["Qubit® tube conc."], record["Qubit® tube conc. flag"]) == (None, "Out of range")


def test_qubit_flex_with_its_separator_line():
    text = (
        "sep=,\nRun ID,Test Date,Assay Name,Sample Name,Original Sample Conc.,Original sample conc. units,"
        "Qubit Tube Conc.,Qubit tube conc. units,Core Range,Sample RFU,Software Version\n"
        "131222-164034,13/12/2022 04:41:09 PM,RNA BR,S1,528,ng/uL,2.64,ug/mL,20.0-1000,26.8,1.5.0\n"
    )

    reading = read(text.encode(), "x.csv")

    (record,) = reading.records
    assert (record["Original Sample Conc."], record["Original sample conc. units"]) == (
        528.0,
        "ng/uL",
    )
    assert (record["Qubit Tube Conc."], record["Core Range"]) == (2.64, "20.0-1000")
    assert (reading.instrument.model, reading.instrument.software_version) == (
        "Qubit Flex",
        "1.5.0",
    )
    assert reading.started_at.value.isoformat() == "2022-12-13T16:41:09"


def test_quantstudio_workbook_has_one_section_per_sheet():
    rows = [
        ["Block Type", "96-Well Block (0.2mL)"],
        ["Instrument Type", "QuantStudio 7 Pro"],
        [],
        ["Well", "Well Position", "Sample Name", "Target Name", "CT"],
        [1, "A1", "S1", "T", "Undetermined"],
        [2, "A2", 17, "T", 21.5],
    ]

    reading = read(spreadsheet({"Sample Setup": rows, "Results": rows}), "x.xlsx")

    last = reading.records[-1]
    assert (last["section"], last["Well Position"], last["CT"]) == ("Results", "A2", 21.5)
    assert (last["Sample Name"], reading.instrument.model) == ("17", "QuantStudio 7 Pro")
    assert reading.records[2]["CT flag"] == "Undetermined"


def test_quantstudio_lines_below_a_table_are_kept():
    text = (
        QUANT
        + "\n[Results]\nWell\tWell Position\tTarget Name\tCT\n1\tA1\tT\t20.5\n\nEndogenous Control = GAPDH\n"
    )

    assert read(text.encode(), "x.txt").details["Endogenous Control"] == "GAPDH"


def test_absolute_q_channels_have_no_well():
    (record,) = records(
        "Run,Date,Instrument,Plate,Sample,Channels,Count,Copies per microliter,Total\nr,2023-05-24,1,P,A1,FAM VIC,428,49.04,20419\n"
    )

    assert (record["Channels"], record["Count"], record["calculated"]) == ("FAM VIC", 428.0, False)


def test_nucleoview_note_that_runs_over_its_line_is_one_flag():
    (record,) = records(NUCLEO.replace("68.2;", "68.2 (Uncertain\ndetermination);"))

    assert (record["Viability (%)"], record["Viability (%) flag"]) == (
        None,
        "68.2 (Uncertain determination)",
    )


@pytest.mark.parametrize("text", [CFX, BLU, QUBIT, ABSOLUTE])
def test_head_without_rows_is_refused(text):
    with pytest.raises(NoMeasurement):
        records(text)


def test_row_with_more_cells_than_the_head_is_refused_with_its_place():
    with pytest.raises(Malformed, match="line 2, field 9"):
        records(CFX + ",A01,FAM,,Unkn,S1,21.5,NaN,99\n")


@pytest.mark.parametrize(
    "text",
    [
        "\x01" + ABSOLUTE + "r,5/19/2023,AQ,P,G,S,A1,20413,VIC,T,0,,,0,0\n",
        BLU.replace("Sample ID", "Sample IDs") + "S1,2191,2123,0.75,96.9,100,3/21/2022 16:56\n",
    ],
)
def test_inputs_that_once_failed_are_refused(text):
    with pytest.raises(InstrumentFileError):
        records(text)


@pytest.mark.skipif(not shared("neighbours/**/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_files():
    by_name = {path.parent.name: path for path in shared("neighbours/*/*")}

    def first(folder, index):
        path = by_name[folder]
        return read(path.read_bytes(), path.name).records[index]

    assert first("qpcr-cfx-maestro-csv", 15)["Cq"] == 22.507626510994
    assert first("dpcr-absoluteq-csv", 12)["Positives"] == 96.0
    assert first("cell-counter-vicell-blu-csv", 4)["Average diameter (μm)"] == 17.95
    assert first("cell-counter-vicell-xr-txt", 0)["ClusterSizeData"][:2] == [243604.0, 46168.0]


SEEDS = [
    CFX + ",A01,FAM,,Unkn,S1,21.5,NaN\n,A02,VIC,,Unkn,S2,22.5,100\n",
    QUANT
    + "\n[Raw Data]\nWell\tWell Position\tCycle\tx1-m1\n1\tA1\t1\t882,830.500\n\n[Results]\nWell\tWell Position\tTarget Name\tCT\n1\tA1\tT\t20.5\n",
    ABSOLUTE + "r,5/19/2023,AQ,P,G,S,A1,20413,VIC,T,0,,,0,0\n",
    BLU + "S1,2191,2123,0.75,96.9,100,3/21/2022 16:56\n",
    QUBIT + "2023-12-13,HS,S1,12/13/2023 6:40:54 AM,30.4,ng/mL,6.08,ng/µL,49.43,1303.11\n",
    XR,
    NUCLEO,
]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed[:12])
def test_damaged_table_is_read_or_refused(seed):
    withstands(seed.encode(), "x.csv")


@pytest.mark.parametrize("path", shared("neighbours/*/*"), ids=lambda path: path.name)
def test_real_file_cut_anywhere_is_read_or_refused(path):
    content = path.read_bytes()
    for part in range(1, 12):
        try:
            read(content[: len(content) * part // 12], path.name)
        except InstrumentFileError as refusal:
            message = str(refusal)
            assert message


def test_nucleoview_with_tabs_counts_time_in_utc():
    text = (
        "Source ID:\t99-00009\nTime (UTC):\t2031-09-09 09:49:29\nSoftware version:\t2.1.25\n"
        "Instrument:\tS/N:900210\nComments:\t\nTotal (cells/ml):\t1.12E+06\n"
        "Live (cells/ml):\t9.28E+05\nViability (%):\t83.0\nDebris Index:\t50\nStatus:\tOK\n"
    )

    reading = read(text.encode(), "nc.csv")

    assert (reading.instrument.serial, reading.instrument.software_version) == ("900210", "2.1.25")
    assert reading.started_at.value.isoformat() == "2031-09-09T09:49:29+00:00"
    record = reading.records[0]
    assert (record["Source ID"], record["Live (cells/ml)"]) == ("99-00009", 928_000)
    assert (record["Viability (%)"], record["Debris Index"], record["Status"]) == (83, 50, "OK")
    assert record["Comments"] is None


def test_qiacuity_names_the_well_and_counts_percentages():
    text = (
        'sep=,\n"","Sample/NTC/Control","Target","Conc. [copies/µL]","CI (95%)","CV%",'
        '"Partitions (valid)","Partitions (positive)","Threshold"\n'
        '"A01","NTC","CD3","0.000","-","148.73%","25332","0","66.19"\n'
        '"A2","S1","CD3","0.052","147.5%","148.73%","25419","1","66.19"\n'
    )

    first, second = records(text)

    assert (first["Well"], first["Conc. [copies/µL]"], first["CI (95%) [%]"]) == ("A1", 0, None)
    assert (second["CI (95%) [%]"], second["CV%"]) == (147.5, 148.73)
    assert (second["Partitions (valid)"], second["Partitions (positive)"]) == (25419, 1)


def test_quantstudio_results_alone_need_no_block():
    text = (
        "* Experiment Name = e\n* Instrument Serial Number = 27\n* Instrument Type = 7 Flex\n\n"
        "[Results]\nWell\tWell Position\tTarget Name\tTask\tCT\tTarget Name\tTask\n"
        "1\tA1\tT\tSTANDARD\t16.484\tT\tSTANDARD\n"
    )

    (only,) = records(text)

    assert (only["Well Position"], only["CT"], only["Target Name (2)"]) == ("A1", 16.484, "T")


def test_qubit_day_is_the_one_its_run_is_named_after():
    row = "2023-11-04,1x,Sample_#231104-010659,04/11/2023 1:06:59 AM,106,ng/mL,21.2,ng/uL,56,5615\n"

    started = read((QUBIT + row).encode(), "q.csv").started_at

    assert started.value.isoformat() == "2023-11-04T01:06:59"
    assert started.day_month_order == "assumed"
