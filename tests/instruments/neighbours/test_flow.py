"""Flow cytometry: FCS files, FACSDiva experiments, FlowJo tables."""

import io

import flowio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments import read
from instruments.errors import InstrumentFileError, Malformed, Truncated, Unsafe
from tests.instruments.neighbours.mutations import PATIENT, check, damaged, shared

CHANNELS = ["FSC-A", "SSC-A", "FITC-A"]
META = {"date": "15-APR-2019", "btim": "16:13:10", "cyt": "LSRFortessa", "src": "lot 12"}
DIVA = (
    '<bdfacs version="Version 6.2"><experiment name="e"><specimen name="s"><tube name="t">'
    "<data_begin_date>2019-04-15T16:13:10</data_begin_date><data_instrument_name>F</data_instrument_name>"
    '<gates><gate fullname="All Events\\P1"><name>P1</name><num_events>12</num_events><parent>All Events</parent>'
    '<region name="P1" xparm="FSC-A" yparm="SSC-A" type="POLYGON_REGION"/></gate></gates></tube></specimen>'
    '<acquisition_worksheets><worksheet_template name="w"><gates><gate fullname="All Events"><num_events>99</num_events>'
    '</gate></gates><gate name="All Events"/></worksheet_template></acquisition_worksheets></experiment></bdfacs>'
)
FLOWJO = ",Cells | Freq. of Parent,Cells/CD3+ | Count,Cells | Median (FITC-A)\nt1.fcs,45.6 %,120,n/a\nt2.fcs,47.5,0,12.5\nMean,46.5,60,12.5\n"


def fcs(events=10, **meta):
    buffer = io.BytesIO()
    values = [float(i) for i in range(events * len(CHANNELS))]
    flowio.create_fcs(
        buffer, values, CHANNELS, opt_channel_names=["", "", "GFP"], metadata_dict=META | meta
    )
    return buffer.getvalue()


def test_fcs_is_summarised_without_its_events():
    reading = read(fcs(), "x.fcs")

    kinds = [record["record"] for record in reading.records]
    assert kinds == ["data set", "parameter", "parameter", "parameter", "keywords"]
    assert (reading.records[0]["events"], reading.records[0]["sample"]) == (10.0, "lot 12")
    assert (reading.records[3]["name"], reading.records[3]["stain"]) == ("FITC-A", "GFP")
    assert reading.records[4]["tot"] == "10"
    assert reading.started_at.value.isoformat() == "2019-04-15T16:13:10"
    assert reading.instrument.model == "LSRFortessa"


def test_fcs_with_two_data_sets_gives_both():
    first = fcs(4)
    place = first.index(b"NEXTDATA") + len(b"NEXTDATA/")
    joined = first[:place] + b"%d" % len(first) + first[place + 1 :]
    longer = len(joined) - len(first)
    # The offset has more digits than the 0 it replaces: give its own length and shift the events.
    joined = joined.replace(b"%d" % len(first), b"%d" % (len(first) + longer), 1)
    head = b"FCS3.1    " + b"".join(
        b"%8d" % n for n in (256, 627 + longer, 628 + longer, len(joined) - 1, 0, 0)
    )
    joined = head + joined[len(head) :]

    reading = read(joined + fcs(7), "x.fcs")

    assert [r["events"] for r in reading.records if r["record"] == "data set"] == [4.0, 7.0]


@pytest.mark.parametrize("kept", [10, 60, 300, -1])
def test_fcs_cut_short_is_refused(kept):
    with pytest.raises(Truncated):
        read(fcs()[:kept], "x.fcs")


def test_fcs_that_promises_more_events_than_it_holds_is_refused():
    with pytest.raises(InstrumentFileError):
        read(fcs().replace(b"$TOT/10/", b"$TOT/99/"), "x.fcs")


@given(content=damaged(fcs()), at=st.integers(0, 57))
@PATIENT
def test_damaged_fcs_is_read_or_refused(content, at):
    check(content, "x.fcs")
    check(content[:at] + b"9" + content[at + 1 :], "x.fcs")


def test_facsdiva_counts_in_tubes_and_in_the_template_stay_apart():
    reading = read(DIVA.encode(), "x.xml")

    tube, population, template = reading.records
    assert (tube["record"], tube["gates"]) == ("tube", 1.0)
    assert (population["tube"], population["count"], population["x"]) == ("t", 12.0, "FSC-A")
    assert (template["where"], template["count"], "tube" in template) == (
        "w (worksheet template)",
        99.0,
        False,
    )


def test_facsdiva_zero_counts_are_explained():
    reading = read(DIVA.replace(">12<", ">0<").encode(), "x.xml")

    assert any("do not mean empty tubes" in message.text for message in reading.messages)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        "<!DOCTYPE a>",
    ],
)
def test_facsdiva_with_entities_is_refused(prolog):
    with pytest.raises(Unsafe):
        read((prolog + DIVA).encode(), "x.xml")


def test_facsdiva_that_is_no_xml_is_refused():
    with pytest.raises(Malformed, match="well-formed"):
        read(DIVA[:200].encode(), "x.xml")


@given(damaged(DIVA.encode()))
@PATIENT
def test_damaged_facsdiva_is_read_or_refused(content):
    check(content, "x.xml")


def test_flowjo_summaries_are_marked_and_missing_statistics_are_flags():
    reading = read(FLOWJO.encode(), "x.csv")

    first, second, mean = reading.records
    assert [record["calculated"] for record in reading.records] == [False, False, True]
    assert first["Cells | Freq. of Parent flag"] == "45.6 %"
    assert (first["Cells | Median (FITC-A)"], first["Cells | Median (FITC-A) flag"]) == (
        None,
        "n/a",
    )
    assert (second["Cells/CD3+ | Count"], mean["Cells/CD3+ | Count"]) == (0.0, 60.0)


WORKSPACE = (
    '<Workspace version="20.0" flowJoVersion="10.8.1"><SampleList><Sample><DataSet uri="file:/x.fcs"/>'
    '<Keywords><Keyword name="$CYT" value="LSR"/></Keywords><SampleNode name="x.fcs" count="1000"><Subpopulations>'
    '<Population name="Cells" count="800"><Subpopulations><Population name="CD3+" count="-1"/>'
    '<Statistic name="Median" id="FITC-A" value="12.5"/></Subpopulations></Population></Subpopulations></SampleNode>'
    "</Sample></SampleList></Workspace>"
)


def test_flowjo_workspace_gives_populations_by_path_and_statistics():
    reading = read(WORKSPACE.encode(), "x.wsp")

    sample, cells, statistic, below = reading.records
    assert (sample["count"], cells["population"], cells["count"]) == (1000.0, "Cells", 800.0)
    assert (statistic["population"], statistic["statistic"], statistic["value"]) == (
        "Cells",
        "Median",
        12.5,
    )
    assert (below["population"], below["count"], below["count flag"]) == ("Cells/CD3+", None, "-1")
    assert (reading.instrument.model, reading.instrument.software_version) == ("LSR", "10.8.1")


def test_flowjo_workspace_with_an_entity_is_refused():
    with pytest.raises(Unsafe):
        read(('<!DOCTYPE a [<!ENTITY x "y">]>' + WORKSPACE).encode(), "x.wsp")


@given(damaged(WORKSPACE.encode()))
@PATIENT
def test_damaged_workspace_is_read_or_refused(content):
    check(content, "x.wsp")


@given(damaged(FLOWJO.encode()))
@PATIENT
def test_damaged_flowjo_table_is_read_or_refused(content):
    check(content, "x.csv")


@pytest.mark.skipif(not shared("neighbours/flow*/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_file():
    (path,) = shared("neighbours/flow*/*")

    reading = read(path.read_bytes(), path.name)

    assert [r["tube"] for r in reading.records if r["record"] == "tube"] == [
        "GFP",
        "GFP CD19",
        "GFP Mac1",
    ]
    assert {r["count"] for r in reading.records if "where" in r} >= {437.0, 16.0}


@pytest.mark.parametrize(
    ("written", "order"),
    [("2013-Jul-19", "proved"), ("19-JUL-2013", "proved"), ("19-Jul-13", "assumed")],
)
def test_fcs_date_with_a_month_in_letters(written, order):
    started = read(fcs(date=written, btim="12:08:08"), "x.fcs").started_at

    assert started.value.isoformat() == "2013-07-19T12:08:08"
    assert started.day_month_order == order


def test_fcs_with_blank_offsets_of_data_takes_those_of_its_keywords():
    content = fcs()
    blank = content[:26] + b" " * 16 + content[42:]

    assert read(blank, "x.fcs").records[0]["events"] == 10
