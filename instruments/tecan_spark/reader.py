"""Tecan SparkControl: Spark readers."""

import re

from instruments.readings import Reading
from instruments.source import Source
from instruments.tecan_icontrol.assembly import read_sheets

NAME = "tecan_spark"
VERSION = "1"

_APPLICATION = re.compile(r"[\w.]{4,20}\s?:\s*SparkControl", re.IGNORECASE)
_IN_HEAD = re.compile(r"^[\"']?[\w.]{4,20}\s?:\s*SparkControl", re.IGNORECASE | re.MULTILINE)


def claims(source: Source) -> bool:
    """A line opens with "Application: SparkControl"."""
    return "SparkControl" in source.head and _IN_HEAD.search(source.head) is not None


def read(source: Source) -> Reading:
    """All sheets with an export, each a plate.

    Raises:
        Malformed: a table breaks its form, with the cell.
        NoMeasurement: no table holds a value.
    """
    return read_sheets(source.grids, _APPLICATION, starts_by_label=True)
