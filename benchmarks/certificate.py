"""A full certificate against its bare yardstick, alternated in one run.

Times are processor time of this process, because the machine is shared.
Ours: content, page, archive pass, two signatures with their checks, 40 rows. Bare: the same 40
rows as a ReportLab table in the same faces with two signature fields, and two pyHanko signatures
with the same P-256 keys, held in memory, and no visible block. Goal: at most three times.

    python benchmarks/certificate.py [rounds]
"""

import asyncio
import io
import platform
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.stamp import NoOpStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate, Table

from lims.certificates.content import Reported, plain
from lims.certificates.document import render
from lims.certificates.page.typeset import BOLD, REGULAR, load_fonts
from lims.certificates.verification import verify
from tests.certificates import laboratory, specimen

ROWS = 40


def bare_pdf(content):
    """What a reader of ReportLab's manual would write."""
    rows = [["Test", "Method", "Criterion", "Result"]]
    rows += [
        [
            plain(line.test),
            line.method.identifier,
            plain(line.criterion),
            plain(line.result.printed()),
        ]
        for line in content.lines
    ]
    style = [("FONT", (0, 0), (-1, -1), REGULAR, 8), ("FONT", (3, 1), (3, -1), BOLD, 8)]
    file = io.BytesIO()
    document = SimpleDocTemplate(file, pagesize=A4, invariant=1)
    made = {"initialFontName": REGULAR, "pageCompression": 1}
    document.build(
        [Table(rows, style=style, repeatRows=1)],
        canvasmaker=lambda *args, **named: Canvas(*args, **{**named, **made}),
    )
    return file.getvalue()


def bare_signer(key):
    der = key.private_key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return signers.SimpleSigner(
        asn1.Certificate.load(key.certificate.public_bytes(serialization.Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(der),
        SimpleCertificateStore(),
    )


def bare_sign(pdf, field, signer, *, first):
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if first:
        for name, left in (("qc", 50), ("qa", 250)):
            append_signature_field(writer, SigFieldSpec(name, box=(left, 50, left + 150, 130)))
    meta = signers.PdfSignatureMetadata(
        field_name=field, certify=first, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    made = signers.PdfSigner(meta, signer, stamp_style=NoOpStampStyle())
    return asyncio.run(made.async_sign_pdf(writer, bytes_reserved=8192)).getvalue()


def bare(content, reviewer, releaser):
    once = bare_sign(bare_pdf(content), "qc", reviewer, first=True)
    return bare_sign(once, "qa", releaser, first=False)


def parts(lab, content):
    """Seconds for each step of ours, and the file."""
    marks = [time.process_time()]
    prepared = render(content)
    marks.append(time.process_time())
    once = lab.sign_qc(prepared)
    marks.append(time.process_time())
    issued = lab.sign_qa(once)
    marks.append(time.process_time())
    verify(issued, lab.authority.certificate, None, None)
    marks.append(time.process_time())
    return [later - earlier for earlier, later in pairwise(marks)], issued


def fresh(number):
    """Another lot with other results, so that no round lives on what the last one kept."""
    content = specimen.long_content(ROWS)
    lines = tuple(
        replace(line, result=Reported(number=f"{number}.{at:03}", unit="CFU/g"))
        for at, line in enumerate(content.lines)
    )
    lot = replace(content.lot, number=f"BL07-26-{number:04}")
    return replace(content, lines=lines, lot=lot, number=f"COA-26-{number:04}")


def timed(action, *arguments):
    start = time.process_time()
    made = action(*arguments)
    return time.process_time() - start, made


def told(values):
    milliseconds = sorted(value * 1000 for value in values)
    middle = statistics.median(milliseconds)
    return f"{middle:7.1f} ms  ({milliseconds[0]:.1f} to {milliseconds[-1]:.1f})"


def main(rounds):
    load_fonts()
    lab = laboratory.found()
    reviewer, releaser = bare_signer(lab.reviewer), bare_signer(lab.releaser)
    bare(fresh(0), reviewer, releaser)
    parts(lab, fresh(0))
    bares, steps = [], []
    for number in range(1, rounds + 1):
        content = fresh(number)
        seconds, plain_file = timed(bare, content, reviewer, releaser)
        bares.append(seconds)
        step, issued = parts(lab, content)
        steps.append(step)
    ours = [sum(step[:3]) for step in steps]
    ratios = sorted(own / base for own, base in zip(ours, bares, strict=True))
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}")
    print(f"{rounds} rounds, {ROWS} rows; bare {len(plain_file)} bytes, ours {len(issued)} bytes")
    for name, values in (
        ("bare ReportLab and two signatures", bares),
        ("ours, whole", ours),
        ("  content to prepared PDF", [step[0] for step in steps]),
        ("  first signature", [step[1] for step in steps]),
        ("  second signature", [step[2] for step in steps]),
        ("verify (not in the ratio)", [step[3] for step in steps]),
    ):
        print(f"{name:36}{told(values)}")
    print(f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); goal 3")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
