"""PerkinElmer/Revvity EnSpire Workstation: matrices and lists, as text or as a workbook."""

from instruments.readings import Reading
from instruments.revvity_workstation.export import read_export
from instruments.revvity_workstation.marks import instrument, program
from instruments.source import Source

NAME = "revvity_enspire"
VERSION = "1"


def claims(source: Source) -> bool:
    return program(source) == "EnSpire"


def read(source: Source) -> Reading:
    return read_export(source.grids[0], instrument(source, "EnSpire"))
