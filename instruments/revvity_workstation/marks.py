"""How to tell a workstation export, and which of the two programs wrote it."""

import re

from instruments.readings import Instrument
from instruments.source import Source

_VERSION = re.compile(r"Exported with (EnVision|EnSpire) Workstation(?: version)? ([\w.]+)")
_ENSPIRE = re.compile(r"\bMeas ?[A-Z]\b[: ]|,Meas,|\tMeas\t|;Meas;")


def program(source: Source) -> str | None:
    """EnVision or EnSpire; None when the text is no export of theirs."""
    match = _VERSION.search(source.tail) if " Workstation" in source.tail else None
    if match is not None:
        return match[1]
    if not _has_plates(source.head):
        return None
    return "EnSpire" if _ENSPIRE.search(source.head) else "EnVision"


def _has_plates(head: str) -> bool:
    """Without the last line, the header of the plate information is the mark."""
    at = head.find("Plate information")
    if at < 0 or "Repeat" not in head[at : at + 600]:
        return False
    line = head[at : at + 600]
    return "emperature at start" in line or "Measinfo" in line


def instrument(source: Source, name: str) -> Instrument:
    match = _VERSION.search(source.tail)
    return Instrument(
        vendor="Revvity (PerkinElmer)",
        software=f"{name} Workstation",
        software_version=None if match is None else match[2],
        model=name,
    )
