from instruments import read

NEWER = (
    'sep=,\n"Plate name","Plate ID","Plate type","Well","Sample/NTC/Control","Type","Reaction Mix",'
    '"Target (Name)","Target (IC)","Conc. [cp/µL] (dPCR reaction)","CI (95%) (dPCR reaction)",'
    '"Partitions (Valid)","Partitions (Positive)","Threshold","Conversion unit"\n'
    '"P7","2186f0","Nanoplate 8.5K 96-well","A01","S1","Sample","M","T1","-","7782.5","2.9%","8261","7644","19.5","cp/mL"\n'
    '"","","","","","","","T2","-","0.000","-","8261","0","21.5","cp/mL"\n'
    '"","","","B1","","Sample","M","T1","-","12.5","12.1%","8200","4","19.5","cp/mL"\n'
)


def test_rows_that_belong_together_name_plate_and_well_once():
    reading = read(NEWER.encode(), "x.csv")

    first, second, third = reading.records
    assert [record["Well"] for record in reading.records] == ["A1", "A1", "B1"]
    assert {record["Plate name"] for record in reading.records} == {"P7"}
    assert (second["Sample/NTC/Control"], second["Target (Name)"]) == ("S1", "T2")
    assert third["Sample/NTC/Control"] is None
    assert (first["CI (95%) (dPCR reaction) [%]"], second["CI (95%) (dPCR reaction) [%]"]) == (
        2.9,
        None,
    )
    assert (first["Partitions (Positive)"], second["Partitions (Positive)"]) == (7644.0, 0.0)


def test_occupancy_has_a_record_for_each_combination():
    text = (
        'sep=,\n"Well","Hyperwell","Categories","Group","Count","Total","Volume"\n'
        '"A1","A1","GREEN-YELLOW","+-","120","25000","7.5"\n'
    )

    (record,) = read(text.encode("cp1252"), "x.csv").records

    assert (record["Well"], record["Categories"], record["Group"]) == ("A1", "GREEN-YELLOW", "+-")
    assert (record["Count"], record["Total"], record["Volume"]) == (120.0, 25000.0, 7.5)
