import json
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lims.accounts import keys

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SECRET = bytes(range(32))
FAST = keys.Cost(time=1, memory_kib=8, parallelism=1)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def uses():
    return []


@pytest.fixture
def authority(uses):
    return keys.create_authority("Northmere Biotherapeutics", NOW, uses.append)


@pytest.fixture
def key():
    return keys.new_private_key()


@pytest.fixture
def certificate(authority, key):
    return authority.issue(keys.Person("Ana Lyst", "ana", "Northmere Biotherapeutics"), key, NOW)


@pytest.fixture
def envelope(key, certificate):
    return keys.wrap(key, certificate, PASSWORD, SECRET, FAST)


def opened(envelope, certificate, authority, password=PASSWORD, secret=SECRET):
    return keys.unwrap(envelope, certificate, authority.certificate, password, secret)


def test_wrapped_key_opens_with_password_and_secret(envelope, certificate, authority, key):
    assert opened(envelope, certificate, authority).private_key.private_numbers() == (
        key.private_numbers()
    )


@pytest.mark.req("ES-12")
@pytest.mark.parametrize(
    ("password", "secret"), [("other password", SECRET), (PASSWORD, b"x" * 32), ("", SECRET)]
)
def test_neither_half_alone_opens_a_key(envelope, certificate, authority, password, secret):
    with pytest.raises(keys.WrongPassword):
        opened(envelope, certificate, authority, password, secret)


def test_password_typed_in_another_unicode_form_opens_the_key(key, certificate, authority):
    envelope = keys.wrap(key, certificate, "caf\u00e9", SECRET, FAST)

    assert opened(envelope, certificate, authority, "cafe\u0301").certificate == certificate


def test_change_of_password_keeps_the_key_and_closes_the_old_way(
    envelope, certificate, authority, key
):
    changed = keys.rewrap(envelope, certificate, PASSWORD, "new password", SECRET, FAST)

    again = opened(changed, certificate, authority, "new password").private_key
    assert again.private_numbers() == key.private_numbers()
    with pytest.raises(keys.WrongPassword):
        opened(changed, certificate, authority)
    with pytest.raises(keys.WrongPassword):
        keys.rewrap(envelope, certificate, "guess", "new", SECRET, FAST)


def test_two_envelopes_of_one_key_share_nothing(key, certificate):
    first, second = (
        json.loads(keys.wrap(key, certificate, PASSWORD, SECRET, FAST)) for _ in range(2)
    )

    assert all(first[name] != second[name] for name in ("salt", "nonce", "key"))


def test_key_of_another_person_does_not_open_under_this_name(envelope, authority):
    other = keys.new_private_key()
    theirs = authority.issue(keys.Person("Other", "other", "Northmere"), other, NOW)

    with pytest.raises(keys.EnvelopeUnreadable, match="another certificate"):
        opened(envelope, theirs, authority)


def test_key_that_is_not_the_certificates_is_refused(certificate, authority):
    envelope = keys.wrap(keys.new_private_key(), certificate, PASSWORD, SECRET, FAST)

    with pytest.raises(keys.EnvelopeUnreadable, match="not the certificate's"):
        opened(envelope, certificate, authority)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("version", 2, keys.EnvelopeUnreadable),
        ("memory_kib", 2**31, keys.EnvelopeUnreadable),
        ("memory_kib", 7, keys.EnvelopeUnreadable),
        ("time", 0, keys.EnvelopeUnreadable),
        ("time", "1", keys.EnvelopeUnreadable),
        ("salt", None, keys.EnvelopeUnreadable),
        ("salt", "*", keys.EnvelopeUnreadable),
        ("salt", "AAAA", keys.EnvelopeUnreadable),
        ("nonce", "", keys.EnvelopeUnreadable),
        ("nonce", "AAAAAAAAAAAAAAAA", keys.WrongPassword),
        ("time", 2, keys.WrongPassword),
        ("cipher", "none", keys.WrongPassword),
        ("key", "AAAA", keys.WrongPassword),
        ("key", "", keys.WrongPassword),
        ("extra", 1, keys.WrongPassword),
    ],
)
def test_changed_envelope_is_refused(envelope, certificate, authority, name, value, problem):
    changed = json.dumps(json.loads(envelope) | {name: value})

    with pytest.raises(problem):
        opened(changed, certificate, authority)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "7"])
def test_text_that_is_no_envelope_is_refused(text, certificate, authority):
    with pytest.raises(keys.EnvelopeUnreadable):
        opened(text, certificate, authority)


def test_private_key_is_never_printed(envelope, certificate, authority):
    assert "private_key" not in repr(opened(envelope, certificate, authority))
    assert "private_key" not in repr(authority)


def test_short_server_secret_is_refused(key, certificate):
    with pytest.raises(keys.AuthorityUnavailable, match="32 bytes"):
        keys.wrap(key, certificate, PASSWORD, b"short", FAST)


def test_cost_for_tests_does_not_suit_production():
    assert keys.PRODUCTION_COST.suits_production
    assert not FAST.suits_production


def test_certificate_names_the_person_and_outlives_ten_years(certificate, authority):
    assert keys.printed_name_of(certificate) == "Ana Lyst"
    assert keys.login_of(certificate) == "ana"
    assert keys.login_of(authority.certificate) == ""
    assert certificate.not_valid_after_utc > NOW + timedelta(days=3653)
    assert authority.certificate.not_valid_after_utc > certificate.not_valid_after_utc
    certificate.verify_directly_issued_by(authority.certificate)


def test_certificate_signs_documents_and_no_certificates(certificate):
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value

    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    assert not basic.ca
    assert isinstance(certificate.public_key().curve, ec.SECP256R1)


def test_serial_numbers_differ(authority):
    serials = {
        authority.issue(keys.Person("A", "a", "N"), keys.new_private_key(), NOW).serial_number
        for _ in range(5)
    }

    assert len(serials) == 5


def test_each_use_of_the_authority_is_reported(authority, uses, certificate):
    crl = authority.revocation_list([], 1, NOW)

    assert [use.use for use in uses] == [
        "authority.created",
        "authority.issued",
        "authority.revoked",
    ]
    assert uses[1].subject == "certificate for Ana Lyst (ana)"
    assert uses[1].fingerprint == keys.fingerprint(certificate)
    assert crl.issuer == authority.certificate.subject


def test_failing_report_of_a_use_hands_out_no_certificate(authority):
    def refuse(_use):
        raise RuntimeError

    silent = keys.Authority(authority.certificate, refuse, authority.private_key)

    with pytest.raises(RuntimeError):
        silent.issue(keys.Person("A", "a", "N"), keys.new_private_key(), NOW)


def test_revocation_list_names_serial_time_and_reason(authority, certificate):
    entry = keys.Revocation(
        certificate.serial_number, NOW + timedelta(days=9), keys.RevocationReason.SUPERSEDED
    )

    crl = authority.revocation_list([entry], 7, NOW + timedelta(days=10))

    found = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    assert found.revocation_date_utc == entry.at
    reason = found.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.superseded
    assert crl.is_signature_valid(authority.certificate.public_key())
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7


def test_authority_is_kept_in_a_file_of_its_owner_alone(authority, uses, tmp_path):
    path = tmp_path / "authority.pem"

    keys.save_authority(authority, path, SECRET)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    again = keys.open_authority(path, SECRET, uses.append)
    assert again.certificate == authority.certificate
    assert again.private_key.private_numbers() == authority.private_key.private_numbers()


def test_authority_is_never_overwritten(authority, uses, tmp_path):
    path = tmp_path / "authority.pem"
    keys.save_authority(authority, path, SECRET)
    other = keys.create_authority("Other", NOW, uses.append)

    with pytest.raises(keys.AuthorityUnavailable, match="exists already"):
        keys.save_authority(other, path, SECRET)

    assert keys.open_authority(path, SECRET, uses.append).certificate == authority.certificate
    assert list(tmp_path.iterdir()) == [path]


def test_authority_without_a_place_to_be_written_is_refused(authority, tmp_path):
    with pytest.raises(keys.AuthorityUnavailable, match="cannot be written"):
        keys.save_authority(authority, tmp_path / "no folder" / "authority.pem", SECRET)


def test_authority_file_open_to_others_is_refused(authority, uses, tmp_path):
    path = tmp_path / "authority.pem"
    keys.save_authority(authority, path, SECRET)
    path.chmod(0o640)

    with pytest.raises(keys.AuthorityUnavailable, match="mode to 600"):
        keys.open_authority(path, SECRET, uses.append)


def test_authority_opens_with_its_secret_alone(authority, uses, tmp_path):
    path = tmp_path / "authority.pem"
    keys.save_authority(authority, path, SECRET)

    with pytest.raises(keys.AuthorityUnavailable, match="server's secret"):
        keys.open_authority(path, b"y" * 32, uses.append)
    with pytest.raises(keys.AuthorityUnavailable, match="cannot be read"):
        keys.open_authority(tmp_path / "none.pem", SECRET, uses.append)


@pytest.mark.parametrize("damage", [b"", b"not a PEM", "cut", "mixed"])
def test_damaged_authority_file_is_refused(authority, uses, tmp_path, damage):
    path = tmp_path / "authority.pem"
    keys.save_authority(authority, path, SECRET)
    whole = path.read_bytes()
    if damage == "cut":
        damage = whole[: len(whole) // 2]
    if damage == "mixed":
        other = keys.create_authority("Other", NOW, uses.append)
        key_part = whole[: whole.index(b"-----BEGIN CERTIFICATE")]
        damage = key_part + other.certificate.public_bytes(Encoding.PEM)
    path.write_bytes(damage)

    with pytest.raises(keys.AuthorityUnavailable):
        keys.open_authority(path, SECRET, uses.append)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_agrees_with_certificate_and_list(authority, certificate, tmp_path):
    ca, leaf, crl = (tmp_path / name for name in ("ca.pem", "leaf.pem", "crl.pem"))
    ca.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    leaf.write_bytes(certificate.public_bytes(Encoding.PEM))
    entry = keys.Revocation(certificate.serial_number, NOW, keys.RevocationReason.SUPERSEDED)
    crl.write_bytes(authority.revocation_list([entry], 1, NOW).public_bytes(Encoding.PEM))
    moment = str(int((NOW + timedelta(days=3653)).timestamp()))

    fine = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", ca, leaf],
        capture_output=True,
        check=False,
    )
    within = str(int((NOW + timedelta(days=1)).timestamp()))
    revoked = subprocess.run(
        [
            "openssl",
            "verify",
            "-crl_check",
            "-attime",
            within,
            "-CAfile",
            ca,
            "-CRLfile",
            crl,
            leaf,
        ],
        capture_output=True,
        check=False,
    )

    assert fine.returncode == 0, fine.stderr
    assert b"certificate revoked" in revoked.stderr
