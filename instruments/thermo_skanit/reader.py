"""Thermo SkanIt: xlsx, csv and txt; steps, several plates on a sheet, kinetics, spectra."""

from instruments.errors import NoMeasurement
from instruments.moments import started_at
from instruments.readings import Instrument, Reading, StartedAt
from instruments.source import Source
from instruments.thermo_skanit import words
from instruments.thermo_skanit.reads import plates_of
from instruments.thermo_skanit.report import Report
from instruments.thermo_skanit.walk import has_session, read_grid

NAME = "thermo_skanit"
VERSION = "1"


def claims(source: Source) -> bool:
    head = source.head[:4096] if source.is_text else source.head
    start = head.lstrip("\ufeff \t\r\n;,")
    if start.startswith(words.TITLES):
        return True
    if source.is_workbook:
        is_sky = all(mark in head for mark in words.RAW_HEADS)
        is_titled = "SkanIt Software" in head or any(f"\n{t}" in head for t in words.TITLES)
        return is_sky or is_titled or _is_old(source) or any(map(has_session, source.sheets))
    if words.SESSION.search(head[:1024]) is not None:
        return True
    return "Run started" in head and words.OLD_BLOCK.search(source.head) is not None


def _is_old(source: Source) -> bool:
    """A workbook of SkanIt 2: sheets such as Photometric1 beside one of general information."""
    names = [grid.sheet or "" for grid in source.sheets]
    return any(map(words.OLD_STEP.match, names)) and any(n.startswith("General") for n in names)


def read(source: Source) -> Reading:
    report = Report()
    with_sessions = source.is_workbook and any(map(has_session, source.sheets))
    curves = [
        curve
        for grid in source.grids
        for curve in read_grid(grid, report, with_sessions=with_sessions)
    ]
    if not report.matrices and not curves:
        raise NoMeasurement(
            source.filename, found="no matrix and no table of values", expected="at least one"
        )
    return Reading(
        instrument=_instrument(report),
        plates=plates_of(report, curves),
        messages=tuple(report.messages),
        started_at=_start(report),
        details=_details(report),
    )


def _instrument(report: Report) -> Instrument:
    """The names of facts are in the language of the software; the values are not."""
    facts = report.facts
    named = (facts.get("Report generated with SW version"), facts.get("Executed with"))
    versions = (words.VERSION.search(text) for text in (*named, *facts.values()) if text)
    version = next((match for match in versions if match is not None), None)
    models = (text for text in facts.values() if words.READER.match(text))
    return Instrument(
        vendor="Thermo Fisher Scientific",
        software="SkanIt Software",
        software_version=None if version is None else version[1],
        model=facts.get("Name") or facts.get("Instrument name") or next(models, None),
        serial=next((text for key, text in facts.items() if key in words.SERIALS), None),
    )


def _start(report: Report) -> StartedAt | None:
    for grid, row in report.start_lines:
        found = started_at(grid.cell(row, 0))
        if found is not None:
            return found
    text = report.facts.get("Execution time") or report.facts.get("Run started") or ""
    return started_at(text) if text else None


def _details(report: Report) -> dict[str, str]:
    names = {"Session name": "session", "Executed with": "executed_with"}
    return {name: report.facts[key] for key, name in names.items() if key in report.facts}
