"""What the trail tells, and what really changed: both as old and new value of a field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import create_engine, select, text

from lims.foundation import canonical
from lims.foundation.db import Base
from lims.foundation.registry import load_models

load_models()

Value = object
Place = tuple[str, int, str]
Difference = dict[Place, tuple[Value, Value]]

BOOKKEEPING = "revision"
"""Counts the saves of a row so that two people do not overwrite each other; the events count too."""

SECRET = ("kept back", "kept back, changed")


def _audited() -> list[type[Base]]:
    return sorted(
        (mapper.class_ for mapper in Base.registry.mappers if mapper.class_.audited),
        key=lambda kind: kind.__tablename__,
    )


Snapshot = dict[tuple[str, int], dict[str, Value]]


def snapshot(connection) -> Snapshot:
    """Every audited row, its values as the trail would write them."""
    found: Snapshot = {}
    for kind in _audited():
        table = kind.__table__
        names = {
            column.key: each.key for each in kind.__mapper__.column_attrs for column in each.columns
        }
        for row in connection.execute(select(table)).mappings():
            found[table.name, row["id"]] = {
                names[column.key]: row[column.key]
                for column in table.columns
                if not column.primary_key and column.key != BOOKKEEPING
            }
    for (table, name), pairs in _links().items():
        listed: dict[int, list[str]] = {key: [] for kind, key in found if kind == table}
        for row in connection.execute(text(pairs)):
            listed[row.record].append(row.label)
        for key, labels in listed.items():
            found[table, key][name] = sorted(labels)
    return found


def _links() -> dict[tuple[str, str], str]:
    """Lists that a table of pairs keeps; a new one has to be named here."""
    known = {
        ("product", "strains"): "SELECT product_id AS record, code AS label"
        " FROM product_strain JOIN strain ON strain.id = strain_id"
    }
    there = {
        (kind.__tablename__, relation.key)
        for kind in _audited()
        for relation in kind.__mapper__.relationships
        if relation.secondary is not None
    }
    assert there == set(known)
    return known


def _secret(table: str, name: str) -> bool:
    column = Base.metadata.tables[table].columns.get(name)
    return column is not None and bool(column.info.get("secret"))


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What changed between two snapshots, secrets told as the trail tells them."""
    assert set(before) <= set(after), "a record disappeared"
    changed: Difference = {}
    for (table, key), row in after.items():
        old = before.get((table, key))
        for name, value in row.items():
            was = old[name] if old is not None else None
            if was == value:
                continue
            place = (table, key, name)
            if _secret(table, name):
                changed[place] = SECRET if old is not None else (None, "kept back")
            else:
                changed[place] = (canonical.plain(was), canonical.plain(value))
    return changed


def told(events: list[Mapping[str, Value]]) -> Difference:
    """The same difference as the events tell it: the first old value and the last new one."""
    found: Difference = {}
    for event in events:
        for each in event["changes"]:
            if each["field"] == BOOKKEEPING:
                continue
            place = (each["type"], each["id"], each["field"])
            first = found[place][0] if place in found else each["old"]
            found[place] = (first, each["new"])
    return {place: pair for place, pair in found.items() if pair[0] != pair[1] or pair == SECRET}


@dataclass
class Told:
    """What one request left: names of events, what they tell, what really changed."""

    actions: list[str] = field(default_factory=list)
    told: Difference = field(default_factory=dict)
    changed: Difference = field(default_factory=dict)


class Watch:
    """Compares the trail with the tables, from one request to the next."""

    def __init__(self, owner_url: str) -> None:
        self.engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
        self.connection = self.engine.connect()
        self.number = self.connection.scalar(_HEAD)
        self.before = snapshot(self.connection)

    def look(self) -> Told:
        """What happened since the last look."""
        rows = self.connection.execute(_SINCE, {"number": self.number})
        events = [json.loads(row.hashed)["body"] for row in rows]
        after = snapshot(self.connection)
        found = Told(
            [each["action"] for each in events], told(events), difference(self.before, after)
        )
        self.number, self.before = self.connection.scalar(_HEAD), after
        return found

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()


_HEAD = text("SELECT number FROM audit_head")
_SINCE = text("SELECT hashed FROM audit_event WHERE id > :number ORDER BY id")
