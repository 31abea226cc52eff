import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pypdf
import pytest

from lims.accounts import keys
from lims.certificates import errors, sealing
from lims.certificates.document import render
from lims.certificates.verification import redrawn
from tests.certificates import laboratory, specimen

SIGNED = re.compile(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)\s*\]")


def blocks(pdf):
    """The text of each signature's block."""
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    forms = [widget.get_object()["/AP"]["/N"] for widget in page["/Annots"]]
    return [" ".join(page.extract_xform_text(form).split()) for form in forms]


@pytest.mark.req("CO-06")
@pytest.mark.req("ES-01")
def test_block_shows_name_login_meaning_role_and_both_clocks(issued):
    first, second = blocks(issued)

    assert first.startswith(
        "APPROVED, QUALITY CONTROL Reviewer C rc, Senior microbiologist "
        "21 Nov 2026, 16:20:44 CET 21 Nov 2026, 15:20:44 UTC Signed electronically"
    )
    assert second.startswith("APPROVED, QUALITY ASSURANCE QA releaser D qd,")


def test_field_says_that_it_is_not_signed_until_it_is(prepared, signed_by_qc):
    assert [block.endswith("Not yet signed") for block in blocks(prepared)] == [True, True]
    assert [block.endswith("Not yet signed") for block in blocks(signed_by_qc)] == [False, True]


def test_signature_appends_and_changes_nothing_before_it(prepared, signed_by_qc, issued):
    assert signed_by_qc.startswith(prepared)
    assert issued.startswith(signed_by_qc)


@pytest.mark.req("ES-10")
def test_first_signature_certifies_and_allows_filling_fields_only(issued):
    with pikepdf.open(io.BytesIO(issued)) as pdf:
        first, second = (field.V for field in pdf.Root.AcroForm.Fields)

        assert pdf.Root.Perms.DocMDP.objgen == first.objgen
        assert first.Reference[0].TransformParams.P == 2
        assert "/Reference" not in second
        assert first.SubFilter == second.SubFilter == "/ETSI.CAdES.detached"
        assert str(first.Name) == "Reviewer C (rc)"
        assert str(first.M) == "D:20261121152044Z"


def test_reason_carries_the_chain_head_of_the_moment(issued):
    with pikepdf.open(io.BytesIO(issued)) as pdf:
        reason = str(pdf.Root.AcroForm.Fields[1].V.Reason)

    assert reason == f"Approved, Quality Assurance. Audit chain event 820 sha256 {'ab' * 32}"


def test_description_stays_that_of_the_prepared_file(prepared, issued):
    told = []
    for pdf in (prepared, issued):
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert "/Info" not in opened.trailer
            told.append(opened.Root.Metadata.read_bytes())

    assert told[0] == told[1]


def test_last_signature_covers_all_but_its_own_hole(issued):
    start, length, second, rest = map(int, SIGNED.findall(issued)[-1])

    assert (start, second + rest) == (0, len(issued))
    assert issued[length : length + 1] == b"<"
    assert issued[second - 1 : second] == b">"


@pytest.mark.req("CO-05")
def test_draft_is_refused(lab):
    with pytest.raises(errors.DraftNotSignable):
        lab.sign_qc(render(lab.content(), draft=True))


def test_signing_out_of_order_is_refused(lab, prepared):
    with pytest.raises(errors.WrongOrder) as refused:
        lab.sign_qa(prepared)

    assert (refused.value.field, refused.value.first) == ("qa_approval", "qc_approval")


def test_field_is_signed_once(lab, signed_by_qc):
    with pytest.raises(errors.FieldFilled):
        lab.sign_qc(signed_by_qc)


def given(lab, **changes):
    return replace(laboratory.facts(lab.reviewer, "Quality Control", laboratory.QC_TIME), **changes)


def test_unknown_field_is_refused(lab, prepared):
    with pytest.raises(errors.FieldUnknown, match="it has qc_approval, qa_approval"):
        sealing.sign(prepared, "manager", lab.reviewer, given(lab))


@pytest.mark.parametrize("changes", [{"role": "Quality Assurance"}, {"meaning": "Seen"}])
def test_other_role_or_meaning_than_printed_is_refused(lab, prepared, changes):
    with pytest.raises(errors.WrongMeaning, match="“Approved, Quality Control”"):
        sealing.sign(prepared, "qc_approval", lab.reviewer, given(lab, **changes))


def test_same_person_cannot_sign_twice(lab, signed_by_qc):
    facts = given(lab, role="Quality Assurance")

    with pytest.raises(errors.SignerAgain):
        sealing.sign(signed_by_qc, "qa_approval", lab.reviewer, facts)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"login": "qd"}, "is not that of"),
        ({"printed_name": "Somebody Else"}, "is not that of"),
        ({"at": laboratory.FOUNDED - timedelta(days=1)}, "not valid at this time"),
        ({"at": laboratory.FOUNDED + timedelta(days=365 * 16)}, "not valid at this time"),
        ({"at": laboratory.QC_TIME.replace(tzinfo=None)}, "not in UTC"),
    ],
)
def test_key_of_another_person_or_out_of_its_life_is_refused(lab, prepared, changes, why):
    with pytest.raises(errors.KeyNotValid, match=why):
        sealing.sign(prepared, "qc_approval", lab.reviewer, given(lab, **changes))


def test_file_that_is_no_certificate_is_refused(lab):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    blank = io.BytesIO()
    writer.write(blank)

    for pdf in (b"", b"%PDF-1.7", blank.getvalue()):
        with pytest.raises(errors.NotSignable):
            lab.sign_qc(pdf)


def test_file_whose_fields_are_not_its_contents_is_refused(lab, prepared):
    with pikepdf.open(io.BytesIO(prepared)) as pdf:
        del pdf.Root.AcroForm.Fields[1]
        del pdf.pages[0].Annots[1]
        file = io.BytesIO()
        pdf.save(file)

    with pytest.raises(errors.NotSignable, match="not those of its content"):
        lab.sign_qc(file.getvalue())


def test_threads_that_sign_at_once_do_not_spoil_each_others_pages(lab):
    def issue(number):
        return lab.issue(number=f"COA-26-{number:04}")

    numbers = [*range(6), *range(6)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(issue, numbers))

    for first, second in zip(made[:6], made[6:], strict=True):
        assert hashlib.sha256(first[:40_000]).digest() == hashlib.sha256(second[:40_000]).digest()
        assert redrawn(first)
        assert redrawn(second)


def test_longest_name_fits_into_the_block():
    authority = keys.create_authority(
        "Northmere Biotherapeutics", laboratory.FOUNDED, laboratory.nobody
    )
    name = "Maria Magdalena Featherstonehaugh-Cholmondeley of Wolverhampton "[:64].strip()
    signer = laboratory.person(authority, name, "maria.featherstonehaugh-cholmondeley")

    facts = laboratory.facts(signer, "Quality Control", laboratory.QC_TIME)
    pdf = sealing.sign(render(specimen.content()), "qc_approval", signer, facts)

    assert name in blocks(pdf)[0]


def test_each_block_is_small(prepared, signed_by_qc, issued):
    assert len(signed_by_qc) - len(prepared) < 30_000
    assert len(issued) - len(signed_by_qc) < 30_000
    assert hashlib.sha256(issued).hexdigest() != hashlib.sha256(signed_by_qc).hexdigest()


def test_a_running_event_loop_of_somebody_else_is_no_obstacle():
    from lims.certificates.finishing import finished

    async def answer() -> int:
        return 42

    async def elsewhere() -> int:
        return finished(answer())

    assert finished(elsewhere()) == 42
