import pytest

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import withstands

OLD = (
    "Well,ExptType,Sample,TypeAssay,Assay,Status,Concentration,PoissonConfMax,PoissonConfMin,"
    "Positives,Negatives,AcceptedDroplets,Ratio,MeanAmplitudeofPositives,MergedWells\n"
)
ROW = '"B01",Absolute Quantification,"7",Ch1Unknown,"16S","Manual",40.5,44,37.5,637,16821,17458,,8585.25,""\n'
DROPLETS = "Ch1 Amplitude,Ch2 Amplitude,Cluster\n1254.25,1469.5,1\n8269.75,1536.25,2\n"
CLUSTERS = (
    "Target value of 0 = negative\nTarget value of 1 = positive\n\n"
    "Well,Target 1,Target 2,Count,Ch1 Mean,Ch1 StdDev,Cluster ID\n"
    "A01,0,0,15222,302.75,29.5,1,\nA01,1,u,4,3855.25,720.5,2,\n"
)


def test_well_and_target_have_a_record_with_counts_and_what_follows_from_them():
    reading = read((OLD + ROW).encode(), "x.csv")

    (record,) = reading.records
    assert (record["Well"], record["Sample"], record["Positives"]) == ("B1", "7", 637.0)
    assert (record["Concentration"], record["Ratio"], record["calculated"]) == (40.5, None, False)
    (message,) = reading.messages
    assert "Concentration, PoissonConfMax, PoissonConfMin, Ratio" in message.text
    assert "Positives" not in message.text
    assert reading.instrument.software == "QuantaSoft"


def test_merged_wells_are_no_well_of_the_plate():
    (record,) = read((OLD + ROW.replace('"B01"', "M01")[:-3] + '"B01,B02"\n').encode(), "x").records

    assert (record["Well"], record["MergedWells"], record["calculated"]) == ("M01", "B01,B02", True)


def test_results_before_the_run_hold_no_count_and_are_refused():
    with pytest.raises(NoMeasurement, match="no count of droplets"):
        read(
            (OLD + "A01,Absolute Quantification,a,Ch1Unknown,t,Manual,,,,,,,,,\n").encode(), "x.csv"
        )


def test_damaged_name_of_a_well_is_refused_with_its_place():
    with pytest.raises(Malformed, match="line 2, field 1"):
        read((OLD + ROW.replace("B01", "B_1")).encode(), "x.csv")


def test_droplets_of_a_well_are_series():
    reading = read(DROPLETS.encode(), "run_A01_Amplitude.csv")

    (record,) = reading.records
    assert record["Ch1 Amplitude"] == [1254.25, 8269.75]
    assert (record["Droplets"], record["Cluster"]) == (2.0, [1.0, 2.0])


def test_droplet_without_a_number_is_refused_with_its_place():
    with pytest.raises(Malformed, match="line 3, field 2"):
        read(DROPLETS.replace("1536.25", "").encode(), "x.csv")


def test_clusters_have_a_record_for_each_combination():
    first, second = read(CLUSTERS.encode(), "x.csv").records

    assert (first["Well"], first["Target 1"], first["Count"]) == ("A1", "0", 15222.0)
    assert (second["Target 2"], second["Ch1 Mean"]) == ("u", 3855.25)


@pytest.mark.parametrize(
    "seed", [OLD + ROW, DROPLETS, CLUSTERS], ids=["rows", "droplets", "clusters"]
)
def test_damaged_file_is_read_or_refused(seed):
    withstands(seed.encode(), "x.csv")
