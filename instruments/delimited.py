"""Delimited text to rows of cells."""

import csv
from collections import Counter

from instruments import limits
from instruments.errors import Malformed, TooLarge
from instruments.places import Place

_HEAD_LINES = 400
csv.field_size_limit(limits.FILE_BYTES)


def find_delimiter(lines: list[str]) -> str:
    """Tab, semicolon or comma: whichever separates most, decimal commas not counted."""
    head = "\n".join(lines[:_HEAD_LINES])
    counts = Counter(head)
    commas = counts[","]
    if commas and (counts["\t"] or counts[";"]):
        commas -= sum(
            1
            for at in range(1, len(head) - 1)
            if head[at] == "," and head[at - 1].isdigit() and head[at + 1].isdigit()
        )
    if counts["\t"] >= max(counts[";"], commas, 1):
        return "\t"
    return ";" if counts[";"] > commas else ","


def split_lines(lines: list[str], delimiter: str, file: str) -> list[list[str]]:
    """Rows of cells; row i is line i + 1, also where a quoted cell spans lines.

    Raises:
        TooLarge: more lines, columns or cells than the limits allow.
        Malformed: a quoted field that the csv rules cannot read.
    """
    if len(lines) > limits.LINES:
        raise TooLarge(
            file, "lines", found=f"{len(lines):,} lines", allowed=f"{limits.LINES:,} lines"
        )
    fields = sum(line.count(delimiter) for line in lines) + len(lines)
    if fields > limits.CELLS:
        raise TooLarge(file, "cells", found=f"{fields:,} cells", allowed=f"{limits.CELLS:,} cells")
    if any('"' in line for line in lines):
        rows = _quoted(lines, delimiter, file)
    else:
        rows = [line.split(delimiter) for line in lines]
    widest = max(map(len, rows), default=0)
    if widest > limits.COLUMNS:
        raise TooLarge(
            file, "columns", found=f"{widest:,} columns", allowed=f"{limits.COLUMNS:,} columns"
        )
    return rows


def _quoted(lines: list[str], delimiter: str, file: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            while len(rows) < reader.line_num - 1:
                rows.append([])
            rows.append(row)
    except csv.Error as error:
        raise Malformed(
            file,
            place=Place(reader.line_num),
            found=str(error),
            expected="quoted fields after the usual rules of csv",
        ) from error
    return rows
