import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lims.accounts import keys
from lims.certificates import register_file
from lims.certificates.errors import RegisterRefused
from lims.certificates.register_entry import NOT_REGISTERED
from lims.certificates.register_file import RegisterFile, find_entry
from tests.certificates import laboratory
from tests.certificates.laboratory import QA_TIME as AT


@pytest.fixture
def register(lab, entry):
    revoked = keys.Revocation(
        lab.reviewer.certificate.serial_number, AT, keys.RevocationReason.SUPERSEDED
    )
    listed = lab.authority.revocation_list([revoked], 1, AT)
    other = replace(entry, number="COA-26-0483", sha256="0" * 64)
    pem = listed.public_bytes(Encoding.PEM).decode()
    return RegisterFile("Northmere Biotherapeutics", AT, (entry, other), pem)


def written(register, authority):
    return register_file.to_json(register, lambda content: authority.vouch(content, "register"))


def test_register_is_read_back_as_it_was_signed(lab, register):
    text = written(register, lab.authority)

    read = register_file.from_json(text, lab.authority.certificate)

    assert read == register
    assert read.revocation_list().get_revoked_certificate_by_serial_number(
        lab.reviewer.certificate.serial_number
    )


def test_register_without_revocations_has_no_list(lab, register):
    text = written(replace(register, revocations=""), lab.authority)

    assert register_file.from_json(text, lab.authority.certificate).revocation_list() is None


def test_use_of_the_authority_is_told(lab, register):
    told = []
    authority = replace(lab.authority, on_use=told.append)

    written(register, authority)

    assert [(use.use, use.subject) for use in told] == [(keys.AuthorityUse.VOUCHED, "register")]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("made_at", "2031-01-01T00:00:00+00:00"),
        ("laboratory", "Southmere"),
        ("revocations", ""),
        ("entries", []),
        ("signature", base64.b64encode(b"nothing").decode()),
        ("signature", ""),
    ],
)
def test_register_that_was_changed_is_refused(lab, register, member, value):
    document = json.loads(written(register, lab.authority))
    assert document[member] != value
    document[member] = value

    with pytest.raises(RegisterRefused, match="changed since"):
        register_file.from_json(json.dumps(document), lab.authority.certificate)


def test_one_changed_state_in_an_entry_is_refused(lab, register):
    text = written(register, lab.authority)

    with pytest.raises(RegisterRefused, match="changed since"):
        register_file.from_json(
            text.replace('"current"', '"superseded"', 1), lab.authority.certificate
        )


def test_register_of_another_laboratory_is_refused(lab, register):
    text = written(register, laboratory.found().authority)

    with pytest.raises(RegisterRefused, match="not signed by this laboratory"):
        register_file.from_json(text, lab.authority.certificate)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not an object"),
        ("{}", "not of schema"),
        ('{"schema": "livelot/certificate-register", "schema_version": 1}', "members"),
    ],
)
def test_text_that_is_no_register_is_refused(lab, text, why):
    with pytest.raises(RegisterRefused, match=why):
        register_file.from_json(text, lab.authority.certificate)


def test_signature_that_is_no_base64_is_refused(lab, register):
    document = json.loads(written(register, lab.authority)) | {"signature": "~"}

    with pytest.raises(RegisterRefused, match="base64"):
        register_file.from_json(json.dumps(document), lab.authority.certificate)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "fine"}, "unknown state in entry 1"),
        ({"version": "1"}, "another type in entry 1"),
        ({"signers": "rc"}, "another type in entry 1"),
        ({"sha256": None}, "another type in entry 1"),
        ({"more": 1}, "members of an entry in entry 1"),
    ],
)
def test_entry_of_another_shape_is_refused_though_signed(lab, register, change, why):
    """Of a later release, for example: what is not understood is not guessed."""
    document = json.loads(written(register, lab.authority))
    document["entries"][0] |= change

    with pytest.raises(RegisterRefused, match=why):
        register_file.from_json(signed_anew(document, lab.authority), lab.authority.certificate)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"entries": {}}, "no entries"),
        ({"made_at": "yesterday"}, "cannot be read"),
        ({"revocations": "none"}, "cannot be read"),
    ],
)
def test_member_of_another_shape_is_refused_though_signed(lab, register, change, why):
    document = json.loads(written(register, lab.authority)) | change

    with pytest.raises(RegisterRefused, match=why):
        register_file.from_json(signed_anew(document, lab.authority), lab.authority.certificate)


def signed_anew(document, authority):
    signed = {name: value for name, value in document.items() if name != "signature"}
    content = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    signature = authority.vouch(content.encode(), "register")
    return json.dumps(document | {"signature": base64.b64encode(signature).decode()})


def test_entry_is_found_by_hash_then_by_number(entry):
    other = replace(entry, number="COA-26-0483", sha256="0" * 64)

    assert find_entry([entry, other], "0" * 64, "COA-26-0482", 1) is other
    assert find_entry([entry, other], "1" * 64, "COA-26-0482", 1) is entry
    assert find_entry([entry, other], "1" * 64, "COA-26-0482", 2) is NOT_REGISTERED
