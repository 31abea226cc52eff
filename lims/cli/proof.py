"""Checks of a laboratory's data: the trail, the files, the rows. Used by restore and doctor."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import psycopg
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.accounts import signing
from lims.accounts.models import Signature, SigningKey
from lims.audit.verify import Head, verify_chain
from lims.certificates import queries
from lims.certificates.models import Certificate
from lims.certificates.verification import Outcome, verify
from lims.cli import dump, ground
from lims.foundation.db import Database
from lims.foundation.registry import load_models

# Tables that keep bytes under their SHA-256.
FILE_TABLES = ("stored_file", "certificate_file")
_MOST_NAMED = 10


@dataclass(frozen=True)
class Check:
    """One question and its answer.

    Attributes:
        name: what was looked at.
        passed: whether it is as it should be.
        told: one sentence, with the figures.
        grave: False for what a laboratory should mend but can work with.
    """

    name: str
    passed: bool
    told: str
    grave: bool = True


def check_trail(reader_url: str, kept: Sequence[Head] = ()) -> Check:
    """Recompute the audit trail and compare its end with heads that were kept elsewhere."""
    verdict = verify_chain(reader_url, kept)
    if verdict.intact:
        told = f"All {verdict.events} events follow; the newest hash is {verdict.head}."
    else:
        told = " ".join(verdict.findings)
    return Check("audit trail", verdict.intact, told)


def check_files(reader_url: str) -> Check:
    """Recompute the SHA-256 of every kept file inside the database."""
    checked, spoiled = 0, list[str]()
    with psycopg.connect(ground.conninfo(reader_url)) as connection:
        for table in FILE_TABLES:
            asked = sql.SQL(
                "SELECT id, sha256 = encode(sha256(content), 'hex') FROM public.{} ORDER BY id"
            )
            for key, same in connection.execute(asked.format(sql.Identifier(table))):
                checked += 1
                spoiled += [] if same else [f"{table} {key}"]
    if spoiled:
        named = ", ".join(spoiled[:_MOST_NAMED])
        told = f"{len(spoiled)} of {checked} files differ from their SHA-256: {named}."
        return Check("files", passed=False, told=told)
    return Check("files", passed=True, told=f"All {checked} files have their SHA-256.")


def check_signatures(application_url: str, authority: Path) -> Check:
    """Have each signature's own key, vouched for by the authority, confirm what was signed."""
    load_models()
    database = Database(application_url)
    try:
        with database.session() as session:
            signed = session.scalars(select(Signature).order_by(Signature.id)).all()
            issuer = x509.load_pem_x509_certificate(authority.read_bytes()) if signed else None
            spoiled = [
                f"{one.label} (number {one.id})"
                for one in signed
                if not _holds(session, one, issuer)
            ]
    except (OSError, ValueError):
        told = f"The authority's certificate {authority.name} cannot be read."
        return Check("signatures", passed=False, told=told)
    finally:
        database.close()
    return _counted("signatures", "hold", len(signed), spoiled)


def _holds(session: Session, signature: Signature, issuer: x509.Certificate | None) -> bool:
    key = session.get(SigningKey, signature.key_id)
    if key is None or issuer is None:
        return False
    try:
        x509.load_pem_x509_certificate(key.certificate.encode()).verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError):
        return False
    told = signing.signed_text(signature) == signature.content
    return told and signing.is_genuine(session, signature)


def check_certificates(application_url: str, authority: Path) -> Check:
    """Verify the newest PDF of each certificate as a stranger would, register included."""
    load_models()
    database = Database(application_url)
    checked, spoiled = 0, list[str]()
    try:
        with database.session() as session:
            for one in session.scalars(select(Certificate).order_by(Certificate.id)):
                issuer = x509.load_pem_x509_certificate(authority.read_bytes())
                checked += 1
                spoiled += [] if _is_ours(session, one, issuer) else [one.label]
    except (OSError, ValueError):
        told = f"The authority's certificate {authority.name} cannot be read."
        return Check("certificates", passed=False, told=told)
    finally:
        database.close()
    return _counted("certificates", "are genuine", checked, spoiled)


def _is_ours(session: Session, certificate: Certificate, issuer: x509.Certificate) -> bool:
    """Unchanged and ours; superseded, void and unfinished ones are genuine in that sense too."""
    try:
        content = queries.pdf(session, queries.newest_file(certificate))
    except queries.FileChanged:
        return False
    verdict = verify(content, issuer, None, queries.entry_of(session, certificate))
    return verdict.outcome not in (Outcome.NOT_GENUINE, Outcome.UNREADABLE, Outcome.NOT_COMPARED)


def _counted(name: str, hold: str, checked: int, spoiled: Sequence[str]) -> Check:
    if not spoiled:
        return Check(name, passed=True, told=f"All {checked} {name} {hold}.")
    named = ", ".join(spoiled[:_MOST_NAMED])
    return Check(name, passed=False, told=f"{len(spoiled)} of {checked} do not: {named}.")


def check_rows(owner_url: str, expected: Mapping[str, int]) -> Check:
    """Compare the number of rows in each table with what the backup counted."""
    with psycopg.connect(ground.conninfo(owner_url)) as connection:
        found = dump.count_rows(connection)
    different = sorted(
        name for name in {*expected, *found} if expected.get(name) != found.get(name)
    )
    if different:
        return Check("rows", passed=False, told=f"Other numbers of rows in {', '.join(different)}.")
    told = f"{sum(found.values())} rows in {len(found)} tables, as counted in the backup."
    return Check("rows", passed=True, told=told)


def as_json(checks: Sequence[Check]) -> list[dict[str, object]]:
    return [asdict(check) for check in checks]


def sound(checks: Sequence[Check]) -> bool:
    return all(check.passed or not check.grave for check in checks)


def show(checks: Sequence[Check]) -> None:
    for check in checks:
        click.echo(f"{_mark(check)}  {check.name}: {check.told}")


def _mark(check: Check) -> str:
    if check.passed:
        return click.style("ok    ", fg="green")
    return click.style("FAILED", fg="red") if check.grave else click.style("MEND  ", fg="yellow")
