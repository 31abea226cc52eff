"""The four kinds of test: what is missing, what makes a run invalid, what follows from readings."""

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import instruments
from lims import assays
from lims.assays.assay import BadParameter, CheckState, Circumstances, PlateReading, Reference
from lims.demonstration.setting import DATA, _wells
from lims.imports.rules import with_roles
from lims.results.rules import printed
from lims.science.acceptance import Absence, Bounds, OneOf
from lims.science.criteria import Verdict
from lims.science.outcome import Outcome

PLATE = DATA / "epoch_phage_growth_Rep1.csv"


def defaults(key: str, **changed: str) -> dict[str, str]:
    return {each.key: each.default for each in assays.find(key).parameters} | changed


def states(evaluation) -> dict[str, CheckState]:
    return {check.name: check.state for check in evaluation.checks}


# --- plate count ------------------------------------------------------------------------------

SETUP = {
    "medium": "M", "diluent": "D", "balance": "B", "incubator": "I", "mass:1": "5.00",
    "incubation_start": "2026-11-19T13:50", "incubation_end": "2026-11-22T14:00",
    "chamber": "J", "indicator": "anaerobic, colourless", "blank": "0", "reference": "87",
    "reference_lot": "R", "anaerobe": "growth", "aerobe": "no growth",
}  # fmt: skip


def counts(preparation: int = 1, **rows: tuple[str, str, str]) -> dict[str, str]:
    return {
        f"plate:{preparation}:-{name.removeprefix('d')}:{at}": text
        for name, row in rows.items()
        for at, text in enumerate(row, start=1)
    }


USUAL = counts(d5=("TNTC",) * 3, d6=("182", "169", "175"), d7=("19", "16", "21"))
DOSE = Circumstances(dose_mass_g="0.40", dose_unit="capsule")


def test_a_count_follows_from_its_plates_by_hand():
    found = assays.find("plate_count").evaluate(SETUP | USUAL, defaults("plate_count"), DOSE)

    # 582 colonies on 0.1 mL × (3 × 10^-6 + 3 × 10^-7) of 5 g in 100 mL, times 0.40 g
    by_hand = Decimal(582) / (Decimal("3.3e-7") * Decimal("0.05")) * Decimal("0.40")
    assert found.complete
    assert found.valid
    assert math.isclose(float(found.outcome.value), float(by_hand), rel_tol=1e-15)
    assert found.reported.also == "10.15 log10"
    assert found.outcome.recompute() == ()


def test_the_number_printed_is_the_number_compared():
    found = assays.find("plate_count").evaluate(SETUP | USUAL, defaults("plate_count"), DOSE)

    told = printed(found.reported, Bounds("CFU/dose", "1.0 × 10^9", "1.0 × 10^11"))

    assert (told.text, told.unit, told.verdict) == ("1.4 × 10^10", "CFU/dose", Verdict.CONFORMS)


def test_a_gap_is_named_and_gives_no_result():
    entries = {key: text for key, text in (SETUP | USUAL).items() if key != "reference"}

    found = assays.find("plate_count").evaluate(entries, defaults("plate_count"), DOSE)

    assert list(found.missing) == ["reference"]
    assert found.reported is None
    assert found.outcome is not None, "a preview stands while something is missing"


@pytest.mark.parametrize(
    ("reading", "check"),
    [
        ({"blank": "1"}, "Diluent blank"),
        ({"reference": "49"}, "Reference recovery"),
        ({"indicator": "oxygen present, pink"}, "Anaerobic indicator"),
        ({"anaerobe": "no growth"}, "Strict anaerobe control"),
        ({"aerobe": "growth"}, "Aerobic negative control"),
        ({"incubation_end": "2026-11-20T13:50"}, "Incubation"),
    ],
)
def test_one_failed_control_makes_the_run_invalid_before_any_count_matters(reading, check):
    found = assays.find("plate_count").evaluate(
        SETUP | USUAL | reading, defaults("plate_count"), DOSE
    )

    assert states(found)[check] is CheckState.FAILED
    assert not found.valid
    assert found.reported is None


def test_preparations_are_combined_on_the_logarithm_and_a_wide_spread_is_refused():
    parameters = defaults("plate_count", preparations="2", dilutions="-6 -7")
    near = counts(2, d6=("150", "160", "155"), d7=("15", "17", "14"))
    far = counts(2, d6=("20", "22", "25"), d7=("2", "1", "3"))
    first = {key: text for key, text in USUAL.items() if ":-5:" not in key}
    both = SETUP | first | {"mass:2": "5.00"}

    combined = assays.find("plate_count").evaluate(both | near, parameters, DOSE)
    refused = assays.find("plate_count").evaluate(both | far, parameters, DOSE)

    assert combined.valid
    assert "2" in str(combined.outcome.details["n"])
    assert not refused.valid


def test_plates_without_colonies_give_a_bound_and_an_upper_limit_is_met_by_it():
    empty = counts(d5=("0",) * 3, d6=("0",) * 3, d7=("0",) * 3)
    parameters = defaults("plate_count", report_in="gram")

    found = assays.find("plate_count").evaluate(SETUP | empty, parameters, DOSE)
    told = printed(found.reported, Bounds("CFU/g", None, "10000000"))

    assert told.qualifier == "<"
    assert told.verdict is Verdict.CONFORMS


def test_a_parameter_of_another_kind_is_refused():
    with pytest.raises(BadParameter, match="Plates per dilution"):
        assays.find("plate_count").check_parameters(defaults("plate_count", replicates="three"))


# --- absence ----------------------------------------------------------------------------------

STEPS = {
    "portion": "10", "balance": "B", "broth_lot": "L", "incubator": "I",
    "enrichment_start": "2026-11-17T08:00", "enrichment_end": "2026-11-18T10:00",
    "broth_seen": "turbid", "agar_lot": "A", "subculture_start": "2026-11-18T10:30",
    "subculture_end": "2026-11-19T10:00", "colonies": "no colonies", "positive_lot": "P",
    "positive": "growth", "spiked": "growth", "negative": "no growth",
}  # fmt: skip
METHOD = defaults("absence", suitability="VAL-1")


def absence(**changed: str):
    return assays.find("absence").evaluate(STEPS | changed, METHOD, Circumstances())


def test_no_colonies_mean_not_detected_in_the_quantity_tested():
    told = printed(absence().reported, Absence(Decimal(10), "g"))

    assert (told.text, told.verdict) == ("Not detected in 10 g", Verdict.CONFORMS)


def test_less_than_the_required_quantity_never_passes():
    told = printed(absence(portion="5").reported, Absence(Decimal(10), "g"))

    assert told.verdict is Verdict.INDETERMINATE


def test_a_presumptive_colony_is_no_result_until_it_is_confirmed():
    presumptive = absence(colonies="typical colonies")
    confirmed = absence(
        colonies="typical colonies",
        confirmation_method="MALDI-TOF",
        confirmation_at="2026-11-19T12:00",
        confirmation="confirmed",
    )

    assert "confirmation" in presumptive.missing
    assert presumptive.reported is None
    assert printed(confirmed.reported, Absence(Decimal(10), "g")).verdict is Verdict.FAILS


def test_a_subculture_cannot_begin_before_its_enrichment_ended():
    found = absence(subculture_start="2026-11-18T09:00")

    assert states(found)["Order of steps"] is CheckState.FAILED


def test_growth_that_the_product_suppresses_makes_the_run_invalid():
    assert not absence(spiked="no growth").valid


# --- identity ---------------------------------------------------------------------------------


def fasta(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")


REFERENCES = (
    Reference("R16 v1", "16S rRNA gene", "BL07", fasta("reference_16s.fasta").split("\n", 1)[1]),
    Reference(
        "RLO v1",
        "strain-specific locus",
        "BL07",
        fasta("reference_strain_locus.fasta").split("\n", 1)[1],
    ),
)
SEQUENCES = {
    "extraction": "X", "polymerase": "P", "sequencer": "S", "sequenced_at": "2026-11-20T10:00",
    "rrna_fasta": fasta("lot_16s.fasta"), "strain_fasta": fasta("lot_strain_locus.fasta"),
    "quality": "97", "blank": "negative", "template_control": "positive",
}  # fmt: skip


def identity(references=REFERENCES, loci: str = "16S and strain locus", **changed: str):
    return assays.find("sequence_identity").evaluate(
        SEQUENCES | changed,
        defaults("sequence_identity", loci=loci),
        Circumstances(references=references),
    )


def test_both_loci_at_their_limits_conform():
    assert printed(identity().reported, OneOf(("conforms",))).verdict is Verdict.CONFORMS


def test_the_16s_gene_alone_never_gives_conforms():
    told = printed(identity(loci="16S only").reported, OneOf(("conforms",)))

    assert told.verdict is Verdict.NOT_COMPARABLE
    assert told.text == "Species consistent, strain not shown"


def test_another_strain_does_not_conform():
    other = fasta("lot_strain_locus.fasta").replace("ACG", "ATG").replace("GGC", "GAC")

    told = printed(identity(strain_fasta=other).reported, OneOf(("conforms",)))

    assert told.verdict is Verdict.FAILS


def test_a_product_without_an_approved_reference_has_no_valid_run():
    assert not identity(references=REFERENCES[:1]).valid


def test_a_sign_that_is_no_base_is_named_with_its_position():
    found = identity(strain_fasta=">x\nACGTZACGT")

    assert "“Z” at position 5" in next(c.detail for c in found.checks if "strain" in c.name)


# --- lysis ------------------------------------------------------------------------------------

BENCH = {
    "broth": "B", "host": "H", "phage": "P", "filtered_at": "2026-11-20T10:00",
    "plate_started": "2026-11-20T11:00",
}  # fmt: skip


@pytest.fixture(scope="module")
def plate() -> PlateReading:
    read = instruments.read(Path(PLATE).read_bytes(), PLATE.name).plates[0].reads[0]
    return with_roles(read, _wells(), [], "file plate 1")


def lysis(plate: PlateReading, slot: int, **changed: str):
    return assays.find("lysis_kinetics").evaluate(
        BENCH, defaults("lysis_kinetics", **changed), Circumstances(plate=plate, slot=slot)
    )


def without(plate: PlateReading, *wells: str, role: str = "") -> PlateReading:
    kept = tuple(w for w in plate.wells if w.well not in wells and w.role != role)
    return replace(plate, wells=kept)


def test_the_real_plate_tells_the_growing_sample_from_the_lysed_one(plate):
    grows, lysed = lysis(plate, 1), lysis(plate, 2)

    assert grows.reported.words == "No lysis"
    assert lysed.reported.words == "Lysis"
    assert lysed.source["wells"] == ["G2", "G3", "G4"]
    assert lysed.outcome.recompute() == ()


def test_the_same_outcome_comes_back_from_its_text(plate):
    kept = lysis(plate, 1).outcome.canonical()

    assert Outcome.from_canonical(kept).canonical() == kept


def test_a_saturated_or_missed_reading_is_a_flag_and_never_a_number(plate):
    wells = tuple(
        replace(w, values=(*w.values[:50], None, *w.values[51:]), flags=("saturated: OVRFLW",))
        if w.well == "E5"
        else w
        for w in plate.wells
    )

    found = lysis(replace(plate, wells=wells), 1)

    assert states(found)["Flagged wells"] is CheckState.WARNING
    assert states(found)["Sample wells"] is CheckState.FAILED
    assert found.reported is None


def test_a_blank_above_its_limit_has_to_be_left_out_with_a_reason(plate):
    high = tuple(
        replace(w, values=(0.4, *w.values[1:])) if w.well == "A1" else w for w in plate.wells
    )
    left = tuple(replace(w, left_out="bubble seen") if w.well == "A1" else w for w in high)

    assert states(lysis(replace(plate, wells=high), 1))["Blanks"] is CheckState.FAILED
    assert states(lysis(replace(plate, wells=left), 1))["Blanks"] is CheckState.PASSED


@pytest.mark.parametrize("role", ["lysis", "diluent", "host", "blank"])
def test_a_plate_without_one_of_its_controls_gives_no_result(plate, role):
    found = lysis(without(plate, role=role), 1)

    assert not found.valid
    assert found.reported is None


def test_without_a_file_there_is_nothing_to_compute():
    found = assays.find("lysis_kinetics").evaluate(
        BENCH, defaults("lysis_kinetics"), Circumstances()
    )

    assert "plate" in found.missing
