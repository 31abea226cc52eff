"""`lims verify FILE.pdf`: is this certificate ours, unchanged, in force?"""

import hashlib
import sys
from pathlib import Path

import click
from cryptography import x509

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
    help="An exported register (JSON), for a check without the database.",
)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(
    file: Path, authority: Path | None, register: Path | None, home: Path | None, *, as_json: bool
) -> None:
    """Check a certificate of analysis.

    Four facts together: all signatures intact and trusted by the laboratory's authority; the last
    covers the whole file; exactly the expected signers in order; the file's hash in the register.
    Exit status 0 only for a genuine certificate that is in force.
    """
    pdf = file.read_bytes()
    verdict = _offline(pdf, authority, register) if authority else _asked(pdf, home)
    if as_json:
        click.echo(verdict.to_json())
    else:
        click.echo(verdict.sentence)
        for fact in verdict.facts:
            mark = {True: "yes", False: "NO ", None: "?  "}[fact.holds]
            click.echo(f"  {mark} {fact.sentence}")
    sys.exit(0 if verdict.genuine else EXIT_NOT_GENUINE)


def _offline(pdf: bytes, authority: Path, register: Path | None) -> Verdict:
    from lims.certificates.register_entry import find_entry, register_from_json  # noqa: PLC0415

    certificate = _certificate(authority)
    if register is None:
        return judge(pdf, certificate, None, None)
    entries = register_from_json(register.read_text(encoding="utf-8"))
    number, version = claims(pdf) or ("", 0)
    entry = find_entry(entries, hashlib.sha256(pdf).hexdigest(), number, version)
    return judge(pdf, certificate, None, entry)


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise click.ClickException(f"{path.name} holds no certificate in PEM form.") from error


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
