import hashlib
import io
import json
import re
import unicodedata
from dataclasses import replace

import pikepdf
import pypdf
import pytest
import segno
from PIL import Image

from lims.certificates import schema
from lims.certificates.content import (
    ChainHead,
    ExpectedSigner,
    LineVerdict,
    Original,
    Reported,
    Span,
    Superseded,
    italic,
    plain,
    rich,
)
from lims.certificates.document import render
from lims.certificates.errors import ContentRefused, GlyphMissing, TextDoesNotFit
from lims.certificates.page.frame import printed_date, printed_period
from tests.certificates import specimen


def text_of(pdf):
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def squeezed(text):
    """Without spaces: lines break where the layout needs it."""
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


@pytest.fixture(scope="module")
def rendered():
    return render(specimen.content())


@pytest.mark.req("CO-08")
def test_same_content_gives_the_same_bytes(rendered):
    assert render(specimen.content()) == rendered
    assert render(schema.from_json(schema.to_json(specimen.content()))) == rendered


@pytest.mark.req("CO-02")
def test_page_states_who_what_and_when(rendered):
    text = squeezed(text_of(rendered))

    for said in (
        "COA-26-0482",
        "Northmere Biotherapeutics",
        "1 Example Way, Northmere",
        "+00 000 000",
        "Northmere Plant 2",
        "2 Example Way, Northmere",
        "BL-07 capsules",
        "Bifidobacterium longum subsp. infantis BL-07",
        "enteric hard capsule",
        "BL07-26-0114",
        "BL07-DS-26-031",
        "BL07-MCB-01, BL07-WCB-05",
        "41 600 capsules",
        "28 Oct 2026",
        "27 Apr 2028",
        "2 °C to 8 °C, dry",
        "SPEC-204 version 7",
        "4 Nov 2026",
        "5 Nov 2026",
        "K7QF-2M9D",
        "7a10 4c2e",
        "event 812 of 812",
    ):
        assert squeezed(said) in text


@pytest.mark.req("CO-03")
def test_every_row_is_printed_as_the_content_tells_it(rendered):
    text = squeezed(text_of(rendered))

    for line in specimen.content().lines:
        marks = "".join(line.marks)
        row = f"{plain(line.test)}{marks}{line.method.identifier}{plain(line.criterion)}"
        row += f"{plain(line.result.printed())}Meets"
        assert squeezed(row) in text


@pytest.mark.req("CO-01")
def test_number_version_and_page_stand_on_every_page():
    content = specimen.long_content(90)

    pages = pypdf.PdfReader(io.BytesIO(render(content))).pages

    assert len(pages) > 4
    for at, page in enumerate(pages, 1):
        text = " ".join(page.extract_text().split())
        assert f"COA-26-0482 v1 · Lot BL07-26-0114 · Page {at} of {len(pages)}" in text


def test_no_row_is_lost_over_many_pages():
    content = specimen.long_content(90)

    text = squeezed(text_of(render(content)))

    assert text.count("Meets") == 90
    assert text.count("Conclusion") == 1


@pytest.mark.req("CO-07")
def test_attached_record_is_the_content(rendered):
    files = pypdf.PdfReader(io.BytesIO(rendered)).attachments["certificate.json"]

    assert schema.from_json(files[0].decode()) == specimen.content()
    digits = hashlib.sha256(files[0]).hexdigest()
    assert digits in squeezed(text_of(rendered))
    assert json.loads(files[0])["content"]["chain_head"]["number"] == 812


@pytest.mark.req("CO-05")
def test_draft_is_marked_on_every_page_and_has_no_field():
    pdf = render(specimen.long_content(60), draft=True)

    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert all("DRAFT" in page.extract_text() for page in reader.pages)
    assert not reader.get_fields()
    assert reader.xmp_metadata.dc_title["x-default"].startswith("DRAFT ")
    assert "certificate.json" not in reader.attachments


def test_unfinished_content_is_printed_as_a_draft_only():
    lines = (
        replace(specimen.LINES[0], result=None, verdict=LineVerdict.MISSING),
        *specimen.LINES[1:],
    )
    content = specimen.content(lines=lines)

    with pytest.raises(ContentRefused, match="conclusion"):
        render(content)
    assert "No result" in text_of(render(content, draft=True))


def test_certificate_without_chain_head_is_refused():
    with pytest.raises(ContentRefused, match="chain_head"):
        render(specimen.content(chain_head=None))


def test_failing_row_is_printed_as_not_meeting():
    lines = (replace(specimen.LINES[0], verdict=LineVerdict.DOES_NOT_CONFORM), *specimen.LINES[1:])

    text = text_of(render(specimen.content(lines=lines)))

    assert "Does not comply" in text
    assert "Does not meet" in text
    assert "The lot does not meet specification SPEC-204 version 7." in text


def test_nothing_about_signing_or_issue_is_printed_before_the_signatures(rendered):
    text = text_of(rendered)

    assert "issued" not in text.lower()
    assert "released" not in text.lower()
    assert "15:20" not in text


@pytest.mark.req("CO-10")
def test_new_version_names_the_old_one_the_reason_and_the_change():
    old = Superseded("COA-26-0482", 1, "Typing error in the address.", "Address of the site.")

    text = text_of(render(specimen.content(version=2, supersedes=old)))

    assert "Version 2 replaces COA-26-0482 version 1." in text.replace("\xa0", " ")
    assert "Reason: Typing error in the address." in text
    assert "What changed: Address of the site." in text


@pytest.mark.req("CO-14")
def test_reissue_names_the_original():
    first = Original("Example Maker", "OM-1", "Translation")

    assert "Translation of certificate OM-1 of Example Maker." in text_of(
        render(specimen.content(original=first))
    )


def test_result_of_a_contract_laboratory_is_marked():
    line = replace(
        specimen.LINES[0], contract_laboratory="Example Contract Lab", source_certificate="ECL-7"
    )

    text = text_of(render(specimen.content(lines=(line, *specimen.LINES[1:]))))

    assert "Tested by Example Contract Lab, certificate ECL-7" in text


@pytest.mark.req("CO-09")
def test_file_is_what_an_archive_asks_for(rendered):
    with pikepdf.open(io.BytesIO(rendered)) as pdf:
        root = pdf.Root
        assert "/Info" not in pdf.trailer
        assert root.Lang == "en-GB"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert root.AF[0].AFRelationship == "/Data"
        assert root.AF[0].EF.F.Subtype == "/application/json"
        assert pdf.open_metadata().get("pdfaid:part") == "3"
        assert root.Metadata.read_bytes().count(b"<rdf:Description") == 4
        for font in (o for o in pdf.objects if isinstance(o, pikepdf.Dictionary)):
            if font.get("/Type") == "/Font":
                assert "/FontFile2" in font.FontDescriptor
            assert font.get("/S") != "/JavaScript"


def test_signature_fields_stand_ready_in_the_order_of_signing(rendered):
    with pikepdf.open(io.BytesIO(rendered)) as pdf:
        fields = pdf.Root.AcroForm.Fields

        assert [str(field.T) for field in fields] == ["qc_approval", "qa_approval"]
        assert str(fields[0].TU) == "Approved, Quality Control"
        assert all("/V" not in field and field.FT == "/Sig" for field in fields)


def test_every_mark_on_the_page_has_its_element(rendered):
    with pikepdf.open(io.BytesIO(rendered)) as pdf:
        owners = pdf.Root.StructTreeRoot.ParentTree.Nums
        for at, page in enumerate(pdf.pages):
            marks = re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())
            assert [int(mark) for mark in marks] == list(range(len(owners[2 * at + 1])))
        kinds = {str(kid.S) for kid in pdf.Root.StructTreeRoot.K.K}
        assert {"/H1", "/H2", "/P", "/Table", "/Figure"} <= kinds


def test_up_to_five_people_sign_in_places_of_their_own():
    signers = tuple(ExpectedSigner(f"s{at}", f"Role {at}", "Approved") for at in range(5))

    pdf = render(specimen.content(signers=signers))

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        boxes = [[float(edge) for edge in field.Rect] for field in opened.Root.AcroForm.Fields]
    for at, (left, bottom, right, top) in enumerate(boxes):
        assert 40 < left < right < 560
        assert 40 < bottom < top
        for other in boxes[at + 1 :]:
            apart = other[0] >= right or other[2] <= left or other[1] >= top or other[3] <= bottom
            assert apart


def test_conclusion_alone_on_its_page_stands_at_the_top():
    signers = tuple(ExpectedSigner(f"s{at}", f"Role {at}", "Approved") for at in range(9))

    with pikepdf.open(io.BytesIO(render(specimen.content(signers=signers)))) as pdf:
        assert len(pdf.pages) == 3
        assert float(pdf.Root.AcroForm.Fields[0].Rect[3]) > 650


LONG = "Preparation of nine consecutive strains with an uncommonly long name " * 5
GREEK = "αβγδ εζηθ ΩΣΔ µ × − ≤ ≥ ° ± ½ …"
LATIN = "Ångström Łódź Þórður Çelik Ő ñ ß ﬀ".replace("ﬀ", "ff")
COMBINED = "e\u0301 A\u030a n\u0303 o\u0308"
MARKUP = "<b>x</b> & \"q\" 'a' (y) \\ %PDF endstream ]]> {{7*7}} ${7}"


PLACES = (
    "product.name",
    "laboratory.name",
    "lot.storage",
    "test",
    "criterion",
    "result",
    "note",
)


@pytest.mark.req("CO-13")
@pytest.mark.parametrize("hard", [LONG, "W" * 300, GREEK, LATIN, COMBINED, MARKUP])
def test_hard_text_is_shown_whole_in_every_place(hard):
    content = specimen.content()
    for place in PLACES:
        content = placed(hard, place, content)

    text = squeezed(text_of(render(content)))

    # The laboratory is named in the head of each page and as the testing site.
    assert text.count(squeezed(hard)) >= len(PLACES) + 1


@pytest.mark.req("CO-13")
@pytest.mark.parametrize(
    "hard", ["日本", "نص عربي", "עברית", "x\u0323\u0301y", "a\u202eb", "a\x00b", "🧫", "\ue000"]
)
@pytest.mark.parametrize(
    ("place", "field"),
    [
        ("product.name", "product.name"),
        ("laboratory.name", "laboratory.name"),
        ("lot.storage", "lot.storage"),
        ("test", "test locus"),
        ("criterion", "test locus"),
        ("result", "test locus"),
        ("note", "note 1"),
    ],
)
def test_text_that_cannot_be_shown_is_refused_by_its_field(hard, place, field):
    with pytest.raises(GlyphMissing) as refused:
        render(placed(hard, place, specimen.content()))

    assert refused.value.field == field
    assert f"U+{ord(refused.value.character):04X}" in str(refused.value)


def placed(text, place, content):
    first = content.lines[0]
    if place in ("test", "criterion", "result", "note"):
        changed = {
            "test": {"test": rich(text)},
            "criterion": {"criterion": rich(text)},
            "result": {"result": Reported(category=text)},
            "note": {"note": text},
        }[place]
        return replace(content, lines=(replace(first, **changed), *content.lines[1:]))
    part, name = place.split(".")
    return replace(content, **{part: replace(getattr(content, part), **{name: text})})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "N" * 300}, "number"),
        ({"lookup": replace(specimen.content().lookup, code="C" * 300)}, "lookup.code"),
        ({"lot": replace(specimen.content().lot, number="L" * 300)}, "lot.number"),
        (
            {"laboratory": replace(specimen.content().laboratory, name="Long name " * 400)},
            "laboratory.name",
        ),
        ({"notes": (rich("word " * 8000),)}, "note 3"),
        (
            {"signers": (replace(specimen.QC, meaning="Approved " * 60),)},
            "signers.qc_approval",
        ),
    ],
)
def test_text_without_room_is_refused_by_its_field(changes, field):
    with pytest.raises(TextDoesNotFit) as refused:
        render(specimen.content(**changes))

    assert refused.value.field == field


def png(mode="RGBA", size=(60, 30)):
    file = io.BytesIO()
    Image.new(mode, size, "teal").save(file, "PNG")
    return file.getvalue()


def test_logo_is_drawn_without_transparency():
    site = replace(specimen.content().laboratory, logo=png())

    with pikepdf.open(io.BytesIO(render(specimen.content(laboratory=site)))) as pdf:
        images = [o for o in pdf.objects if isinstance(o, pikepdf.Stream) and "/Width" in o]

    assert len(images) == 1
    assert "/SMask" not in images[0]


@pytest.mark.parametrize("logo", [b"", b"GIF89a", png()[:60], png("1", (3000, 3000))])
def test_logo_that_is_no_reasonable_png_is_refused(logo):
    site = replace(specimen.content().laboratory, logo=logo)

    with pytest.raises(ContentRefused, match=r"laboratory\.logo"):
        render(specimen.content(laboratory=site))


def test_logo_of_a_megabyte_is_refused():
    site = replace(specimen.content().laboratory, logo=b"x" * 1_000_000)

    with pytest.raises(ContentRefused, match="200 kB"):
        specimen.content(laboratory=site)


def test_dates_are_printed_alike_everywhere():
    first, later = specimen.content().sampled_on, specimen.content().lot.expires_on

    assert printed_date(first) == "4 Nov 2026"
    assert printed_period(first, first) == "4 Nov 2026"
    assert printed_period(first, first.replace(day=9)) == "4 to 9 Nov 2026"
    assert printed_period(first, first.replace(month=12)) == "4 Nov to 4 Dec 2026"
    assert printed_period(first, later) == "4 Nov 2026 to 27 Apr 2028"


def test_other_content_gives_other_bytes(rendered):
    head = ChainHead(813, "cd" * 32, 813, specimen.PREPARED)
    strain = (italic("Bifidobacterium breve"), (Span("BR-01"),))
    product = replace(specimen.content().product, strains=strain, description="Two strains")

    assert render(specimen.content(chain_head=head)) != rendered
    assert render(specimen.content(product=product)) != rendered


def test_certificate_of_more_than_nine_pages_counts_them_all():
    content = specimen.long_content(320)

    pages = pypdf.PdfReader(io.BytesIO(render(content))).pages

    assert len(pages) >= 10
    assert f"Page 10 of {len(pages)}" in " ".join(pages[9].extract_text().split())


def test_what_is_not_told_takes_no_place():
    lines = tuple(replace(line, note="", tested_on=None, marks=()) for line in specimen.LINES)
    content = specimen.content(lines=lines, notes=(), record_signatures=(), footnotes=())

    text = text_of(render(content))

    assert "Notes for the reader" not in text
    assert "Signatures on the records" not in text
    assert "Tested" not in text.split("Acceptance")[0]


def test_label_claim_is_named_where_it_says_more_than_the_strength():
    product = replace(specimen.content().product, label_claim=rich("not less than 10^9 CFU"))

    assert "label claim not less than 109 CFU" in text_of(render(specimen.content(product=product)))


def test_family_without_a_test_has_no_heading():
    lines = specimen.LINES[:2]
    specification = replace(specimen.content().specification, tests=("locus", "16s"))

    text = text_of(render(specimen.content(lines=lines, specification=specification)))

    assert "Identity" in text
    assert "Bacteriophage" not in text


def test_code_on_the_page_leads_to_the_certificate(rendered):
    with pikepdf.open(io.BytesIO(rendered)) as pdf:
        drawn = pdf.pages[0].Contents.read_bytes()
    modules = [
        [int(number) for number in found]
        for found in re.findall(rb"^(\d+) (\d+) (\d+) 1 re$", drawn, flags=re.MULTILINE)
    ]
    size = max(row for _, row, _ in modules) + 1
    dark = {(start + at, size - 1 - row) for start, row, length in modules for at in range(length)}

    asked = segno.make(specimen.content().lookup.url, error="m", micro=False, boost_error=False)
    expected = {
        (column, row)
        for row, values in enumerate(asked.matrix)
        for column, value in enumerate(values)
        if value
    }

    assert dark == expected
