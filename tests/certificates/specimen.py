"""An invented certificate for the tests: no such laboratory, product or lot exists."""

from dataclasses import replace
from datetime import UTC, date, datetime

from lims.certificates.content import (
    CertificateContent,
    ChainHead,
    ExpectedSigner,
    Family,
    Footnote,
    Laboratory,
    LineVerdict,
    Lookup,
    Lot,
    Manufacturer,
    MethodReference,
    Product,
    RecordSignature,
    Reported,
    Script,
    Span,
    Specification,
    TestLine,
    italic,
    rich,
)

PREPARED = datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC)
QC = ExpectedSigner("qc_approval", "Quality Control", "Approved")
QA = ExpectedSigner("qa_approval", "Quality Assurance", "Approved")


def line(
    code: str,
    family: Family,
    test: object,
    method: tuple[str, str, str],
    criterion: str,
    result: Reported,
    marks: tuple[str, ...] = (),
    compendial: str = "",
    note: str = "",
) -> TestLine:
    return TestLine(
        code=code,
        family=family,
        test=rich(test) if isinstance(test, str) else test,
        method=MethodReference(method[0], method[2], method[1], compendial),
        criterion=rich(criterion),
        result=result,
        verdict=LineVerdict.CONFORMS,
        tested_on=date(2026, 11, 5 + len(code) % 13),
        marks=marks,
        performed_by="AA",
        reviewed_by="RC",
        note=note,
    )


LINES = (
    line(
        "locus",
        Family.IDENTITY,
        "Strain identity, real-time PCR",
        ("ID-011", "Strain-specific real-time PCR", "4"),
        "Positive, Ct not more than 30.0",
        Reported(category="Positive", detail=rich("Ct 18.1")),
        note="repeated once: the no-template control of the first run was missing. The first run "
        "is kept in the record.",
    ),
    line(
        "16s",
        Family.IDENTITY,
        "16S rRNA gene sequence",
        ("ID-014", "16S rRNA gene sequencing", "2"),
        "Not less than 99.5 % to WCB",
        Reported(number="99.93", unit="%", unrounded="99.9315"),
    ),
    line(
        "cfu",
        Family.POTENCY,
        "Viable count",
        ("MB-012", "Viable count, spread plate, 72 h anaerobic", "9"),
        "1.0 × 10^10 to 1.0 × 10^11 CFU per capsule",
        Reported(number="4.1", exponent="10", unit="CFU", unrounded="40712345678.9"),
        ("a",),
    ),
    line(
        "ttod",
        Family.POTENCY,
        (Span("Time to OD"), Span("600", Script.SUBSCRIPT), Span(" 0.4")),
        ("GK-005", "Growth kinetics, time to OD 0.4", "2"),
        "Not more than 12.0 h",
        Reported(number="8.8", unit="h", unrounded="8.7931"),
        note="blank well C1 was left out (0.142, limit 0.080). The result is the same with it.",
    ),
    line(
        "amcc",
        Family.CONTAMINANTS,
        "Aerobic microbial count, AMCC",
        ("MB-031", "Enumeration of contaminants", "5"),
        "Not more than 10^3 CFU per g",
        Reported("<", number="10", unit="CFU per g", unrounded="<10"),
        ("b",),
        "Ph. Eur. 2.6.36, adapted",
    ),
    line(
        "ecoli",
        Family.CONTAMINANTS,
        (
            *italic("E. coli"),
            Span(", "),
            *italic("S. aureus"),
            Span(", "),
            *italic("P. aeruginosa"),
        ),
        ("MB-036", "Specified micro-organisms", "3"),
        "Absent in 1 g, each",
        Reported(category="Not detected", tested_quantity="1 g"),
        ("c",),
        "Ph. Eur. 2.6.38, adapted",
    ),
    line(
        "salmonella",
        Family.CONTAMINANTS,
        italic("Salmonella"),
        ("MB-037", "Specified micro-organisms", "4"),
        "Absent in 10 g",
        Reported(category="Not detected", tested_quantity="10 g"),
        ("c",),
        "Ph. Eur. 2.6.38, adapted",
    ),
    line(
        "aw",
        Family.CONTAMINANTS,
        "Water activity",
        ("PC-008", "Water activity, dew point", "1"),
        "Not more than 0.200",
        Reported(number="0.139", unrounded="0.1388"),
    ),
    line(
        "lysis",
        Family.PHAGE,
        "Lysis kinetics, highest lysis index",
        ("PH-006", "Bacteriophage, kinetic", "1"),
        "Not more than 0.10",
        Reported(number="0.02", unrounded="0.0187"),
    ),
)


def content(**changes: object) -> CertificateContent:
    made = CertificateContent(
        number="COA-26-0482",
        version=1,
        prepared_at=PREPARED,
        laboratory=Laboratory(
            "Northmere Biotherapeutics",
            "1 Example Way, Northmere",
            "+00 000 000",
            "Quality Control",
            "Europe/Vienna",
        ),
        manufacturer=Manufacturer("Northmere Plant 2", "2 Example Way, Northmere", "+00 000 001"),
        product=Product(
            name="BL-07 capsules",
            strains=(
                (
                    *italic("Bifidobacterium longum"),
                    Span(" subsp. "),
                    *italic("infantis"),
                    Span(" BL-07, live biotherapeutic product for oral use"),
                ),
            ),
            dosage_form="enteric hard capsule",
            strength=rich("1 × 10^10 CFU"),
            label_claim=rich("1 × 10^10 CFU"),
        ),
        lot=Lot(
            number="BL07-26-0114",
            size="41 600 capsules",
            manufactured_on=date(2026, 10, 28),
            expires_on=date(2028, 4, 27),
            storage="2 °C to 8 °C, dry",
            drug_substance_lots=("BL07-DS-26-031",),
            cell_banks=("BL07-MCB-01", "BL07-WCB-05"),
            pack="Bottle, 30 capsules",
            batch_record="BPR-26-0114",
            licence="IMP, phase 3",
        ),
        specification=Specification("SPEC-204", "7", tuple(made.code for made in LINES)),
        sampled_on=date(2026, 11, 4),
        received_on=date(2026, 11, 5),
        lines=LINES,
        signers=(QC, QA),
        lookup=Lookup("https://lims.example/verify/COA-26-0482", "K7QF-2M9D"),
        ca_fingerprint="7a104c2e91d50b66" * 4,
        chain_head=ChainHead(812, "4be190c722fd81a0" * 4, 812, PREPARED),
        footnotes=(
            Footnote(
                "a",
                (
                    *rich("Weighted mean of 6 plates at two dilutions; log"),
                    Span("10", Script.SUBSCRIPT),
                    Span(" 10.61."),
                ),
            ),
            Footnote("b", rich("Ph. Eur. 2.6.36, adapted.")),
            Footnote(
                "c", rich("Ph. Eur. 2.6.38, adapted. OD, optical density; WCB, working cell bank.")
            ),
        ),
        notes=(rich("Deviation DEV-26-031, closed 18 Nov 2026: no effect on this lot."),),
        record_signatures=(
            RecordSignature(
                "Analyst A", "Performed, 6 tests", "7 to 20 Nov 2026", "6 result records"
            ),
            RecordSignature(
                "Reviewer C",
                "Reviewed, 14 tests and audit trail",
                "20 and 21 Nov 2026",
                "14 result records",
            ),
        ),
        closing="Specimen with invented data: product, firm, lots and limits do not exist.",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def long_content(rows: int) -> CertificateContent:
    """A certificate with many rows, in the proportion of a consortium's."""
    lines = tuple(replace(LINES[at % len(LINES)], code=f"t{at}") for at in range(rows))
    codes = tuple(made.code for made in lines)
    return content(lines=lines, specification=Specification("SPEC-204", "7", codes))
