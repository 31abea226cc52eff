"""Thermo SkanIt: xlsx, csv and txt; steps, several plates on a sheet, kinetics, spectra."""

from instruments.errors import NoMeasurement
from instruments.moments import started_at
from instruments.readings import Instrument, Reading, StartedAt
from instruments.source import Source
from instruments.thermo_skanit import words
from instruments.thermo_skanit.reads import plates_of
from instruments.thermo_skanit.report import Report
from instruments.thermo_skanit.walk import read_grid

NAME = "thermo_skanit"
VERSION = "1"


def claims(source: Source) -> bool:
    head = source.head[:4096] if source.is_text else source.head
    start = head.lstrip("\ufeff \t\r\n;,")
    if start.startswith(words.TITLES):
        return True
    if source.is_workbook:
        is_sky = all(mark in head for mark in words.RAW_HEADS)
        return is_sky or "SkanIt Software" in head or any(f"\n{t}" in head for t in words.TITLES)
    return words.SESSION.search(head[:1024]) is not None


def read(source: Source) -> Reading:
    report = Report()
    curves = [curve for grid in source.grids for curve in read_grid(grid, report)]
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
    facts = report.facts
    version = facts.get("Report generated with SW version") or facts.get("Executed with") or ""
    number = version.rpartition("ver")[2].strip(" .") if "ver" in version else ""
    return Instrument(
        vendor="Thermo Fisher Scientific",
        software="SkanIt Software",
        software_version=number or None,
        model=facts.get("Name"),
        serial=facts.get("Serial number"),
    )


def _start(report: Report) -> StartedAt | None:
    for grid, row in report.start_lines:
        found = started_at(grid.cell(row, 0))
        if found is not None:
            return found
    text = report.facts.get("Execution time", "")
    return started_at(text) if text else None


def _details(report: Report) -> dict[str, str]:
    names = {"Session name": "session", "Executed with": "executed_with"}
    return {name: report.facts[key] for key, name in names.items() if key in report.facts}
