"""Recompute the chain: needs only the rows, so that an export serves as well as the database."""

import hashlib
import json
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, text

START = "0" * 64


@dataclass(frozen=True)
class Link:
    """One event as stored: number, the exact text that was hashed, the hash, the one before."""

    number: int
    hashed: str
    hash: str
    previous: str
    columns: tuple[object, ...] = ()


@dataclass(frozen=True)
class Head:
    """A number and hash that somebody kept: the head row, a checkpoint, a certificate."""

    number: int
    hash: str
    where: str


@dataclass(frozen=True)
class ChainVerdict:
    """What verification found.

    Attributes:
        intact: nothing was edited, removed, inserted, reordered or cut.
        events: how many events were recomputed.
        head: the last hash that follows.
        first_bad: the number of the first event that does not follow, or None.
        findings: one sentence a fault.
    """

    intact: bool
    events: int
    head: str
    first_bad: int | None
    findings: tuple[str, ...]


def verify_links(links: Iterable[Link], witnesses: Iterable[Head]) -> ChainVerdict:
    """Follow the chain from its start and compare it with every head kept elsewhere."""
    wanted: dict[int, list[Head]] = {}
    for witness in witnesses:
        wanted.setdefault(witness.number, []).append(witness)
    previous, number, first_bad = START, 0, None
    findings: list[str] = []
    for link in links:
        fault = _fault(link, number + 1, previous)
        if fault:
            findings.append(fault)
            first_bad = link.number
            break
        number, previous = link.number, link.hash
        for witness in wanted.pop(number, []):
            if witness.hash != link.hash:
                findings.append(
                    f"Event {number} has another hash than {witness.where} kept: "
                    "the trail up to there was rewritten."
                )
                first_bad = first_bad or number
    if first_bad is None:
        lost = [w for number_kept, kept in wanted.items() if number_kept > number for w in kept]
        findings += [
            f"{w.where} kept event {w.number}, the trail ends at {number}: its end was cut off."
            for w in lost
        ]
        first_bad = number + 1 if lost else None
    return ChainVerdict(not findings, number, previous, first_bad, tuple(findings))


def _fault(link: Link, number: int, previous: str) -> str:
    if link.number != number:
        return f"Event {number} is missing: event {link.number} stands in its place."
    if hashlib.sha256(link.hashed.encode()).hexdigest() != link.hash:
        return f"Event {number} was edited: its text no longer gives its hash."
    try:
        told = json.loads(link.hashed)
    except ValueError:
        return f"Event {number} was edited: its text is not readable."
    if told["number"] != number or told["previous"] != previous or link.previous != previous:
        return f"Event {number} does not follow event {number - 1}: it was moved or inserted."
    if link.columns and link.columns != _columns(told):
        return f"Event {number} was edited: its search columns differ from its text."
    return ""


def _columns(told: dict[str, object]) -> tuple[object, ...]:
    body = told["body"]
    assert isinstance(body, dict)  # noqa: S101
    record = body["record"] or {}
    return (
        body["action"],
        body["actor"]["id"],
        body["actor"]["login"],
        record.get("type"),
        record.get("id"),
        body["lot_id"],
        told["at"],
    )


_LINKS = text(
    "SELECT id, hashed, hash, previous, action, person_id, login, record_type, record_id, lot_id,"
    " to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS told_at"
    " FROM audit_event ORDER BY id"
)


def links(connection: Connection) -> Generator[Link, None, None]:
    """The stored events in order, streamed."""
    options = connection.execution_options(stream_results=True, max_row_buffer=2000)
    with options.execute(_LINKS) as rows:
        for row in rows:
            yield Link(row.id, row.hashed, row.hash, row.previous, tuple(row[4:]))


def witnesses(connection: Connection) -> list[Head]:
    """Heads kept inside the database: the head row, and what each certificate printed."""
    head = connection.execute(text("SELECT number, hash FROM audit_head")).one_or_none()
    found = [Head(head.number, head.hash, "the head row")] if head else []
    printed = connection.execute(
        text(
            "SELECT number, chain_number, chain_hash FROM certificate WHERE chain_hash IS NOT NULL"
        )
    )
    found += [
        Head(row.chain_number, row.chain_hash, f"certificate {row.number}") for row in printed
    ]
    return [witness for witness in found if witness.number > 0]


def verify_chain(reader_url: str, checkpoints: Iterable[Head] = ()) -> ChainVerdict:
    """Verify the trail of one database, with checkpoints that were kept outside of it."""
    engine = create_engine(reader_url)
    try:
        with engine.connect() as connection:
            kept = [*witnesses(connection), *checkpoints]
            with closing(links(connection)) as streamed:
                return verify_links(streamed, kept)
    finally:
        engine.dispose()
