"""Forgeries are made with pikepdf, pypdf and raw bytes, never with the code under test."""

import hashlib
import io
import json
import random
import re
import zlib
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pypdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ed25519
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.stamp import NoOpStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from lims.accounts import keys
from lims.certificates import errors, schema
from lims.certificates.finishing import finished
from lims.certificates.register_entry import NOT_REGISTERED, RegisterState
from lims.certificates.verification import (
    SIZE_LIMIT,
    FactName,
    Outcome,
    claims,
    redrawn,
    verify,
)
from tests.certificates import laboratory, specimen

pytestmark = pytest.mark.req("ES-11")


def broken(verdict):
    return {fact.name for fact in verdict.facts if fact.holds is False}


def check(lab, pdf, entry, crl=None):
    return verify(pdf, lab.authority.certificate, crl, entry)


def revisions(pdf):
    """Offsets after each end-of-file mark."""
    return [match.end() for match in re.finditer(rb"%%EOF\r?\n?", pdf)]


def overlaid_in_a_later_revision(pdf):
    """A box over the result, appended as a revision by another tool."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf), incremental=True)
    page = writer.pages[0]
    over = pypdf.generic.DecodedStreamObject()
    over.set_data(b"q 1 1 1 rg 300 400 200 20 re f Q")
    contents = page["/Contents"]
    old = contents if isinstance(contents, list) else [page.raw_get("/Contents")]
    page[pypdf.generic.NameObject("/Contents")] = pypdf.generic.ArrayObject(
        [*old, writer._add_object(over)]
    )
    file = io.BytesIO()
    writer.write(file)
    assert file.getvalue().startswith(pdf)
    return file.getvalue()


def rewritten(pdf):
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(file)
    return file.getvalue()


def test_issued_certificate_is_genuine(lab, issued, entry):
    verdict = check(lab, issued, entry)

    assert verdict.genuine
    assert [fact.holds for fact in verdict.facts] == [True] * 4
    assert [made.login for made in verdict.signatures] == ["rc", "qd"]
    assert verdict.signatures[0].at == laboratory.QC_TIME
    assert laboratory.HEAD.sha256 in verdict.signatures[1].reason
    assert (verdict.number, verdict.version) == ("COA-26-0482", 1)
    assert (verdict.lot_number, verdict.lot_state) == ("BL07-26-0114", "released")


def test_verdict_is_json(lab, issued, entry):
    told = json.loads(check(lab, issued, entry).to_json())

    assert told["outcome"] == "genuine"
    assert told["signatures"][0]["at"] == "2026-11-21T15:20:44+00:00"
    assert len(told["facts"]) == 4


def test_file_and_ca_alone_are_enough_to_judge_the_signatures(lab, issued):
    verdict = check(lab, issued, None)

    assert verdict.outcome is Outcome.NOT_COMPARED
    assert verdict.fact(FactName.REGISTER).holds is None


@pytest.mark.req("CO-11")
@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (RegisterState.SUPERSEDED, Outcome.SUPERSEDED),
        (RegisterState.VOID, Outcome.VOID),
        (RegisterState.CURRENT, Outcome.GENUINE),
    ],
)
def test_register_tells_the_present_state(lab, issued, entry, state, outcome):
    verdict = check(lab, issued, replace(entry, state=state, replaced_by="COA-26-0482 version 2"))

    assert verdict.outcome is outcome
    assert verdict.fact(FactName.REGISTER).holds
    assert verdict.fact(FactName.REGISTER).sentence.endswith("The lot is released.")


def test_certificate_that_the_register_does_not_know_is_not_genuine(lab, issued):
    verdict = check(lab, issued, NOT_REGISTERED)

    assert verdict.outcome is Outcome.NOT_GENUINE
    assert broken(verdict) == {FactName.REGISTER}
    assert "knows no certificate COA-26-0482 version 1" in verdict.sentence


def test_file_in_the_register_under_another_number_is_not_genuine(lab, issued, entry):
    verdict = check(lab, issued, replace(entry, lot_number="BL07-26-0115"))

    assert broken(verdict) == {FactName.REGISTER}


def test_other_signers_than_registered_are_noticed(lab, issued, entry):
    verdict = check(lab, issued, replace(entry, signers=("rc", "someone")))

    assert broken(verdict) == {FactName.SIGNERS}


def test_overlay_added_as_a_later_revision_is_found(lab, issued, entry):
    verdict = check(lab, overlaid_in_a_later_revision(issued), entry)

    assert {FactName.SIGNATURES, FactName.WHOLE_FILE, FactName.REGISTER} <= broken(verdict)
    assert "changes that nobody was allowed to make" in verdict.sentence


def test_overlay_on_the_prepared_file_then_signed_by_nobody_is_found(lab, prepared, entry):
    verdict = check(lab, overlaid_in_a_later_revision(prepared), entry)

    assert {FactName.SIGNATURES, FactName.SIGNERS, FactName.REGISTER} <= broken(verdict)


def test_file_cut_back_to_the_first_signature_is_found(lab, issued, signed_by_qc, entry):
    cut = issued[: revisions(issued)[1]]
    assert cut == signed_by_qc

    verdict = check(lab, cut, entry)

    assert broken(verdict) == {FactName.SIGNERS, FactName.REGISTER}
    assert "A signature is missing: Approved, Quality Assurance." in verdict.sentence


def test_file_cut_back_to_before_the_signatures_is_found(lab, issued, prepared, entry):
    cut = issued[: revisions(issued)[0]]
    assert cut == prepared

    verdict = check(lab, cut, entry)

    assert broken(verdict) == set(FactName)


@pytest.mark.parametrize("tail", [b"\n", b"%comment\n", b"\0" * 900])
def test_bytes_after_the_end_are_found(lab, issued, entry, tail):
    verdict = check(lab, issued + tail, entry)

    assert {FactName.WHOLE_FILE, FactName.REGISTER} <= broken(verdict)


def test_one_byte_in_each_revision_is_found(lab, issued, entry):
    ends = revisions(issued)
    for start, end in zip([0, *ends], ends, strict=False):
        at = start + (end - start) // 3
        changed = bytearray(issued)
        changed[at] ^= 1

        verdict = check(lab, bytes(changed), entry)

        assert not verdict.genuine
        assert verdict.fact(FactName.REGISTER).holds is not True


def test_changed_digit_in_a_signature_hole_is_found_by_the_register(lab, issued, entry):
    holes = list(re.finditer(rb"/Contents ?<([0-9a-fA-F]{1000,})>", issued))
    assert len(holes) == 2
    padding = holes[-1].end(1) - 10
    changed = issued[:padding] + b"1" + issued[padding + 1 :]

    verdict = check(lab, changed, entry)

    # The maths does not cover the padding; only the stored hash does.
    assert FactName.REGISTER in broken(verdict)
    assert not verdict.genuine


def test_file_rewritten_by_another_tool_is_found(lab, issued, entry):
    verdict = check(lab, rewritten(issued), entry)

    assert {FactName.SIGNATURES, FactName.REGISTER} <= broken(verdict)


def test_another_authority_with_the_same_names_is_not_trusted(lab, entry):
    forged = laboratory.found().issue()

    verdict = check(lab, forged, entry)

    assert {FactName.SIGNATURES, FactName.REGISTER} <= broken(verdict)
    assert "not made with a certificate of this laboratory" in verdict.sentence


def test_signature_outside_the_life_of_its_certificate_is_not_trusted(lab, prepared, entry):
    old = laboratory.FOUNDED - timedelta(days=365 * 17)
    expired = laboratory.person(lab.authority, "Reviewer C", "rc", old)
    pdf = signed_by_hand(prepared, expired, laboratory.QC_TIME)

    verdict = check(lab, pdf, entry)

    assert "outside the life of its certificate" in verdict.fact(FactName.SIGNATURES).sentence


def test_signature_of_a_revoked_certificate_counts_only_before_the_revocation(lab, issued, entry):
    before, after = laboratory.QC_TIME - timedelta(days=1), laboratory.QA_TIME + timedelta(days=1)
    serial = lab.reviewer.certificate.serial_number

    for at, genuine in ((before, False), (after, True)):
        reason = keys.RevocationReason.SUPERSEDED
        crl = lab.authority.revocation_list([keys.Revocation(serial, at, reason)], 1, after)
        verdict = check(lab, issued, entry, crl)
        assert verdict.genuine is genuine

    assert "revoked" in check(lab, issued, entry, list_of(lab, serial, before)).sentence


def list_of(lab, serial, at, reason=keys.RevocationReason.SUPERSEDED):
    return lab.authority.revocation_list([keys.Revocation(serial, at, reason)], 1, at)


def test_key_reported_compromised_is_trusted_only_where_the_register_vouches(lab, issued, entry):
    later = laboratory.QA_TIME + timedelta(days=30)
    serial = lab.reviewer.certificate.serial_number
    crl = list_of(lab, serial, later, keys.RevocationReason.KEY_COMPROMISE)

    assert check(lab, issued, entry, crl).genuine
    assert check(lab, issued, None, crl).outcome is Outcome.NOT_GENUINE


def test_revocation_list_of_another_authority_is_not_believed(lab, issued, entry):
    other = laboratory.found()
    foreign = list_of(other, 1, laboratory.QA_TIME)

    verdict = check(lab, issued, entry, foreign)

    assert verdict.outcome is Outcome.NOT_GENUINE
    assert "revocation list is not the laboratory's" in verdict.sentence


def test_signature_by_a_certificate_that_signs_itself_is_not_trusted(lab, prepared, entry):
    own = laboratory.found()
    pdf = signed_by_hand(prepared, own.reviewer, laboratory.QC_TIME)

    assert FactName.SIGNATURES in broken(check(lab, pdf, entry))


def test_one_person_signing_twice_is_not_accepted(lab, prepared, entry):
    once = signed_by_hand(prepared, lab.reviewer, laboratory.QC_TIME)
    twice = signed_by_hand(
        once,
        lab.reviewer,
        laboratory.QA_TIME,
        field="qa_approval",
        reason="Approved, Quality Assurance. Audit chain",
    )

    verdict = check(lab, twice, entry)

    assert "One person has signed twice." in verdict.sentence


def test_signature_with_another_meaning_is_not_accepted(lab, prepared, entry):
    once = signed_by_hand(prepared, lab.reviewer, laboratory.QC_TIME, reason="Seen. No more.")
    pdf = lab.sign_qa(once)

    verdict = check(lab, pdf, entry)

    assert "given with another meaning" in verdict.sentence


def test_signing_times_against_the_order_of_signing_are_not_accepted(lab, prepared, entry):
    early = laboratory.QC_TIME - timedelta(hours=1)

    for pdf in (
        lab.sign_qa(lab.sign_qc(prepared), early),
        lab.sign_qa(lab.sign_qc(prepared, specimen.PREPARED - timedelta(hours=1))),
    ):
        assert "signing times do not follow each other" in check(lab, pdf, entry).sentence


def test_everything_within_one_second_is_genuine(entry):
    moment = specimen.PREPARED.replace(microsecond=400_000)
    lab = laboratory.found(moment)
    later = [moment + timedelta(milliseconds=at) for at in (100, 200)]

    pdf = lab.sign_qa(lab.sign_qc(lab.prepare(prepared_at=moment), later[0]), later[1])

    crl = lab.authority.revocation_list([], 1, later[1])
    own = replace(entry, sha256=hashlib.sha256(pdf).hexdigest())
    assert check(lab, pdf, own, crl).genuine


@pytest.mark.req("CO-08")
def test_page_can_be_drawn_again_from_the_attached_record(issued, prepared):
    assert redrawn(issued)
    assert redrawn(prepared)
    assert not redrawn(rewritten(issued))
    assert not redrawn(b"%PDF-1.7")
    assert not redrawn(pdf_without_record())


def test_added_signature_field_is_not_accepted(lab, entry):
    pdf = lab.issue()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        field = opened.make_indirect(
            pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=pikepdf.String("extra"))
        )
        opened.Root.AcroForm.Fields.append(field)
        file = io.BytesIO()
        opened.save(file)

    assert {FactName.SIGNATURES, FactName.SIGNERS} <= broken(check(lab, file.getvalue(), entry))


def signed_by_hand(
    pdf, key, at, field="qc_approval", reason="Approved, Quality Control. Audit chain event 1"
):
    """A signature made straight with the library, with none of the product's checks."""
    der = key.private_key.private_bytes(s.Encoding.DER, s.PrivateFormat.PKCS8, s.NoEncryption())
    signer = signers.SimpleSigner(
        asn1.Certificate.load(key.certificate.public_bytes(s.Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(der),
        SimpleCertificateStore(),
    )
    meta = signers.PdfSignatureMetadata(
        field_name=field, reason=reason, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    made = signers.PdfSigner(meta, signer, stamp_style=_no_stamp())
    session = made.init_signing_session(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), existing_fields_only=True
    )
    session.system_time = at
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=8192)
    file = io.BytesIO()
    digest, _ = document.digest_tbs_document(output=file)
    finished(
        document.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=at))
    )
    return file.getvalue()


def _no_stamp():
    return NoOpStampStyle()


def test_prepared_and_half_signed_files_of_the_register_are_unfinished(
    lab, prepared, signed_by_qc, entry
):
    for pdf, state in (
        (prepared, RegisterState.PREPARED),
        (signed_by_qc, RegisterState.SIGNED_BY_QC),
    ):
        own = replace(entry, sha256=hashlib.sha256(pdf).hexdigest(), state=state, signers=())
        assert check(lab, pdf, own).outcome is Outcome.UNFINISHED


def pdf_without_record():
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "pdf",
    [
        b"",
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"startxref\n0\n%%EOF",
        b"GIF89a" * 100,
        b"[" * 50_000,
        b"%PDF-1.7\nxref\n0 1\ntrailer<</Root 1 0 R/Prev 0>>startxref\n9\n%%EOF",
        pdf_without_record(),
        b"x" * (SIZE_LIMIT + 1),
    ],
    ids=range(9),
)
def test_file_that_is_no_certificate_is_unreadable(lab, entry, pdf):
    verdict = check(lab, pdf, entry)

    assert verdict.outcome is Outcome.UNREADABLE
    assert claims(pdf) is None


def test_damaged_files_never_raise_and_never_pass(lab, issued, entry):
    chance = random.Random(20261122)
    for _ in range(60):
        changed = bytearray(issued)
        for _ in range(chance.randint(1, 4)):
            kind = chance.randrange(3)
            at = chance.randrange(len(changed) - 50)
            if kind == 0:
                changed[at] ^= 1 << chance.randrange(8)
            elif kind == 1:
                del changed[at : at + chance.randrange(1, 50)]
            else:
                changed[at:at] = changed[: chance.randrange(1, 50)]

        verdict = check(lab, bytes(changed), entry)

        assert not verdict.genuine


def test_stream_that_unpacks_to_gigabytes_is_not_unpacked(lab, entry):
    bomb = zlib.compress(b"\0" * 200_000_000, 9)
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        stream = pikepdf.Stream(pdf, bomb)
        stream.Filter = pikepdf.Name.FlateDecode
        attached = pdf.make_indirect(stream)
        pdf.Root.AF = pikepdf.Array(
            [
                pdf.make_indirect(
                    pikepdf.Dictionary(
                        UF=pikepdf.String("certificate.json"), EF=pikepdf.Dictionary(F=attached)
                    )
                )
            ]
        )
        pdf.save(file, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)

    assert check(lab, file.getvalue(), entry).outcome is Outcome.UNREADABLE


def test_file_claims_its_number_and_version(issued):
    assert claims(issued) == ("COA-26-0482", 1)


def test_certificate_stays_genuine_for_ten_years_and_more(lab):
    expires = lab.reviewer.certificate.not_valid_after_utc

    assert expires - laboratory.FOUNDED > timedelta(days=3653)
    assert lab.authority.certificate.not_valid_after_utc > expires


def test_authority_certificate_of_another_kind_does_not_verify(lab, issued, entry):
    verdict = verify(issued, lab.reviewer.certificate, None, entry)

    assert FactName.SIGNATURES in broken(verdict)


def issued_by_hand(lab, usage):
    """A certificate under the laboratory's own key, with a usage the product never gives."""
    key = keys.new_private_key()
    ordinary = lab.reviewer.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(ordinary.subject)
        .issuer_name(lab.authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ordinary.not_valid_before_utc)
        .not_valid_after(ordinary.not_valid_after_utc)
        .add_extension(usage, critical=True)
    )
    certificate = builder.sign(lab.authority.private_key, hashes.SHA384())
    return keys.OpenedKey(certificate, lab.authority.certificate, key)


def test_certificate_that_may_not_sign_is_not_trusted(lab, prepared, entry):
    usage = x509.KeyUsage(**dict.fromkeys(USAGES, False) | {"key_agreement": True})
    pdf = signed_by_hand(prepared, issued_by_hand(lab, usage), laboratory.QC_TIME)

    said = check(lab, pdf, entry).fact(FactName.SIGNATURES).sentence

    assert "does not lead to the certificate authority" in said


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def test_revocation_without_a_reason_counts_from_its_time(lab, issued, entry):
    ca = lab.authority
    revoked = (
        x509.RevokedCertificateBuilder()
        .serial_number(lab.reviewer.certificate.serial_number)
        .revocation_date(laboratory.FOUNDED)
        .build()
    )
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(laboratory.FOUNDED)
        .next_update(laboratory.QA_TIME)
        .add_revoked_certificate(revoked)
        .sign(ca.private_key, hashes.SHA384())
    )

    assert "after its certificate had been revoked" in check(lab, issued, entry, crl).sentence


def test_authority_with_another_kind_of_key_trusts_nothing_here(lab, issued, entry):
    key = ed25519.Ed25519PrivateKey.generate()
    name = lab.authority.certificate.subject
    other = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(laboratory.FOUNDED)
        .not_valid_after(laboratory.QA_TIME)
        .sign(key, None)
    )
    crl = list_of(lab, 1, laboratory.QA_TIME)

    assert not verify(issued, other, None, entry).genuine
    assert "list is not the laboratory's" in verify(issued, other, crl, entry).sentence


def test_record_that_is_no_certificate_makes_the_file_unreadable(lab, issued, entry):
    with pikepdf.open(io.BytesIO(issued)) as pdf:
        pdf.Root.AF[0].EF.F.write(b'{"schema":"other"}')
        file = io.BytesIO()
        pdf.save(file)

    assert check(lab, file.getvalue(), entry).outcome is Outcome.UNREADABLE
    with pytest.raises(errors.NotSignable):
        lab.sign_qc(file.getvalue())


def test_record_that_cannot_be_drawn_is_not_redrawn(issued):
    text = schema.to_json(specimen.content()).replace("Northmere Plant 2", "日本")
    with pikepdf.open(io.BytesIO(issued)) as pdf:
        pdf.Root.AF[0].EF.F.write(text.encode())
        file = io.BytesIO()
        pdf.save(file)

    assert not redrawn(file.getvalue())
