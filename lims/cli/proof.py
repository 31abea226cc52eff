"""Checks of a laboratory's data: the trail, the files, the rows. Used by restore and doctor."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import click
import psycopg
from psycopg import sql

from lims.audit.verify import Head, verify_chain
from lims.cli import dump, ground

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
