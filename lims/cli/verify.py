"""`lims verify FILE.pdf`: is this certificate ours, unchanged, in force?"""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from cryptography import x509

from lims.certificates.errors import RegisterRefused
from lims.certificates.register_file import RegisterFile, find_entry, from_json
from lims.certificates.verification import Verdict, claims
from lims.certificates.verification import verify as judge

EXIT_NOT_GENUINE = 1


@click.command(name="verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The laboratory's CA certificate (PEM): then no database is asked.",
)
@click.option(
    "--register",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The register as downloaded from the page of certificates (JSON), with --authority.",
)
@click.option(
    "--revocations",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The list of revoked personal certificates (PEM), with --authority.",
)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(
    file: Path,
    authority: Path | None,
    register: Path | None,
    revocations: Path | None,
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    """Check a certificate of analysis.

    Four facts together: all signatures intact and trusted by the laboratory's authority; the last
    covers the whole file; exactly the expected signers in order; the file's hash in the register.
    Exit status 0 only for a genuine certificate that is in force.
    """
    pdf = file.read_bytes()
    if authority:
        verdict = _offline(pdf, authority, register, revocations)
    elif register or revocations:
        raise click.UsageError("--register and --revocations are checked against --authority.")
    else:
        verdict = _asked(pdf, home)
    if as_json:
        click.echo(verdict.to_json())
    else:
        click.echo(verdict.sentence)
        for fact in verdict.facts:
            mark = {True: "yes", False: "NO ", None: "?  "}[fact.holds]
            click.echo(f"  {mark} {fact.sentence}")
    sys.exit(0 if verdict.genuine else EXIT_NOT_GENUINE)


def _offline(
    pdf: bytes, authority: Path, register: Path | None, revocations: Path | None
) -> Verdict:
    """With files alone; the register carries its own list of revocations, a newer one counts."""
    certificate = _pem(authority, x509.load_pem_x509_certificate, "certificate")
    crl = _pem(revocations, x509.load_pem_x509_crl, "revocation list") if revocations else None
    if register is None:
        return judge(pdf, certificate, crl, None)
    told = _register(register, certificate)
    sha256 = hashlib.sha256(pdf).hexdigest()
    entry = find_entry(told.entries, sha256, *(claims(pdf) or ("", 0)))
    return judge(pdf, certificate, _newer(crl, told.revocation_list()), entry)


def _register(path: Path, authority: x509.Certificate) -> RegisterFile:
    try:
        told = from_json(path.read_text(encoding="utf-8"), authority)
    except (UnicodeDecodeError, RegisterRefused) as error:
        raise click.ClickException(f"{path.name}: {error}") from error
    click.echo(f"Register of {told.laboratory} as of {told.made_at:%Y-%m-%d %H:%M} UTC.", err=True)
    return told


def _newer(
    one: x509.CertificateRevocationList | None, other: x509.CertificateRevocationList | None
) -> x509.CertificateRevocationList | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda each: each.last_update_utc)


Opened = TypeVar("Opened")


def _pem(path: Path, load: Callable[[bytes], Opened], what: str) -> Opened:
    try:
        return load(path.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{path.name} holds no {what} in PEM form.") from error


def _asked(pdf: bytes, home: Path | None) -> Verdict:
    """With the laboratory's own database: register, revocations and authority."""
    from lims.certificates.register import verify_with_register  # noqa: PLC0415
    from lims.cli import ground  # noqa: PLC0415
    from lims.foundation.db import Database  # noqa: PLC0415
    from lims.foundation.registry import load_models  # noqa: PLC0415
    from lims.foundation.strongbox import Strongbox  # noqa: PLC0415

    place = (home or ground.default_home()).resolve()
    ground.check_there(place)
    load_models()
    laid = ground.lay(place)
    database = Database(laid.urls.application)
    secret = bytes.fromhex((laid.home / "secrets" / "server-key").read_text("ascii").strip())
    try:
        with database.session() as session:
            box = Strongbox(secret, laid.keys / "authority.pem")
            return verify_with_register(session, pdf, box)
    finally:
        database.close()
        if laid.cluster is not None and laid.cluster.started_here:
            laid.cluster.stop()
