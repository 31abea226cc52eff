"""`lims read --recheck`: every stored file read again and compared with the day of its import."""

import json
from collections.abc import Sequence
from pathlib import Path

from lims.cli import ground
from lims.foundation import migrate
from lims.foundation.db import Database
from lims.foundation.registry import load_models
from lims.imports.recheck import Finding, recheck


def run(home: Path | None) -> list[Finding]:
    """All stored files of a laboratory, by the login that can change nothing.

    Raises:
        GroundMissing: there is no laboratory, or its schema is another release's.
    """
    place = (home or ground.default_home()).resolve()
    ground.check_there(place)
    laid = ground.lay(place)
    try:
        return of_database(laid.urls.reader)
    finally:
        if laid.cluster is not None and laid.cluster.started_here:
            laid.cluster.stop()


def of_database(reader_url: str) -> list[Finding]:
    """The same for a database that answers already."""
    if migrate.present(reader_url) != migrate.newest():
        raise ground.GroundMissing(
            "The database has the schema of another release. Start this release once with “lims "
            "serve”, then ask again."
        )
    load_models()
    database = Database(reader_url)
    try:
        with database.session() as session:
            return list(recheck(session))
    finally:
        database.close()


def document(findings: Sequence[Finding]) -> str:
    """One JSON document."""
    told = {
        "files": len(findings),
        "different": sum(not finding.same for finding in findings),
        "findings": [finding.to_json() for finding in findings],
    }
    return json.dumps(told, indent=1)


def told(findings: Sequence[Finding]) -> str:
    """For a person: each file that differs, then the counts."""
    lines = []
    for finding in findings:
        if not finding.same:
            where = f", import {finding.import_id}" if finding.import_id else ""
            lines.append(f"{finding.name}{where} (SHA-256 {finding.sha256[:12]}…)")
            lines.append(f"  then {_reader(finding.then)}, now {_reader(finding.now)}")
            lines += [f"  {sentence}" for sentence in finding.differences]
    newer = sum(finding.same and finding.then != finding.now for finding in findings)
    upgraded = f", {newer} of them by another version of the reader" if newer else ""
    same = sum(finding.same for finding in findings)
    lines.append(f"{same} of {len(findings)} stored files are read as they were{upgraded}.")
    return "\n".join(lines)


def _reader(name: str | None) -> str:
    return name or "refused"
