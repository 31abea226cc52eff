"""Other people's tools on our files: they must agree with our own verifier."""

import io
import re
import shutil
import subprocess

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image, ImageChops

from tests.certificates import laboratory

SIGNED = re.compile(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)\s*\]")


def needs(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def run(*command):
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


@pytest.fixture(scope="session")
def trust_store(lab, tmp_path_factory):
    """An NSS store that trusts the laboratory, as a reader's would after importing the CA."""
    folder = tmp_path_factory.mktemp("nss")
    ca = folder / "ca.pem"
    ca.write_bytes(lab.authority.certificate.public_bytes(Encoding.PEM))
    store = f"sql:{folder}"
    run("certutil", "-N", "-d", store, "--empty-password")
    run("certutil", "-A", "-d", store, "-n", "lab", "-t", "CT,C,C", "-i", str(ca))
    return store


def pdfsig(store, pdf, tmp_path):
    """The text; pdfsig's exit status is 0 even for a broken digest."""
    path = tmp_path / "file.pdf"
    path.write_bytes(pdf)
    return run("pdfsig", "-nssdir", store, str(path)).stdout.decode()


@needs("pdfsig", "certutil")
def test_pdfsig_calls_both_signatures_valid_and_trusted(trust_store, issued, tmp_path):
    told = pdfsig(trust_store, issued, tmp_path)

    assert told.count("Signature is Valid.") == 2
    assert told.count("Certificate is Trusted.") == 2
    assert told.count("\n  - Total document signed") == 1
    assert "ETSI.CAdES.detached" in told
    assert "Signing Time: Nov 21 2026 15:20:44" in told
    assert "UID=rc" in told


@needs("pdfsig", "certutil")
def test_pdfsig_finds_a_changed_byte(trust_store, issued, tmp_path):
    changed = bytearray(issued)
    changed[3000] ^= 1

    assert pdfsig(trust_store, bytes(changed), tmp_path).count("Digest Mismatch") == 2


@needs("pdfsig", "certutil")
def test_pdfsig_does_not_trust_another_authority(trust_store, tmp_path):
    told = pdfsig(trust_store, laboratory.found().issue(), tmp_path)

    assert "Certificate is Trusted" not in told


@needs("openssl")
def test_openssl_verifies_each_signature_over_its_bytes(lab, issued, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_bytes(lab.authority.certificate.public_bytes(Encoding.PEM))
    ranges = [list(map(int, found)) for found in SIGNED.findall(issued)]
    assert len(ranges) == 2

    for start, length, second, rest in ranges:
        hole = issued[length + 1 : second - 1]
        covered = issued[start : start + length] + issued[second : second + rest]
        assert openssl(tmp_path, ca, hole, covered)
        assert not openssl(tmp_path, ca, hole, covered[:100] + b"!" + covered[101:])


def openssl(folder, ca, hole, covered):
    der = bytes.fromhex(hole.decode())
    length = 4 + int.from_bytes(der[2:4], "big")
    (folder / "cms.der").write_bytes(der[:length])
    (folder / "content").write_bytes(covered)
    moment = str(int(laboratory.QA_TIME.timestamp()))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    command += ["-in", str(folder / "cms.der"), "-content", str(folder / "content")]
    command += ["-CAfile", str(ca), "-attime", moment, "-out", str(folder / "out")]
    return run(*command).returncode == 0


@needs("qpdf")
def test_qpdf_finds_no_error(prepared, signed_by_qc, issued, tmp_path):
    for at, pdf in enumerate((prepared, signed_by_qc, issued)):
        path = tmp_path / f"{at}.pdf"
        path.write_bytes(pdf)

        checked = run("qpdf", "--check", str(path))

        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert b"WARNING" not in checked.stdout + checked.stderr


@needs("pdftotext")
def test_poppler_reads_the_text_of_the_page(issued, tmp_path):
    path = tmp_path / "file.pdf"
    path.write_bytes(issued)

    text = "".join(run("pdftotext", str(path), "-").stdout.decode().split())

    assert "Viablecounta" in text
    assert "Lessthan10CFUperg" in text
    assert "AllresultsmeetspecificationSPEC-204version7." in text


@pytest.mark.req("CO-09")
@needs("pdffonts")
def test_every_font_is_embedded_before_and_after_signing(prepared, issued, tmp_path):
    for pdf in (prepared, issued):
        path = tmp_path / "file.pdf"
        path.write_bytes(pdf)

        rows = run("pdffonts", str(path)).stdout.decode().splitlines()[2:]

        assert rows
        assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)


def pages(pdf, folder, dots=72):
    path = folder / "file.pdf"
    path.write_bytes(pdf)
    run("pdftoppm", "-r", str(dots), "-png", str(path), str(folder / "page"))
    return [Image.open(found).convert("L") for found in sorted(folder.glob("page-*.png"))]


@needs("pdftoppm")
def test_nothing_is_drawn_outside_the_margins(issued, tmp_path):
    for page in pages(issued, tmp_path):
        left, top, right, bottom = (
            ImageChops.invert(page).point(lambda dot: dot > 40 and 255).getbbox()
        )

        assert left >= 44
        assert right <= 551
        assert top >= 28
        assert bottom <= 823


@needs("pdftoppm")
def test_signing_changes_the_picture_inside_the_signers_box_only(
    prepared, signed_by_qc, issued, tmp_path
):
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    before, half, after = (
        pages(pdf, folder)
        for pdf, folder in zip((prepared, signed_by_qc, issued), folders, strict=True)
    )
    with pikepdf.open(io.BytesIO(issued)) as pdf:
        boxes = [[float(edge) for edge in field.Rect] for field in pdf.Root.AcroForm.Fields]

    for old, new, box in ((before, half, boxes[0]), (half, after, boxes[1])):
        assert ImageChops.difference(old[1], new[1]).getbbox() is None
        left, top, right, bottom = ImageChops.difference(old[0], new[0]).getbbox()
        assert box[0] - 1 <= left < right <= box[2] + 1
        assert 841.9 - box[3] - 1 <= top < bottom <= 841.9 - box[1] + 1
